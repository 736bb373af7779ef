{#- Schemas are called what the folder's config says, without the target's name in front. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}


{#- What a build makes anew each time stands in a file of its own: what is left in the other is kept,
    and is what is published. -#}
{% macro generate_database_name(custom_database_name, node) -%}
    {{ 'work' if node.config.schema == 'staging' else target.database }}
{%- endmacro %}


{#- References leave the catalog out where they can, so that a view still works when its file is
    attached under another name: the published file is such a copy. -#}
{% macro ref() -%}
    {%- do return(within_file(builtins.ref(*varargs, **kwargs))) -%}
{%- endmacro %}


{#- A relation without its catalog where the model that is written and it are in the ledger's file. -#}
{% macro within_file(relation) -%}
    {%- set is_within = relation.database == target.database and model.database == target.database -%}
    {%- do return(relation.include(database=not is_within)) -%}
{%- endmacro %}
