{#- Whether a partner discount can apply to a charge: other types are passed on as they are. -#}
{% macro is_discountable(charge_type) -%}
    {{ charge_type }} not in ('tax', 'credit', 'adjustment')
{%- endmacro %}


{#- Joins a charge to a partner discount that was in force on its order date; of which deal is for the
    caller to say. -#}
{% macro is_discounted_by(discount, charges) -%}
    {{ discount }}.subject = 'partner'
    and {{ is_discountable(charges ~ '.charge_type') }}
    and {{ charges }}.partner_id = {{ discount }}.partner_id
    and {{ charges }}.service_code = {{ discount }}.service_code
    and {{ charges }}.order_date >= {{ discount }}.starts_on
    and {{ charges }}.order_date <= coalesce({{ discount }}.ends_on, date '9999-12-31')
{%- endmacro %}


{#- Of the discount of the charge's deal and the general one, the first that there is. Null without a
    known service account; a rate of 0 where none applies. -#}
{% macro applying_rate(of_deal, general, charges) -%}
    case
        when {{ charges }}.partner_id is null then null
        when {{ of_deal }}.discount_id is not null then {{ of_deal }}.rate_percent
        when {{ general }}.discount_id is not null then {{ general }}.rate_percent
        else cast(0 as decimal(9, 6))
    end
{%- endmacro %}


{#- What the partner owes for a charge; null without a known service account. -#}
{% macro partner_cost(charges) -%}
    case
        when {{ charges }}.partner_id is null then null
        when not ({{ is_discountable(charges ~ '.charge_type') }}) then {{ charges }}.net_amount
        when {{ charges }}.partner_discount_rate = 0 then {{ charges }}.list_amount
        else {{ percentage_of(
            charges ~ '.list_amount', charges ~ '.partner_discount_rate', complement=true
        ) }}
    end
{%- endmacro %}


{#- An amount times a factor between 0 and 1 given in per cent, rounded half away from zero at the 12th
    decimal. `complement`: by 100 - rate instead. The factor is kept as narrow as it can be:
    wider ones overflow 38 digits. -#}
{% macro percentage_of(amount, rate_percent, complement=false) -%}
    {%- set factor = 'cast(' ~ rate_percent ~ ' * cast(0.01 as decimal(2, 2)) as decimal(9, 8))' -%}
    cast(
        {{ amount }} * {{ 'cast(1 - ' ~ factor ~ ' as decimal(9, 8))' if complement else factor }}
        as decimal(30, 12)
    )
{%- endmacro %}
