{{ config(tags=['whole_ledger']) }}

-- Identity 6: the sum over partners of what is reported + unattributed = the sum of all entries,
-- per currency and measure. What is reported is summed from the marts, what is unattributed from
-- the list of unattributed events.
with all_entries as (
    select
        'credit ' || entries.movement_type as measure,
        entries.currency,
        entries.amount
    from {{ ref('fct_credit_entries') }} as entries
    where entries.movement_type in ('top_up', 'transfer_in', 'usage', 'transfer_out')
    union all
    {% for kind in ['balance', 'held'] %}
        select
            'credit {{ kind }}' as measure,
            entries.currency,
            case types.{{ kind }}_effect
                when 1 then entries.amount
                when -1 then -entries.amount
                else 0
            end as amount
        from {{ ref('fct_credit_entries') }} as entries
        inner join {{ ref('movement_types') }} as types
            on entries.movement_type = types.movement_type
        union all
    {% endfor %}
    select
        'revenue net' as measure,
        currency,
        net_amount
    from {{ ref('fct_revenue_entries') }}
),

reported as (
    select
        'credit ' || movement_type as measure,
        currency,
        amount
    from {{ ref('credit_topups') }}
    union all
    select
        'credit ' || movement_type as measure,
        currency,
        amount
    from {{ ref('credit_usage') }}
    union all
    select
        'credit balance' as measure,
        currency,
        net_movement as amount
    from {{ ref('credit_movements') }}
    union all
    select
        'credit held' as measure,
        currency,
        held as amount
    from {{ ref('credit_movements') }}
    union all
    select
        'revenue net' as measure,
        currency,
        net_amount as amount
    from {{ ref('revenue_by_account') }}
),

unattributed as (
    select
        'credit ' || movement_type as measure,
        currency,
        amount
    from {{ ref('unattributed_events') }}
    where movement_type in ('top_up', 'transfer_in', 'usage', 'transfer_out')
    union all
    {% for kind in ['balance', 'held'] %}
        select
            'credit {{ kind }}' as measure,
            events.currency,
            case types.{{ kind }}_effect
                when 1 then events.amount
                when -1 then -events.amount
                else 0
            end as amount
        from {{ ref('unattributed_events') }} as events
        inner join {{ ref('movement_types') }} as types
            on events.movement_type = types.movement_type
        union all
    {% endfor %}
    select
        'revenue net' as measure,
        currency,
        amount
    from {{ ref('unattributed_events') }}
    where feed in ('revenue', 'focus')
),

sums as (
    select
        measure,
        currency,
        sum(amount) as all_entries,
        cast(0 as decimal(38, 12)) as reported,
        cast(0 as decimal(38, 12)) as unattributed
    from all_entries
    group by measure, currency
    union all
    select
        measure,
        currency,
        0 as all_entries,
        sum(amount) as reported,
        0 as unattributed
    from reported
    group by measure, currency
    union all
    select
        measure,
        currency,
        0 as all_entries,
        0 as reported,
        sum(amount) as unattributed
    from unattributed
    group by measure, currency
)

select
    measure,
    currency,
    sum(all_entries) as sum_of_all_entries,
    sum(reported) as sum_over_partners,
    sum(unattributed) as sum_unattributed
from sums
group by measure, currency
having sum(all_entries) <> sum(reported) + sum(unattributed)
