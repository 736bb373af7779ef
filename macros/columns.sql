{#- What an entry says of a credit movement, as the feed delivered it. -#}
{% macro movement_columns() %}
    {{ return([
        'service_account_id', 'wallet', 'movement_type', 'amount', 'currency', 'occurred_at',
        'transaction_id', 'counterparty_service_account_id', 'payment_method', 'service_code',
        'description', 'balance_after', 'event_date',
    ]) }}
{% endmacro %}


{#- What an entry says of a charge, as the feed delivered it. -#}
{% macro charge_columns() %}
    {{ return([
        'service_account_id', 'service_code', 'charge_type', 'order_id', 'deal_id', 'discount_id',
        'quantity', 'unit', 'currency', 'list_amount', 'discount_amount', 'net_amount', 'tax_amount',
        'occurred_at', 'event_date', 'order_date', 'period_start', 'period_end',
    ]) }}
{% endmacro %}


{#- Columns of `rows`, those of `negated` with their sign turned. -#}
{% macro columns_of(rows, columns, negated=[]) -%}
    {% for column in columns -%}
        {{ '-' if column in negated }}{{ rows }}.{{ column }}{{ ' as ' ~ column if column in negated }}
        {{- ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}
