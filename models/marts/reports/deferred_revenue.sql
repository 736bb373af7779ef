-- One row per partner, month, service account, service and currency: what was billed and not yet
-- earned by service period, of net amounts. No month is missing between the first and the last that
-- is not 0. The report for any period is in exporters/catalogue/deferred_revenue.sql.
{{ config(materialized='table') }}

{% set key = 'partner_id, service_account_id, service_code, currency' %}

with billed_and_earned as (
    select
        {{ key }},
        cast(date_trunc('month', event_date) as date) as month,
        sum(net_amount) as billed,
        cast(0 as decimal(38, 12)) as earned
    from {{ ref('fct_revenue_daily') }}
    group by {{ key }}, month
    union all
    select
        {{ key }},
        month,
        cast(0 as decimal(38, 12)) as billed,
        sum(net_amount) as earned
    from {{ ref('revenue_allocated') }}
    group by {{ key }}, month
),

months as (
    select
        {{ key }},
        month,
        sum(billed) as billed,
        sum(earned) as earned
    from billed_and_earned
    group by {{ key }}, month
    having billed <> 0 or earned <> 0
),

rolled as (
    select
        *,
        sum(billed - earned) over by_month as closing_deferred,
        lead(month) over by_month as next_month
    from months
    window by_month as (partition by {{ key }} order by month)
),

-- Months without movements stand between, with the balance of the one before.
spread as (
    select
        *,
        {{ each_month('month', 'coalesce(next_month - interval 1 month, month)') }} as shown_month
    from rolled
),

filled as (
    select
        * replace (
            case when shown_month = month then billed else 0 end as billed,
            case when shown_month = month then earned else 0 end as earned,
            shown_month as month
        )
    from spread
)

select
    filled.partner_id,
    filled.month,
    filled.service_account_id,
    service_accounts.service_account_name,
    filled.service_code,
    services.service_name,
    filled.currency,
    cast(
        filled.closing_deferred - filled.billed + filled.earned as decimal(38, 12)
    ) as opening_deferred,
    cast(filled.billed as decimal(38, 12)) as billed,
    cast(filled.earned as decimal(38, 12)) as earned,
    cast(filled.closing_deferred as decimal(38, 12)) as closing_deferred
from filled
left join {{ ref('service_accounts') }} as service_accounts
    on filled.service_account_id = service_accounts.service_account_id
left join {{ ref('dim_services') }} as services on filled.service_code = services.service_code
