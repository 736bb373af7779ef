-- One row per batch, partner, event date, posted date, service account (with its account and type),
-- wallet, movement type, service, currency and whether the movement is a transfer inside the
-- partner. A build adds the rows of its batches, so that the price of a day does not grow with
-- history; what reads it sums over the batches.
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
    from {{ ref('fct_credit_entries') }}
    where partner_id is not null
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
    wallet,
    movement_type,
    balance_column,
    balance_sign,
    held_sign,
    service_code,
    currency,
    is_internal,
    cast(sum(entry_count) as bigint) as event_count,
    sum(amount) as amount
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
    wallet,
    movement_type,
    balance_column,
    balance_sign,
    held_sign,
    service_code,
    currency,
    is_internal
-- A partner's days lie together, and its reports read little else.
order by partner_id, event_date
