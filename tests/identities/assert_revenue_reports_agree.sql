{{ config(tags=['whole_ledger']) }}

-- Identity 4: revenue by service = revenue by account = revenue in detail, per partner, month,
-- currency and measure, on both bases. On the event basis the detail is what stands, not what nets
-- out.
{% set measures = [
    'event_count', 'list_amount', 'discount_amount', 'net_amount', 'tax_amount',
    'partner_cost_amount', 'partner_margin_amount',
] %}

-- The detail is by far the largest: it is read once.
with detail as (
    select
        partner_id,
        cast(date_trunc('month', event_date) as date) as event_month,
        cast(date_trunc('month', posted_date) as date) as posted_month,
        is_standing,
        sum(case entry_type when 'original' then 1 else -1 end) as event_count,
        {% for measure in measures[1:] %}
            sum({{ measure }}) as {{ measure }},
        {% endfor %}
        currency
    from {{ ref('revenue_detail') }}
    group by partner_id, event_month, posted_month, is_standing, currency
),

reported as (
    {% for basis in ['event', 'posted'] %}
        {% for mart in ['revenue_by_service', 'revenue_by_account'] %}
            select
                '{{ mart }}' as mart,
                '{{ basis }}' as basis,
                partner_id,
                cast(date_trunc('month', {{ basis }}_date) as date) as month,
                {% for measure in measures %}
                    sum({{ measure }}) as {{ measure }},
                {% endfor %}
                currency
            from {{ ref(mart) }}
            group by partner_id, month, currency
            union all
        {% endfor %}
        select
            'revenue_detail' as mart,
            '{{ basis }}' as basis,
            partner_id,
            {{ basis }}_month as month,
            {% for measure in measures %}
                sum({{ measure }}) as {{ measure }},
            {% endfor %}
            currency
        from detail
        {{ 'where is_standing' if basis == 'event' }}
        group by partner_id, month, currency
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

compared as (
    {% for measure in measures %}
        select
            '{{ measure }}' as measure,
            basis,
            partner_id,
            month,
            currency,
            list(mart || ' ' || {{ measure }} order by mart) as sums,
            max({{ measure }}) as largest,
            min({{ measure }}) as smallest,
            count(*) as mart_count
        from reported
        group by basis, partner_id, month, currency
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    measure,
    basis,
    partner_id,
    month,
    currency,
    sums
from compared
where
    largest <> smallest
    -- A mart that lacks the month has nothing standing in it: the sums of the others must be 0.
    or (mart_count < 3 and (largest <> 0 or smallest <> 0))
