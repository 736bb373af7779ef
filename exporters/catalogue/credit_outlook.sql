-- How long the credit lasts if it is used as in the period. Amounts are divided in whole units of
-- the 12th decimal.
with balances as (
    select *
    from ({balances})
),

measured as (
    select
        *,
        $to_date - $from_date + 1 as days,
        reports.units(available) as available_units,
        reports.units(used) as used_units
    from balances
),

lasting as (
    select
        *,
        cast(
            reports.scaled(used_units, 1, days) as decimal(38, 0)
        ) * 0.000000000001 as daily_use,
        case
            when available <= 0 then 0
            when used > 0 then available_units * days // used_units
        end as days_left
    from measured
)

select
    *,
    case
        when days_left <= date '9999-12-31' - $to_date then $to_date + cast(days_left as integer)
    end as empty_on,
    case
        when available < 0 then 'overdrawn'
        when available = 0 then 'empty'
        when used <= 0 then 'idle'
        when days_left < (select info.low_credit_days from reports.build_info as info) then 'low'
        else 'ok'
    end as level
from lasting
