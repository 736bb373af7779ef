-- In how many decimals amounts are shown, by currency: as many as any amount has. With fewer, the
-- smallest difference would be shown as none.
create or replace temp macro decimals(amount) as
length(rtrim(split_part(cast(amount as varchar), '.', 2), '0'));

select
    reconciled.currency,
    greatest(
        coalesce(any_value(currencies.minor_units), 2),
        max(decimals(statement_amount)),
        max(decimals(ledger_amount))
    ) as decimals
from reconciled
left join reference.currencies as currencies on reconciled.currency = currencies.currency
group by reconciled.currency;
