-- One row per batch, partner, event date, posted date, service account (with its account and type),
-- service, currency, applying discounts, whether a partner discount can apply, and whether the
-- amounts are those of other days than the event date. A build adds the rows of its batches, so
-- that the price of a day does not grow with history; what reads it sums over the batches.
-- depends_on: {{ ref('int_batches__of_this_build') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['feed', 'batch_id'],
    )
}}

with entries as (
    select *
    from {{ ref('int_revenue_entries__priced') }}
)

select
    feed,
    batch_id,
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
    is_discountable,
    is_spread,
    cast(sum(entry_count) as bigint) as event_count,
    sum(list_amount) as list_amount,
    sum(discount_amount) as discount_amount,
    sum(net_amount) as net_amount,
    sum(tax_amount) as tax_amount,
    sum(partner_discount_amount) as partner_discount_amount,
    sum(partner_cost_amount) as partner_cost_amount,
    sum(partner_margin_amount) as partner_margin_amount
from entries
{% if is_incremental() %}
    where {{ is_written_now('entries') }}
{% endif %}
group by
    feed,
    batch_id,
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
    is_discountable,
    is_spread
-- A partner's days lie together, and its reports read little else.
order by partner_id, event_date
