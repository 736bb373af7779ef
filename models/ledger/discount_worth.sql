-- One row per partner, discount, event date, posted date and currency with revenue entries that
-- count in the discount's worth.
{{ config(materialized='view') }}

with days as (
    select *
    from {{ ref('fct_revenue_daily') }}
),

counted as (
    select
        days.partner_id,
        discounts.discount_id,
        days.event_date,
        days.posted_date,
        days.currency,
        days.event_count,
        days.list_amount,
        days.discount_amount
    from days
    inner join {{ ref('discount_periods') }} as discounts
        on
            days.discount_id = discounts.discount_id
            and discounts.subject = 'customer'
            and days.partner_id = discounts.partner_id
    union all
    select
        partner_id,
        partner_discount_id as discount_id,
        event_date,
        posted_date,
        currency,
        event_count,
        list_amount,
        partner_discount_amount as discount_amount
    from days
    where partner_discount_id is not null
)

select
    partner_id,
    discount_id,
    event_date,
    posted_date,
    currency,
    cast(sum(event_count) as bigint) as event_count,
    cast(sum(list_amount) as decimal(38, 12)) as list_amount,
    cast(sum(discount_amount) as decimal(38, 12)) as discount_amount
from counted
group by partner_id, discount_id, event_date, posted_date, currency
