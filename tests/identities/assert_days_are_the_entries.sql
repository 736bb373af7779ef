-- What every daily mart sums up is what the entries of the same batches come to, per feed, partner,
-- currency, month of either date and measure. Shows sums that only one side has.
{% set measures = {
    'credits': ['amount'],
    'revenue': [
        'list_amount', 'discount_amount', 'net_amount', 'tax_amount', 'partner_discount_amount',
        'partner_cost_amount', 'partner_margin_amount',
    ],
} %}
{% set sides = {'entries': 'entry_count', 'days': 'event_count'} %}
{% set days = {
    'credits': ref('fct_credit_daily'), 'revenue': ref('fct_revenue_daily'),
} %}
{% set entries = {
    'credits': ref('fct_credit_entries'), 'revenue': ref('int_revenue_entries__priced'),
} %}

with
{% for feed in measures %}
    {% for side, count in sides.items() %}
        {{ feed }}_{{ side }} as (
            select
                feed,
                partner_id,
                currency,
                {{ 'movement_type' if feed == 'credits' else "null" }} as movement_type,
                date_trunc('month', event_date) as event_month,
                date_trunc('month', posted_date) as posted_month,
                {% for measure in measures[feed] %}
                    sum({{ measure }}) as {{ measure }},
                {% endfor %}
                sum({{ count }}) as event_count
            from {{ entries[feed] if side == 'entries' else days[feed] }}
            where {{ is_tested_now() }} and partner_id is not null
            group by feed, partner_id, currency, movement_type, event_month, posted_month
        ),
    {% endfor %}
{% endfor %}

differences as (
    {% for feed in measures %}
        {% for one, other in [('entries', 'days'), ('days', 'entries')] %}
            select
                '{{ one }}' as side,
                cast(sums as varchar) as sums
            from (
                select * from {{ feed }}_{{ one }}
                except
                select * from {{ feed }}_{{ other }}
            ) as sums
            {{ 'union all' if not loop.last }}
        {% endfor %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    side,
    sums
from differences
