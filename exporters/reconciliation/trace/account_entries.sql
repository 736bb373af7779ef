-- The entries of the chosen service accounts up to a day, in order of date and record, with the
-- balance after each: one balance for each partner, service account, wallet and currency.
create or replace temp table account_entries as
select
    partner_id,
    service_account_id,
    wallet,
    currency,
    {date} as report_date,
    event_id,
    entry_type,
    cast(made_by_version as varchar) as version,
    movement_type,
    transaction_id,
    counterparty_service_account_id,
    balance_effect as effect,
    held_effect,
    event_date,
    posted_date,
    batch_id,
    file,
    row_number,
    row_number() over in_order as number,
    sum(balance_effect) over in_order as balance,
    sum(held_effect) over in_order as held
from temp.all_credit_entries
where
    {chosen}
    and {date} <= $day
    and ($wallet is null or wallet = $wallet)
    and ($currency is null or currency = $currency)
window in_order as (
    partition by partner_id, service_account_id, wallet, currency
    order by {date} asc, batch_id asc, file asc, row_number asc, entry_type desc
    rows unbounded preceding
)
