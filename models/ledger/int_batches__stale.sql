-- One row per batch of entries in which new records of accounts or discounts have made another
-- partner, account or discount true than the one that is stored.
{{ config(materialized='table', schema='staging') }}

{% set credit_entries = earlier_rows('ledger', 'fct_credit_entries') %}
{% set revenue_entries = earlier_rows('ledger', 'fct_revenue_entries') %}
{# Written last: what is not in it has not been made use of by every model. #}
{% set batches = earlier_rows('reports', 'batches') %}
{% set of_credits = ['partner_id', 'account_id', 'account_type', 'is_internal'] %}
{% set of_revenue = [
    'partner_id', 'account_id', 'account_type', 'partner_discount_id', 'partner_discount_rate',
] %}

with taken as (
    {% if batches %}
        select
            feed,
            batch_id
        from {{ batches }}
    {% else %}
        select
            cast(null as varchar) as feed,
            cast(null as varchar) as batch_id
        where false
    {% endif %}
),

changed_accounts as (
    select distinct records.service_account_id
    from {{ ref('account_records') }} as records
    anti join taken on records.feed = taken.feed and records.batch_id = taken.batch_id
),

changed_discounts as (
    select distinct records.discount_id
    from {{ ref('discount_records') }} as records
    anti join taken on taken.feed = 'discounts' and records.batch_id = taken.batch_id
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

{% if credit_entries %}
    concerned_credits as (
        select
            * rename ({% for column in of_credits %}
                {{ column }} as stored_{{ column }}{{ ',' if not loop.last }}
            {% endfor %})
        from {{ credit_entries }}
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
{% endif %}

{% if revenue_entries %}
    concerned_revenue as (
        select
            * exclude (partner_cost_amount)
            rename ({% for column in of_revenue %}
                {{ column }} as stored_{{ column }}{{ ',' if not loop.last }}
            {% endfor %})
        from {{ revenue_entries }}
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
    ),
{% endif %}

{# Parents in every compilation. #}
{% set parents = [ref('account_history'), ref('discount_periods')] %}
stale as (
    {% if credit_entries %}
        select distinct
            feed,
            batch_id
        from attributed_credits
        where
            {% for column in of_credits %}
                {{ 'or ' if not loop.first }}{{ column }} is distinct from stored_{{ column }}
            {% endfor %}
        union all
    {% endif %}
    {% if revenue_entries %}
        select distinct
            feed,
            batch_id
        from attributed_revenue
        where
            {% for column in of_revenue %}
                {{ 'or ' if not loop.first }}{{ column }} is distinct from stored_{{ column }}
            {% endfor %}
        union all
    {% endif %}
    select
        cast(null as varchar) as feed,
        cast(null as varchar) as batch_id
    where false
)

select
    feed,
    batch_id
from stale
