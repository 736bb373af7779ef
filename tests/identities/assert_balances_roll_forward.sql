-- Identity 3: closing = opening + movements, what a month closes with the next one opens with, no
-- month is missing, and the last closing is the sum of all movements.
with balances as (
    select
        *,
        lag(closing_balance) over (
            partition by partner_id, basis, service_account_id, wallet, currency
            order by month
        ) as closing_before,
        lag(month) over (
            partition by partner_id, basis, service_account_id, wallet, currency
            order by month
        ) as month_before,
        row_number() over (
            partition by partner_id, basis, service_account_id, wallet, currency
            order by month desc
        ) as months_to_last
    from {{ ref('credit_balance') }}
),

movements as (
    select
        partner_id,
        service_account_id,
        wallet,
        currency,
        sum(net_movement) as net_movement,
        sum(held) as held
    from {{ ref('credit_movements') }}
    group by partner_id, service_account_id, wallet, currency
),

bases as (
    select unnest(['event', 'posted']) as basis
)

select
    'roll-forward' as broken,
    balances.partner_id,
    balances.basis,
    balances.month,
    balances.service_account_id,
    balances.wallet,
    balances.currency,
    balances.opening_balance,
    balances.net_movement,
    balances.closing_balance,
    balances.closing_before
from balances
where
    balances.closing_balance <> balances.opening_balance + balances.net_movement
    or balances.net_movement
    <> balances.topped_up + balances.transferred_in + balances.accrued - balances.used
    - balances.transferred_out - balances.expired + balances.adjusted
    or balances.available <> balances.closing_balance - balances.held
    or balances.opening_balance <> coalesce(balances.closing_before, 0)
    or balances.month_before <> balances.month - interval 1 month
union all
select
    'last closing' as broken,
    movements.partner_id,
    bases.basis,
    balances.month,
    movements.service_account_id,
    movements.wallet,
    movements.currency,
    balances.opening_balance,
    movements.net_movement,
    balances.closing_balance,
    balances.closing_before
from movements
cross join bases
left join balances
    on
        movements.partner_id = balances.partner_id
        and bases.basis = balances.basis
        and movements.service_account_id = balances.service_account_id
        and movements.wallet = balances.wallet
        and movements.currency = balances.currency
        and balances.months_to_last = 1
where
    -- Where nothing stands there is no balance on the event basis, and nothing to sum.
    coalesce(balances.closing_balance, 0) <> movements.net_movement
    or coalesce(balances.held, 0) <> movements.held
    or (balances.month is null and bases.basis = 'posted')
