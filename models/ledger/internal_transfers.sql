-- One row per partner, event date, posted date, service account, account type, movement type,
-- wallet and currency with transfers whose counterparty belongs to the same partner on the event
-- date: what totals over all accounts of a partner leave out.
{{ config(materialized='view') }}

select
    partner_id,
    event_date,
    posted_date,
    service_account_id,
    account_type,
    movement_type,
    wallet,
    currency,
    cast(sum(event_count) as bigint) as event_count,
    cast(sum(amount) as decimal(38, 12)) as amount
from {{ ref('fct_credit_daily') }}
where is_internal
group by
    partner_id,
    event_date,
    posted_date,
    service_account_id,
    account_type,
    movement_type,
    wallet,
    currency
