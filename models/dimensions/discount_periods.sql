-- One row per discount, by its latest record, with the days on which it applies.
{{ config(materialized='table') }}

select
    discount_id,
    subject,
    partner_id,
    service_account_id,
    service_code,
    deal_id,
    rate_percent,
    requested_on,
    approved_on,
    rejected_on,
    revoked_on,
    starts_on,
    ends_on,
    planned_start,
    last_day,
    over_after,
    updated_at,
    batch_id,
    file,
    row_number
from {{ ref('int_discounts__periods') }}
where state = 'now'
