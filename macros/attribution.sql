{#- Credit entries with the partner and account they belong to, and whether they are transfers inside
    the partner. Without a known service account all of it is null. `entries` is a relation or CTE. -#}
{% macro attributed_credits(entries) -%}
    select
        entries.*,
        attribution.partner_id,
        attribution.account_id,
        attribution.account_type,
        case
            when attribution.partner_id is not null
                then coalesce(counterparty.partner_id = attribution.partner_id, false)
        end as is_internal
    from {{ entries }} as entries
    left join {{ ref('account_history') }} as attribution
        on
            entries.service_account_id = attribution.service_account_id
            and entries.event_date between attribution.valid_from and attribution.valid_to
    left join {{ ref('account_history') }} as counterparty
        on
            entries.movement_type in ('transfer_in', 'transfer_out')
            and entries.counterparty_service_account_id = counterparty.service_account_id
            and entries.event_date between counterparty.valid_from and counterparty.valid_to
{%- endmacro %}


{#- Revenue entries with the partner and account they belong to, the partner discount that applies (of
    the same deal if there is one, else the one without a deal) and the partner's cost. Without a known
    service account all of it is null. `entries` is a relation or CTE. -#}
{% macro attributed_revenue(entries) -%}
    select
        owned.*,
        case
            when owned.partner_id is null then null
            when not owned.is_discountable then 0
            when owned.partner_discount_rate = 0 then owned.list_amount
            else {{ percentage_of('owned.list_amount', 'owned.partner_discount_rate', complement=true) }}
        end as partner_cost_amount
    from (
        select
            charges.*,
            coalesce(of_deal.discount_id, general.discount_id) as partner_discount_id,
            case
                when charges.partner_id is null then null
                when of_deal.discount_id is not null then of_deal.rate_percent
                when general.discount_id is not null then general.rate_percent
                else cast(0 as decimal(9, 6))
            end as partner_discount_rate
        from (
            select
                entries.*,
                attribution.partner_id,
                attribution.account_id,
                attribution.account_type,
                {{ is_discountable('entries.charge_type') }} as is_discountable
            from {{ entries }} as entries
            left join {{ ref('account_history') }} as attribution
                on
                    entries.service_account_id = attribution.service_account_id
                    and entries.event_date between attribution.valid_from and attribution.valid_to
        ) as charges
        left join {{ ref('discount_periods') }} as of_deal
            on
                of_deal.subject = 'partner'
                and charges.is_discountable
                and charges.partner_id = of_deal.partner_id
                and charges.service_code = of_deal.service_code
                and charges.deal_id = of_deal.deal_id
                and charges.order_date >= of_deal.starts_on
                and charges.order_date <= coalesce(of_deal.ends_on, date '9999-12-31')
        left join {{ ref('discount_periods') }} as general
            on
                general.subject = 'partner'
                and general.deal_id is null
                and charges.is_discountable
                and charges.partner_id = general.partner_id
                and charges.service_code = general.service_code
                and charges.order_date >= general.starts_on
                and charges.order_date <= coalesce(general.ends_on, date '9999-12-31')
    ) as owned
{%- endmacro %}


{#- Whether a partner discount can apply to a charge. -#}
{% macro is_discountable(charge_type) -%}
    {{ charge_type }} not in ('tax', 'credit', 'adjustment')
{%- endmacro %}
