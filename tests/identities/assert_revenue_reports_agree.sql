{{ config(tags=['whole_ledger']) }}

-- Identity 4: revenue by service = revenue by account = revenue in detail, per partner, month,
-- currency and measure, on both bases. On the event basis the detail is what stands, not what nets
-- out. And the joins of the detail, which is read once for both, lose no entry and repeat none.
{% set measures = [
    'event_count', 'list_amount', 'discount_amount', 'net_amount', 'tax_amount',
    'partner_cost_amount', 'partner_margin_amount',
] %}

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
        count(*) as row_count,
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

row_counts as (
    select
        coalesce((select sum(row_count) from detail), 0) as shown,
        (
            select count(*)
            from {{ ref('fct_revenue_entries') }}
            where partner_id is not null
        ) as stored
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
        union all
    {% endfor %}
    select
        'row_count' as measure,
        null as basis,
        null as partner_id,
        null as month,
        null as currency,
        ['revenue_detail ' || shown, 'entries ' || stored] as sums,
        shown as largest,
        stored as smallest,
        3 as mart_count
    from row_counts
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
