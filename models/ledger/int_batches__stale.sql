-- One row per batch of entries in which new records of accounts or discounts have made another
-- partner, account or discount true than the one that is stored.
{{ config(materialized='table', schema='staging') }}

{# Written last: what is not in it has not been made use of by every model. Before the first there
    is nothing that would not be written now. #}
{% set batches = earlier_rows('reports', 'batches') %}
{% set attribution = {
    'credits': ['partner_id', 'account_id', 'account_type', 'is_internal'],
    'revenue': [
        'partner_id', 'account_id', 'account_type', 'partner_discount_id', 'partner_discount_rate',
    ],
} %}

{% if batches %}
    with taken_records as (
        select
            records.service_account_id,
            min(records.updated_at) as first_updated_at
        from {{ ref('account_records') }} as records
        semi join {{ batches }} as taken
            on records.feed = taken.feed and records.batch_id = taken.batch_id
        group by records.service_account_id
    ),

    -- A record changes the days from its own on; what lies before the first record has its account.
    changed_accounts as (
        select
            records.service_account_id,
            min(
                case
                    when taken_records.first_updated_at < records.updated_at
                        then records.updated_date
                    else date '0001-01-01'
                end
            ) as changed_from
        from {{ ref('account_records') }} as records
        left join taken_records
            on records.service_account_id = taken_records.service_account_id
        anti join {{ batches }} as taken
            on records.feed = taken.feed and records.batch_id = taken.batch_id
        group by records.service_account_id
    ),

    taken_discount_records as (
        select records.*
        from {{ ref('discount_records') }} as records
        semi join {{ batches }} as taken
            on taken.feed = 'discounts' and records.batch_id = taken.batch_id
    ),

    earlier_periods as (
        {{ periods_of_discounts('taken_discount_records') }}
    ),

    -- Most new records end a discount, or start the next one: charges before that day stay as they
    -- were.
    changed_scopes as (
        select
            partner_id,
            service_code,
            min(changed_from) as changed_from
        from (
            select
                partner_id,
                service_code,
                case count(*) when 1 then starts_on else min(last_day) + 1 end as changed_from
            from (
                {% for periods in ['earlier_periods', ref('discount_periods')] %}
                    select
                        discount_id,
                        partner_id,
                        service_code,
                        deal_id,
                        rate_percent,
                        starts_on,
                        coalesce(ends_on, date '9999-12-31') as last_day
                    from {{ periods }}
                    where subject = 'partner' and starts_on is not null
                    {{ 'union all' if not loop.last }}
                {% endfor %}
            ) as both_periods
            group by discount_id, partner_id, service_code, deal_id, rate_percent, starts_on
            having count(*) = 1 or min(last_day) <> max(last_day)
        ) as changes
        group by partner_id, service_code
    ),

    -- Days and one equality each: a scan skips what lies before, which is nearly everything.
    concerned_credits as (
        {% for column in ['service_account_id', 'counterparty_service_account_id'] %}
            select
                * rename ({% for column in attribution['credits'] %}
                    {{ column }} as stored_{{ column }}{{ ',' if not loop.last }}
                {% endfor %})
            from {{ earlier_rows('ledger', 'fct_credit_entries') }} as entries
            semi join changed_accounts
                on
                    entries.{{ column }} = changed_accounts.service_account_id
                    and entries.event_date >= changed_accounts.changed_from
            {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    attributed_credits as (
        {{ attributed_credits('concerned_credits') }}
    ),

    concerned_revenue as (
        {% for semi_join in [
            'changed_accounts
                on
                    entries.service_account_id = changed_accounts.service_account_id
                    and entries.event_date >= changed_accounts.changed_from',
            'changed_scopes
                on
                    entries.partner_id = changed_scopes.partner_id
                    and entries.service_code = changed_scopes.service_code
                    and entries.order_date >= changed_scopes.changed_from',
        ] %}
            select
                * exclude (partner_cost_amount)
                rename ({% for column in attribution['revenue'] %}
                    {{ column }} as stored_{{ column }}{{ ',' if not loop.last }}
                {% endfor %})
            from {{ earlier_rows('ledger', 'fct_revenue_entries') }} as entries
            semi join {{ semi_join }}
            {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    attributed_revenue as (
        {{ attributed_revenue('concerned_revenue') }}
    )

    {% for feed, columns in attribution.items() %}
        select distinct
            feed,
            batch_id
        from attributed_{{ feed }}
        where
            {% for column in columns %}
                {{ 'or ' if not loop.first }}{{ column }} is distinct from stored_{{ column }}
            {% endfor %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
{% else %}
    {# Parents in every compilation. #}
    {% set parents = [
        ref('account_records'), ref('discount_records'), ref('account_history'),
        ref('discount_periods'),
    ] %}
    select
        cast(null as varchar) as feed,
        cast(null as varchar) as batch_id
    where false
{% endif %}
