-- One row per partner, basis, month, service account, wallet and currency: the month's roll-
-- forward. No month is missing between the first and the last movement.
{{ config(materialized='table') }}

{% set movements = [
    'topped_up', 'transferred_in', 'accrued', 'used', 'transferred_out', 'expired', 'adjusted',
    'net_movement', 'held',
] %}
{% set key = 'partner_id, basis, service_account_id, wallet, currency' %}

with days as (
    {% for basis in ['event', 'posted'] %}
        select
            '{{ basis }}' as basis,
            cast(date_trunc('month', {{ basis }}_date) as date) as month,
            partner_id,
            service_account_id,
            wallet,
            currency,
            event_count,
            {{ movements | join(', ') }}
        from {{ ref('credit_movements') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

months as (
    select
        {{ key }},
        {% for column in movements %}
            sum({{ column }}) as {{ column }},
        {% endfor %}
        month
    from days
    group by {{ key }}, month
    -- An event that was voided stands nowhere on the event basis.
    having basis = 'posted' or sum(event_count) <> 0
),

spans as (
    select
        {{ key }},
        cast(unnest(generate_series(min(month), max(month), interval 1 month)) as date) as month
    from months
    group by {{ key }}
),

filled as (
    select
        {% for column in key.split(', ') %}
            spans.{{ column }},
        {% endfor %}
        {% for column in movements %}
            coalesce(months.{{ column }}, 0) as {{ column }},
        {% endfor %}
        spans.month
    from spans
    left join months
        on
            spans.month = months.month
            {% for column in key.split(', ') %}
                and spans.{{ column }} = months.{{ column }}
            {% endfor %}
),

rolled as (
    select
        *,
        sum(net_movement) over (partition by {{ key }} order by month) as closing_balance,
        sum(held) over (partition by {{ key }} order by month) as held_balance
    from filled
)

select
    rolled.partner_id,
    rolled.basis,
    rolled.month,
    rolled.service_account_id,
    service_accounts.service_account_name,
    seen_as.account_id,
    seen_as.account_name,
    seen_as.account_type,
    rolled.wallet,
    rolled.currency,
    cast(rolled.closing_balance - rolled.net_movement as decimal(38, 12)) as opening_balance,
    {% for column in movements if column != 'held' %}
        cast(rolled.{{ column }} as decimal(38, 12)) as {{ column }},
    {% endfor %}
    cast(rolled.closing_balance as decimal(38, 12)) as closing_balance,
    cast(rolled.held_balance as decimal(38, 12)) as held,
    cast(rolled.closing_balance - rolled.held_balance as decimal(38, 12)) as available
from rolled
inner join {{ ref('partner_accounts') }} as seen_as
    on
        rolled.partner_id = seen_as.partner_id
        and rolled.service_account_id = seen_as.service_account_id
        and last_day(rolled.month) between seen_as.valid_from and seen_as.valid_to
left join {{ ref('service_accounts') }} as service_accounts
    on rolled.service_account_id = service_accounts.service_account_id
