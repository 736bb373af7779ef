-- One row per credit entry whose service account is known, with whether it stands.
{{ config(materialized='view', schema='ledger') }}

with entries as (
    select *
    from {{ ref('fct_credit_entries') }}
),

reversals as (
    select
        event_id,
        reversed_version
    from {{ ref('fct_credit_entries') }}
    where entry_type = 'reversal'
)

select
    entries.partner_id,
    entries.account_id,
    entries.account_type,
    entries.feed,
    entries.entry_type,
    entries.entry_type = 'original' and reversals.event_id is null as is_standing,
    case when entries.entry_type = 'original' then 1 else -1 end as entry_count,
    entries.event_id,
    entries.version,
    entries.service_account_id,
    entries.wallet,
    entries.movement_type,
    entries.is_internal,
    entries.amount,
    entries.currency,
    entries.occurred_at,
    entries.transaction_id,
    entries.counterparty_service_account_id,
    entries.payment_method,
    entries.service_code,
    entries.event_date,
    entries.posted_date,
    entries.batch_id,
    entries.file,
    entries.row_number
from entries
left join reversals
    on
        entries.event_id = reversals.event_id
        and entries.version = reversals.reversed_version
where entries.partner_id is not null
