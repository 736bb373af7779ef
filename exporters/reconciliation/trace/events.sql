-- The events with that id, those of the transaction or order, and the other sides of transfers; the
-- discount with that id, also one that only charges name.
create or replace temp table traced as
with known as (
    select
        'credits' as feed,
        event_id
    from ledger.fct_credit_entries
    where event_id = $id or transaction_id = $id
    union
    select
        feed,
        event_id
    from ledger.fct_revenue_entries
    where event_id = $id or order_id = $id
    union
    select
        feed,
        event_id
    from ledger.event_voids
    where event_id = $id
    union
    select
        feed,
        event_id
    from reports.ignored_rows
    where event_id = $id and feed in ('credits', 'revenue', 'focus', 'discounts')
    union
    select
        'discounts' as feed,
        discount_id as event_id
    from dimensions.discount_periods
    where discount_id = $id
    union
    select
        'discounts' as feed,
        discount_id as event_id
    from ledger.fct_revenue_entries
    where discount_id = $id
    union
    select
        feed,
        event_id
    from temp.refused
    where is_asked and event_id <> ''
),

known_credits as (
    select event_id
    from known
    where feed = 'credits'
),

transfers as (
    select transaction_id
    from ledger.fct_credit_entries
    where
        event_id in (select event_id from known_credits)
        and movement_type in ('transfer_in', 'transfer_out')
        and transaction_id is not null
),

other_sides as (
    select distinct
        'credits' as feed,
        event_id
    from ledger.fct_credit_entries
    where
        transaction_id in (select transaction_id from transfers)
        and event_id not in (select event_id from known_credits)
),

found as (
    select
        *,
        false as is_other
    from known
    union all
    select
        *,
        true as is_other
    from other_sides
)

select
    feed,
    event_id,
    row_number() over (order by is_other, feed, event_id) as place,
    count(*) over () as event_count
from found
qualify place <= $most_events
