{#- The columns identify a row: no combination occurs twice (nulls count as equal) and none of them is
    null but those listed as nullable. Failing rows show the key and how often it occurs. -#}
{% test has_key(model, columns, nullable=[]) %}
    select
        {{ columns | join(', ') }},
        count(*) as occurrences
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns if column not in nullable %}
            or {{ column }} is null
        {% endfor %}
{% endtest %}
