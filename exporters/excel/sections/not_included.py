"""What a reader may miss in the figures of a partner, without telling of anybody else's."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from exporters.excel.control import Section
from exporters.i18n.language import N_
from exporters.request.report_request import Request
from exporters.warehouse.status import FEEDS

if TYPE_CHECKING:
    import duckdb

# Only the partner's own entries: the other side of a transfer may be somebody else's.
_OPEN_TRANSFERS = """
with own_accounts as (
    select list(distinct service_account_id) as ids
    from ledger.partner_accounts
    where partner_id = $partner
),

open_entries as (
    select
        coalesce(transaction_id, event_ids[1]) as transfer,
        unnest(event_ids) as event_id,
    from reports.open_transfers, own_accounts
    where
        list_has_any(from_service_account_ids, own_accounts.ids)
        or list_has_any(to_service_account_ids, own_accounts.ids)
)

select
    entries.currency,
    count(distinct open_entries.transfer) as transfers,
    sum(entries.amount) filter (where entries.movement_type = 'transfer_out') as transferred_out,
    sum(entries.amount) filter (where entries.movement_type = 'transfer_in') as transferred_in,
from ledger.fct_credit_entries as entries
inner join open_entries on entries.event_id = open_entries.event_id
anti join ledger.fct_credit_entries as reversals
    on entries.event_id = reversals.event_id and entries.version = reversals.reversed_version
where
    entries.partner_id = $partner
    and entries.entry_type = 'original'
    and entries.movement_type in ('transfer_out', 'transfer_in')
    and entries.{date} between $from_date and $to_date
    and ($account is null or entries.service_account_id = $account)
    and $account_type in ('both', entries.account_type)
group by entries.currency
order by entries.currency
"""


def sections(connection: duckdb.DuckDBPyConnection, request: Request) -> list[Section]:
    """Open transfers of the partner in the period, and what no partner is known for."""
    return [_open_transfers(connection, request), _nobodys(connection, request)]


def _open_transfers(connection: duckdb.DuckDBPyConnection, request: Request) -> Section:
    say = request.language.say
    rows = connection.execute(
        _OPEN_TRANSFERS.format(date=request.basis.blanks["date"]),
        {
            "partner": request.partner,
            "from_date": request.from_date,
            "to_date": request.to_date,
            "account": request.account,
            "account_type": request.account_type,
        },
    ).fetchall()
    note = N_(
        "Transfers of the period of which the other side has not arrived, or has another amount: "
        "what is on this side is in the figures."
    )
    return Section(
        say("Open transfers"),
        (say(note),) if rows else (say(note), say("None in the period.")),
        {
            "B": say("Transfers"),
            "C": say("Currency"),
            "E": say("Transferred out"),
            "F": say("Transferred in"),
        },
        [
            {"B": count, "C": currency, "E": out or Decimal(0), "F": into or Decimal(0)}
            for currency, count, out, into in rows
        ],
    )


def _nobodys(connection: duckdb.DuckDBPyConnection, request: Request) -> Section:
    language = request.language
    say = language.say
    feeds = connection.execute(FEEDS).fetchall()
    note = N_(
        "In all that has been delivered, for all partners: whose these rows are is not known, so "
        "only their number is given."
    )
    return Section(
        say("Not in any figure"),
        (say(note),) if feeds else (say(note), say("None.")),
        {
            "A": say("Feed"),
            "B": say("Rejected"),
            "C": say("Repeated"),
            "D": say("Account unknown"),
        },
        [
            {
                "A": language.word("feed", feed),
                "B": int(rejected),
                "C": int(ignored),
                "D": int(unattributed),
            }
            for feed, *_, rejected, ignored, unattributed in feeds
        ],
    )
