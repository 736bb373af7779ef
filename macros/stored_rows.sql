{#- The table of a model that stands downstream of the caller, as the builds before this one left it;
    none when there is no such build. A ref() would be a circle. New versions must be compared with the
    entries that stand, so this cannot be avoided everywhere: tests/ list the models that may do it. -#}
{% macro stored_rows(schema, name) %}
    {% set relation = none %}
    {% if execute %}
        {% set relation = adapter.get_relation(
            database=target.database, schema=schema, identifier=name
        ) %}
    {% endif %}
    {{ return(within_file(relation) if relation else none) }}
{% endmacro %}
