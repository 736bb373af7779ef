-- One row per effective void of an event (credits, revenue). A void that comes before its post
-- leaves no entry, yet its version must be remembered, or the stale post would be accepted.
{{ config(materialized='incremental') }}

with voids as (
    {% for feed in ['credits', 'revenue'] %}
        select
            '{{ feed }}' as feed,
            staged.event_id,
            staged.version,
            staged.batch_id,
            staged.file,
            staged.row_number
        from {{ ref('stg_' ~ feed) }} as staged
        -- A row of an event that came once takes effect and is not in it.
        anti join {{ ref('int_events__multi_version') }} as ignored
            on
                ignored.feed = '{{ feed }}'
                and ignored.resolution <> 'effective'
                and staged.event_id = ignored.event_id
                and staged.batch_id = ignored.batch_id
                and staged.file = ignored.file
                and staged.row_number = ignored.row_number
        where
            staged.reasons is null
            and staged.operation = 'void'
            and {{ not_yet_loaded(feed, 'staged.batch_id') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    feed,
    event_id,
    version,
    batch_id,
    file,
    row_number
from voids
