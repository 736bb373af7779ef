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
),

measured as (
    select {keys}, {sums}
    from both_periods
    group by {keys}
),

changed as (
    select *, {changes}
    from measured
)

select *, {percents}
from changed
