-- One row per batch of revenue entries and time at which it was found to need another attribution.
-- Publishing takes up what is newer here than in the last published file.
{{ config(materialized='incremental', on_schema_change='fail') }}

select
    feed,
    batch_id as reattributed_batch_id,
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp) as noticed_at
from {{ ref('int_revenue__stale_batches') }}
