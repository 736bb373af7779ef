{#- A full refresh begins with nothing. Were it stopped half-way over the old tables, the next build
    would go on with rows that were made under two sets of settings. -#}
{% macro start_afresh() %}
    {% if execute and flags.FULL_REFRESH and flags.WHICH in ['build', 'run'] %}
        {% for node in graph.nodes.values() if node.resource_type == 'model' %}
            {% set relation = adapter.get_relation(
                database=node.database, schema=node.schema, identifier=node.alias
            ) %}
            {% if relation %}
                {% do adapter.drop_relation(relation) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}
