-- One row per batch of entries whose stored partner, account or discount is out of date because of
-- new records of accounts or discounts.
-- depends_on: {{ ref('int_accounts__changed') }}
-- depends_on: {{ ref('int_discounts__changed') }}
-- depends_on: {{ ref('account_history') }}
-- depends_on: {{ ref('discount_periods') }}
{{ config(materialized='table', database='work') }}

{% set credits = stored_rows('ledger', 'fct_credit_entries') %}
{% set revenue = stored_rows('ledger', 'fct_revenue_entries') %}

{% if credits and revenue %}
    -- Days and one equality each: a scan skips what lies before, which is nearly everything.
    with concerned_credits as (
        {% for column in ['service_account_id', 'counterparty_service_account_id'] %}
            select entries.*
            from {{ credits }} as entries
            semi join {{ ref('int_accounts__changed') }} as changed
                on
                    entries.{{ column }} = changed.service_account_id
                    and entries.event_date >= changed.changed_from
            {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    outdated_credits as (
        select
            entries.feed,
            entries.batch_id
        from concerned_credits as entries
        left join {{ ref('account_history') }} as holders on {{ held_on('holders', 'entries') }}
        left join {{ ref('account_history') }} as counterparties
            on {{ is_counterparty('counterparties', 'entries') }}
        where
            entries.partner_id is distinct from holders.partner_id
            or entries.account_id is distinct from holders.account_id
            or entries.account_type is distinct from holders.account_type
            or entries.is_internal is distinct from {{ is_internal('holders', 'counterparties') }}
    ),

    concerned_revenue as (
        select entries.*
        from {{ revenue }} as entries
        semi join {{ ref('int_accounts__changed') }} as changed
            on
                entries.service_account_id = changed.service_account_id
                and entries.event_date >= changed.changed_from
        union all
        select entries.*
        from {{ revenue }} as entries
        semi join {{ ref('int_discounts__changed') }} as changed
            on
                entries.partner_id = changed.partner_id
                and entries.service_code = changed.service_code
                and entries.order_date >= changed.changed_from
    ),

    held_revenue as (
        select
            entries.* replace (holders.partner_id as partner_id),
            entries.partner_id is distinct from holders.partner_id
            or entries.account_id is distinct from holders.account_id
            or entries.account_type is distinct from holders.account_type as has_moved
        from concerned_revenue as entries
        left join {{ ref('account_history') }} as holders on {{ held_on('holders', 'entries') }}
    ),

    outdated_revenue as (
        select
            charges.feed,
            charges.batch_id
        from held_revenue as charges
        left join {{ ref('discount_periods') }} as of_deal
            on
                {{ is_discounted_by('of_deal', 'charges') }}
                and charges.deal_id = of_deal.deal_id
        left join {{ ref('discount_periods') }} as general
            on
                {{ is_discounted_by('general', 'charges') }}
                and general.deal_id is null
        where
            charges.has_moved
            or charges.partner_discount_id
            is distinct from coalesce(of_deal.discount_id, general.discount_id)
            or charges.partner_discount_rate
            is distinct from {{ applying_rate('of_deal', 'general', 'charges') }}
    )

    select
        feed,
        batch_id
    from outdated_credits
    union
    select
        feed,
        batch_id
    from outdated_revenue
{% else %}
    -- Before the first build there is nothing that would not be written now.
    select
        cast(null as varchar) as feed,
        cast(null as varchar) as batch_id
    where false
{% endif %}
