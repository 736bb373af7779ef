{{ config(tags=['whole_ledger']) }}

{% set measures = ['amount', 'list_amount', 'discount_amount', 'tax_amount', 'quantity'] %}

-- Identity 2: the sum of all entries = the sum of the latest effective versions, per feed, currency
-- and measure. The latest version is looked up among posts and voids, not among entries that stand.
-- Only events with several entries or a void are summed: the one entry of any other is the original
-- of its latest version, so it adds the same to both sums.
with entries as not materialized (
    select
        'credits' as feed,
        event_id,
        version,
        entry_type,
        currency,
        amount,
        cast(0 as decimal(30, 12)) as list_amount,
        cast(0 as decimal(30, 12)) as discount_amount,
        cast(0 as decimal(30, 12)) as tax_amount,
        cast(0 as decimal(30, 12)) as quantity
    from {{ ref('fct_credit_entries') }}
    union all
    select
        feed,
        event_id,
        version,
        entry_type,
        currency,
        net_amount as amount,
        list_amount,
        discount_amount,
        tax_amount,
        coalesce(quantity, 0) as quantity
    from {{ ref('fct_revenue_entries') }}
),

latest_voids as (
    select
        feed,
        event_id,
        max(version) as version
    from (
        select
            feed,
            event_id,
            version
        from {{ ref('event_voids') }}
        union all
        select
            'focus' as feed,
            event_id,
            version
        from {{ ref('focus_versions') }}
        where operation = 'void'
    ) as voids
    group by feed, event_id
),

-- An event with two originals and no reversal would be counted twice.
of_several_versions as (
    select
        feed,
        event_id
    from entries
    group by feed, event_id
    having count(*) > 1 or bool_or(entry_type = 'reversal')
    union all
    select
        feed,
        event_id
    from latest_voids
),

compared as (
    select entries.*
    from entries
    semi join of_several_versions
        on
            entries.feed = of_several_versions.feed
            and entries.event_id = of_several_versions.event_id
),

latest as (
    select compared.*
    from compared
    left join latest_voids
        on compared.feed = latest_voids.feed and compared.event_id = latest_voids.event_id
    where
        compared.entry_type = 'original'
        and (latest_voids.version is null or compared.version > latest_voids.version)
    qualify
        compared.version
        = max(compared.version) over (partition by compared.feed, compared.event_id)
),

differences as (
    select
        feed,
        currency,
        {% for measure in measures %}
            {{ measure }},
        {% endfor %}
        case entry_type when 'original' then 1 else -1 end as event_count
    from compared
    union all
    select
        feed,
        currency,
        {% for measure in measures %}
            -{{ measure }} as {{ measure }},
        {% endfor %}
        -1 as event_count
    from latest
)

select
    feed,
    currency,
    {% for measure in measures %}
        sum({{ measure }}) as {{ measure }}_difference,
    {% endfor %}
    sum(event_count) as event_count_difference
from differences
group by feed, currency
having
    event_count_difference <> 0
    {% for measure in measures %}
        or {{ measure }}_difference <> 0
    {% endfor %}
