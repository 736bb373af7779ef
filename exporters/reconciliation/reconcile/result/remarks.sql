-- What is known of rows of the statement that the ledger has not, or has with another amount.

-- Rows of the statement with a key that have no row of the ledger.
create or replace temp table unpaired as
select
    statement.id as statement_id,
    statement.key,
    pairs.class
from statement
inner join pairs on statement.id = pairs.statement_id
where
    statement.key is not null
    and pairs.class in ('rejected', 'duplicate in statement', 'only in statement');

-- Where a row was refused and why, in which row its key stands first, and which batch took back
-- what the ledger had.
create or replace temp table remarks as
with taken_back as (
    select
        {ledger_key} as key,
        max(batch_id) as batch_id
    from ({ledger_entries})
    where entry_type = 'reversal' and {ledger_key} in (select key from unpaired)
    group by {ledger_key}
),

first_rows as (
    select
        statement.key,
        min(statement.row) as row
    from statement
    semi join unpaired
        on statement.key = unpaired.key and unpaired.class = 'duplicate in statement'
    group by statement.key
)

select
    unpaired.statement_id,
    rejected.batch_id,
    rejected.file,
    rejected.row_number,
    rejected.reasons,
    first_rows.row as first_row,
    taken_back.batch_id as taken_back_by
from unpaired
left join rejected_rows_found as rejected
    on unpaired.key = rejected.key and unpaired.class = 'rejected'
left join first_rows
    on unpaired.key = first_rows.key and unpaired.class = 'duplicate in statement'
left join taken_back
    on unpaired.key = taken_back.key and unpaired.class = 'only in statement'
union all by name
select
    pairs.statement_id,
    max(reversals.batch_id) as taken_back_by
from ({ledger_entries}) as reversals
inner join ledger_rows on reversals.event_id = ledger_rows.event_id
inner join pairs on ledger_rows.id = pairs.ledger_id and pairs.class = 'amount differs'
inner join statement
    on pairs.statement_id = statement.id and reversals.amount = -statement.amount
where reversals.entry_type = 'reversal'
group by pairs.statement_id;

-- The keys of rows that could not be read, with the first such row.
create or replace temp table unreadable_keys as
select
    key,
    min(row) as row
from statement
where problem is not null and key is not null
group by key;
