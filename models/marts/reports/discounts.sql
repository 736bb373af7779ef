-- One row per discount and currency, with today's status and what the discount was worth over all
-- time; an empty currency where nothing applied. A view, so that the status is that of the day it
-- is read on.
{{ config(materialized='view') }}

with worth as (
    select
        discount_id,
        currency,
        sum(event_count) as event_count,
        sum(list_amount) as list_amount,
        sum(discount_amount) as discount_amount
    from {{ ref('discount_worth') }}
    group by discount_id, currency
    having sum(event_count) <> 0
)

select
    discounts.partner_id,
    discounts.subject,
    discounts.discount_id,
    discounts.service_account_id,
    service_accounts.service_account_name,
    discounts.service_code,
    services.service_name,
    discounts.deal_id,
    discounts.rate_percent,
    discounts.starts_on,
    discounts.ends_on,
    statuses.status,
    worth.currency,
    cast(coalesce(worth.event_count, 0) as bigint) as event_count,
    cast(coalesce(worth.list_amount, 0) as decimal(38, 12)) as list_amount,
    cast(coalesce(worth.discount_amount, 0) as decimal(38, 12)) as discount_amount
from {{ ref('discount_periods') }} as discounts
inner join {{ ref('discount_statuses') }} as statuses
    on
        discounts.discount_id = statuses.discount_id
        and cast(timezone('{{ var("business_time_zone") }}', now()) as date)
        between statuses.valid_from and statuses.valid_to
left join worth on discounts.discount_id = worth.discount_id
left join {{ ref('service_accounts') }} as service_accounts
    on discounts.service_account_id = service_accounts.service_account_id
left join {{ ref('dim_services') }} as services on discounts.service_code = services.service_code
