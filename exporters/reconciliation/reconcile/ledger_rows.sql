-- The ledger's rows of the period, first what totals do not leave out. Those of other periods come
-- later, when they are looked for.
create or replace temp table ledger_rows as
select
    row_number() over (
        order by is_internal asc, event_date asc, event_id asc, batch_id asc, entry_type desc
    ) as id,
    true as in_period,
    *
from ({ledger_entries})
where {standing} and {date_of_basis} between $from_date and $to_date;
