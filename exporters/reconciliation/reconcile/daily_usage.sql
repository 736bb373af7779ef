-- The rows of credit-usage: sums of a day. One is internal where the whole of it is transfers
-- within the partner.
with internal as (
    select
        service_account_id,
        account_type,
        wallet,
        movement_type,
        currency,
        {date_of_basis} as day,
        sum(amount) as amount
    from ledger.internal_transfers
    where partner_id = $partner and {leaves_out}
    group by all
),

daily as (
    select
        service_account_id,
        account_type,
        wallet,
        movement_type,
        currency,
        {date_of_basis} as day,
        cast(sum(amount) as decimal(38, 12)) as amount,
        {event_date} as event_date,
        {posted_date} as posted_date
    from reports.credit_usage
    where partner_id = $partner and {conditions}
    group by
        service_account_id, service_account_name, account_id, account_name, account_type, wallet,
        movement_type, service_code, service_name, currency, {date_of_basis}
    having {entries} <> 0
)

select
    cast(null as varchar) as event_id,
    cast(null as varchar) as other_id,
    cast(null as varchar) as entry_type,
    daily.movement_type,
    true as is_standing,
    coalesce(internal.amount = daily.amount, false) as is_internal,
    daily.service_account_id as account,
    daily.currency,
    daily.amount,
    daily.event_date,
    daily.posted_date,
    cast(null as date) as utc_date,
    cast(null as varchar) as batch_id,
    cast(null as varchar) as file,
    cast(null as bigint) as row_number
from daily
left join internal
    on
        daily.service_account_id = internal.service_account_id
        and daily.account_type = internal.account_type
        and daily.wallet = internal.wallet
        and daily.movement_type = internal.movement_type
        and daily.currency = internal.currency
        and daily.day = internal.day
