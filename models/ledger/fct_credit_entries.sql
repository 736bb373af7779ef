-- One row per ledger entry of a credit movement, with the partner and account that the latest
-- records give it. Entries are only ever added, and what they say of the movement never changes; a
-- batch whose attribution is no longer true is written again, after it was named in
-- reattributed_batches.
-- depends_on: {{ ref('int_batches__written') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['feed', 'batch_id'],
        on_schema_change='fail',
    )
}}

{% set movement = [
    'feed', 'entry_type', 'event_id', 'version', 'reversed_version', 'service_account_id', 'wallet',
    'movement_type', 'amount', 'currency', 'occurred_at', 'transaction_id',
    'counterparty_service_account_id', 'payment_method', 'service_code', 'description',
    'event_date', 'recorded_date', 'posted_date', 'batch_id', 'file', 'row_number',
] %}

with entries as (
    select {{ movement | join(', ') }}
    from {{ ref('int_credits__new_entries') }}
    {% if is_incremental() %}
        union all
        select {{ movement | join(', ') }}
        from {{ this }} as stored
        where {{ is_written_now('stored') }}
    {% endif %}
),

attributed as (
    {{ attributed_credits('entries') }}
)

select
    {% for column in movement %}
        attributed.{{ column }},
    {% endfor %}
    {{ entry_count('attributed.entry_type') }} as entry_count,
    types.balance_column,
    cast(types.balance_effect as tinyint) as balance_sign,
    cast(types.held_effect as tinyint) as held_sign,
    attributed.partner_id,
    attributed.account_id,
    attributed.account_type,
    attributed.is_internal
from attributed
inner join {{ ref('movement_types') }} as types on attributed.movement_type = types.movement_type
