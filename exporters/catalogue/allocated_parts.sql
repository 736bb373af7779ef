-- What falls into the period: daily sums of what belongs to its event date, and of every other
-- charge the part for the days of service that lie in it.
select
    service_account_id,
    account_id,
    account_type,
    service_code,
    currency,
    is_discountable,
    event_count,
    list_amount,
    net_amount,
    tax_amount,
    partner_cost_amount
from ledger.fct_revenue_daily
where
    partner_id = $partner
    and not is_spread
    and event_date between $from_date and $to_date
union all
select
    service_account_id,
    account_id,
    account_type,
    service_code,
    currency,
    is_discountable,
    entry_count as event_count,
    reports.allocated(list_amount, service_start, service_end, $from_date, $to_date) as list_amount,
    reports.allocated(net_amount, service_start, service_end, $from_date, $to_date) as net_amount,
    reports.allocated(tax_amount, service_start, service_end, $from_date, $to_date) as tax_amount,
    reports.allocated(
        partner_cost_amount, service_start, service_end, $from_date, $to_date
    ) as partner_cost_amount
from ledger.fct_revenue_spread
where
    partner_id = $partner
    and service_start <= $to_date
    and service_end >= $from_date
