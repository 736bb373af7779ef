-- One row per partner, event date, posted date, service account (with its account and type),
-- wallet, movement type, service and currency with credit used or transferred out.
{{ config(materialized='view') }}

with days as (
    select
        partner_id,
        event_date,
        posted_date,
        service_account_id,
        account_id,
        account_type,
        wallet,
        movement_type,
        service_code,
        currency,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(amount) as decimal(38, 12)) as amount
    from {{ ref('fct_credit_daily') }}
    where movement_type in ('usage', 'transfer_out')
    group by
        partner_id,
        event_date,
        posted_date,
        service_account_id,
        account_id,
        account_type,
        wallet,
        movement_type,
        service_code,
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
    days.wallet,
    days.movement_type,
    days.service_code,
    services.service_name,
    days.currency,
    days.event_count,
    days.amount
from days
left join {{ ref('service_accounts') }} as service_accounts
    on days.service_account_id = service_accounts.service_account_id
left join {{ ref('account_names') }} as account_names on days.account_id = account_names.account_id
left join {{ ref('dim_services') }} as services on days.service_code = services.service_code
