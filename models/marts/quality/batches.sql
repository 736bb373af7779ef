-- One row per feed and batch that the warehouse has taken in. It is written last: a batch that
-- stands here has been taken in by every model, and its files are not read again.
{{ config(materialized='incremental', on_schema_change='fail') }}

-- depends_on: {{ ref('int_credits__days') }}

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
),

-- What was accepted is counted where it took effect, not as what the other two leave over.
accepted as (
    select
        'credits' as feed,
        batch_id,
        count(*) as accepted
    from {{ ref('fct_credit_entries') }}
    where entry_type = 'original'
    group by batch_id
    union all
    select
        feed,
        batch_id,
        count(*) as accepted
    from {{ ref('fct_revenue_entries') }}
    where entry_type = 'original'
    group by feed, batch_id
    union all
    select
        feed,
        batch_id,
        count(*) as accepted
    from {{ ref('event_voids') }}
    group by feed, batch_id
    union all
    select
        'accounts' as feed,
        batch_id,
        count(*) as accepted
    from {{ ref('account_records') }}
    where feed = 'accounts'
    group by batch_id
    union all
    select
        'discounts' as feed,
        batch_id,
        count(*) as accepted
    from {{ ref('discount_records') }}
    group by batch_id
),

accepted_batches as (
    select
        feed,
        batch_id,
        sum(accepted) as accepted
    from accepted
    group by feed, batch_id
),

rejected_batches as (
    select
        feed,
        batch_id,
        count(*) as rejected
    from {{ ref('rejected_rows') }}
    group by feed, batch_id
),

ignored_batches as (
    select
        feed,
        batch_id,
        count(*) as ignored
    from {{ ref('ignored_rows') }}
    group by feed, batch_id
)

select
    files.feed,
    files.batch_id,
    {{ recorded_date('files.batch_id') }} as recorded_date,
    cast(files.file_count as bigint) as file_count,
    cast(files.row_count as bigint) as row_count,
    cast(coalesce(accepted_batches.accepted, 0) as bigint) as accepted,
    cast(coalesce(rejected_batches.rejected, 0) as bigint) as rejected,
    cast(coalesce(ignored_batches.ignored, 0) as bigint) as ignored
from files
left join accepted_batches
    on files.feed = accepted_batches.feed and files.batch_id = accepted_batches.batch_id
left join rejected_batches
    on files.feed = rejected_batches.feed and files.batch_id = rejected_batches.batch_id
left join ignored_batches
    on files.feed = ignored_batches.feed and files.batch_id = ignored_batches.batch_id
