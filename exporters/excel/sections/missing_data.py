"""What is missing in a partner's figures; nothing here names another partner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exporters import sql
from exporters.excel.attention_words import NOBODY_ERRED
from exporters.excel.control_sheet import Section
from exporters.i18n.language import N_, Language
from exporters.query.attention import Difference, OpenItems, OpenTransfer
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb


_MOST = 1000  # open transfers that are listed


def sections(
    connection: duckdb.DuckDBPyConnection, request: Request, items: OpenItems
) -> list[Section]:
    """Open transfers of the partner in the period, wallets of which the source states another
    balance, and rows that are in no figure.
    """
    return [
        _open_transfers(request.language, items.open_transfers),
        _balance_differences(request.language, items.differences),
        _in_no_figure(connection, request),
    ]


def _open_transfers(language: Language, transfers: Sequence[OpenTransfer]) -> Section:
    say = language.say
    notes = [
        say(
            "The other side has not arrived yet, or has another amount. This side is in the "
            "figures."
        )
    ]
    if not transfers:
        notes.append(say("None in the period."))
    if len(transfers) > _MOST:
        notes.append(say("There are more than the {most} below.", most=_MOST))
    return Section(
        say("Open transfers"),
        notes,
        {
            "A": say("Transaction"),
            "B": say("Service account"),
            "C": say("Currency"),
            "E": say("Transferred out"),
            "F": say("Transferred in"),
        },
        [
            {
                **{"A": each.transaction, "B": each.service_account, "C": each.currency},
                **{"E": each.transferred_out, "F": each.transferred_in},
            }
            for each in transfers[:_MOST]
        ],
    )


def _balance_differences(language: Language, wallets: Sequence[Difference]) -> Section:
    say = language.say
    notes = [
        say(
            "At the last instant at which the source states a balance. No figure is corrected "
            "by it."
        ),
        say(NOBODY_ERRED),
    ]
    return Section(
        say("Balances that differ from the source"),
        notes if wallets else [*notes, say("None.")],
        {
            "A": say("Service account"),
            "B": say("Wallet"),
            "C": say("Currency"),
            "D": say("Since"),
            "E": say("Stated less ours"),
        },
        [
            {
                **{"A": each.service_account, "B": each.wallet, "C": each.currency},
                "D": language.moment(each.since),
                # Empty where it does not fit.
                **({} if each.difference is None else {"E": each.difference}),
            }
            for each in wallets
        ],
    )


def _in_no_figure(connection: duckdb.DuckDBPyConnection, request: Request) -> Section:
    language = request.language
    say = language.say
    connection.execute(sql.load(__file__, "refused_by_name.sql"))
    rows = connection.execute(
        sql.load(__file__, "in_no_figure.sql"), {"partner": request.partner}
    ).fetchall()
    note = N_(
        "Refused rows count for the partner whose service account or id they name. What names "
        "nobody known, and events of unknown service accounts, are counted over all deliveries."
    )
    return Section(
        say("Not in any figure"),
        (say(note),) if rows else (say(note), say("None.")),
        {
            "A": say("Feed"),
            "D": say("Refused, of this partner"),
            "E": say("Refused, of nobody known"),
            "F": say("Account unknown"),
        },
        [
            {
                "A": language.word("feed", feed),
                **dict(zip("DEF", map(int, counts), strict=True)),
            }
            for feed, *counts in rows
        ],
    )
