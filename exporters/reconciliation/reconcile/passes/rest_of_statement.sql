-- Nothing of the ledger is like the rows that are left.
create or replace temp table new_pairs as
select
    'only in statement' as class,
    id as statement_id
from open_statement
where {rows};
