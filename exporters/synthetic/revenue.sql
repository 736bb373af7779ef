-- The rows of the revenue feed for deliveries of events.
with owned as (
    select
        *,
        draw('is partner', event, 20) = 0 as is_partner,
        case
            when is_partner then some_partner('partner', event)
            else some_customer('customer', event)
        end as owner,
        draw('charge', event, 1000) as charge
    from ({deliveries})
),

identified as (
    select
        *,
        case when is_partner then partner_holder(owner) else account_of(owner) end
            as holder,
        case when is_partner then wallet_id(owner) else customer_id(owner) end as owner_id,
        case
            when charge < 880 then 'usage'
            when charge < 940 then 'subscription'
            when charge < 950 then 'one_time'
            when charge < 960 then 'refund'
            when charge < 970 then 'credit'
            when charge < 980 then 'adjustment'
            else 'tax'
        end as charge_type,
        (event - day_first) * 24 // day_events * 3600
        + case when charge < 880 then 0 else draw('second', event, 3600) end as second,
        case when is_broken then draw('fault', event, 6) end as fault
    from owned
),

used as (
    select
        *,
        favourite_service(holder) as favourite,
        case
            when draw('habit', event, 4) < 3 then favourite
            else draw('service', event, {service_count})
        end as service,
        currency_of(holder) as currency
    from identified
),

ordered as (
    select
        *,
        {service_units}[service + 1] as unit,
        charge_type in ('subscription', 'one_time', 'refund') as is_ordered,
        case
            when charge_type = 'subscription'
                then least(day, draw('order', holder * 16 + service, 90) - 60)
        end as order_day,
        case
            when charge_type = 'subscription' then 72000
            when unit = 'hour' then 100 + 100 * draw('hours', event, 64)
            else 1 + draw('hundredths', event, 20000)
        end * (11 - version) // 10 as hundredths,
        charge_type in ('refund', 'credit')
        or (charge_type = 'adjustment' and draw('sign', event, 2) = 0) as is_negative,
        not is_partner
        and has_discount(owner)
        and service = favourite
        and charge_type in ('usage', 'subscription') as is_discounted,
        not is_partner and owner % 10 = 5 and service = 0 as is_deal
    from used
),

listed as (
    select
        *,
        -- Kept to 18 digits, which are quick.
        cast(
            cast(hundredths as decimal(6, 0)) * cast(0.01 as decimal(2, 2))
            as decimal(6, 2)
        ) as quantity,
        quantity
        * case currency
            when 'USD' then {usd_prices}[service + 1]
            else {vnd_prices}[service + 1]
        end as price,
        case when is_negative then -price else price end as list_amount
    from ordered
),

discounted as (
    select
        *,
        case
            when is_discounted then list_amount * discount_rate(owner, {discount_shares})
            else 0
        end as discount_amount
    from listed
),

charged as (
    select
        *,
        list_amount - discount_amount as net_amount,
        case
            when charge_type not in ('credit', 'tax')
                then cast(net_amount as decimal(15, 4)) * cast(0.1 as decimal(1, 1))
        end as tax_amount
    from discounted
)

select
    event_id('RV-', event) as event_id,
    cast(version as integer) as version,
    operation,
    case
        when fault = 3 then null
        when {is_unknown} then 'UNKNOWN-' || draw('unknown', event, 7)
        else owner_id
    end as service_account_id,
    service_code(service) as service_code,
    case when fault = 4 then 'rental' else charge_type end as charge_type,
    case when is_ordered then 'ORD-' || owner_id || '-' || service end as order_id,
    case when is_deal then deal_of(partner_on(holder, day)) end as deal_id,
    case when is_discounted then discount_of(owner) end as discount_id,
    quantity,
    unit,
    case when fault = 5 then 'VNĐ' else currency end as currency,
    {amounts_and_times},
    case when order_day is not null then local_date(day) end as period_start,
    case when order_day is not null then local_date(day + 29) end as period_end
from charged
