{#- The table of a model that stands downstream of the caller, as the runs before this one left it;
    none when there is no such run. A ref() would be a circle. -#}
{% macro earlier_rows(schema, name) %}
    {% set relation = none %}
    {% if execute %}
        {% set relation = adapter.get_relation(
            database=target.database, schema=schema, identifier=name
        ) %}
    {% endif %}
    {{ return(within_file(relation) if relation else none) }}
{% endmacro %}
