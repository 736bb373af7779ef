-- One row per feed and batch with rows that were accepted, rejected or ignored, counted where they
-- are now.
{{ config(materialized='view', database='work') }}

with accepted as (
    select
        'credits' as feed,
        batch_id,
        count(*) as accepted
    from {{ ref('fct_credit_entries') }}
    where entry_type = 'original'
    group by batch_id
    union all
    select
        feed,
        batch_id,
        count(*) as accepted
    from {{ ref('fct_revenue_entries') }}
    where entry_type = 'original'
    group by feed, batch_id
    union all
    select
        feed,
        batch_id,
        count(*) as accepted
    from {{ ref('event_voids') }}
    group by feed, batch_id
    union all
    select
        'accounts' as feed,
        batch_id,
        count(*) as accepted
    from {{ ref('account_records') }}
    where feed = 'accounts'
    group by batch_id
    union all
    select
        'discounts' as feed,
        batch_id,
        count(*) as accepted
    from {{ ref('discount_records') }}
    group by batch_id
),

outcomes as (
    select
        feed,
        batch_id,
        accepted,
        0 as rejected,
        0 as ignored
    from accepted
    union all
    select
        feed,
        batch_id,
        0 as accepted,
        1 as rejected,
        0 as ignored
    from {{ ref('rejected_rows') }}
    union all
    select
        feed,
        batch_id,
        0 as accepted,
        0 as rejected,
        1 as ignored
    from {{ ref('ignored_rows') }}
)

select
    feed,
    batch_id,
    cast(sum(accepted) as bigint) as accepted,
    cast(sum(rejected) as bigint) as rejected,
    cast(sum(ignored) as bigint) as ignored
from outcomes
group by feed, batch_id
