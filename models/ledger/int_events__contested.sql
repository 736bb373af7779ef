-- One row per new valid row of an event (credits, revenue) that was delivered more than once, in
-- this run or before, with the verdict on it: effective, repeated or stale. Events that came once
-- need no comparison and are not here: windows over all of them are what would cost time.
{{ config(materialized='table', schema='staging') }}

{% set credit_entries = earlier_rows('ledger', 'fct_credit_entries') %}
{% set revenue_entries = earlier_rows('ledger', 'fct_revenue_entries') %}
{% set voids = earlier_rows('ledger', 'event_voids') %}

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
    {% if credit_entries %}
        select
            'credits' as feed,
            event_id,
            version,
            batch_id
        from {{ credit_entries }}
        union all
    {% endif %}
    {% if revenue_entries %}
        select
            feed,
            event_id,
            version,
            batch_id
        from {{ revenue_entries }}
        where feed = 'revenue'
        union all
    {% endif %}
    {% if voids %}
        select
            feed,
            event_id,
            version,
            batch_id
        from {{ voids }}
        union all
    {% endif %}
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
contested_events as (
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
),

contested_rows as (
    select
        new_rows.*,
        contested_events.known_version,
        contested_events.known_batch_id
    from new_rows
    inner join contested_events
        on
            new_rows.feed = contested_events.feed
            and new_rows.event_id = contested_events.event_id
),

ranked_in_batch as (
    select
        *,
        max(version) over (partition by feed, event_id, batch_id) as batch_version,
        row_number() over (
            partition by feed, event_id, batch_id
            order by version desc, file asc, row_number asc
        ) as batch_rank
    from contested_rows
),

-- Only the first row of a batch's highest version can take effect.
candidates as (
    select
        *,
        max(version) over (
            partition by feed, event_id
            order by batch_id
            rows between unbounded preceding and 1 preceding
        ) as run_version,
        greatest(known_version, run_version) as seen_version,
        seen_version is null or version > seen_version as is_effective
    from ranked_in_batch
    where batch_rank = 1
),

effective_versions as (
    select
        *,
        lag(version) over (partition by feed, event_id order by batch_id) as run_version_before,
        coalesce(run_version_before, known_version) as version_before,
        case when run_version_before is null then known_batch_id end as batch_before
    from candidates
    where is_effective
),

verdicts as (
    select
        ranked_in_batch.*,
        effective_versions.version_before,
        effective_versions.batch_before,
        case
            when effective_versions.event_id is not null then 'effective'
            when
                ranked_in_batch.version
                = greatest(candidates.seen_version, ranked_in_batch.batch_version)
                then 'repeated'
            else 'stale'
        end as verdict,
        greatest(candidates.seen_version, ranked_in_batch.batch_version) as newest_version
    from ranked_in_batch
    left join candidates
        on
            ranked_in_batch.feed = candidates.feed
            and ranked_in_batch.event_id = candidates.event_id
            and ranked_in_batch.batch_id = candidates.batch_id
    left join effective_versions
        on
            ranked_in_batch.feed = effective_versions.feed
            and ranked_in_batch.event_id = effective_versions.event_id
            and ranked_in_batch.batch_id = effective_versions.batch_id
            and ranked_in_batch.batch_rank = 1
)

select
    feed,
    event_id,
    version,
    operation,
    batch_id,
    file,
    row_number,
    verdict,
    version_before,
    batch_before,
    newest_version
from verdicts
