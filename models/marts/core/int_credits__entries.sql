-- One row per credit entry whose service account is known.
{{ config(materialized='view', schema='ledger') }}

select
    entries.partner_id,
    entries.account_id,
    entries.account_type,
    entries.feed,
    entries.entry_type,
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
from {{ ref('fct_credit_entries') }} as entries
where entries.partner_id is not null
