-- One row per new row of the discounts feed, typed and validated: reasons is null for a valid row.
{{ config(materialized='table') }}

with delivered as (
    select *
    from {{ ref('base_discounts__rows') }}
),

typed as (
    select
        *,
        lower(subject) as subject_value,
        {{ to_rate('rate_percent') }} as rate_percent_value,
        {{ to_date('requested_on') }} as requested_on_value,
        {{ to_date('approved_on') }} as approved_on_value,
        {{ to_date('rejected_on') }} as rejected_on_value,
        {{ to_date('revoked_on') }} as revoked_on_value,
        {{ to_date('effective_from') }} as effective_from_value,
        {{ to_date('effective_to') }} as effective_to_value,
        {{ time_value('updated_at') }} as updated_at_value,
        {{ business_date('updated_at_value') }} as updated_date
    from delivered
),

validated as (
    select
        *,
        coalesce(file_reasons, {{ all_reasons([
            missing('discount_id'),
            missing('subject'),
            unknown_code('subject', ['partner', 'customer']),
            missing('partner_id'),
            "case
                when subject_value = 'customer' and service_account_id is null
                    then 'service_account_id is missing: a customer discount names one'
                when subject_value = 'partner' and service_account_id is not null
                    then
                        'service_account_id \"' || service_account_id
                        || '\" must be empty: a partner discount names none'
            end",
            missing('service_code'),
            missing('rate_percent'),
            "case
                when
                    rate_percent is not null
                    and coalesce(rate_percent_value not between 0 and 100, true)
                    then
                        'rate_percent \"' || left(rate_percent, 100)
                        || '\" is not a plain decimal number from 0 to 100 with at most 6 decimals'
            end",
            missing('requested_on'),
            not_date('requested_on'),
            not_date('approved_on'),
            not_date('rejected_on'),
            not_date('revoked_on'),
            missing('effective_from'),
            not_date('effective_from'),
            not_date('effective_to'),
            missing('updated_at'),
            not_timestamp('updated_at'),
            outside_calendar('updated_at', 'updated_date'),
        ]) }}) as reasons
    from typed
)

select
    batch_id,
    file,
    row_number,
    discount_id,
    subject_value as subject,
    partner_id,
    service_account_id,
    service_code,
    deal_id,
    rate_percent_value as rate_percent,
    requested_on_value as requested_on,
    approved_on_value as approved_on,
    rejected_on_value as rejected_on,
    revoked_on_value as revoked_on,
    effective_from_value as effective_from,
    effective_to_value as effective_to,
    updated_at_value as updated_at,
    reasons,
    case when reasons is not null then raw_names end as raw_names,
    case when reasons is not null then raw_values end as raw_values
from validated
