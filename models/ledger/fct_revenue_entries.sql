-- One row per ledger entry of a charge (revenue and focus feeds), with the partner, account and
-- partner discount that the latest records give it. Entries are only ever added, and what they say
-- of the charge never changes; a batch whose attribution is no longer true is written again, after
-- it was named in reattributed_batches.
-- depends_on: {{ ref('int_batches__written') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['feed', 'batch_id'],
        on_schema_change='fail',
    )
}}

{% set charge = [
    'feed', 'entry_type', 'event_id', 'version', 'reversed_version', 'service_account_id',
    'service_code', 'charge_type', 'order_id', 'deal_id', 'discount_id', 'quantity', 'unit',
    'currency', 'list_amount', 'discount_amount', 'net_amount', 'tax_amount', 'occurred_at',
    'event_date', 'order_date', 'period_start', 'period_end', 'recorded_date', 'posted_date',
    'batch_id', 'file', 'row_number',
] %}

with entries as (
    select {{ charge | join(', ') }}
    from {{ ref('int_revenue__new_entries') }}
    {% if is_incremental() %}
        union all
        select {{ charge | join(', ') }}
        from {{ this }} as stored
        where {{ is_written_now('stored') }}
    {% endif %}
),

attributed as (
    {{ attributed_revenue('entries') }}
)

select
    {{ charge | join(',\n    ') }},
    {{ entry_count('entry_type') }} as entry_count,
    partner_id,
    account_id,
    account_type,
    partner_discount_id,
    partner_discount_rate,
    cast(partner_cost_amount as decimal(30, 12)) as partner_cost_amount
from attributed
