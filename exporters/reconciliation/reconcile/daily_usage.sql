-- The rows of credit-usage: sums of a day.
select
    cast(null as varchar) as event_id,
    cast(null as varchar) as other_id,
    cast(null as varchar) as entry_type,
    movement_type,
    true as is_standing,
    service_account_id as account,
    currency,
    cast(sum(amount) as decimal(38, 12)) as amount,
    {event_date} as event_date,
    {posted_date} as posted_date,
    cast(null as date) as utc_date,
    cast(null as varchar) as batch_id,
    cast(null as varchar) as file,
    cast(null as bigint) as row_number
from reports.credit_usage
where partner_id = $partner
group by
    service_account_id, service_account_name, account_id, account_name, account_type, wallet,
    movement_type, service_code, service_name, currency, {date_of_basis}
having {entries} <> 0
