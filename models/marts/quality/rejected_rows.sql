-- One row per row of a file that was refused, as delivered, with every reason.
{{ config(materialized='incremental') }}

with rejected as (
    {% for feed in feeds() %}
        select
            '{{ feed }}' as feed,
            batch_id,
            file,
            row_number,
            {{ raw_json('raw_names', 'raw_values') }} as raw,
            reasons
        from {{ ref('stg_' ~ feed) }}
        where reasons is not null and {{ not_yet_loaded(feed) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    feed,
    batch_id,
    file,
    row_number,
    raw,
    reasons
from rejected
