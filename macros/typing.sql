{#- From delivered text to typed values. Each gives null for a text that is not exactly of its form;
    the pattern comes first because a cast accepts more than the feeds may contain (exponents, spaces). -#}

{#- decimal(30, 12), rounded half away from zero at the 12th decimal. -#}
{% macro to_decimal(text) -%}
    case
        when regexp_full_match({{ text }}, '-?[0-9]+([.][0-9]+)?')
            then try_cast({{ text }} as decimal(30, 12))
    end
{%- endmacro %}


{#- decimal(38, 12), the same of a balance: a sum of amounts is wider than each of them. -#}
{% macro to_balance(text) -%}
    case
        when regexp_full_match({{ text }}, '-?[0-9]+([.][0-9]+)?')
            then try_cast({{ text }} as decimal(38, 12))
    end
{%- endmacro %}


{#- decimal(9, 6); digits beyond the sixth decimal may only be zeros. -#}
{% macro to_rate(text) -%}
    case
        when regexp_full_match({{ text }}, '-?[0-9]+([.][0-9]{1,6}0*)?')
            then try_cast({{ text }} as decimal(9, 6))
    end
{%- endmacro %}


{#- decimal(38, 0): wide enough for versions made of digits of a time. -#}
{% macro to_version(text) -%}
    case
        when regexp_full_match({{ text }}, '[0-9]+') then try_cast({{ text }} as decimal(38, 0))
    end
{%- endmacro %}


{% macro to_date(text) -%}
    case
        when
            regexp_full_match({{ text }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
            and substr({{ text }}, 1, 4) <> '0000'
            then try_cast({{ text }} as date)
    end
{%- endmacro %}


{#- timestamp in UTC; a text without an offset is UTC. A cast straight to timestamp would drop the offset. -#}
{% macro to_timestamp(text) -%}
    case
        when
            regexp_full_match(
                {{ text }},
                '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?'
                || '(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?'
            )
            and substr({{ text }}, 1, 4) <> '0000'
            then timezone('UTC', try_cast(
                {{ text }}
                || case when regexp_matches({{ text }}, '(Z|[+-][0-9]{2}:[0-9]{2})$') then '' else 'Z' end
                as timestamptz
            ))
    end
{%- endmacro %}


{#- The value of a number field of a feed: as Parquet carried it, else from its text. -#}
{% macro number_value(field) -%}
    coalesce({{ field }}_native, {{ to_decimal(field) }})
{%- endmacro %}


{#- The same of a time field, in UTC. -#}
{% macro time_value(field) -%}
    coalesce({{ field }}_native, {{ to_timestamp(field) }})
{%- endmacro %}
