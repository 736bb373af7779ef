-- One row per ledger entry of the credits feed whose account is known, with what it does to the
-- balance.
{{ config(materialized='view') }}

with reversals as (
    select
        event_id,
        reversed_version
    from {{ ref('fct_credit_entries') }}
    where
        entry_type = 'reversal'
        -- Always true; a hint that keeps this side of the join small.
        and reversed_version < version
)

select
    entries.partner_id,
    entries.event_date,
    entries.posted_date,
    entries.recorded_date,
    {{ displayed_time('entries.occurred_at') }} as occurred_at,
    entries.event_id,
    coalesce(entries.reversed_version, entries.version) as version,
    entries.version as made_by_version,
    entries.entry_type,
    entries.entry_count,
    entries.service_account_id,
    service_accounts.service_account_name,
    entries.account_id,
    account_names.account_name,
    entries.account_type,
    entries.wallet,
    entries.movement_type,
    entries.balance_column,
    entries.currency,
    entries.amount,
    {{ movement_amount('entries') }} as movement_amount,
    {{ signed('entries.amount', 'entries.balance_sign') }} as balance_effect,
    {{ signed('entries.amount', 'entries.held_sign') }} as held_effect,
    entries.transaction_id,
    entries.counterparty_service_account_id,
    entries.is_internal,
    entries.payment_method,
    entries.service_code,
    services.service_name,
    entries.description,
    entries.entry_type = 'original' and reversals.event_id is null as is_standing,
    entries.batch_id,
    entries.file,
    entries.row_number
from {{ ref('fct_credit_entries') }} as entries
left join reversals
    on
        entries.event_id = reversals.event_id
        and entries.version = reversals.reversed_version
left join {{ ref('service_accounts') }} as service_accounts
    on entries.service_account_id = service_accounts.service_account_id
left join {{ ref('account_names') }} as account_names
    on entries.account_id = account_names.account_id
left join {{ ref('dim_services') }} as services on entries.service_code = services.service_code
where entries.partner_id is not null
