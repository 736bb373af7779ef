-- The sums of a partner's entries that are late by currency, of either ledger, where they are any.
select
    'credits' as ledger,
    currency,
    sum(net_movement) as amount
from reports.credit_movements
where partner_id = $partner and {is_late}
group by currency
having sum(net_movement) <> 0
union all
select
    'revenue' as ledger,
    currency,
    sum(net_amount) as amount
from reports.revenue_by_service
where partner_id = $partner and {is_late}
group by currency
having sum(net_amount) <> 0
order by ledger desc, currency asc
