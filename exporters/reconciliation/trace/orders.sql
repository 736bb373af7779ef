-- What stands of the order that is traced, over all its charges. Sums of all entries are those of
-- what stands.
select
    order_id,
    currency,
    cast(sum(entry_count) as bigint) as event_count,
    sum(list_amount) as list_amount,
    sum(discount_amount) as discount_amount,
    sum(net_amount) as net_amount,
    sum(tax_amount) as tax_amount
from ledger.fct_revenue_entries
where order_id = $id
group by order_id, currency
order by currency
