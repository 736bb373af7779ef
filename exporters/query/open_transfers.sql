-- Only the partner's own entries: the other side of a transfer may be somebody else's.
with own_accounts as (
    select list(distinct service_account_id) as ids
    from dimensions.partner_accounts
    where partner_id = $partner
),

open_entries as (
    select
        coalesce(transaction_id, event_ids[1]) as transfer,
        unnest(event_ids) as event_id
    from reports.open_transfers, own_accounts
    where
        list_has_any(from_service_account_ids, own_accounts.ids)
        or list_has_any(to_service_account_ids, own_accounts.ids)
)

select
    open_entries.transfer,
    entries.service_account_id,
    entries.currency,
    coalesce(
        sum(entries.amount) filter (where entries.movement_type = 'transfer_out'), 0
    ) as transferred_out,
    coalesce(
        sum(entries.amount) filter (where entries.movement_type = 'transfer_in'), 0
    ) as transferred_in
from reports.credit_entries as entries
inner join open_entries on entries.event_id = open_entries.event_id
where
    entries.is_standing
    and entries.partner_id = $partner
    and entries.movement_type in ('transfer_out', 'transfer_in')
    and entries.{date} between $from_date and $to_date
    and ($account is null or {of_account})
    and $account_type in ('both', entries.account_type)
group by open_entries.transfer, entries.service_account_id, entries.currency
order by open_entries.transfer, entries.service_account_id, entries.currency
