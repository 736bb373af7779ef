{#- The log of the batches that every model has loaded: where a build begins. It is written by the hooks
    of dbt_project.yml, at the end of a build in which all models that grow have succeeded, so that a
    build which was stopped in between is made up for by the next one. Every model that grows also
    takes each batch once (not_yet_loaded), whatever was stopped. -#}
{% macro create_batch_log() %}
    create schema if not exists {{ target.database }}.intake;
    create table if not exists {{ source('intake', 'batch_log') }} (
        feed varchar,
        batch_id varchar,
        is_proven boolean
    );
{% endmacro %}


{#- The statement that ends a build, by its `results`: its batches are logged when every model that grows
    has succeeded, and when the files are still as they were read. -#}
{% macro write_batch_log(results) %}
    {% set succeeded = results
        | selectattr('status', 'equalto', 'success')
        | map(attribute='node.unique_id')
        | list %}
    {% set growing = [] %}
    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and node.config.materialized == 'incremental' %}
        {% do growing.append(node.unique_id) %}
    {% endfor %}
    {% if growing | reject('in', succeeded) | list | length == 0 %}
        {% do check_files_unchanged() %}
        insert into {{ source('intake', 'batch_log') }}
        select distinct
            feed,
            batch_id,
            false as is_proven
        from {{ new_files() }}
    {% endif %}
{% endmacro %}


{#- The files of batches that not every model has loaded. -#}
{% macro new_files() -%}
    (
        select files.*
        from {{ ref('landing_files') }} as files
        anti join {{ source('intake', 'batch_log') }} as loaded
            on files.feed = loaded.feed and files.batch_id = loaded.batch_id
    )
{%- endmacro %}
