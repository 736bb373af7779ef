-- Revenue added up by some of account, type and service, of the days and parts of days that the
-- basis gives the period.
with parts as (
    select *
    from ({parts})
),

sums as (
    select
        {keys},
        sum(event_count) as event_count,
        sum(list_amount) as list_amount,
        sum(list_amount) - sum(net_amount) as discount_amount,
        sum(net_amount) as net_amount,
        sum(tax_amount) as tax_amount,
        sum(partner_cost_amount) as partner_cost_amount,
        sum(net_amount) - sum(partner_cost_amount) as partner_margin_amount
    from parts
    where {conditions}
    group by {keys}
    having {entries} <> 0
)

select
    *,
    {margin_percent} as margin_percent
from sums
{name_joins}
