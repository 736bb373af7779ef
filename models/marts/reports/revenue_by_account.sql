-- One row per partner, event date, posted date, service account (with its account and type) and
-- currency with revenue.
{{ config(materialized='view') }}

with days as (
    select
        partner_id,
        event_date,
        posted_date,
        service_account_id,
        account_id,
        account_type,
        currency,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(list_amount) as decimal(38, 12)) as list_amount,
        cast(sum(discount_amount) as decimal(38, 12)) as discount_amount,
        cast(sum(net_amount) as decimal(38, 12)) as net_amount,
        cast(sum(tax_amount) as decimal(38, 12)) as tax_amount,
        cast(sum(partner_cost_amount) as decimal(38, 12)) as partner_cost_amount,
        cast(sum(partner_margin_amount) as decimal(38, 12)) as partner_margin_amount
    from {{ ref('fct_revenue_daily') }}
    group by
        partner_id,
        event_date,
        posted_date,
        service_account_id,
        account_id,
        account_type,
        currency
)

select
    days.partner_id,
    days.event_date,
    days.posted_date,
    days.service_account_id,
    service_accounts.service_account_name,
    days.account_id,
    account_names.account_name,
    days.account_type,
    days.currency,
    days.event_count,
    days.list_amount,
    days.discount_amount,
    days.net_amount,
    days.tax_amount,
    days.partner_cost_amount,
    days.partner_margin_amount
from days
left join {{ ref('service_accounts') }} as service_accounts
    on days.service_account_id = service_accounts.service_account_id
left join {{ ref('account_names') }} as account_names on days.account_id = account_names.account_id
