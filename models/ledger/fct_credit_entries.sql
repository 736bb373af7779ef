-- One row per ledger entry of a credit movement: what the feed says of it, what it does to the
-- balance, and the partner and account that the latest records give it. Entries are only ever
-- added, and what they say of the movement never changes; a batch whose attribution is no longer
-- true is written again, after it was named in reattributed_batches.
-- depends_on: {{ ref('int_batches__of_this_build') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['feed', 'batch_id'],
    )
}}

{% set columns = ['feed', 'entry_type', 'event_id', 'version', 'reversed_version']
    + movement_columns() + ['recorded_date', 'posted_date', 'batch_id', 'file', 'row_number'] %}

with entries as (
    select {{ columns | join(', ') }}
    from {{ ref('int_credit_entries__new') }}
    {% if is_incremental() %}
        union all
        select {{ columns | join(', ') }}
        from {{ this }} as stored
        where {{ is_written_now('stored') }}
    {% endif %}
)

select
    {{ columns_of('entries', columns) }},
    {{ entry_count('entries.entry_type') }} as entry_count,
    types.balance_column,
    cast(types.balance_effect as tinyint) as balance_sign,
    cast(types.held_effect as tinyint) as held_sign,
    holders.partner_id,
    holders.account_id,
    holders.account_type,
    {{ is_internal('holders', 'counterparties') }} as is_internal
from entries
inner join {{ ref('movement_types') }} as types on entries.movement_type = types.movement_type
left join {{ ref('account_history') }} as holders on {{ held_on('holders', 'entries') }}
left join {{ ref('account_history') }} as counterparties
    on {{ is_counterparty('counterparties', 'entries') }}
