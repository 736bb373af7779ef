-- How many rows of the statement have an event id of the ledger, and how many its other key.
with known as (
    select
        event_id,
        other_id
    from ({ledger_entries})
)

select
    count(*) filter (where key in (select event_id from known)) as event_ids,
    count(*) filter (where key in (select other_id from known)) as other_ids
from statement;
