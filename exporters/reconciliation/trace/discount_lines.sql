-- What the discounts report says of the worth of a traced discount: for each month that has any,
-- and over all time, on both bases.
create or replace temp table trace_discount_lines as
with dated as (
    select
        *,
        'event' as basis,
        event_count as listed,
        unnest([cast(date_trunc('month', event_date) as date), null]) as month
    from ledger.discount_worth
    where list_contains($discounts, discount_id)
    union all
    select
        *,
        'posted' as basis,
        1 as listed,
        unnest([cast(date_trunc('month', posted_date) as date), null]) as month
    from ledger.discount_worth
    where list_contains($discounts, discount_id)
),

worth as (
    select
        basis,
        discount_id,
        partner_id,
        month,
        currency,
        cast(sum(event_count) as bigint) as event_count,
        sum(list_amount) as list_amount,
        sum(discount_amount) as discount_amount
    from dated
    group by basis, discount_id, partner_id, month, currency
    having sum(listed) <> 0
)

select
    row_number() over (
        order by
            worth.discount_id, worth.basis, worth.month nulls last, worth.currency
    ) as number,
    worth.*,
    statuses.status
from worth
left join dimensions.discount_statuses as statuses
    on
        worth.discount_id = statuses.discount_id
        and last_day(worth.month) between statuses.valid_from and statuses.valid_to
