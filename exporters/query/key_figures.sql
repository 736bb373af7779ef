-- A measure added up by month and currency, up to the end of the period.
select
    cast(date_trunc('month', {date}) as date) as month,
    currency,
    sum({measure}) as amount,
    cast(sum(event_count) as bigint) as entries,
    min({date}) as since
from {source}
where
    partner_id = $partner
    and {date} <= $to_date
group by month, currency
order by month, currency
