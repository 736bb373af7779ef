-- Transfers within the partner that the statement has not: totals leave them out too.
create or replace temp table left_out as
select ledger_rows.*
from ledger_rows
semi join open_ledger on ledger_rows.id = open_ledger.id
where ledger_rows.is_internal and ledger_rows.in_period;

delete from open_ledger
where id in (select id from left_out);

delete from ledger_rows
where id in (select id from left_out);
