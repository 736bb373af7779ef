-- The entries that have one of their two dates in the month and the other outside of it, each with
-- the step of the bridge in which it counts, and its sign there.
with chosen as (
    select
        *,
        event_date between $from_date and $to_date as is_of_month
    from {mart}
    where
        partner_id = $partner
        and is_of_month <> (posted_date between $from_date and $to_date)
        and {conditions}
),

-- The first entry of an event may be another partner's or nobody's yet: the ledger has them all.
first_versions as (
    select
        {event},
        min(version) as first_version
    from {ledger}
    where event_id in (select event_id from chosen)
    group by {event}
),

marked as (
    select
        *,
        entry_type = 'original' and made_by_version = first_version as is_first
    from chosen
    inner join first_versions using ({event})  -- noqa: ST07
)

select
    *,
    case
        when is_of_month and is_first then 'late_events'
        when is_of_month then 'late_corrections'
        when is_first then 'earlier_events'
        else 'earlier_corrections'
    end as step,
    -- What belongs to an earlier month is taken out.
    cast(case when is_of_month then 1 else -1 end as tinyint) as sign
from marked
