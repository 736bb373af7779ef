-- Rows of which the key has stood on another row: one with a place, or one before them.
create or replace temp table new_pairs as
select
    'duplicate in statement' as class,
    id as statement_id
from open_statement
where key is not null
qualify
    key in (select key from placed_keys)
    or row_number() over (partition by key order by id) > 1;
