-- One row per new ledger entry of a credit movement: the original of each effective post, and the
-- reversal of the original that stood before it or before an effective void.
{{ config(materialized='view', schema='staging') }}

{% set earlier_entries = earlier_rows('ledger', 'fct_credit_entries') %}

with staged as (
    select *
    from {{ ref('stg_credits') }}
    where reasons is null
),

contested as (
    select *
    from {{ ref('int_events__contested') }}
    where feed = 'credits'
),

refused as (
    select *
    from contested
    where verdict <> 'effective'
),

posted as (
    select staged.*
    from staged
    anti join refused
        on
            staged.event_id = refused.event_id
            and staged.batch_id = refused.batch_id
            and staged.file = refused.file
            and staged.row_number = refused.row_number
    where staged.operation = 'post'
),

-- Read twice rather than kept: all but a few rows are read once.
originals as not materialized (
    select
        'credits' as feed,
        'original' as entry_type,
        event_id,
        version,
        cast(null as decimal(38, 0)) as reversed_version,
        service_account_id,
        wallet,
        movement_type,
        amount,
        currency,
        occurred_at,
        transaction_id,
        counterparty_service_account_id,
        payment_method,
        service_code,
        description,
        event_date,
        {{ recorded_date('batch_id') }} as recorded_date,
        batch_id,
        file,
        row_number
    from posted
),

reversible as (
    select *
    from originals
    where event_id in (select contested.event_id from contested)
    {% if earlier_entries %}
        union all by name
        select * exclude (
            posted_date, entry_count, balance_column, balance_sign, held_sign,
            partner_id, account_id, account_type, is_internal
        )
        from {{ earlier_entries }} as earlier
        -- By its batch an entry is found without reading all others.
        semi join contested
            on
                earlier.batch_id = contested.batch_before
                and earlier.event_id = contested.event_id
                and earlier.version = contested.version_before
        where entry_type = 'original'
    {% endif %}
),

reversals as (
    select
        'credits' as feed,
        'reversal' as entry_type,
        contested.event_id,
        contested.version,
        reversed.version as reversed_version,
        reversed.service_account_id,
        reversed.wallet,
        reversed.movement_type,
        -reversed.amount as amount,
        reversed.currency,
        reversed.occurred_at,
        reversed.transaction_id,
        reversed.counterparty_service_account_id,
        reversed.payment_method,
        reversed.service_code,
        reversed.description,
        reversed.event_date,
        {{ recorded_date('contested.batch_id') }} as recorded_date,
        contested.batch_id,
        contested.file,
        contested.row_number
    from contested
    inner join reversible as reversed
        on
            contested.event_id = reversed.event_id
            and contested.version_before = reversed.version
    where contested.verdict = 'effective'
),

entries as (
    select *
    from originals
    union all
    select *
    from reversals
)

select
    feed,
    entry_type,
    event_id,
    version,
    reversed_version,
    service_account_id,
    wallet,
    movement_type,
    amount,
    currency,
    occurred_at,
    transaction_id,
    counterparty_service_account_id,
    payment_method,
    service_code,
    description,
    event_date,
    recorded_date,
    {{ posted_date('event_date', 'recorded_date') }} as posted_date,
    batch_id,
    file,
    row_number
from entries
where {{ not_yet_taken(taken=earlier_entries) }}
