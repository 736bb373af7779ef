{#- Joins an entry to the account that held its service account at the end of the event date. -#}
{% macro held_on(history, entries, service_account_id='service_account_id') -%}
    {{ entries }}.{{ service_account_id }} = {{ history }}.service_account_id
    and {{ entries }}.event_date between {{ history }}.valid_from and {{ history }}.valid_to
{%- endmacro %}


{#- Joins a transfer to the account of its other side. -#}
{% macro is_counterparty(history, entries) -%}
    {{ entries }}.movement_type in ('transfer_in', 'transfer_out')
    and {{ held_on(history, entries, 'counterparty_service_account_id') }}
{%- endmacro %}


{#- Whether a movement is a transfer inside the partner; null without a known service account. -#}
{% macro is_internal(holder, counterparty) -%}
    case
        when {{ holder }}.partner_id is not null
            then coalesce({{ counterparty }}.partner_id = {{ holder }}.partner_id, false)
    end
{%- endmacro %}
