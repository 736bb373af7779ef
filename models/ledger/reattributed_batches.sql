-- One row per batch of entries that was found to need another attribution, and number of batches
-- that all models had loaded by then. Rows with the latest number are still to be written
-- again.
{{ config(materialized='incremental', database='work') }}

with found as (
    select
        feed,
        batch_id as reattributed_batch_id,
        (select count(*) from {{ source('intake', 'batch_log') }}) as batches_before
    from {{ ref('int_batches__outdated') }}
)

select
    feed,
    reattributed_batch_id,
    batches_before
from found
{% if is_incremental() %}
    -- A build that was stopped before it wrote them has named them already.
    where
        (feed, reattributed_batch_id, batches_before) not in (
            select (named.feed, named.reattributed_batch_id, named.batches_before)
            from {{ this }} as named
        )
{% endif %}
