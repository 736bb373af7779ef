-- A reference seed has each key once, nothing that is needed is empty, and its codes are known.
{% set keys = {
    'currencies': 'currency', 'services': 'service_code', 'movement_types': 'movement_type',
    'focus_billing_accounts': 'billing_account_id',
} %}
{% set needed = [
    ('currencies', 'currency_name'), ('currencies', 'minor_units'), ('services', 'service_name'),
    ('movement_types', 'balance_effect'), ('movement_types', 'held_effect'),
    ('movement_types', 'amount_rule'), ('focus_billing_accounts', 'partner_id'),
] %}
{% set allowed = {
    'balance_effect': [-1, 0, 1],
    'held_effect': [-1, 0, 1],
    'balance_column': balance_columns() | list,
    'amount_rule': ['positive', 'nonzero'],
} %}

{% for seed, key in keys.items() %}
    select
        '{{ seed }}.{{ key }} is empty or stands twice' as broken,
        {{ key }} as value
    from {{ ref(seed) }}
    group by {{ key }}
    having count(*) > 1 or {{ key }} is null
    union all
{% endfor %}
{% for seed, column in needed %}
    select
        '{{ seed }}.{{ column }} is empty' as broken,
        {{ keys[seed] }} as value
    from {{ ref(seed) }}
    where {{ column }} is null
    union all
{% endfor %}
{% for column, values in allowed.items() %}
    select
        'movement_types.{{ column }} is not one of {{ values | join(", ") }}' as broken,
        cast({{ column }} as varchar) as value
    from {{ ref('movement_types') }}
    where cast({{ column }} as varchar) not in ('{{ values | join("', '") }}') -- noqa: LT05
    {{ 'union all' if not loop.last }}
{% endfor %}
