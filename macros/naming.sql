{#- The schema of a model is its layer, as dbt_project.yml says it for each folder, without the target's
    name in front. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}


{#- References leave the catalog out where they can, so that a published view still works: the published
    file is a copy of the warehouse's, and whoever reads it attaches it under a name of their own. -#}
{% macro ref() -%}
    {%- do return(within_file(builtins.ref(*varargs, **kwargs))) -%}
{%- endmacro %}


{#- A relation without its catalog where the model that is written and it are in the warehouse's file. -#}
{% macro within_file(relation) -%}
    {%- set is_within = relation.database == target.database and model.database == target.database -%}
    {%- do return(relation.include(database=not is_within)) -%}
{%- endmacro %}
