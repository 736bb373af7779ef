-- One row per discount and span of days with one status.
{{ config(materialized='table') }}

with turning_days as (
    select
        discount_id,
        unnest([
            date '0001-01-01', rejected_on, approved_on, revoked_on, planned_start, last_day + 1
        ]) as valid_from
    from {{ ref('discount_periods') }}
),

spans as (
    select
        discount_id,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by discount_id order by valid_from) - 1,
            date '9999-12-31'
        ) as valid_to
    from (
        select distinct
            discount_id,
            valid_from
        from turning_days
        where valid_from is not null
    ) as distinct_days
),

statuses as (
    select
        spans.discount_id,
        spans.valid_from,
        spans.valid_to,
        case
            when periods.rejected_on <= spans.valid_from then 'rejected'
            when
                periods.rejected_on is not null
                or periods.approved_on is null
                or periods.approved_on > spans.valid_from
                then 'awaiting_approval'
            when periods.revoked_on <= spans.valid_from then 'revoked'
            when spans.valid_from < periods.planned_start then 'awaiting_active'
            when periods.last_day < spans.valid_from then 'expired'
            else 'active'
        end as status
    from spans
    inner join {{ ref('discount_periods') }} as periods on spans.discount_id = periods.discount_id
)

select
    discount_id,
    status,
    valid_from,
    valid_to
from statuses
