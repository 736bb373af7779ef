-- One row per ledger entry of a credit that was topped up or transferred in.
{{ config(materialized='view') }}

with reversals as (
    select
        event_id,
        reversed_version
    from {{ ref('fct_credit_entries') }}
    where
        entry_type = 'reversal'
        -- Always so; it tells the planner that these are few, and to keep them in memory.
        and reversed_version < version
)

select
    entries.partner_id,
    entries.event_date,
    entries.posted_date,
    {{ displayed_time('entries.occurred_at') }} as occurred_at,
    entries.transaction_id,
    entries.event_id,
    entries.entry_type,
    entries.service_account_id,
    service_accounts.service_account_name,
    entries.account_id,
    account_names.account_name,
    entries.account_type,
    entries.wallet,
    entries.movement_type,
    entries.counterparty_service_account_id,
    entries.payment_method,
    entries.currency,
    entries.amount,
    entries.entry_type = 'original' and reversals.event_id is null as is_standing,
    entries.batch_id,
    entries.file,
    entries.row_number
from {{ ref('int_credits__entries') }} as entries
left join reversals
    on
        entries.event_id = reversals.event_id
        and entries.version = reversals.reversed_version
left join {{ ref('service_accounts') }} as service_accounts
    on entries.service_account_id = service_accounts.service_account_id
left join {{ ref('account_names') }} as account_names
    on entries.account_id = account_names.account_id
where entries.movement_type in ('top_up', 'transfer_in')
