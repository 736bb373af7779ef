-- Another event of the ledger is of the same transaction, account, currency and amount.
create or replace temp table new_pairs as
with paired as (select ledger_id from pairs),

firsts as (
    select
        id,
        first_value(id) over same_transaction as first_id,
        first_value(event_id) over same_transaction as first_event,
        event_id
    from ledger_rows
    left join paired on ledger_rows.id = paired.ledger_id
    where in_period and other_id is not null
    window same_transaction as (
        partition by other_id, account, currency, amount, movement_type
        order by paired.ledger_id is null, id
    )
)

select
    'duplicate in ledger' as class,
    id as ledger_id
from firsts
where
    first_id <> id
    and first_event <> event_id
    and id in (select id from open_ledger);
