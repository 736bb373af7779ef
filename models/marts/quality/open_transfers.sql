-- One row per transaction and currency in which the standing transfers out and in differ: one side
-- has not arrived, or the two sides disagree. A transfer without a transaction id stands alone.
{{ config(materialized='table') }}

with standing as (
    select
        entries.transaction_id,
        entries.event_id,
        entries.currency,
        entries.event_date,
        entries.service_account_id,
        entries.movement_type,
        entries.amount
    from {{ ref('fct_credit_entries') }} as entries
    left join {{ ref('fct_credit_entries') }} as reversals
        on
            reversals.entry_type = 'reversal'
            and entries.event_id = reversals.event_id
            and entries.version = reversals.reversed_version
    where
        entries.movement_type in ('transfer_in', 'transfer_out')
        and entries.entry_type = 'original'
        and reversals.event_id is null
),

transactions as (
    select
        transaction_id,
        case when transaction_id is null then event_id end as single_event_id,
        currency,
        coalesce(sum(amount) filter (where movement_type = 'transfer_out'), 0) as transferred_out,
        coalesce(sum(amount) filter (where movement_type = 'transfer_in'), 0) as transferred_in,
        list_sort(
            list(distinct service_account_id) filter (where movement_type = 'transfer_out')
        ) as from_service_account_ids,
        list_sort(
            list(distinct service_account_id) filter (where movement_type = 'transfer_in')
        ) as to_service_account_ids,
        list_sort(list(event_id)) as event_ids,
        min(event_date) as first_event_date,
        max(event_date) as last_event_date
    from standing
    group by transaction_id, single_event_id, currency
)

select
    transaction_id,
    currency,
    cast(transferred_out as decimal(38, 12)) as transferred_out,
    cast(transferred_in as decimal(38, 12)) as transferred_in,
    cast(transferred_out - transferred_in as decimal(38, 12)) as difference,
    from_service_account_ids,
    to_service_account_ids,
    event_ids,
    first_event_date,
    last_event_date
from transactions
where transferred_out <> transferred_in
