-- The two sides of each transfer among the traced events, added up over all its events. Sums of all
-- entries are those of what stands. A transfer without a transaction id stands alone.
with asked as (
    select distinct
        transaction_id,
        case when transaction_id is null then event_id end as event_id
    from temp.trace_entries
    where feed = 'credits' and entry_kind in ('transfer_in', 'transfer_out')
),

accounts as (
    select
        asked.transaction_id,
        asked.event_id,
        entries.currency,
        entries.movement_type,
        entries.service_account_id,
        sum(entries.amount) as amount
    from ledger.fct_credit_entries as entries
    inner join asked
        on
            entries.transaction_id = asked.transaction_id
            or (entries.transaction_id is null and entries.event_id = asked.event_id)
    where entries.movement_type in ('transfer_in', 'transfer_out')
    group by all
    having sum(entries.amount) <> 0
),

sides as (
    select
        *,
        movement_type = 'transfer_out' as is_out
    from accounts
)

select
    transaction_id,
    event_id,
    currency,
    coalesce(sum(amount) filter (where is_out), 0) as transferred_out,
    coalesce(sum(amount) filter (where not is_out), 0) as transferred_in,
    transferred_out - transferred_in as difference,
    list(service_account_id order by service_account_id) filter (where is_out) as from_accounts,
    list(service_account_id order by service_account_id) filter (where not is_out) as to_accounts
from sides
group by transaction_id, event_id, currency
order by transaction_id, event_id, currency
