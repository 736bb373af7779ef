-- One row per partner and service whose partner discounts apply to other days, or at another rate,
-- than every model has made use of, and the first of those days. Most new records end a discount,
-- or start the next one: charges before that day stay as they were.
{{ config(materialized='ephemeral') }}

with applied as (
    select
        discount_id,
        partner_id,
        service_code,
        deal_id,
        rate_percent,
        starts_on,
        coalesce(ends_on, date '9999-12-31') as last_day
    from {{ ref('int_discounts__periods') }}
    where subject = 'partner' and starts_on is not null
),

-- What is the same in both states changes nothing.
changes as (
    select
        partner_id,
        service_code,
        case count(*) when 1 then starts_on else min(last_day) + 1 end as changed_from
    from applied
    group by discount_id, partner_id, service_code, deal_id, rate_percent, starts_on
    having count(*) = 1 or min(last_day) <> max(last_day)
)

select
    partner_id,
    service_code,
    min(changed_from) as changed_from
from changes
group by partner_id, service_code
