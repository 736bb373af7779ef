-- One row per discount and state of the records: with the days on which it applies `now`, and as it
-- applied `before`, by the records that every model has made use of.
{{ config(materialized='table', database='work') }}

{% set scope = 'state, subject, partner_id, service_account_id, service_code, deal_id' %}

with records as (
    select
        *,
        'now' as state
    from {{ ref('discount_records') }}
    union all
    select
        records.*,
        'before' as state
    from {{ ref('discount_records') }} as records
    semi join {{ source('intake', 'batch_log') }} as loaded
        on loaded.feed = 'discounts' and records.batch_id = loaded.batch_id
),

latest as (
    select
        *,
        -- A customer discount needs no approval: it is approved when it is requested.
        case
            when subject = 'customer' and rejected_on is null
                then coalesce(approved_on, requested_on)
            else approved_on
        end as effective_approved_on
    from records
    qualify row_number() over (
        partition by state, discount_id
        order by updated_at desc, batch_id desc, file desc, row_number desc
    ) = 1
),

own_days as (
    select
        *,
        case
            when effective_approved_on is not null and rejected_on is null
                then greatest(effective_from, effective_approved_on)
        end as own_start,
        case
            when own_start is not null then least(effective_to, revoked_on - 1)
        end as own_end,
        own_start is not null and coalesce(own_end >= own_start, true) as has_days
    from latest
),

-- Of two that start on one day the later request, then the greater id, stays.
winners as (
    select *
    from own_days
    where has_days
    qualify row_number() over (
        partition by {{ scope }}, own_start
        order by requested_on desc, discount_id desc
    ) = 1
),

starting as (
    select
        state,
        discount_id,
        lead(own_start) over (partition by {{ scope }} order by own_start) as next_start
    from winners
),

periods as (
    select
        own_days.*,
        starting.discount_id is not null as has_started,
        case
            when has_started then least(own_days.own_end, starting.next_start - 1)
            when own_days.has_days then own_days.own_start - 1
            else own_days.own_end
        end as last_day
    from own_days
    left join starting
        on own_days.state = starting.state and own_days.discount_id = starting.discount_id
)

select
    state,
    discount_id,
    subject,
    partner_id,
    service_account_id,
    service_code,
    deal_id,
    rate_percent,
    requested_on,
    effective_approved_on as approved_on,
    rejected_on,
    revoked_on,
    case when has_started then own_start end as starts_on,
    case when has_started then last_day end as ends_on,
    own_start as planned_start,
    last_day,
    least(rejected_on, revoked_on, last_day) as over_after,
    updated_at,
    batch_id,
    file,
    row_number
from periods
