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
    with changed_accounts as (
        select distinct records.service_account_id
        from {{ ref('account_records') }} as records
        anti join {{ batches }} as taken
            on records.feed = taken.feed and records.batch_id = taken.batch_id
    ),

    changed_discounts as (
        select distinct records.discount_id
        from {{ ref('discount_records') }} as records
        anti join {{ batches }} as taken
            on taken.feed = 'discounts' and records.batch_id = taken.batch_id
    ),

    -- A discount ends where the next of its scope starts.
    changed_scopes as (
        select distinct
            partner_id,
            service_code
        from {{ ref('discount_records') }}
        where
            subject = 'partner'
            and discount_id in (select changed_discounts.discount_id from changed_discounts)
    ),

    concerned_credits as (
        select
            * rename ({% for column in attribution['credits'] %}
                {{ column }} as stored_{{ column }}{{ ',' if not loop.last }}
            {% endfor %})
        from {{ earlier_rows('ledger', 'fct_credit_entries') }}
        where
            service_account_id in (
                select changed_accounts.service_account_id
                from changed_accounts
            )
            or counterparty_service_account_id in (
                select changed_accounts.service_account_id
                from changed_accounts
            )
    ),

    attributed_credits as (
        {{ attributed_credits('concerned_credits') }}
    ),

    concerned_revenue as (
        select
            * exclude (partner_cost_amount)
            rename ({% for column in attribution['revenue'] %}
                {{ column }} as stored_{{ column }}{{ ',' if not loop.last }}
            {% endfor %})
        from {{ earlier_rows('ledger', 'fct_revenue_entries') }}
        where
            service_account_id in (
                select changed_accounts.service_account_id
                from changed_accounts
            )
            or (partner_id, service_code) in (
                select (changed_scopes.partner_id, changed_scopes.service_code)
                from changed_scopes
            )
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
