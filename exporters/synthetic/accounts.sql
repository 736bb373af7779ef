-- The states of all service accounts: first, moved, suspended, and older ones that come late.
with customers as (
    select
        numbers.customer,
        account_of(numbers.customer) as account
    from range({customers}) as numbers (customer)
),

states as (
    select
        customer,
        account,
        case
            when draw('late account', customer, 50) = 0
                then least(1 + draw('account day', customer, 5), {days} - 1)
            else 0
        end as day,
        first_partner(account) as partner,
        'active' as status,
        -1 - draw('age', customer, 300) as updated_day,
        28800 + draw('second', customer, 36000) as updated_second
    from customers
    union all
    select
        customer,
        account,
        move_day(account) as day,
        next_partner(account) as partner,
        'active' as status,
        move_day(account) as updated_day,
        36000 as updated_second
    from customers
    where is_mover(account)
    union all
    select
        customer,
        account,
        draw('suspended on', customer, {days}) as day,
        partner_on(account, day) as partner,
        'suspended' as status,
        day as updated_day,
        55000 as updated_second
    from customers
    where draw('is suspended', customer, 25) = 0
    union all
    select
        customer,
        account,
        draw('older on', customer, {days}) as day,
        first_partner(account) as partner,
        'pending' as status,
        -400 - draw('age', customer, 300) as updated_day,
        30000 as updated_second
    from customers
    where draw('has older', customer, 100) = 0
),

partners as (
    select numbers.partner
    from range({partners}) as numbers (partner)
)

select
    day,
    customer_id(customer) as service_account_id,
    account_name(account) || case when customer = account then '' else ', ví 2' end
        as service_account_name,
    'KH-' || customer_id(account) as account_id,
    account_name(account) as account_name,
    'customer' as account_type,
    partner_id(partner) as partner_id,
    partner_name(partner) as partner_name,
    case when draw('billing', account, 5) = 0 then 'postpaid' else 'prepaid' end
        as billing_mode,
    status,
    local_text(updated_day, updated_second) as updated_at
from states
union all
select
    0 as day,
    wallet_id(partner) as service_account_id,
    partner_name(partner) as service_account_name,
    partner_id(partner) as account_id,
    partner_name(partner) as account_name,
    'partner' as account_type,
    partner_id(partner) as partner_id,
    partner_name(partner) as partner_name,
    'prepaid' as billing_mode,
    'active' as status,
    local_text(-310 - draw('partner age', partner, 60), 32400) as updated_at
from partners
