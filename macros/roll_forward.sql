{#- What the columns of the roll-forward are called, in their order. -#}
{% macro roll_forward_columns() %}
    {{ return([
        'topped_up', 'transferred_in', 'accrued', 'used', 'transferred_out', 'expired', 'adjusted',
        'net_movement', 'held',
    ]) }}
{% endmacro %}


{#- One row for each value of `columns` in `sums` (a relation or CTE with movement_type, amount and
    event_count), with every column of the roll-forward. -#}
{% macro roll_forward(sums, columns) -%}
    {% set decreasing = ['used', 'transferred_out', 'expired'] %}
    select
        {{ columns | join(', ') }},
        {% for column in roll_forward_columns() if column not in ['net_movement', 'held'] %}
            {% set sign = '-' if column in decreasing else '' %}
            coalesce(
                sum(case when balance_column = '{{ column }}' then {{ sign }}effect end), 0
            ) as {{ column }},
        {% endfor %}
        coalesce(sum(effect), 0) as net_movement,
        coalesce(sum(held_effect), 0) as held,
        cast(sum(event_count) as bigint) as event_count
    from (
        select
            sums.*,
            types.balance_column,
            -- Narrow factors, so that no decimal of the product is lost.
            case types.balance_effect when 1 then sums.amount when -1 then -sums.amount end as effect,
            case types.held_effect when 1 then sums.amount when -1 then -sums.amount end as held_effect
        from {{ sums }} as sums
        inner join {{ ref('movement_types') }} as types on sums.movement_type = types.movement_type
    ) as typed_sums
    group by {{ columns | join(', ') }}
{%- endmacro %}
