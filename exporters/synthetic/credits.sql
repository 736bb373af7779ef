-- The rows of the credits feed for deliveries of events. The events of a day are its stories' first
-- steps, then their second ones, and so on; those that make no whole story are usage.
with placed as (
    select
        *,
        event - day_first as place,
        day_events // {story_events} as stories,
        place < stories * {story_events} as is_story,
        case when is_story then place // stories else 5 end as step,
        day_first + place % greatest(stories, 1) as story,
        -- Both sides of a transfer have one time.
        (case when step = 2 then place - stories else place end) * 86400 // day_events
            as clock,
        case when is_broken then draw('fault', event, 6) end as fault
    from ({deliveries})
),

told as (
    select
        *,
        some_customer('wallet', story) as customer,
        account_of(customer) as account,
        customer_id(customer) as customer_wallet,
        case step
            when 0 then 'top_up'
            when 1 then 'transfer_out'
            when 2 then 'transfer_in'
            when 3 then 'hold'
            when 14 then 'release'
            when 15 then pick({other_movements}, 'movement', story)
            else 'usage'
        end as movement_type,
        -- Hundredths of VND.
        (1 + draw('budget', story, 200)) * 5000000 as budget
    from placed
),

moved as (
    select
        *,
        wallet_id(partner_on(account, day)) as partner_wallet,
        currency_of(account) as currency,
        case step
            when 0 then budget * (1 + draw('top up', story, 3))
            when 1 then budget
            when 2 then budget
            when 3 then budget // 20
            when 14 then budget // (20 * (1 + draw('release', story, 2)))
            when 15 then budget // 50
            else budget * (1 + draw('usage', event, 1000)) // 12500
        end * (11 - version) // 10 as hundredths,
        case movement_type
            when 'usage' then clock // 3600 * 3600
            when 'expiry' then 86399
            else clock
        end as second
    from told
),

valued as (
    select
        *,
        case currency
            when 'USD' then greatest(hundredths // {vnd_per_usd}, 1)
            else hundredths
        end as units,
        cast(
            case
                when
                    movement_type in ('adjustment', 'revaluation')
                    and draw('sign', event, 2) = 0
                    then -units
                else units
            end
            as decimal(15, 0)
        ) * cast(0.01 as decimal(2, 2)) as amount
    from moved
)

select
    event_id('CR-', event) as event_id,
    cast(version as varchar) as version,
    operation,
    case
        when fault = 3 then null
        when {is_unknown} then 'UNKNOWN-' || draw('unknown', event, 7)
        when step < 2 then partner_wallet
        else customer_wallet
    end as service_account_id,
    case movement_type when 'coupon' then 'poc' when 'usage' then null else 'main' end
        as wallet,
    case when fault = 4 then 'cashback' else movement_type end as movement_type,
    case fault
        when 0 then '1e6'
        when 1 then '0'
        else cast(amount as varchar)
    end as amount,
    case when fault = 5 then null else currency end as currency,
    case
        when fault = 2 then '2024-02-30T10:00:00Z'
        else local_text(day, second)
    end as occurred_at,
    case step
        when 0 then event_id('TU-', story)
        when 1 then event_id('TR-', story)
        when 2 then event_id('TR-', story)
    end as transaction_id,
    case step when 1 then customer_wallet when 2 then partner_wallet end
        as counterparty_service_account_id,
    case
        when step = 0
            then pick({payment_methods}, 'payment', story)
    end as payment_method,
    case
        when movement_type = 'usage' then service_code(favourite_service(account))
    end as service_code,
    case
        when step = 0 then 'Nạp tiền'
        when movement_type = 'adjustment' then 'Điều chỉnh, theo biên bản "đối soát"'
    end as description
from valued
