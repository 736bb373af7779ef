-- Measures of both periods side by side, with what has changed.
with measured as (
    select *
    from ({measured})
),

shared as (
    select {shares}
    from measured
),

changed as (
    select *, {changes}
    from shared
)

select *, {percents}
from changed
