-- One row per partner, event date, posted date, service account (with its account and type),
-- wallet, movement type, service, currency and whether the movement is a transfer inside the
-- partner.
{{ config(materialized='table', schema='staging') }}

with entries as (
    select *
    from {{ ref('int_credits__entries') }}
),

transfers as (
    select
        entries.*,
        coalesce(counterparty.partner_id = entries.partner_id, false) as is_internal
    from entries
    left join {{ ref('account_history') }} as counterparty
        on
            entries.movement_type in ('transfer_in', 'transfer_out')
            and entries.counterparty_service_account_id = counterparty.service_account_id
            and entries.event_date between counterparty.valid_from and counterparty.valid_to
)

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
    is_internal,
    cast(sum(entry_count) as bigint) as event_count,
    sum(amount) as amount
from transfers
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
    currency,
    is_internal
