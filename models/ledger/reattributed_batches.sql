-- One row per batch of entries that was found to need another attribution, and number of batches
-- that all models had taken in by then. What is as new as the newest batches is still to be written
-- again; publishing takes up what is newer than the published file.
{{ config(materialized='incremental', on_schema_change='fail') }}

{% set batches = earlier_rows('reports', 'batches') %}

select
    feed,
    batch_id as reattributed_batch_id,
    {{ '(select count(*) from ' ~ batches ~ ')' if batches else 'cast(0 as bigint)' }}
        as batches_before
from {{ ref('int_batches__stale') }}
