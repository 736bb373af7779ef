-- Identity 5: list - discount = net, per entry and in every total.
select
    'entry' as level,
    event_id as id,
    list_amount,
    discount_amount,
    net_amount
from {{ ref('fct_revenue_entries') }}
where list_amount - discount_amount <> net_amount
union all
select
    'by service' as level,
    service_code as id,
    list_amount,
    discount_amount,
    net_amount
from {{ ref('revenue_by_service') }}
where list_amount - discount_amount <> net_amount
union all
select
    'by account' as level,
    service_account_id as id,
    list_amount,
    discount_amount,
    net_amount
from {{ ref('revenue_by_account') }}
where list_amount - discount_amount <> net_amount
