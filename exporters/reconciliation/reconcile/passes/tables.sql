-- The tables that passes read and write, besides `statement` and `ledger_rows`.

-- What has its place. A row of the statement, one of the ledger, or a pair of them.
create or replace temp table pairs (
    class varchar,
    match varchar,
    ambiguous boolean default false,
    statement_id bigint,
    ledger_id bigint
);

-- What has no place yet.
create or replace temp table open_statement as
select
    id,
    key,
    account,
    currency,
    amount,
    day
from statement
where problem is null;

create or replace temp table open_ledger as
select
    id,
    {ledger_key} as key,
    account,
    currency,
    amount,
    {date_of_basis} as day
from ledger_rows;

-- Rows of other periods that were looked for, likewise.
create or replace temp table open_elsewhere (
    id bigint,
    key varchar,
    account varchar,
    currency varchar,
    amount decimal(38, 12),
    day date,
    event_date date,
    posted_date date,
    utc_date date
);

-- Rows of the ledger that are left out, as totals do.
create or replace temp table left_out as
select *
from ledger_rows
limit 0;

-- Keys that rows of the statement with a place have.
create or replace temp table placed_keys (key varchar);

-- Rows that were refused when they were delivered, one to a key.
create or replace temp table rejected_rows_found (
    key varchar,
    batch_id varchar,
    file varchar,
    row_number bigint,
    reasons varchar[]
);

-- Whether two amounts are the same in a spreadsheet. By way of text: a cast of a decimal is not
-- the nearest double.
create or replace temp macro fifteen_digits(amount) as
printf('%.15g', cast(cast(amount as varchar) as double));
