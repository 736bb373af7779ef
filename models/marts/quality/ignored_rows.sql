-- One row per valid row of a file that changes nothing, with why: what it says was already known.
{{ config(materialized='incremental', on_schema_change='fail') }}

with ignored_events as (
    select
        feed,
        batch_id,
        file,
        row_number,
        event_id,
        version,
        case verdict
            when 'repeated' then 'repeated: version ' || version || ' was already delivered'
            else 'stale: version ' || newest_version || ' was already delivered'
        end as reason
    from {{ ref('int_events__contested') }}
    where
        verdict <> 'effective'
        and (
            (feed = 'credits' and {{ not_yet_taken('credits') }})
            or (feed = 'revenue' and {{ not_yet_taken('revenue') }})
        )
),

ignored_lines as (
    select
        'focus' as feed,
        batch_id,
        file,
        row_number,
        event_id,
        cast(null as decimal(38, 0)) as version,
        'repeated: the line stands unchanged since an earlier delivery' as reason
    from {{ ref('stg_focus') }} as staged
    where
        reasons is null
        and {{ not_yet_taken('focus') }}
        and not exists (
            select 1
            from {{ ref('focus_versions') }} as taken_up
            where
                taken_up.batch_id = staged.batch_id
                and taken_up.file = staged.file
                and taken_up.row_number = staged.row_number
        )
),

ignored_records as (
    select
        'accounts' as feed,
        batch_id,
        file,
        row_number,
        service_account_id as event_id,
        cast(null as decimal(38, 0)) as version,
        'repeated: equals an accepted record in every known column' as reason
    from {{ ref('stg_accounts') }} as staged
    where
        reasons is null
        and {{ not_yet_taken('accounts') }}
        and not exists (
            select 1
            from {{ ref('account_records') }} as taken_up
            where
                taken_up.feed = 'accounts'
                and taken_up.batch_id = staged.batch_id
                and taken_up.file = staged.file
                and taken_up.row_number = staged.row_number
        )
    union all
    select
        'discounts' as feed,
        batch_id,
        file,
        row_number,
        discount_id as event_id,
        cast(null as decimal(38, 0)) as version,
        'repeated: equals an accepted record in every known column' as reason
    from {{ ref('stg_discounts') }} as staged
    where
        reasons is null
        and {{ not_yet_taken('discounts') }}
        and not exists (
            select 1
            from {{ ref('discount_records') }} as taken_up
            where
                taken_up.batch_id = staged.batch_id
                and taken_up.file = staged.file
                and taken_up.row_number = staged.row_number
        )
),

ignored as (
    select *
    from ignored_events
    union all
    select *
    from ignored_lines
    union all
    select *
    from ignored_records
)

select
    feed,
    batch_id,
    file,
    row_number,
    event_id,
    version,
    reason
from ignored
