-- One row per revenue entry whose amounts belong to other days than its event date, with its
-- service period: what the figures by service period are made of, beside the daily sums of the
-- others. A build adds the rows of its batches.
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
    where is_spread
)

select
    feed,
    batch_id,
    event_id,
    entry_type,
    version,
    partner_id,
    event_date,
    service_start,
    service_end,
    service_account_id,
    account_id,
    account_type,
    service_code,
    currency,
    is_discountable,
    entry_count,
    list_amount,
    net_amount,
    tax_amount,
    partner_cost_amount
from entries
{% if is_incremental() %}
    where {{ is_written_now('entries') }}
{% endif %}
-- A partner's periods lie together, and its reports read little else.
order by partner_id, service_end
