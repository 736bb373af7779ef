-- Identity 5: list - discount = net and net - cost = margin, per entry and in every sum that a
-- total is made of.
{% set levels = {
    'entry': (ref('int_revenue_entries__priced'), 'event_id'),
    'day': (ref('fct_revenue_daily'), 'service_account_id'),
} %}

{% for level, (rows, id) in levels.items() %}
    select
        '{{ level }}' as level,
        {{ id }} as id,
        list_amount,
        discount_amount,
        net_amount,
        partner_cost_amount,
        partner_margin_amount
    from {{ rows }}
    where
        (
            list_amount - discount_amount <> net_amount
            or net_amount - partner_cost_amount <> partner_margin_amount
        )
        and {{ is_tested_now() }}
    {{ 'union all' if not loop.last }}
{% endfor %}
