-- One row per partner, event date, posted date, service account (with its account and type), wallet
-- and currency: every column of the roll-forward for the day.
{{ config(materialized='view') }}

{% set increasing = ['topped_up', 'transferred_in', 'accrued', 'adjusted'] %}
{% set decreasing = ['used', 'transferred_out', 'expired'] %}

with typed_days as (
    select
        days.*,
        types.balance_column,
        -- Narrow factors, so that no decimal of the product is lost.
        case types.balance_effect when 1 then days.amount when -1 then -days.amount end as effect,
        case types.held_effect when 1 then days.amount when -1 then -days.amount end as held_effect
    from {{ ref('int_credits__days') }} as days
    inner join {{ ref('movement_types') }} as types on days.movement_type = types.movement_type
),

days as (
    select
        partner_id,
        event_date,
        posted_date,
        service_account_id,
        account_id,
        account_type,
        wallet,
        currency,
        {% for column in increasing %}
            sum(case when balance_column = '{{ column }}' then effect end) as {{ column }},
        {% endfor %}
        {% for column in decreasing %}
            sum(case when balance_column = '{{ column }}' then -effect end) as {{ column }},
        {% endfor %}
        sum(effect) as net_movement,
        sum(held_effect) as held,
        cast(sum(event_count) as bigint) as event_count
    from typed_days
    group by
        partner_id,
        event_date,
        posted_date,
        service_account_id,
        account_id,
        account_type,
        wallet,
        currency
)

select
    days.partner_id,
    days.event_date,
    days.posted_date,
    days.service_account_id,
    service_accounts.service_account_name,
    days.account_id,
    account_names.account_name,
    days.account_type,
    days.wallet,
    days.currency,
    {% for column in [
        'topped_up', 'transferred_in', 'accrued', 'used', 'transferred_out', 'expired', 'adjusted',
        'net_movement', 'held',
    ] %}
        cast(coalesce(days.{{ column }}, 0) as decimal(38, 12)) as {{ column }},
    {% endfor %}
    days.event_count
from days
left join {{ ref('service_accounts') }} as service_accounts
    on days.service_account_id = service_accounts.service_account_id
left join {{ ref('account_names') }} as account_names on days.account_id = account_names.account_id
