-- One state of all discounts of a kind.
select
    {known} as day,
    discount_id || '{ending}' as discount_id,
    subject,
    partner_id(partner) as partner_id,
    customer_id(customer) as service_account_id,
    service_code(service) as service_code,
    deal_id,
    rate_percent,
    local_date({requested}) as requested_on,
    case when subject = 'partner' then local_date({approved}) end as approved_on,
    local_date({rejected}) as rejected_on,
    local_date({revoked}) as revoked_on,
    local_date({starts}) as effective_from,
    local_date({ends}) as effective_to,
    -- A later state is always the later one, also on the same day.
    local_text({known}, {second}) as updated_at
from discount_terms
where kind = '{kind}' and day < {days}
