-- One row per ledger entry of a credit that was topped up or transferred in.
{{ config(materialized='view') }}

select
    partner_id,
    event_date,
    posted_date,
    occurred_at,
    transaction_id,
    event_id,
    entry_type,
    service_account_id,
    service_account_name,
    account_id,
    account_name,
    account_type,
    wallet,
    movement_type,
    counterparty_service_account_id,
    payment_method,
    currency,
    amount,
    is_standing,
    batch_id,
    file,
    row_number
from {{ ref('credit_entries') }}
where movement_type in ('top_up', 'transfer_in')
