-- One row per new ledger entry of a credit movement: the original of each effective post, and the
-- reversal of the original that stood before it or before an effective void.
{{ config(materialized='view', database='work') }}

{% set stored_entries = stored_rows('ledger', 'fct_credit_entries') %}
{% set columns = movement_columns() %}

with multi_version as (
    select *
    from {{ ref('int_events__multi_version') }}
    where feed = 'credits'
),

ignored as (
    select *
    from multi_version
    where resolution <> 'effective'
),

-- Read twice rather than kept: all but a few rows are read once.
originals as not materialized (
    select
        'original' as entry_type,
        staged.event_id,
        staged.version,
        cast(null as decimal(38, 0)) as reversed_version,
        {{ columns_of('staged', columns) }},
        staged.batch_id,
        staged.file,
        staged.row_number
    from {{ ref('stg_credits') }} as staged
    anti join ignored
        on
            staged.event_id = ignored.event_id
            and staged.batch_id = ignored.batch_id
            and staged.file = ignored.file
            and staged.row_number = ignored.row_number
    where staged.reasons is null and staged.operation = 'post'
),

reversible as (
    select
        event_id,
        version,
        {{ columns | join(', ') }}
    from originals
    where event_id in (select multi_version.event_id from multi_version)
    {% if stored_entries %}
        union all
        select
            stored.event_id,
            stored.version,
            {{ columns_of('stored', columns) }}
        from {{ stored_entries }} as stored
        -- By its batch an entry is found without reading all others.
        semi join multi_version
            on
                stored.batch_id = multi_version.batch_before
                and stored.event_id = multi_version.event_id
                and stored.version = multi_version.version_before
        where stored.entry_type = 'original'
    {% endif %}
),

reversals as (
    select
        'reversal' as entry_type,
        multi_version.event_id,
        multi_version.version,
        reversible.version as reversed_version,
        {{ columns_of('reversible', columns, negated=['amount']) }},
        multi_version.batch_id,
        multi_version.file,
        multi_version.row_number
    from multi_version
    inner join reversible
        on
            multi_version.event_id = reversible.event_id
            and multi_version.version_before = reversible.version
    where multi_version.resolution = 'effective'
),

entries as (
    select *
    from originals
    union all
    select *
    from reversals
)

select
    'credits' as feed,
    entry_type,
    event_id,
    version,
    reversed_version,
    {{ columns | join(', ') }},
    {{ recorded_date('batch_id') }} as recorded_date,
    {{ posted_date('event_date', 'recorded_date') }} as posted_date,
    batch_id,
    file,
    row_number
from entries
where {{ not_yet_loaded(loaded=stored_entries) }}
