-- One row per partner, event date, posted date, account type, service and currency with revenue.
{{ config(materialized='view') }}

with days as (
    select
        partner_id,
        event_date,
        posted_date,
        account_type,
        service_code,
        currency,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(list_amount) as decimal(38, 12)) as list_amount,
        cast(sum(discount_amount) as decimal(38, 12)) as discount_amount,
        cast(sum(net_amount) as decimal(38, 12)) as net_amount,
        cast(sum(tax_amount) as decimal(38, 12)) as tax_amount,
        cast(sum(partner_cost_amount) as decimal(38, 12)) as partner_cost_amount,
        cast(sum(partner_margin_amount) as decimal(38, 12)) as partner_margin_amount
    from {{ ref('fct_revenue_daily') }}
    group by partner_id, event_date, posted_date, account_type, service_code, currency
)

select
    days.partner_id,
    days.event_date,
    days.posted_date,
    days.account_type,
    days.service_code,
    services.service_name,
    days.currency,
    days.event_count,
    days.list_amount,
    days.discount_amount,
    days.net_amount,
    days.tax_amount,
    days.partner_cost_amount,
    days.partner_margin_amount
from days
left join {{ ref('dim_services') }} as services on days.service_code = services.service_code
