-- One row per batch that this build has to do with: it writes the entries of a new one and of one
-- whose attribution has changed (is_written), and tests also those that no build has proven.
{{ config(materialized='table', database='work') }}

with new_batches as (
    select distinct
        feed,
        batch_id
    from {{ new_files() }} as files
),

reattributed as (
    select
        feed,
        reattributed_batch_id as batch_id
    from {{ ref('reattributed_batches') }}
    where batches_before >= (select count(*) from {{ source('intake', 'batch_log') }})
),

unproven as (
    select
        feed,
        batch_id
    from {{ source('intake', 'batch_log') }}
    where not is_proven
),

all_batches as (
    select
        feed,
        batch_id,
        true as is_written
    from new_batches
    union all
    select
        feed,
        batch_id,
        true as is_written
    from reattributed
    union all
    select
        feed,
        batch_id,
        false as is_written
    from unproven
)

select
    feed,
    batch_id,
    bool_or(is_written) as is_written
from all_batches
group by feed, batch_id
