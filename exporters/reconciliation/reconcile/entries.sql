-- The entries of the partner in a mart that has a row to each entry.
select
    event_id,
    {other_key} as other_id,
    entry_type,
    {type_column} as movement_type,
    is_standing,
    {internal} as is_internal,
    service_account_id as account,
    currency,
    cast({amount} as decimal(38, 12)) as amount,
    event_date,
    posted_date,
    cast(timezone('UTC', timezone($zone, occurred_at)) as date) as utc_date,
    batch_id,
    file,
    row_number
from {mart}
where partner_id = $partner and {of_report} and {conditions}
