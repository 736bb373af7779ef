-- One row per partner, service account that any of its records gave to this partner, and span of
-- days: the account and account type under which the partner sees it on those days.
{{ config(materialized='table') }}

select
    states.partner_id,
    states.service_account_id,
    states.account_id,
    account_names.account_name,
    states.account_type,
    states.valid_from,
    states.valid_to
from {{ ref('int_accounts__spans') }} as states
inner join {{ ref('account_names') }} as account_names
    on states.account_id = account_names.account_id
where states.scope_partner_id is not null
