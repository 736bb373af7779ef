-- Partner discounts, deals, and discounts of customers, each of a kind, with the day of its turn.
with terms as (
    select
        'PD-' || partner_id(partner) || '-' || service as discount_id,
        'partner' as subject,
        partner,
        null as customer,
        services.service,
        null as deal_id,
        partner * {service_count} + service as key,
        pick({discount_kinds}, 'kind', key) as kind,
        pick({partner_rates}, 'rate', key) as rate_percent
    from range({partners}) as partners (partner)
    cross join range({known_service_count}) as services (service)
    where draw('granted', key, 3) < 2
    union all
    select
        'PD-' || deal_of(partner) as discount_id,
        'partner' as subject,
        partner,
        null as customer,
        0 as service,
        deal_of(partner) as deal_id,
        partner * {service_count} + {known_service_count} as key,
        pick({discount_kinds}, 'kind', key) as kind,
        '35' as rate_percent
    from range(0, {partners}, 2) as partners (partner)
    union all
    select
        discount_of(customer) as discount_id,
        'customer' as subject,
        first_partner(account_of(customer)) as partner,
        customer,
        favourite_service(account_of(customer)) as service,
        null as deal_id,
        -1 - customer as key,
        case
            when has_discount(customer) then 'running'
            else pick({discount_kinds}, 'kind', key)
        end as kind,
        discount_rate(customer, {customer_rates}) as rate_percent
    from range({customers}) as customers (customer)
    where has_discount(customer) or customer % 30 = 1
)

select
    *,
    draw('turn', key, {days}) as turn
from terms
