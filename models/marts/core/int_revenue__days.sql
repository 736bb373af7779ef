-- One row per partner, event date, posted date, service account (with its account and type),
-- service, currency and applying discounts: one scan of the entries serves every daily revenue
-- mart.
{{ config(materialized='table', schema='staging') }}

select
    partner_id,
    event_date,
    posted_date,
    service_account_id,
    account_id,
    account_type,
    service_code,
    currency,
    discount_id,
    partner_discount_id,
    cast(sum(entry_count) as bigint) as event_count,
    sum(list_amount) as list_amount,
    sum(discount_amount) as discount_amount,
    sum(net_amount) as net_amount,
    sum(tax_amount) as tax_amount,
    sum(partner_discount_amount) as partner_discount_amount,
    sum(partner_cost_amount) as partner_cost_amount,
    sum(partner_margin_amount) as partner_margin_amount
from {{ ref('int_revenue__entries') }}
group by
    partner_id,
    event_date,
    posted_date,
    service_account_id,
    account_id,
    account_type,
    service_code,
    currency,
    discount_id,
    partner_discount_id
