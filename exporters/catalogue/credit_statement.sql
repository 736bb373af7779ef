-- Every movement with its running balance. What a wallet held before the period, and all that moved
-- it, count whatever accounts are shown.
with opening as (
    select
        service_account_id,
        wallet,
        currency,
        sum(net_movement) as balance,
        sum(held) as held
    from reports.credit_movements
    where
        partner_id = $partner
        and {date} < $from_date
    group by service_account_id, wallet, currency
),

movements as (
    select
        *,
        {date} as report_date
    from reports.credit_entries
    where
        partner_id = $partner
        and {date} between $from_date and $to_date
        and {standing}
),

running as (
    select
        movements.*,
        coalesce(opening.balance, 0)
        + sum(movements.balance_effect) over up_to_the_row as balance_after,
        coalesce(opening.held, 0)
        + sum(movements.held_effect) over up_to_the_row as held_after
    from movements
    left join opening
        on
            movements.service_account_id = opening.service_account_id
            and movements.wallet = opening.wallet
            and movements.currency = opening.currency
    window up_to_the_row as (
        partition by movements.service_account_id, movements.wallet, movements.currency
        order by
            movements.report_date,
            movements.occurred_at,
            movements.event_id,
            movements.version,
            movements.entry_type
        rows unbounded preceding
    )
)

select {columns}
from running
where {conditions}
