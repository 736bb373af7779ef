-- One row per feed and batch that the warehouse has taken in. It is written last: a batch that
-- stands here has been taken in by every model, and its files are not read again.
-- depends_on: {{ ref('int_credits__days') }}
-- depends_on: {{ ref('int_revenue__days') }}
{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ check_files_unchanged(this) }}",
    )
}}

with files as (
    select
        feed,
        batch_id,
        count(*) as file_count,
        sum(row_count) as row_count
    from {{ ref('landing_files') }}
    {% if is_incremental() %}
        where (feed, batch_id) not in (select (taken.feed, taken.batch_id) from {{ this }} as taken)
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
