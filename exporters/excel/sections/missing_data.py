"""What is missing in a partner's figures; nothing here names another partner."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from exporters import sql
from exporters.catalogue.conditions import of_account
from exporters.excel.control_sheet import Section
from exporters.i18n.language import N_
from exporters.request.report_request import Request
from exporters.warehouse import feeds

if TYPE_CHECKING:
    import duckdb


def sections(connection: duckdb.DuckDBPyConnection, request: Request) -> list[Section]:
    """Open transfers of the partner in the period, wallets of which the source states another
    balance, and rows that no partner is known for.
    """
    return [
        _open_transfers(connection, request),
        _balance_differences(connection, request),
        _of_no_partner(connection, request),
    ]


def _open_transfers(connection: duckdb.DuckDBPyConnection, request: Request) -> Section:
    say = request.language.say
    rows = connection.execute(
        sql.load(__file__, "open_transfers.sql").format(
            date=request.basis.blanks["date"],
            of_account=of_account("entries.service_account_id", "entries.account_id"),
        ),
        {
            "partner": request.partner,
            "from_date": request.from_date,
            "to_date": request.to_date,
            "account": request.account,
            "account_type": request.account_type,
        },
    ).fetchall()
    note = N_(
        "The other side has not arrived yet, or has another amount. This side is in the figures."
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


def _balance_differences(connection: duckdb.DuckDBPyConnection, request: Request) -> Section:
    language = request.language
    say = language.say
    rows = connection.execute(
        sql.load(__file__, "balance_differences.sql").format(
            of_account=of_account("own.service_account_id", "own.account_id")
        ),
        {"partner": request.partner, "account": request.account},
    ).fetchall()
    note = N_(
        "At the last instant at which the source states a balance. A movement that it booked later "
        "than it occurred differs until its next statement after that: nobody need have erred. "
        "No figure is corrected by it."
    )
    return Section(
        say("Balances that differ from the source"),
        (say(note),) if rows else (say(note), say("None.")),
        {
            "A": say("Service account"),
            "B": say("Wallet"),
            "C": say("Currency"),
            "D": say("Since"),
            "E": say("Stated less ours"),
        },
        [
            {
                "A": service_account,
                "B": wallet,
                "C": currency,
                "D": language.moment(since),
                # Empty where it does not fit.
                **({} if difference is None else {"E": difference}),
            }
            for service_account, wallet, currency, since, difference in rows
        ],
    )


def _of_no_partner(connection: duckdb.DuckDBPyConnection, request: Request) -> Section:
    language = request.language
    say = language.say
    arrived = feeds.arrived(connection)
    note = N_("These rows name no known partner. They are counted over all deliveries.")
    return Section(
        say("Not in any figure"),
        (say(note),) if arrived else (say(note), say("None.")),
        {
            "A": say("Feed"),
            "B": say("Rejected"),
            "C": say("Repeated"),
            "D": say("Account unknown"),
        },
        [
            {
                "A": language.word("feed", each.feed),
                "B": int(each.rejected),
                "C": int(each.ignored),
                "D": int(each.unattributed),
            }
            for each in arrived
        ],
    )
