"""What needs a partner's attention: what is open, differs, loses money, runs out or came late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from exporters import sql
from exporters.catalogue.conditions import of_account
from exporters.query import builder
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb


class OpenTransfer(NamedTuple):
    """The side that an account of the partner has of a transfer whose sides differ."""

    transaction: str
    service_account: str
    currency: str
    transferred_out: Decimal
    transferred_in: Decimal


class Difference(NamedTuple):
    """A wallet whose balance the source states differently, at its last stated instant.

    Attributes:
        since: the instant from which it differs so, in business time.
        difference: the stated balance less ours; None where it does not fit 38 digits.
    """

    service_account: str
    wallet: str
    currency: str
    since: datetime
    difference: Decimal | None


class Loss(NamedTuple):
    """A negative margin of a service account with a service."""

    service_account: str
    service: str
    currency: str
    margin: Decimal


class Wallet(NamedTuple):
    """A wallet that is overdrawn, or low: then with the days for which it lasts."""

    service_account: str
    wallet: str
    currency: str
    available: Decimal
    days_left: int
    level: str


class Late(NamedTuple):
    """What entries move whose two dates lie on different sides of the period's end or start.

    Attributes:
        ledger: `credits`, of which it is the effect on balances, or `revenue`: the net amount.
    """

    ledger: str
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class OpenItems:
    """What is not settled of a partner and period."""

    open_transfers: Sequence[OpenTransfer]
    differences: Sequence[Difference]


@dataclass(frozen=True)
class Attention(OpenItems):
    """What needs attention of a partner and period, open items first."""

    losses: Sequence[Loss]
    wallets: Sequence[Wallet]
    late: Sequence[Late]


def open_items(connection: duckdb.DuckDBPyConnection, request: Request) -> OpenItems:
    """The partner's sides of open transfers in the period, with the conditions of the request, and
    its wallets of which the source states another balance.
    """
    account = {"partner": request.partner, "account": request.account}
    transfers = connection.execute(
        sql.load(__file__, "open_transfers.sql").format(
            date=request.basis.blanks["date"],
            of_account=of_account("entries.service_account_id", "entries.account_id"),
        ),
        {
            **account,
            "from_date": request.from_date,
            "to_date": request.to_date,
            "account_type": request.account_type,
        },
    ).fetchall()
    wallets = connection.execute(
        sql.load(__file__, "balance_differences.sql").format(
            of_account=of_account("own.service_account_id", "own.account_id")
        ),
        account,
    ).fetchall()
    return OpenItems(
        [OpenTransfer(*row) for row in transfers], [Difference(*row) for row in wallets]
    )


def of_pack(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    margins: Request,
    outlook: Request,
    items: OpenItems,
) -> Attention:
    """What needs attention in a pack; `margins` and `outlook` are its requests of these reports."""
    return Attention(
        items.open_transfers,
        items.differences,
        [
            Loss(*row)
            for row in _rows(
                connection,
                margins,
                "service_account_id, service_code, currency, partner_margin_amount",
                "partner_margin_amount < 0",
                "currency, partner_margin_amount",
            )
        ],
        [
            Wallet(account, wallet, currency, available, int(days), level)
            for account, wallet, currency, available, days, level in _rows(
                connection,
                outlook,
                "service_account_id, wallet, currency, available, days_left, level",
                "level in ('overdrawn', 'low')",
                "days_left, currency, available",
            )
        ],
        _late(connection, request),
    )


def _late(connection: duckdb.DuckDBPyConnection, request: Request) -> list[Late]:
    """What came after the period, of its events; as posted, of events before it what came in it."""
    is_late = "event_date between $from_date and $to_date and posted_date > $to_date"
    if request.basis.name == "posted":
        is_late = "posted_date between $from_date and $to_date and event_date < $from_date"
    rows = connection.execute(
        sql.load(__file__, "late.sql").format(is_late=is_late),
        {"partner": request.partner, "from_date": request.from_date, "to_date": request.to_date},
    ).fetchall()
    return [Late(*row) for row in rows]


def _rows(
    connection: duckdb.DuckDBPyConnection, request: Request, columns: str, where: str, order: str
) -> list[tuple[Any, ...]]:
    listed = builder.typed(request)
    return connection.execute(
        f"select {columns} from ({listed.sql}) as report where {where} order by {order}",
        listed.parameters,
    ).fetchall()
