-- Rows and amounts of each class and currency. A pair whose currencies differ is two rows, of which
-- one counts for each side.
select
    class,
    currency,
    count(statement_id) filter (where statement_counts) as statement_rows,
    coalesce(sum(statement_amount), 0) as statement,
    count(ledger_id) filter (where ledger_counts) as ledger_rows,
    coalesce(sum(ledger_amount), 0) as ledger,
    count(*) filter (where ambiguous is not null) as ambiguous
from (
    select
        *,
        class <> 'currency differs' or ledger_amount is null as statement_counts,
        class <> 'currency differs' or ledger_amount is not null as ledger_counts
    from reconciled
) as counted
group by class, currency;
