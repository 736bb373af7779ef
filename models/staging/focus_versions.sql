-- One row per effective version of a FOCUS line: a post when a delivery brings it, a void when the
-- next delivery of the same provider, billing account and billing period no longer holds it. A
-- delivery states the whole of that group, so what counts is where a line's presence begins and
-- ends.
{{ config(materialized='incremental', database=target.database) }}

{% set group_columns = ['provider_name', 'billing_account_id', 'billing_period_start'] %}

with lines as (
    select
        {{ group_columns | join(', ') }},
        event_id,
        batch_id,
        file,
        row_number
    from {{ ref('stg_focus') }}
    where
        reasons is null
        and {{ not_yet_loaded() }}
),

deliveries as (
    select
        {{ group_columns | join(', ') }},
        batch_id,
        row_number() over (
            partition by {{ group_columns | join(', ') }}
            order by batch_id
        ) as delivery_number
    from lines
    group by {{ group_columns | join(', ') }}, batch_id
),

known_lines as (
    {% if is_incremental() %}
        select
            {{ group_columns | join(', ') }},
            event_id,
            max(version) as version,
            max_by(operation, version) as operation
        from {{ this }}
        group by {{ group_columns | join(', ') }}, event_id
    {% else %}
        select
            {{ group_columns | join(', ') }},
            event_id,
            cast(null as decimal(38, 0)) as version,
            cast(null as varchar) as operation
        from lines
        where false
    {% endif %}
),

-- What stood before this run counts as delivery 0.
presences as (
    select
        {% for column in group_columns %}
            lines.{{ column }},
        {% endfor %}
        lines.event_id,
        deliveries.delivery_number,
        lines.batch_id,
        lines.file,
        lines.row_number
    from lines
    inner join deliveries
        on
            lines.batch_id = deliveries.batch_id
            {% for column in group_columns %}
                and lines.{{ column }} = deliveries.{{ column }}
            {% endfor %}
    union all
    select
        {{ group_columns | join(', ') }},
        event_id,
        0 as delivery_number,
        null as batch_id,
        null as file,
        null as row_number
    from known_lines
    where operation = 'post'
),

neighbours as (
    select
        *,
        lag(delivery_number) over (partition by event_id order by delivery_number) as last_seen,
        lead(delivery_number) over (partition by event_id order by delivery_number) as next_seen
    from presences
),

changes as (
    select
        {{ group_columns | join(', ') }},
        event_id,
        'post' as operation,
        delivery_number,
        batch_id,
        file,
        row_number
    from neighbours
    where delivery_number > 0 and last_seen is distinct from delivery_number - 1
    union all
    select
        {% for column in group_columns %}
            neighbours.{{ column }},
        {% endfor %}
        neighbours.event_id,
        'void' as operation,
        deliveries.delivery_number,
        deliveries.batch_id,
        null as file,
        null as row_number
    from neighbours
    inner join deliveries
        on
            deliveries.delivery_number = neighbours.delivery_number + 1
            {% for column in group_columns %}
                and neighbours.{{ column }} = deliveries.{{ column }}
            {% endfor %}
    where neighbours.next_seen is distinct from neighbours.delivery_number + 1
),

numbered as (
    select
        changes.*,
        row_number() over (
            partition by changes.event_id
            order by changes.delivery_number
        ) as change_number,
        cast(coalesce(known_lines.version, 0) + change_number as decimal(38, 0)) as version
    from changes
    left join known_lines on changes.event_id = known_lines.event_id
)

select
    {{ group_columns | join(', ') }},
    event_id,
    version,
    operation,
    batch_id,
    file,
    row_number
from numbered
