-- Deliveries of every thousandth event of each slice.
select
    unnest(range(slices.first_event, slices.last_event, 1000)) as event,
    slices.day,
    slices.day_first,
    slices.day_events,
    slices.version,
    slices.operation,
    slices.is_broken
from (
    values {slices}
) as slices (first_event, last_event, day, day_first, day_events, version, operation, is_broken)
order by event, slices.version, slices.is_broken
