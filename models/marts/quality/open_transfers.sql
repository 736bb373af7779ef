-- One row per transaction and currency in which the standing transfers out and in differ: one side
-- has not arrived, or the two sides disagree. A transfer without a transaction id stands alone.
{{ config(materialized='table') }}

with transfers as not materialized (
    select
        *,
        case when transaction_id is null then event_id end as single_event_id
    from {{ ref('fct_credit_entries') }}
    where movement_type in ('transfer_in', 'transfer_out')
),

-- A reversal takes back what its original moved, so what all entries come to is what stands.
unequal as (
    select
        transaction_id,
        single_event_id,
        currency,
        coalesce(sum(amount) filter (where movement_type = 'transfer_out'), 0) as transferred_out,
        coalesce(sum(amount) filter (where movement_type = 'transfer_in'), 0) as transferred_in
    from transfers
    group by transaction_id, single_event_id, currency
    having transferred_out <> transferred_in
),

entries_of_unequal as (
    select transfers.*
    from transfers
    semi join unequal
        on
            transfers.transaction_id is not distinct from unequal.transaction_id
            and transfers.single_event_id is not distinct from unequal.single_event_id
            and transfers.currency = unequal.currency
),

standing as (
    select originals.*
    from entries_of_unequal as originals
    anti join entries_of_unequal as reversals
        on
            reversals.entry_type = 'reversal'
            and originals.event_id = reversals.event_id
            and originals.version = reversals.reversed_version
    where originals.entry_type = 'original'
),

described as (
    select
        transaction_id,
        single_event_id,
        currency,
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
    unequal.transaction_id,
    unequal.currency,
    cast(unequal.transferred_out as decimal(38, 12)) as transferred_out,
    cast(unequal.transferred_in as decimal(38, 12)) as transferred_in,
    cast(unequal.transferred_out - unequal.transferred_in as decimal(38, 12)) as difference,
    described.from_service_account_ids,
    described.to_service_account_ids,
    described.event_ids,
    described.first_event_date,
    described.last_event_date
from unequal
inner join described
    on
        unequal.transaction_id is not distinct from described.transaction_id
        and unequal.single_event_id is not distinct from described.single_event_id
        and unequal.currency = described.currency
