-- One row per partner, month, service account (with its account and type), service and currency:
-- the amounts of the days that lie in the month, of the service periods of all charges.
{{ config(materialized='table') }}

{% set key = [
    'partner_id', 'month', 'service_account_id', 'account_id', 'account_type', 'service_code',
    'currency',
] | join(', ') %}
{% set amounts = ['list_amount', 'net_amount', 'tax_amount', 'partner_cost_amount'] %}

with months_of_days as (
    select
        partner_id,
        cast(date_trunc('month', event_date) as date) as month,
        service_account_id,
        account_id,
        account_type,
        service_code,
        currency,
        {% for amount in amounts %}
            sum({{ amount }}) as {{ amount }},
        {% endfor %}
        sum(event_count) as event_count
    from {{ ref('fct_revenue_daily') }}
    where not is_spread
    group by all
),

months_of_periods as (
    select
        *,
        {{ each_month('service_start', 'service_end') }} as month
    from {{ ref('fct_revenue_spread') }}
),

parts as (
    select
        {{ key }},
        {{ amounts | join(', ') }},
        event_count
    from months_of_days
    union all
    select
        {{ key }},
        {% for amount in amounts %}
            {{ allocated(amount, 'months_of_periods', 'month', 'last_day(month)') }}
                as {{ amount }},
        {% endfor %}
        entry_count as event_count
    from months_of_periods
),

months as (
    select
        {{ key }},
        {% for amount in amounts %}
            cast(sum({{ amount }}) as decimal(38, 12)) as {{ amount }},
        {% endfor %}
        sum(event_count) as event_count
    from parts
    group by {{ key }}
    -- An event that was voided stands nowhere.
    having sum(event_count) <> 0
)

select
    months.partner_id,
    months.month,
    months.service_account_id,
    service_accounts.service_account_name,
    months.account_id,
    account_names.account_name,
    months.account_type,
    months.service_code,
    services.service_name,
    months.currency,
    months.list_amount,
    cast(months.list_amount - months.net_amount as decimal(38, 12)) as discount_amount,
    months.net_amount,
    months.tax_amount,
    months.partner_cost_amount,
    cast(
        months.net_amount - months.partner_cost_amount as decimal(38, 12)
    ) as partner_margin_amount
from months
left join {{ ref('service_accounts') }} as service_accounts
    on months.service_account_id = service_accounts.service_account_id
left join {{ ref('account_names') }} as account_names
    on months.account_id = account_names.account_id
left join {{ ref('dim_services') }} as services on months.service_code = services.service_code
