-- The account shown, and filtered by, is the one of the last record up to the end of the period
-- that names the partner: not the one that was attributed to each movement.
with balances as (
    select
        service_account_id,
        service_account_name,
        wallet,
        currency,
        coalesce(sum(net_movement) filter (where {date} < $from_date), 0) as opening_balance,
        coalesce(sum(topped_up) filter (where {date} >= $from_date), 0) as topped_up,
        coalesce(sum(transferred_in) filter (where {date} >= $from_date), 0) as transferred_in,
        coalesce(sum(accrued) filter (where {date} >= $from_date), 0) as accrued,
        coalesce(sum(used) filter (where {date} >= $from_date), 0) as used,
        coalesce(sum(transferred_out) filter (where {date} >= $from_date), 0) as transferred_out,
        coalesce(sum(expired) filter (where {date} >= $from_date), 0) as expired,
        coalesce(sum(adjusted) filter (where {date} >= $from_date), 0) as adjusted,
        coalesce(sum(net_movement) filter (where {date} >= $from_date), 0) as net_movement,
        sum(net_movement) as closing_balance,
        sum(held) as held,
        coalesce({entries} filter (where {date} >= $from_date), 0) as entries
    from reports.credit_movements
    where
        partner_id = $partner
        and {date} <= $to_date
    group by service_account_id, service_account_name, wallet, currency
),

held_by as (
    select
        balances.*,
        holders.account_id,
        holders.account_name,
        holders.account_type,
        balances.closing_balance - balances.held as available
    from balances
    inner join dimensions.partner_accounts as holders
        on
            holders.partner_id = $partner
            and balances.service_account_id = holders.service_account_id
            and $to_date between holders.valid_from and holders.valid_to
    where balances.opening_balance <> 0 or balances.held <> 0 or balances.entries <> 0
)

select *
from held_by
where {conditions}
