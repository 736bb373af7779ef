-- One row per new ledger entry of a charge (revenue and focus feeds): the original of each
-- effective post, and the reversal of the original that stood before it or before an effective
-- void.
{{ config(materialized='view', schema='staging') }}

{% set earlier_entries = earlier_rows('ledger', 'fct_revenue_entries') %}

with staged as (
    select *
    from {{ ref('stg_revenue') }}
    where reasons is null
),

contested as (
    select *
    from {{ ref('int_events__contested') }}
    where feed = 'revenue'
),

refused as (
    select *
    from contested
    where verdict <> 'effective'
),

focus_versions as (
    select *
    from {{ ref('focus_versions') }}
    where {{ not_yet_taken('focus', taken=earlier_entries) }}
),

posted as (
    select staged.*
    from staged
    anti join refused
        on
            staged.event_id = refused.event_id
            and staged.batch_id = refused.batch_id
            and staged.file = refused.file
            and staged.row_number = refused.row_number
    where staged.operation = 'post'
),

-- Read twice rather than kept: all but a few rows are read once.
originals as not materialized (
    select
        'revenue' as feed,
        'original' as entry_type,
        event_id,
        version,
        cast(null as decimal(38, 0)) as reversed_version,
        service_account_id,
        service_code,
        charge_type,
        order_id,
        deal_id,
        discount_id,
        quantity,
        unit,
        currency,
        list_amount,
        discount_amount,
        net_amount,
        tax_amount,
        occurred_at,
        event_date,
        order_date,
        period_start,
        period_end,
        batch_id,
        file,
        row_number
    from posted
    union all
    select
        'focus' as feed,
        'original' as entry_type,
        lines.event_id,
        focus_versions.version,
        null as reversed_version,
        lines.service_account_id,
        lines.service_code,
        lines.charge_type,
        null as order_id,
        null as deal_id,
        null as discount_id,
        lines.quantity,
        lines.unit,
        lines.currency,
        lines.list_amount,
        lines.discount_amount,
        lines.net_amount,
        0 as tax_amount,
        lines.occurred_at,
        lines.event_date,
        lines.event_date as order_date,
        null as period_start,
        null as period_end,
        lines.batch_id,
        lines.file,
        lines.row_number
    from {{ ref('stg_focus') }} as lines
    inner join focus_versions
        on
            lines.event_id = focus_versions.event_id
            and lines.batch_id = focus_versions.batch_id
            and focus_versions.operation = 'post'
),

reversing_versions as (
    select
        feed,
        event_id,
        version,
        version_before,
        batch_before,
        batch_id,
        file,
        row_number
    from contested
    where verdict = 'effective' and version_before is not null
    union all
    select
        'focus' as feed,
        voids.event_id,
        voids.version,
        voids.version - 1 as version_before,
        case
            when posts.batch_id < (select min(focus_versions.batch_id) from focus_versions)
                then posts.batch_id
        end as batch_before,
        voids.batch_id,
        voids.file,
        voids.row_number
    from focus_versions as voids
    inner join {{ ref('focus_versions') }} as posts
        on voids.event_id = posts.event_id and voids.version - 1 = posts.version
    where voids.operation = 'void'
),

reversible as (
    select *
    from originals
    where event_id in (select event_id from reversing_versions)
    {% if earlier_entries %}
        union all by name
        select
            * exclude (
                recorded_date, posted_date, entry_count, partner_id, account_id, account_type,
                partner_discount_id, partner_discount_rate, partner_cost_amount
            )
        from {{ earlier_entries }} as earlier
        -- By its batch an entry is found without reading all others.
        semi join reversing_versions
            on
                earlier.batch_id = reversing_versions.batch_before
                and earlier.feed = reversing_versions.feed
                and earlier.event_id = reversing_versions.event_id
                and earlier.version = reversing_versions.version_before
        where entry_type = 'original'
    {% endif %}
),

reversals as (
    select
        reversible.feed,
        'reversal' as entry_type,
        reversible.event_id,
        reversing_versions.version,
        reversible.version as reversed_version,
        reversible.service_account_id,
        reversible.service_code,
        reversible.charge_type,
        reversible.order_id,
        reversible.deal_id,
        reversible.discount_id,
        -reversible.quantity as quantity,
        reversible.unit,
        reversible.currency,
        -reversible.list_amount as list_amount,
        -reversible.discount_amount as discount_amount,
        -reversible.net_amount as net_amount,
        -reversible.tax_amount as tax_amount,
        reversible.occurred_at,
        reversible.event_date,
        reversible.order_date,
        reversible.period_start,
        reversible.period_end,
        reversing_versions.batch_id,
        reversing_versions.file,
        reversing_versions.row_number
    from reversing_versions
    inner join reversible
        on
            reversing_versions.feed = reversible.feed
            and reversing_versions.event_id = reversible.event_id
            and reversing_versions.version_before = reversible.version
),

entries as (
    select *
    from originals
    union all
    select *
    from reversals
),

dated as (
    select
        *,
        {{ recorded_date('batch_id') }} as recorded_date,
        {{ posted_date('event_date', 'recorded_date') }} as posted_date
    from entries
    where
        feed = 'focus'
        or {{ not_yet_taken('revenue', taken=earlier_entries) }}
)

select
    feed,
    entry_type,
    event_id,
    version,
    reversed_version,
    service_account_id,
    service_code,
    charge_type,
    order_id,
    deal_id,
    discount_id,
    quantity,
    unit,
    currency,
    list_amount,
    discount_amount,
    net_amount,
    cast(tax_amount as decimal(30, 12)) as tax_amount,
    occurred_at,
    event_date,
    order_date,
    period_start,
    period_end,
    recorded_date,
    posted_date,
    batch_id,
    file,
    row_number
from dated
