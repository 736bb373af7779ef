-- One row per new row of the revenue feed, typed and validated: reasons is null for a valid row.
{{ config(materialized='table') }}

with delivered as (
    select *
    from {{ ref('base_revenue__rows') }}
),

typed as (
    select
        *,
        case when version is null then 1 else {{ to_version('version') }} end as version_value,
        coalesce(lower(operation), 'post') as operation_value,
        lower(charge_type) as charge_type_value,
        {{ number_value('quantity') }} as quantity_value,
        upper(currency) as currency_value,
        {{ number_value('list_amount') }} as list_amount_value,
        case
            when discount_amount is null then 0 else {{ number_value('discount_amount') }}
        end as discount_amount_value,
        {{ number_value('net_amount') }} as net_amount_value,
        case
            when tax_amount is null then 0 else {{ number_value('tax_amount') }}
        end as tax_amount_value,
        {{ time_value('occurred_at') }} as occurred_at_value,
        {{ time_value('ordered_at') }} as ordered_at_value,
        {{ business_date('occurred_at_value') }} as event_date,
        {{ business_date('coalesce(ordered_at_value, occurred_at_value)') }} as order_date,
        {{ to_date('period_start') }} as period_start_value,
        {{ to_date('period_end') }} as period_end_value
    from delivered
),

validated as (
    select
        *,
        coalesce(file_reasons, {{ all_reasons([
            missing('event_id'),
            unparsable('version', 'version_value', 'a whole number, 0 or more, of at most 38 digits'),
            unknown_code('operation', ['post', 'void']),
            missing('service_account_id'),
            missing('service_code'),
            missing('charge_type'),
            unknown_code(
                'charge_type',
                ['usage', 'subscription', 'one_time', 'refund', 'credit', 'adjustment', 'tax']
            ),
            not_decimal('quantity'),
            missing('currency'),
            unknown_reference('currency', ref('currencies'), 'currency'),
            missing('list_amount'),
            not_decimal('list_amount'),
            not_decimal('discount_amount'),
            missing('net_amount'),
            not_decimal('net_amount'),
            not_decimal('tax_amount'),
            "case
                when list_amount_value - discount_amount_value <> net_amount_value
                    then
                        'list_amount ' || list_amount || ' - discount_amount '
                        || coalesce(discount_amount, '0') || ' is not net_amount ' || net_amount
            end",
            missing('occurred_at'),
            not_timestamp('occurred_at'),
            outside_calendar('occurred_at', 'event_date'),
            not_timestamp('ordered_at'),
            outside_calendar('ordered_at', 'order_date'),
            not_date('period_start'),
            not_date('period_end'),
        ]) }}) as reasons
    from typed
)

select
    batch_id,
    file,
    row_number,
    event_id,
    version_value as version,
    operation_value as operation,
    service_account_id,
    service_code,
    charge_type_value as charge_type,
    order_id,
    deal_id,
    discount_id,
    quantity_value as quantity,
    unit,
    currency_value as currency,
    list_amount_value as list_amount,
    cast(discount_amount_value as decimal(30, 12)) as discount_amount,
    net_amount_value as net_amount,
    cast(tax_amount_value as decimal(30, 12)) as tax_amount,
    occurred_at_value as occurred_at,
    event_date,
    order_date,
    period_start_value as period_start,
    period_end_value as period_end,
    reasons,
    case when reasons is not null then raw_names end as raw_names,
    case when reasons is not null then raw_values end as raw_values
from validated
