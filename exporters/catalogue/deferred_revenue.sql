-- What was billed and not yet earned. Of a charge that belongs to its event date both are the same,
-- so only the others make a balance.
with parts as (
    select
        service_account_id,
        service_code,
        currency,
        cast(0 as decimal(38, 12)) as opening_deferred,
        net_amount as billed,
        net_amount as earned,
        event_count as entries
    from ledger.fct_revenue_daily
    where
        partner_id = $partner
        and not is_spread
        and event_date between $from_date and $to_date
    union all
    select
        service_account_id,
        service_code,
        currency,
        case when event_date < $from_date then net_amount else 0 end
        - reports.allocated(
            net_amount, service_start, service_end, service_start, $from_date - 1
        ) as opening_deferred,
        case
            when event_date between $from_date and $to_date then net_amount else 0
        end as billed,
        reports.allocated(net_amount, service_start, service_end, $from_date, $to_date) as earned,
        case
            when
                event_date between $from_date and $to_date
                or (service_start <= $to_date and service_end >= $from_date)
                then entry_count
            else 0
        end as entries
    from ledger.fct_revenue_spread
    where
        partner_id = $partner
        and least(event_date, service_start) <= $to_date
        and greatest(event_date, service_end) >= $from_date
),

balances as (
    select
        service_account_id,
        service_code,
        currency,
        sum(opening_deferred) as opening_deferred,
        sum(billed) as billed,
        sum(earned) as earned
    from parts
    group by service_account_id, service_code, currency
    having sum(opening_deferred) <> 0 or sum(entries) <> 0
),

held_by as (
    select
        balances.*,
        accounts.service_account_name,
        holders.account_id,
        holders.account_name,
        holders.account_type,
        coalesce(services.service_name, balances.service_code) as service_name,
        balances.opening_deferred + balances.billed - balances.earned as closing_deferred
    from balances
    inner join dimensions.partner_accounts as holders
        on
            holders.partner_id = $partner
            and balances.service_account_id = holders.service_account_id
            and $to_date between holders.valid_from and holders.valid_to
    left join reports.service_accounts as accounts
        on balances.service_account_id = accounts.service_account_id
    left join reports.services as services
        on balances.service_code = services.service_code
)

select *
from held_by
where {conditions}
