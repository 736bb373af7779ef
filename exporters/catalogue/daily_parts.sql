-- The daily sums of the period.
select *
from ledger.fct_revenue_daily
where
    partner_id = $partner
    and {date} between $from_date and $to_date
