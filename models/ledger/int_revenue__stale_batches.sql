-- One row per batch of revenue entries in which new records of accounts or discounts have made
-- another partner, account or discount true than the one that is stored.
{{ config(materialized='table', schema='staging') }}

{% set entries = earlier_rows('ledger', 'fct_revenue_entries') %}
{# Written last: what is not in it has not been made use of by every model. #}
{% set batches = earlier_rows('reports', 'batches') %}
{% set attribution = [
    'partner_id', 'account_id', 'account_type', 'partner_discount_id', 'partner_discount_rate',
] %}

{% if entries %}
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

    concerned as (
        select
            feed,
            batch_id,
            service_account_id,
            service_code,
            charge_type,
            deal_id,
            list_amount,
            event_date,
            order_date,
            {% for column in attribution %}
                {{ column }} as stored_{{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        from {{ entries }} as entries
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

    attributed as (
        {{ attributed_revenue('concerned') }}
    )

    select distinct
        feed,
        batch_id
    from attributed
    where
        {% for column in attribution %}
            {{ 'or ' if not loop.first }}{{ column }} is distinct from stored_{{ column }}
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
