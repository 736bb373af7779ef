{#- The columns of the roll-forward that movements stand in, and the sign with which an effect on the
    balance counts there: what takes credit away is positive in its column. -#}
{% macro balance_columns() %}
    {{ return({
        'topped_up': 1, 'transferred_in': 1, 'accrued': 1, 'used': -1, 'transferred_out': -1,
        'expired': -1, 'adjusted': 1,
    }) }}
{% endmacro %}


{#- What the columns of the roll-forward are called, in their order. -#}
{% macro roll_forward_columns() %}
    {{ return(balance_columns() | list + ['net_movement', 'held']) }}
{% endmacro %}


{#- Every column of the roll-forward as a sum, of rows with balance_column, the signs of their type and
    an amount. -#}
{% macro roll_forward_sums() -%}
    {% for column, sign in balance_columns().items() -%}
        coalesce(
            sum({{ signed('amount', 'balance_sign' if sign == 1 else '-balance_sign') }})
            filter (where balance_column = '{{ column }}'),
            0
        ) as {{ column }},
    {% endfor -%}
    coalesce(sum({{ signed('amount', 'balance_sign') }}), 0) as net_movement,
    coalesce(sum({{ signed('amount', 'held_sign') }}), 0) as held
{%- endmacro %}


{#- What an entry adds to its column of the roll-forward, or to the held credit: positive as the column
    is named. -#}
{% macro movement_amount(entries) -%}
    case
        when {{ entries }}.balance_column is null
            then {{ signed(entries ~ '.amount', entries ~ '.held_sign') }}
        {% for column, sign in balance_columns().items() if sign == -1 -%}
            when {{ entries }}.balance_column = '{{ column }}'
                then {{ signed(entries ~ '.amount', '-' ~ entries ~ '.balance_sign') }}
        {% endfor -%}
        else {{ signed(entries ~ '.amount', entries ~ '.balance_sign') }}
    end
{%- endmacro %}
