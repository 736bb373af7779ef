-- One row per new original entry of a charge: of each effective post of the revenue feed, and of
-- each line that a FOCUS delivery brings.
{{ config(materialized='view', database='work') }}

{% set stored_entries = stored_rows('ledger', 'fct_revenue_entries') %}
{% set columns = charge_columns() %}

with ignored as (
    select *
    from {{ ref('int_events__multi_version') }}
    where feed = 'revenue' and resolution <> 'effective'
)

select
    'revenue' as feed,
    staged.event_id,
    staged.version,
    {{ columns_of('staged', columns) }},
    staged.batch_id,
    staged.file,
    staged.row_number
from {{ ref('stg_revenue') }} as staged
anti join ignored
    on
        staged.event_id = ignored.event_id
        and staged.batch_id = ignored.batch_id
        and staged.file = ignored.file
        and staged.row_number = ignored.row_number
where staged.reasons is null and staged.operation = 'post'
union all
select
    'focus' as feed,
    lines.event_id,
    versions.version,
    {{ columns_of('lines', columns) }},
    lines.batch_id,
    lines.file,
    lines.row_number
from {{ ref('stg_focus') }} as lines
inner join {{ ref('focus_versions') }} as versions
    on
        lines.event_id = versions.event_id
        and lines.batch_id = versions.batch_id
        and versions.operation = 'post'
where {{ not_yet_loaded('focus', batch_id='versions.batch_id', loaded=stored_entries) }}
