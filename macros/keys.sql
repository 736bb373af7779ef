{#- A query for rows that break the key of a model: no combination of `key` (meta of the model's YAML)
    occurs twice, nulls being equal, and none of its columns is null but those in `nullable`. Of a model
    with `by_batch` only the batches are looked at that is_tested_now() names. One test asks this of all
    models of a layer: a test for each would take longer to start than to run. -#}
{% macro broken_keys(names) %}
    {% for name in names %}
        {% set model_ref = ref(name) %}
        {% set meta = namespace(key=['1'], nullable=[], by_batch=false) %}
        {% if execute %}
            {% for node in graph.nodes.values()
                if node.resource_type == 'model' and node.name == name %}
                {% set meta.key = node.config.meta.key %}
                {% set meta.nullable = node.config.meta.get('nullable', []) %}
                {% set meta.by_batch = node.config.meta.get('by_batch', false) %}
            {% endfor %}
        {% endif %}
        select
            '{{ name }}' as model,
            cast(to_json([
                {%- for column in meta.key %}cast({{ column }} as varchar){{ ', ' if not loop.last }}{% endfor -%}
            ]) as varchar) as key_values,
            count(*) as occurrences
        from {{ model_ref }}
        {{ 'where ' ~ is_tested_now() if meta.by_batch }}
        group by {{ meta.key | join(', ') }}
        having
            count(*) > 1
            {% for column in meta.key if column not in meta.nullable %}
                or {{ column }} is null
            {% endfor %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}
