-- One row per standing event whose service account no account record knows. It appears in the
-- reports by itself once the account arrives.
{{ config(materialized='table') }}

with unknown_entries as (
    select
        'credits' as feed,
        event_id,
        version,
        reversed_version,
        entry_type,
        service_account_id,
        event_date,
        posted_date,
        movement_type,
        cast(null as varchar) as charge_type,
        currency,
        amount,
        batch_id,
        file,
        row_number
    from {{ ref('fct_credit_entries') }}
    where partner_id is null
    union all
    select
        feed,
        event_id,
        version,
        reversed_version,
        entry_type,
        service_account_id,
        event_date,
        posted_date,
        cast(null as varchar) as movement_type,
        charge_type,
        currency,
        net_amount as amount,
        batch_id,
        file,
        row_number
    from {{ ref('fct_revenue_entries') }}
    where partner_id is null
)

select
    originals.feed,
    originals.event_id,
    originals.version,
    originals.service_account_id,
    originals.event_date,
    originals.posted_date,
    originals.movement_type,
    originals.charge_type,
    originals.currency,
    originals.amount,
    originals.batch_id,
    originals.file,
    originals.row_number
from unknown_entries as originals
left join unknown_entries as reversals
    on
        originals.feed = reversals.feed
        and originals.event_id = reversals.event_id
        and originals.version = reversals.reversed_version
where originals.entry_type = 'original' and reversals.event_id is null
