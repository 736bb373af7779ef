-- One row per effective void of an event (credits, revenue). A void that comes before its post
-- leaves no entry, yet its version must be remembered, or the stale post would be accepted.
{{ config(materialized='incremental', on_schema_change='fail') }}

with uncontested_voids as (
    {% for feed in ['credits', 'revenue'] %}
        select
            '{{ feed }}' as feed,
            event_id,
            version,
            batch_id,
            file,
            row_number
        from {{ ref('stg_' ~ feed) }} as staged
        where
            reasons is null
            and operation = 'void'
            and {{ not_yet_taken(feed) }}
            and not exists (
                select 1
                from {{ ref('int_events__contested') }} as contested
                where contested.feed = '{{ feed }}' and contested.event_id = staged.event_id
            )
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

contested_voids as (
    select
        feed,
        event_id,
        version,
        batch_id,
        file,
        row_number
    from {{ ref('int_events__contested') }}
    where
        verdict = 'effective'
        and operation = 'void'
        and (
            (feed = 'credits' and {{ not_yet_taken('credits') }})
            or (feed = 'revenue' and {{ not_yet_taken('revenue') }})
        )
)

select
    feed,
    event_id,
    version,
    batch_id,
    file,
    row_number
from uncontested_voids
union all
select
    feed,
    event_id,
    version,
    batch_id,
    file,
    row_number
from contested_voids
