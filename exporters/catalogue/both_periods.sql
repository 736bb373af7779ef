-- Rows of both periods, added up by everything that is no measure: what only one of them has
-- stands beside a zero, and an empty key meets an empty key.
with both_periods as (
    select {keys}, {now}
    from (
        {query}
    )
    union all
    select {keys}, {before}
    from (
        {earlier_query}
    )
)

select {keys}, {sums}
from both_periods
group by {keys}
