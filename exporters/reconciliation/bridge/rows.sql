-- The rows of the bridge of one ledger: both ends from the mart that the reports read, the steps
-- between them from the entries.
with parts as (
    select
        'as_posted' as part,
        {keys},
        {sums}
    from {mart}
    where
        partner_id = $partner
        and posted_date between $from_date and $to_date
        and {conditions}
    group by all
    union all
    select
        'restated' as part,
        {keys},
        {sums}
    from {mart}
    where
        partner_id = $partner
        and event_date between $from_date and $to_date
        and {conditions}
    group by all
    union all
    select
        step as part,
        {keys},
        {sums_of_entries}
    from {entries}
    group by all
),

amounts as (
    unpivot parts on {measures} into name measure value amount
)

select
    {ledger} as ledger,
    {key_names},
    {first_line} - 1 + list_position({measure_names}, measure) as line,
    measure,
    {columns}
from amounts
group by {key_names}, measure
having bool_or(amount <> 0)
