{#- Whether the amounts of a charge are allocated to the days of its service period, not to its event
    date: both ends are given, in their order, and it is not too long. -#}
{% macro has_service_period(charges) -%}
    coalesce(
        {{ charges }}.period_end - {{ charges }}.period_start
        between 0 and {{ var('longest_service_period') | int - 1 }},
        false
    )
{%- endmacro %}


{#- The first or the last day (`period_start`, `period_end`) for which a charge was sold. -#}
{% macro service_day(end, charges) -%}
    case
        when {{ has_service_period(charges) }} then {{ charges }}.{{ end }}
        else {{ charges }}.event_date
    end
{%- endmacro %}


{#- The part of an amount that the days from..to have, of the days first..last over which it is
    allocated. It is a function of the database, made by `allocation_functions`, so that readers of the
    published file have it too. -#}
{% macro allocated(amount, charges, from_date, to_date) -%}
    reports.allocated(
        {{ amount }},
        {{ charges }}.service_start,
        {{ charges }}.service_end,
        {{ from_date }},
        {{ to_date }}
    )
{%- endmacro %}


{#- Decimals are divided as doubles, so it is done in whole units of the 12th decimal: `units` of an
    amount; `scaled`, units x times / divisor, rounded half away from zero. Day k of n closes with
    amount x k / n, and a part is the difference of two such days. -#}
{% macro allocation_functions() %}
    create schema if not exists {{ target.database }}.reports;
    create or replace macro reports.units(amount) as
        cast(trunc(amount) as hugeint) * 1000000000000
        + cast((amount - trunc(amount)) * 1000000000000 as hugeint);
    create or replace macro reports.scaled(units, times, divisor) as
        case when units < 0 then -1 else 1 end * case when divisor < 0 then -1 else 1 end
        * ((2 * abs(units) * times + abs(divisor)) // (2 * abs(divisor)));
    create or replace macro reports.allocated(amount, first_day, last_day, from_day, to_day) as
        case
            when last_day < from_day or first_day > to_day then cast(0 as decimal(38, 12))
            when first_day >= from_day and last_day <= to_day then cast(amount as decimal(38, 12))
            else cast(cast(
                -- Most of these cross one end only, and divisions are slow.
                case
                    when last_day <= to_day then reports.units(amount)
                    else reports.scaled(
                        reports.units(amount), to_day - first_day + 1, last_day - first_day + 1
                    )
                end
                - case
                    when first_day >= from_day then 0
                    else reports.scaled(
                        reports.units(amount), from_day - first_day, last_day - first_day + 1
                    )
                end
            as decimal(38, 0)) * 0.000000000001 as decimal(38, 12))
        end;
{% endmacro %}
