-- One row per new valid row of an event (credits, revenue) that was delivered more than once, in
-- this build or before, with what becomes of it (resolution): effective, repeated or stale.
{{ config(materialized='table', database='work') }}

with ranked_in_batch as (
    select
        *,
        max(version) over (partition by feed, event_id, batch_id) as batch_version,
        row_number() over (
            partition by feed, event_id, batch_id
            order by version desc, file asc, row_number asc
        ) as batch_rank
    from {{ ref('int_events__multi_version_rows') }}
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

resolutions as (
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
        end as resolution,
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
    resolution,
    version_before,
    batch_before,
    newest_version
from resolutions
