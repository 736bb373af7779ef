-- One row per batch whose entries this build writes: a new one, or one of before whose attribution
-- has changed.
{{ config(materialized='table', schema='staging') }}

{# Written last: what is not in it has not been taken in by every model. #}
{% set batches = earlier_rows('reports', 'batches') %}

select
    feed,
    batch_id
from {{ ref('landing_files') }}
{% if batches %}
    where
        (feed, batch_id) not in (select (taken.feed, taken.batch_id) from {{ batches }} as taken)
{% endif %}
union
select
    feed,
    reattributed_batch_id as batch_id
from {{ ref('reattributed_batches') }}
{% if batches %}
    where batches_before >= (select count(*) from {{ batches }})
{% endif %}
