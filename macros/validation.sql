{#- Reasons for refusing a row: each macro gives a text that names the field, or null. -#}

{% macro missing(field) -%}
    case when {{ field }} is null then '{{ field }} is missing' end
{%- endmacro %}


{#- `value` is the typed value of the delivered text `field`; `wanted` says what it should have been. -#}
{% macro unparsable(field, value, wanted) -%}
    case
        when {{ field }} is not null and {{ value }} is null
            then '{{ field }} "' || left({{ field }}, 100) || '" is not {{ wanted }}'
    end
{%- endmacro %}


{% macro not_decimal(field) -%}
    {{ unparsable(field, field ~ '_value', 'a plain decimal number of at most 18 digits before the point') }}
{%- endmacro %}


{% macro not_date(field) -%}
    {{ unparsable(field, field ~ '_value', 'a date YYYY-MM-DD') }}
{%- endmacro %}


{% macro not_timestamp(field) -%}
    {{ unparsable(
        field, field ~ '_value', 'a time YYYY-MM-DDTHH:MM:SS[.ffffff][Z|+HH:MM|-HH:MM]'
    ) }}
{%- endmacro %}


{#- A time whose business date has no four-digit year cannot be reported on a day. -#}
{% macro outside_calendar(field, business_date) -%}
    case
        when {{ business_date }} not between date '0001-01-01' and date '9999-12-31'
            then '{{ field }} "' || {{ field }} || '" lies outside the years 0001-9999 in business time'
    end
{%- endmacro %}


{#- `codes` are the codes allowed for the field. -#}
{% macro unknown_code(field, codes) -%}
    case
        when {{ field }} is not null and {{ field }}_value not in ('{{ codes | join("', '") }}')
            then '{{ field }} "' || left({{ field }}, 100) || '" is not one of {{ codes | join(', ') }}'
    end
{%- endmacro %}


{#- The same for codes that a reference seed holds in the column `key`. -#}
{% macro unknown_reference(field, seed, key) -%}
    case
        when
            {{ field }} is not null
            and {{ field }}_value not in (select reference.{{ key }} from {{ seed }} as reference)
            then
                '{{ field }} "' || left({{ field }}, 100)
                || '" is not in the reference data ({{ seed.identifier }})'
    end
{%- endmacro %}


{% macro all_reasons(reasons) -%}
    nullif(
        list_filter([
            {%- for reason in reasons %}
            {{ reason }}{{ ',' if not loop.last }}
            {%- endfor %}
        ], lambda reason: reason is not null),
        []
    )
{%- endmacro %}
