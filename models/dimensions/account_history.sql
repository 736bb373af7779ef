-- One row per service account and span of days: the partner, account and account type it belongs to
-- at the end of each of those days, and the record that says so.
{{ config(materialized='table') }}

select
    service_account_id,
    partner_id,
    account_id,
    account_type,
    valid_from,
    valid_to,
    updated_at,
    feed,
    batch_id,
    file,
    row_number
from {{ ref('int_accounts__spans') }}
where scope_partner_id is null
