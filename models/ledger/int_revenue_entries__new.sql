-- One row per new ledger entry of a charge (revenue and focus feeds): the original of each
-- effective post, and the reversal of the original that stood before it or before an effective
-- void.
{{ config(materialized='view', database='work') }}

{% set stored_entries = stored_rows('ledger', 'fct_revenue_entries') %}
{% set columns = charge_columns() %}
{% set amounts = ['quantity', 'list_amount', 'discount_amount', 'net_amount', 'tax_amount'] %}

-- Read twice rather than kept: all but a few rows are read once.
with originals as not materialized (
    select *
    from {{ ref('int_revenue_entries__original') }}
),

new_focus_versions as (
    select *
    from {{ ref('focus_versions') }}
    where {{ not_yet_loaded('focus', loaded=stored_entries) }}
),

reversing_versions as (
    select
        feed,
        event_id,
        version,
        version_before,
        batch_before,
        batch_id,
        file,
        row_number
    from {{ ref('int_events__multi_version') }}
    where feed = 'revenue' and resolution = 'effective' and version_before is not null
    union all
    select
        'focus' as feed,
        voids.event_id,
        voids.version,
        posts.version as version_before,
        case
            when posts.batch_id < (select min(new_focus_versions.batch_id) from new_focus_versions)
                then posts.batch_id
        end as batch_before,
        voids.batch_id,
        voids.file,
        voids.row_number
    from new_focus_versions as voids
    inner join {{ ref('focus_versions') }} as posts
        on voids.event_id = posts.event_id and voids.version - 1 = posts.version
    where voids.operation = 'void'
),

reversible as (
    select
        feed,
        event_id,
        version,
        {{ columns | join(', ') }}
    from originals
    where event_id in (select reversing_versions.event_id from reversing_versions)
    {% if stored_entries %}
        union all
        select
            stored.feed,
            stored.event_id,
            stored.version,
            {{ columns_of('stored', columns) }}
        from {{ stored_entries }} as stored
        -- By its batch an entry is found without reading all others.
        semi join reversing_versions
            on
                stored.batch_id = reversing_versions.batch_before
                and stored.feed = reversing_versions.feed
                and stored.event_id = reversing_versions.event_id
                and stored.version = reversing_versions.version_before
        where stored.entry_type = 'original'
    {% endif %}
),

entries as (
    select
        originals.feed,
        'original' as entry_type,
        originals.event_id,
        originals.version,
        cast(null as decimal(38, 0)) as reversed_version,
        {{ columns_of('originals', columns) }},
        originals.batch_id,
        originals.file,
        originals.row_number
    from originals
    union all
    select
        reversible.feed,
        'reversal' as entry_type,
        reversible.event_id,
        reversing_versions.version,
        reversible.version as reversed_version,
        {{ columns_of('reversible', columns, negated=amounts) }},
        reversing_versions.batch_id,
        reversing_versions.file,
        reversing_versions.row_number
    from reversing_versions
    inner join reversible
        on
            reversing_versions.feed = reversible.feed
            and reversing_versions.event_id = reversible.event_id
            and reversing_versions.version_before = reversible.version
)

select
    feed,
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
where feed = 'focus' or {{ not_yet_loaded('revenue', loaded=stored_entries) }}
