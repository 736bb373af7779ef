-- One delivery of FOCUS lines. The standard writes its names in upper and lower case.
-- noqa: disable=RF06
with drawn as (
    select
        *,
        draw('focus category', line, 100) as category,
        draw('focus sub account', line, 6) as sub_account,
        draw('focus consumed', line, 5) > 0 as is_consumed,
        local_time(day, draw('focus hour', line, 24) * 3600) as starts_at,
        date_trunc('month', starts_at) as period,
        -- The last decimals tell the lines of a group apart.
        cast(1 + draw('focus cost', line, 100000) as decimal(20, 0))
        * cast(0.0001 as decimal(4, 4))
        + cast(line as decimal(12, 0)) * cast(0.00000000001 as decimal(11, 11)) as cost,
        case when category = 98 then -cost else cost end as list_cost,
        cast(
            list_cost
            * case
                when is_final and line % 100 = {changed} then 0.8
                else 0.9
            end
            as decimal(28, 11)
        ) as billed_cost
    from ({lines})
)

select
    case
        when is_final or line % 100 <> {broken} then cast(billed_cost as varchar)
    end as "BilledCost",
    partner_id(partner) as "BillingAccountId",
    partner_name(partner) as "BillingAccountName",
    'USD' as "BillingCurrency",
    cast(period + interval 1 month as varchar) as "BillingPeriodEnd",
    cast(period as varchar) as "BillingPeriodStart",
    case
        when category < 90 then 'Usage'
        when category < 95 then 'Purchase'
        when category < 98 then 'Tax'
        when category < 99 then 'Credit'
        else 'Adjustment'
    end as "ChargeCategory",
    case
        when category < 90 then 'Usage-Based'
        when category < 93 then 'Recurring'
        else 'One-Time'
    end as "ChargeFrequency",
    cast(starts_at + interval 1 hour as varchar) as "ChargePeriodEnd",
    cast(starts_at as varchar) as "ChargePeriodStart",
    case
        when is_consumed then cast(1 + draw('focus quantity', line, 744) as varchar)
    end as "ConsumedQuantity",
    case when is_consumed then 'Hours' end as "ConsumedUnit",
    cast(list_cost as varchar) as "ListCost",
    cast(1 + draw('focus quantity', line, 744) as varchar) as "PricingQuantity",
    'Hours' as "PricingUnit",
    'Example Cloud' as "ProviderName",
    case when draw('focus region', line, 3) = 0 then 'ap-southeast-1' end as "RegionId",
    pick({focus_services}, 'focus service', line) as "ServiceName",
    case
        when sub_account > 0 then 'sub-' || partner_id(partner) || '-0' || sub_account
    end as "SubAccountId",
    case
        when sub_account > 0 then partner_name(partner) || ' / ' || sub_account
    end as "SubAccountName"
from drawn
