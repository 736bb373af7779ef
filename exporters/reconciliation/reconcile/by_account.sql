-- The rows of a report that has sums by service account; they are of the last day of its period.
select
    service_account_id || ' ' || currency as event_id,
    cast(null as varchar) as other_id,
    cast(null as varchar) as entry_type,
    cast(null as varchar) as movement_type,
    true as is_standing,
    false as is_internal,
    service_account_id as account,
    currency,
    {amount} as amount,
    cast(null as date) as event_date,
    cast(null as date) as posted_date,
    $to_date as utc_date,
    cast(null as varchar) as batch_id,
    cast(null as varchar) as file,
    cast(null as bigint) as row_number
from ({report})
