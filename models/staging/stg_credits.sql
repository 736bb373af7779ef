-- One row per new row of the credits feed, typed and validated: reasons is null for a valid row.
{{ config(materialized='table') }}

with delivered as (
    select *
    from {{ ref('base_credits__rows') }}
),

typed as (
    select
        *,
        case when version is null then 1 else {{ to_version('version') }} end as version_value,
        coalesce(lower(operation), 'post') as operation_value,
        coalesce(wallet, 'main') as wallet_value,
        lower(movement_type) as movement_type_value,
        {{ number_value('amount') }} as amount_value,
        upper(currency) as currency_value,
        {{ time_value('occurred_at') }} as occurred_at_value,
        {{ business_date('occurred_at_value') }} as event_date,
        {{ to_balance('balance_after') }} as balance_after_value
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
            missing('movement_type'),
            unknown_reference('movement_type', ref('movement_types'), 'movement_type'),
            missing('amount'),
            not_decimal('amount'),
            "case
                when
                    amount_value <= 0
                    and movement_type_value in (
                        select movement_type
                        from " ~ ref('movement_types') ~ "
                        where amount_rule = 'positive'
                    )
                    then
                        'amount \"' || amount || '\" must be greater than 0 for ' || movement_type_value
                        || ' (to 12 decimals)'
                when amount_value = 0
                    then 'amount \"' || amount || '\" must not be 0 (to 12 decimals)'
            end",
            missing('currency'),
            unknown_reference('currency', ref('currencies'), 'currency'),
            missing('occurred_at'),
            not_timestamp('occurred_at'),
            outside_calendar('occurred_at', 'event_date'),
            unparsable(
                'balance_after', 'balance_after_value',
                'a plain decimal number of at most 26 digits before the point'
            ),
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
    wallet_value as wallet,
    movement_type_value as movement_type,
    amount_value as amount,
    currency_value as currency,
    occurred_at_value as occurred_at,
    event_date,
    transaction_id,
    counterparty_service_account_id,
    payment_method,
    service_code,
    description,
    balance_after_value as balance_after,
    reasons,
    case when reasons is not null then raw_names end as raw_names,
    case when reasons is not null then raw_values end as raw_values
from validated
