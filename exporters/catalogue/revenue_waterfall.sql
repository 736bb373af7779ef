-- What was billed in the period, by the month in which it is earned.
with parts as (
    select
        event_date,
        event_date as earned_on,
        currency,
        account_id,
        account_type,
        service_account_id,
        event_count,
        net_amount
    from ledger.fct_revenue_daily
    where
        partner_id = $partner
        and not is_spread
        and event_date between $from_date and $to_date
    union all
    select
        event_date,
        earned_on,
        currency,
        account_id,
        account_type,
        service_account_id,
        entry_count as event_count,
        reports.allocated(
            net_amount, service_start, service_end, earned_on, last_day(earned_on)
        ) as net_amount
    from (
        select
            *,
            cast(unnest(generate_series(
                date_trunc('month', service_start), service_end, interval 1 month
            )) as date) as earned_on
        from ledger.fct_revenue_spread
        where
            partner_id = $partner
            and event_date between $from_date and $to_date
    )
)

select
    cast(date_trunc('month', event_date) as date) as billed_month,
    cast(date_trunc('month', earned_on) as date) as earned_month,
    currency,
    sum(event_count) as event_count,
    sum(net_amount) as net_amount
from parts
where {conditions}
group by billed_month, earned_month, currency
having sum(event_count) <> 0
