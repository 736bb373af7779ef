-- One row per partner, service account that any of its records gave to this partner, and span of days:
-- the account and account type under which the partner sees it on those days.
{{ config(materialized='table') }}

select
    partner_id,
    service_account_id,
    account_id,
    account_type,
    valid_from,
    valid_to,
from {{ ref('int_accounts__day_states') }}
where scope_partner_id is not null
