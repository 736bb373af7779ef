{#- Business local time of a UTC timestamp. -#}
{% macro business_time(utc_timestamp) -%}
    timezone('{{ var("business_time_zone") }}', timezone('UTC', {{ utc_timestamp }}))
{%- endmacro %}


{#- Business date of a UTC timestamp. -#}
{% macro business_date(utc_timestamp) -%}
    cast({{ business_time(utc_timestamp) }} as date)
{%- endmacro %}


{#- The date on which the warehouse learned what a batch holds. -#}
{% macro recorded_date(batch_id) -%}
    cast(substr({{ batch_id }}, 1, 10) as date)
{%- endmacro %}


{#- The event date, or the first day of the earliest month still open on the recorded date. Month M
    closes at the end of day close_day of month M+1. -#}
{% macro posted_date(event_date, recorded_date) -%}
    greatest(
        {{ event_date }},
        cast(date_trunc(
            'month',
            case
                when extract(day from {{ recorded_date }}) <= {{ var('close_day') }}
                    then date_trunc('month', {{ recorded_date }}) - interval 1 day
                else {{ recorded_date }}
            end
        ) as date)
    )
{%- endmacro %}


{#- Every month from that of one day to that of another, by its first day: a row each. -#}
{% macro each_month(first, last) -%}
    cast(unnest(generate_series(
        date_trunc('month', {{ first }}), {{ last }}, interval 1 month
    )) as date)
{%- endmacro %}
