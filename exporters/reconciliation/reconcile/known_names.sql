-- What names a row of the ledger: keys and service accounts of the partner.
create or replace temp table known_names as
select account as name
from ({ledger_entries})
union
select {ledger_key} as name
from ({ledger_entries});
