-- What totals of a period leave out: transfers of which both sides are the partner's, by type of
-- the account whose side it is.
select
    account_type,
    currency,
    cast(sum(event_count) as decimal(38, 12)) as event_count,
    cast(sum(amount) as decimal(38, 12)) as amount
from ledger.internal_transfers
where
    partner_id = $partner
    and movement_type = $movement_type
    and {date} between $from_date and $to_date
group by account_type, currency
having {entries} <> 0
