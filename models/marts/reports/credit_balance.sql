-- One row per partner, basis, month, service account, wallet and currency: the month's roll-
-- forward. No month is missing between the first and the last movement. The report for any period
-- is in exporters/catalogue/credit_balance.sql.
{{ config(materialized='table') }}

{% set movements = roll_forward_columns() | reject('equalto', 'held') | list %}
{% set key = 'partner_id, basis, service_account_id, wallet, currency' %}

-- Once from all days: everything after it is small.
with moved as (
    select
        partner_id,
        service_account_id,
        wallet,
        currency,
        balance_column,
        balance_sign,
        held_sign,
        {% for basis in ['event', 'posted'] %}
            cast(date_trunc('month', {{ basis }}_date) as date) as {{ basis }}_month,
        {% endfor %}
        sum(amount) as amount,
        sum(event_count) as event_count
    from {{ ref('fct_credit_daily') }}
    group by
        partner_id,
        service_account_id,
        wallet,
        currency,
        balance_column,
        balance_sign,
        held_sign,
        event_month,
        posted_month
),

moved_by_basis as (
    {% for basis in ['event', 'posted'] %}
        select
            * exclude (event_month, posted_month),
            '{{ basis }}' as basis,
            {{ basis }}_month as month
        from moved
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

months as (
    select
        {{ key }},
        month,
        {{ roll_forward_sums() }}
    from moved_by_basis
    group by {{ key }}, month
    -- An event that was voided stands nowhere on the event basis.
    having basis = 'posted' or sum(event_count) <> 0
),

rolled as (
    select
        *,
        sum(net_movement) over by_month as closing_balance,
        sum(held) over by_month as held_balance,
        lead(month) over by_month as next_month
    from months
    window by_month as (partition by {{ key }} order by month)
),

-- Months without movements stand between, with the balance of the one before.
spread as (
    select
        *,
        {{ each_month('month', 'coalesce(next_month - interval 1 month, month)') }} as shown_month
    from rolled
),

filled as (
    select
        * replace (
            {% for column in movements %}
                case when shown_month = month then {{ column }} else 0 end as {{ column }},
            {% endfor %}
            shown_month as month
        )
    from spread
)

select
    filled.partner_id,
    filled.basis,
    filled.month,
    filled.service_account_id,
    service_accounts.service_account_name,
    seen_as.account_id,
    seen_as.account_name,
    seen_as.account_type,
    filled.wallet,
    filled.currency,
    cast(filled.closing_balance - filled.net_movement as decimal(38, 12)) as opening_balance,
    {% for column in movements %}
        cast(filled.{{ column }} as decimal(38, 12)) as {{ column }},
    {% endfor %}
    cast(filled.closing_balance as decimal(38, 12)) as closing_balance,
    cast(filled.held_balance as decimal(38, 12)) as held,
    cast(filled.closing_balance - filled.held_balance as decimal(38, 12)) as available
from filled
inner join {{ ref('partner_accounts') }} as seen_as
    on
        filled.partner_id = seen_as.partner_id
        and filled.service_account_id = seen_as.service_account_id
        and last_day(filled.month) between seen_as.valid_from and seen_as.valid_to
left join {{ ref('service_accounts') }} as service_accounts
    on filled.service_account_id = service_accounts.service_account_id
