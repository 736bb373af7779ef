-- One row per new valid row of an event (credits, revenue) that was delivered more than once, in
-- this build or before, with what was known of the event. Events that came once need no comparison
-- and are not here: windows over all of them are what would cost time.
{{ config(materialized='ephemeral') }}

{% set credit_entries = stored_rows('ledger', 'fct_credit_entries') %}
{% set revenue_entries = stored_rows('ledger', 'fct_revenue_entries') %}
{% set voids = stored_rows('ledger', 'event_voids') %}

-- Read twice rather than kept: the rows of a whole history are many.
with new_rows as not materialized (
    {% for feed in ['credits', 'revenue'] %}
        select
            '{{ feed }}' as feed,
            event_id,
            version,
            operation,
            batch_id,
            file,
            row_number
        from {{ ref('stg_' ~ feed) }}
        where reasons is null
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

earlier_versions as (
    {% for stored in [credit_entries, revenue_entries, voids] if stored %}
        select
            feed,
            event_id,
            version,
            batch_id
        from {{ stored }}
        where feed <> 'focus'
        union all
    {% endfor %}
    select
        cast(null as varchar) as feed,
        cast(null as varchar) as event_id,
        cast(null as decimal(38, 0)) as version,
        cast(null as varchar) as batch_id
    where false
),

-- Batches come in ascending order, so what is older than the first new batch is all that was known
-- before. Newer rows can only stem from a run of the same batches that was stopped half-way.
first_new_batches as (
    select
        feed,
        min(batch_id) as batch_id
    from new_rows
    group by feed
),

known_events as (
    select
        earlier_versions.feed,
        earlier_versions.event_id,
        max(earlier_versions.version) as version,
        max_by(earlier_versions.batch_id, earlier_versions.version) as batch_id
    from earlier_versions
    inner join first_new_batches on earlier_versions.feed = first_new_batches.feed
    semi join new_rows
        on
            earlier_versions.feed = new_rows.feed
            and earlier_versions.event_id = new_rows.event_id
    where earlier_versions.batch_id < first_new_batches.batch_id
    group by earlier_versions.feed, earlier_versions.event_id
),

-- Few, so all rows are compared with them and not with all events.
multi_version_events as (
    select
        feed,
        event_id,
        max(version) as known_version,
        max(batch_id) as known_batch_id
    from (
        select
            feed,
            event_id,
            version,
            batch_id
        from known_events
        union all
        select
            feed,
            event_id,
            null as version,
            null as batch_id
        from new_rows
        group by feed, event_id
        having count(*) > 1
    ) as found
    group by feed, event_id
)

select
    new_rows.*,
    multi_version_events.known_version,
    multi_version_events.known_batch_id
from new_rows
inner join multi_version_events
    on
        new_rows.feed = multi_version_events.feed
        and new_rows.event_id = multi_version_events.event_id
