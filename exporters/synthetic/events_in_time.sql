-- Deliveries of the events of a day that come in time, one of each.
select
    numbers.event,
    {day} as day,
    {first} as day_first,
    {events} as day_events,
    1 as version,
    'post' as operation,
    false as is_broken
from range({first}, {last}) as numbers (event)
where numbers.event % 1000 not in ({not_in_time})
