{#- Every feed, in the order in which they are read. -#}
{% macro feeds() %}
    {{ return(['accounts', 'credits', 'discounts', 'revenue', 'focus']) }}
{% endmacro %}
