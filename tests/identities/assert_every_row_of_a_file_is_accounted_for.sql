-- Identity 1: rows in the files = accepted + rejected + ignored, per feed and batch. The rows were
-- counted by the scan, the others where they ended up: when the batch was taken in and again now.
-- A batch that is not counted at all fails too.
with files as (
    select
        feed,
        batch_id,
        sum(row_count) as rows_in_files
    from {{ ref('landing_files') }}
    group by feed, batch_id
)

select
    files.feed,
    files.batch_id,
    files.rows_in_files,
    batches.row_count,
    batches.accepted,
    batches.rejected,
    batches.ignored,
    outcomes.accepted as accepted_now,
    outcomes.rejected as rejected_now,
    outcomes.ignored as ignored_now
from files
left join {{ ref('batches') }} as batches
    on files.feed = batches.feed and files.batch_id = batches.batch_id
left join {{ ref('int_batches__outcomes') }} as outcomes
    on files.feed = outcomes.feed and files.batch_id = outcomes.batch_id
where
    {{ is_tested_now('files.batch_id') }}
    and (
        files.rows_in_files is distinct from batches.row_count
        or batches.row_count
        is distinct from batches.accepted + batches.rejected + batches.ignored
        or batches.accepted is distinct from coalesce(outcomes.accepted, 0)
        or batches.rejected is distinct from coalesce(outcomes.rejected, 0)
        or batches.ignored is distinct from coalesce(outcomes.ignored, 0)
    )
