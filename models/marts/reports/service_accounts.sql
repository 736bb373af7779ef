-- One row per service account, as its latest record has it.
{{ config(materialized='table') }}

with latest as (
    select *
    from {{ ref('int_accounts__spans') }}
    where scope_partner_id is null and is_latest
)

select
    latest.service_account_id,
    latest.service_account_name,
    latest.account_id,
    account_names.account_name,
    latest.account_type,
    latest.partner_id,
    partners.partner_name,
    latest.billing_mode,
    latest.status,
    latest.updated_at
from latest
inner join {{ ref('account_names') }} as account_names
    on latest.account_id = account_names.account_id
inner join {{ ref('partners') }} as partners on latest.partner_id = partners.partner_id
