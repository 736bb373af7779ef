{#- The columns identify a row: no combination occurs twice (nulls count as equal) and none of them is
    null but those listed as nullable. Failing rows show the key and how often it occurs. `by_batch`:
    a build that adds batches looks at their rows only. -#}
{% test has_key(model, columns, nullable=[], by_batch=false) %}
    select
        {{ columns | join(', ') }},
        count(*) as occurrences
    from {{ model }}
    {{ 'where ' ~ is_tested_now() if by_batch }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns if column not in nullable %}
            or {{ column }} is null
        {% endfor %}
{% endtest %}
