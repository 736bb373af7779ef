-- One row per feed and batch that the warehouse has loaded, with what became of its rows.
{{ config(materialized='incremental') }}

with files as (
    select
        feed,
        batch_id,
        count(*) as file_count,
        sum(row_count) as row_count
    from {{ ref('landing_files') }}
    {% if is_incremental() %}
        where
            (feed, batch_id) not in (
                select (loaded.feed, loaded.batch_id) from {{ this }} as loaded
            )
    {% endif %}
    group by feed, batch_id
)

select
    files.feed,
    files.batch_id,
    {{ recorded_date('files.batch_id') }} as recorded_date,
    cast(files.file_count as bigint) as file_count,
    cast(files.row_count as bigint) as row_count,
    coalesce(outcomes.accepted, 0) as accepted,
    coalesce(outcomes.rejected, 0) as rejected,
    coalesce(outcomes.ignored, 0) as ignored
from files
left join {{ ref('int_batches__outcomes') }} as outcomes
    on files.feed = outcomes.feed and files.batch_id = outcomes.batch_id
