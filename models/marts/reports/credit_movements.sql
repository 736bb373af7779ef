-- One row per partner, event date, posted date, service account (with its account and type), wallet
-- and currency: every column of the roll-forward for the day.
{{ config(materialized='view') }}

with days as (
    select
        partner_id,
        event_date,
        posted_date,
        service_account_id,
        account_id,
        account_type,
        wallet,
        currency,
        {{ roll_forward_sums() }},
        cast(sum(event_count) as bigint) as event_count
    from {{ ref('fct_credit_daily') }}
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
    {% for column in roll_forward_columns() %}
        cast(days.{{ column }} as decimal(38, 12)) as {{ column }},
    {% endfor %}
    days.event_count
from days
left join {{ ref('service_accounts') }} as service_accounts
    on days.service_account_id = service_accounts.service_account_id
left join {{ ref('account_names') }} as account_names on days.account_id = account_names.account_id
