{{ config(tags=['whole_ledger']) }}

-- Identity 2: the sum of all entries = the sum of the latest effective versions, per feed, currency
-- and measure. The latest version is looked up among posts and voids, not among entries that stand.
with entries as (
    select
        'credits' as feed,
        event_id,
        version,
        entry_type,
        currency,
        1 as event_count,
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
        1 as event_count,
        net_amount as amount,
        list_amount,
        discount_amount,
        tax_amount,
        coalesce(quantity, 0) as quantity
    from {{ ref('fct_revenue_entries') }}
),

voids as (
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
),

latest_voids as (
    select
        feed,
        event_id,
        max(version) as version
    from voids
    group by feed, event_id
),

-- Only an event with a reversal has more than one version that posted.
superseded as (
    select
        originals.feed,
        originals.event_id,
        max(originals.version) as latest_version
    from entries as originals
    where
        originals.entry_type = 'original'
        and (originals.feed, originals.event_id) in (
            select (reversals.feed, reversals.event_id)
            from entries as reversals
            where reversals.entry_type = 'reversal'
        )
    group by originals.feed, originals.event_id
),

latest as (
    select entries.*
    from entries
    left join superseded
        on entries.feed = superseded.feed and entries.event_id = superseded.event_id
    left join latest_voids
        on entries.feed = latest_voids.feed and entries.event_id = latest_voids.event_id
    where
        entries.entry_type = 'original'
        and entries.version = coalesce(superseded.latest_version, entries.version)
        and (latest_voids.version is null or entries.version > latest_voids.version)
),

sums as (
    select
        'entries' as side,
        feed,
        currency,
        sum(case when entry_type = 'original' then 1 else -1 end) as event_count,
        sum(amount) as amount,
        sum(list_amount) as list_amount,
        sum(discount_amount) as discount_amount,
        sum(tax_amount) as tax_amount,
        sum(quantity) as quantity
    from entries
    group by feed, currency
    union all
    select
        'latest versions' as side,
        feed,
        currency,
        count(*) as event_count,
        sum(amount) as amount,
        sum(list_amount) as list_amount,
        sum(discount_amount) as discount_amount,
        sum(tax_amount) as tax_amount,
        sum(quantity) as quantity
    from latest
    group by feed, currency
)

select
    feed,
    currency,
    sum(case side when 'entries' then event_count else -event_count end) as event_count_difference,
    sum(case side when 'entries' then amount else -amount end) as amount_difference,
    sum(case side when 'entries' then list_amount else -list_amount end) as list_difference,
    sum(
        case side when 'entries' then discount_amount else -discount_amount end
    ) as discount_difference,
    sum(case side when 'entries' then tax_amount else -tax_amount end) as tax_difference,
    sum(case side when 'entries' then quantity else -quantity end) as quantity_difference
from sums
group by feed, currency
having
    event_count_difference <> 0
    or amount_difference <> 0
    or list_difference <> 0
    or discount_difference <> 0
    or tax_difference <> 0
    or quantity_difference <> 0
