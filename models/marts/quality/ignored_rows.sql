-- One row per valid row of a file that changes nothing, with why: what it says was already known.
{{ config(materialized='incremental') }}

{% set states = {
    'accounts': {'records': 'account_records', 'id': 'service_account_id'},
    'discounts': {'records': 'discount_records', 'id': 'discount_id'},
} %}

with ignored_events as (
    select
        feed,
        batch_id,
        file,
        row_number,
        event_id,
        version,
        case resolution
            when 'repeated' then 'repeated: version ' || version || ' was already delivered'
            else 'stale: version ' || newest_version || ' was already delivered'
        end as reason
    from {{ ref('int_events__multi_version') }}
    where
        resolution <> 'effective'
        and (
            (feed = 'credits' and {{ not_yet_loaded('credits') }})
            or (feed = 'revenue' and {{ not_yet_loaded('revenue') }})
        )
),

ignored_lines as (
    select
        'focus' as feed,
        staged.batch_id,
        staged.file,
        staged.row_number,
        staged.event_id,
        cast(null as decimal(38, 0)) as version,
        'repeated: the line stands unchanged since an earlier delivery' as reason
    from {{ ref('stg_focus') }} as staged
    anti join {{ ref('focus_versions') }} as versions
        on
            staged.batch_id = versions.batch_id
            and staged.file = versions.file
            and staged.row_number = versions.row_number
    where staged.reasons is null and {{ not_yet_loaded('focus', 'staged.batch_id') }}
),

ignored_states as (
    {% for feed, state in states.items() %}
        select
            '{{ feed }}' as feed,
            staged.batch_id,
            staged.file,
            staged.row_number,
            staged.{{ state.id }} as event_id,
            cast(null as decimal(38, 0)) as version,
            'repeated: equals an accepted record in every known column' as reason
        from {{ ref('stg_' ~ feed) }} as staged
        anti join {{ ref(state.records) }} as records
            on
                {{ "records.feed = 'accounts' and" if feed == 'accounts' }}
                staged.batch_id = records.batch_id
                and staged.file = records.file
                and staged.row_number = records.row_number
        where staged.reasons is null and {{ not_yet_loaded(feed, 'staged.batch_id') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from ignored_events
union all
select *
from ignored_lines
union all
select *
from ignored_states
