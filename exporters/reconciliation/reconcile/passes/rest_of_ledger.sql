-- No row of the statement is like the rows of the ledger that are left.
create or replace temp table new_pairs as
select
    'only in ledger' as class,
    id as ledger_id
from open_ledger;
