-- Rows known by service account and currency on both sides.
update statement
set key = account || ' ' || currency
where is_line;

-- Where the statement has a single row of an account the ledger has one too, the sum of its own.
create or replace temp table ledger_rows as
with several as (
    select key
    from statement
    where key is not null
    group by key
    having count(*) > 1
),

kept_apart as (
    select
        *,
        case when event_id in (select key from several) then id end as part
    from ledger_rows
)

select
    min(id) as id,
    in_period,
    event_id,
    other_id,
    entry_type,
    movement_type,
    is_standing,
    is_internal,
    account,
    currency,
    cast(sum(amount) as decimal(38, 12)) as amount,
    event_date,
    posted_date,
    utc_date,
    batch_id,
    file,
    row_number
from kept_apart
group by
    in_period, event_id, other_id, entry_type, movement_type, is_standing, is_internal, account,
    currency, event_date, posted_date, utc_date, batch_id, file, row_number, part;
