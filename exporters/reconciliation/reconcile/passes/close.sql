-- Takes what the new pairs have given a place out of what is open.
create or replace temp table {table} as
select open_rows.*
from {table} as open_rows
anti join new_pairs on open_rows.id = new_pairs.{id};
