-- Looks for rows of other periods, and adds them to the ledger's.
create or replace temp table open_elsewhere as
with entries as (
    select *
    from ({ledger_entries})
    where {standing} and {date_of_basis} not between $from_date and $to_date
),

last as (select coalesce(max(id), 0) as id from ledger_rows)

select
    (select id from last) + row_number() over (
        order by event_date asc, event_id asc, batch_id asc, entry_type desc
    ) as id,
    false as in_period,
    *,
    {key_or_none} as key,
    {date_of_basis} as day
from entries
where {looked_for};

insert into ledger_rows
select * exclude (key, day)
from open_elsewhere;
