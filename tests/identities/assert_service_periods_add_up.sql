-- Over all time what is allocated to the days of service is what was billed; and what is deferred
-- rolls forward from month to month until everything is earned.
{% set key = 'partner_id, service_account_id, account_id, account_type, service_code, currency' %}
{% set amounts = ['list_amount', 'net_amount', 'tax_amount', 'partner_cost_amount'] %}

with both_sides as (
    select
        {{ key }},
        {{ amounts | join(', ') }}
    from {{ ref('fct_revenue_daily') }}
    union all
    select
        {{ key }},
        -{{ amounts | join(', -') }}
    from {{ ref('revenue_allocated') }}
),

deferred as (
    select
        *,
        lag(closing_deferred, 1, 0) over by_month as closing_before,
        lag(month) over by_month as month_before,
        lead(month) over by_month as month_after
    from {{ ref('deferred_revenue') }}
    window by_month as (
        partition by partner_id, service_account_id, service_code, currency
        order by month
    )
)

select
    'allocated and billed' as broken,
    partner_id,
    service_account_id,
    service_code,
    currency
from both_sides
group by {{ key }}
having
    sum(list_amount) <> 0
    or sum(net_amount) <> 0
    or sum(tax_amount) <> 0
    or sum(partner_cost_amount) <> 0
union all
select
    'roll-forward of what is deferred' as broken,
    partner_id,
    service_account_id,
    service_code,
    currency
from deferred
where
    opening_deferred <> closing_before
    or closing_deferred <> opening_deferred + billed - earned
    or month_before <> month - interval 1 month
    or (month_after is null and closing_deferred <> 0)
