-- One row per new row of the accounts feed, typed and validated: reasons is null for a valid row.
{{ config(materialized='table') }}

with delivered as (
    select *
    from {{ ref('base_accounts__rows') }}
),

typed as (
    select
        *,
        lower(account_type) as account_type_value,
        lower(billing_mode) as billing_mode_value,
        lower(status) as status_value,
        {{ time_value('updated_at') }} as updated_at_value,
        {{ business_date('updated_at_value') }} as updated_date
    from delivered
),

validated as (
    select
        *,
        coalesce(file_reasons, {{ all_reasons([
            missing('service_account_id'),
            missing('account_id'),
            missing('account_type'),
            unknown_code('account_type', ['partner', 'customer']),
            missing('partner_id'),
            unknown_code('billing_mode', ['prepaid', 'postpaid']),
            unknown_code('status', ['pending', 'active', 'suspended', 'closed']),
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
    service_account_id,
    service_account_name,
    account_id,
    account_name,
    account_type_value as account_type,
    partner_id,
    partner_name,
    billing_mode_value as billing_mode,
    status_value as status,
    updated_at_value as updated_at,
    updated_date,
    reasons,
    case when reasons is not null then raw_names end as raw_names,
    case when reasons is not null then raw_values end as raw_values
from validated
