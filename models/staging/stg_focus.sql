-- One row per new line of the focus feed, typed and validated: reasons is null for a valid line. A
-- valid line has an event id made of its content and its running number among the equal lines of a
-- batch.
{{ config(materialized='table') }}

with delivered as (
    select *
    from {{ ref('base_focus__rows') }}
),

typed as (
    select
        *,
        {{ time_value('billingperiodstart') }} as billingperiodstart_value,
        upper(billingcurrency) as billingcurrency_value,
        lower(chargecategory) as chargecategory_value,
        {{ time_value('chargeperiodstart') }} as chargeperiodstart_value,
        {{ business_date('chargeperiodstart_value') }} as event_date,
        {{ time_value('chargeperiodend') }} as chargeperiodend_value,
        -- The days of the bill itself, in UTC; its end is the first instant after them.
        cast(chargeperiodend_value - interval 1 microsecond as date) as last_day,
        chargeperiodend_value > chargeperiodstart_value + interval 24 hours as has_period,
        {{ number_value('listcost') }} as listcost_value,
        {{ number_value('billedcost') }} as billedcost_value,
        try_cast(listcost_value - billedcost_value as decimal(30, 12)) as discount_value,
        {{ number_value('consumedquantity') }} as consumedquantity_value,
        {{ number_value('pricingquantity') }} as pricingquantity_value
    from delivered
),

validated as (
    select
        *,
        coalesce(file_reasons, {{ all_reasons([
            missing('ProviderName'),
            missing('BillingAccountId'),
            missing('BillingPeriodStart'),
            not_timestamp('BillingPeriodStart'),
            missing('BillingCurrency'),
            unknown_reference('BillingCurrency', ref('currencies'), 'currency'),
            missing('ChargeCategory'),
            unknown_code('ChargeCategory', ['usage', 'purchase', 'tax', 'credit', 'adjustment']),
            missing('ChargePeriodStart'),
            not_timestamp('ChargePeriodStart'),
            outside_calendar('ChargePeriodStart', 'event_date'),
            not_timestamp('ChargePeriodEnd'),
            outside_calendar('ChargePeriodEnd', 'cast(chargeperiodend_value as date)'),
            missing('ServiceName'),
            missing('ListCost'),
            not_decimal('ListCost'),
            missing('BilledCost'),
            not_decimal('BilledCost'),
            "case
                when listcost_value is not null and billedcost_value is not null
                    and discount_value is null
                    then 'ListCost ' || listcost || ' - BilledCost ' || billedcost || ' does not fit'
            end",
            not_decimal('ConsumedQuantity'),
            not_decimal('PricingQuantity'),
        ]) }}) as reasons
    from typed
),

identified as (
    select
        *,
        'focus:' || left(
            sha256(cast(to_json([
                providername,
                billingaccountid,
                billingaccountname,
                cast(billingperiodstart_value as varchar),
                billingcurrency_value,
                subaccountid,
                subaccountname,
                servicename,
                cast(listcost_value as varchar),
                cast(billedcost_value as varchar),
                chargecategory_value,
                chargefrequency,
                cast(chargeperiodstart_value as varchar),
                cast(chargeperiodend_value as varchar),
                cast(consumedquantity_value as varchar),
                consumedunit,
                cast(pricingquantity_value as varchar),
                pricingunit
            ]) as varchar)),
            32
        ) as content_id
    from validated
)

select
    batch_id,
    file,
    row_number,
    case
        when reasons is null
            then content_id || ':' || row_number() over (
                partition by content_id, batch_id, reasons is null
                order by file, row_number
            )
    end as event_id,
    providername as provider_name,
    billingaccountid as billing_account_id,
    billingaccountname as billing_account_name,
    billingperiodstart_value as billing_period_start,
    subaccountid as sub_account_id,
    subaccountname as sub_account_name,
    coalesce(subaccountid, billingaccountid) as service_account_id,
    servicename as service_code,
    case
        when chargecategory_value = 'purchase'
            then case when chargefrequency = 'Recurring' then 'subscription' else 'one_time' end
        else chargecategory_value
    end as charge_type,
    coalesce(consumedquantity_value, pricingquantity_value) as quantity,
    case
        when consumedquantity_value is null then pricingunit else consumedunit
    end as unit,
    billingcurrency_value as currency,
    listcost_value as list_amount,
    discount_value as discount_amount,
    billedcost_value as net_amount,
    chargeperiodstart_value as occurred_at,
    event_date,
    case when has_period then cast(chargeperiodstart_value as date) end as period_start,
    case when has_period then last_day end as period_end,
    -- What only the revenue feed tells of a charge.
    cast(null as varchar) as order_id,
    cast(null as varchar) as deal_id,
    cast(null as varchar) as discount_id,
    cast(0 as decimal(30, 12)) as tax_amount,
    event_date as order_date,
    reasons,
    case when reasons is not null then raw_names end as raw_names,
    case when reasons is not null then raw_values end as raw_values
from identified
