-- One row per partner, service account, wallet and currency with a balance (or held credit) that
-- arose under a partner which no longer manages the service account. Only a transfer moves a
-- balance.
{{ config(materialized='table') }}

with balances as (
    select
        partner_id,
        service_account_id,
        wallet,
        currency,
        sum(net_movement) as balance,
        sum(held) as held,
        max(event_date) as last_event_date
    from {{ ref('credit_movements') }}
    group by partner_id, service_account_id, wallet, currency
)

select
    balances.partner_id,
    balances.service_account_id,
    service_accounts.service_account_name,
    service_accounts.partner_id as current_partner_id,
    balances.wallet,
    balances.currency,
    cast(balances.balance as decimal(38, 12)) as balance,
    cast(balances.held as decimal(38, 12)) as held,
    balances.last_event_date
from balances
inner join {{ ref('service_accounts') }} as service_accounts
    on balances.service_account_id = service_accounts.service_account_id
where
    balances.partner_id <> service_accounts.partner_id
    and (balances.balance <> 0 or balances.held <> 0)
