-- Identity 5: list - discount = net, per entry and in every sum that a total is made of.
select
    'entry' as level,
    event_id as id,
    list_amount,
    discount_amount,
    net_amount
from {{ ref('fct_revenue_entries') }}
where
    list_amount - discount_amount <> net_amount
    and {{ is_tested_now() }}
union all
select
    'day' as level,
    service_account_id as id,
    list_amount,
    discount_amount,
    net_amount
from {{ ref('fct_revenue_daily') }}
where
    list_amount - discount_amount <> net_amount
    and {{ is_tested_now() }}
