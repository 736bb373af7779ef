"""The ledger's side: by what a report's rows are compared, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from exporters import sql
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Source:
    """What a report's rows are compared by.

    Attributes:
        mart: a mart with a row to each entry.
        type_column: its column that says what kind of entry it is.
        only: SQL, which of the mart's entries the report has.
        other_key: by what a row can be known besides its event id.
        measures: the amounts that a statement may state, first the one meant by default.
        feed: whose refused rows may be meant.
        is_transaction: `other_key` should stand once per account and amount.
    """

    mart: str
    type_column: str
    only: str
    other_key: str
    measures: tuple[str, ...]
    feed: str
    is_transaction: bool = False


SOURCES = {
    "credit-topups": Source(
        "reports.credit_topups",
        "movement_type",
        "true",
        "transaction_id",
        ("amount",),
        "credits",
        is_transaction=True,
    ),
    # Its own mart has sums of a day.
    "credit-usage": Source(
        "reports.credit_entries",
        "movement_type",
        "movement_type in ('usage', 'transfer_out')",
        "transaction_id",
        ("amount",),
        "credits",
    ),
    "revenue-detail": Source(
        "reports.revenue_detail",
        "charge_type",
        "true",
        "order_id",
        ("net_amount", "list_amount", "discount_amount", "tax_amount"),
        "revenue",
    ),
}


@dataclass(frozen=True)
class Ledger:
    """The partner's rows that a statement is compared with; it runs the SQL that asks for them.

    Attributes:
        blanks: SQL. `ledger_entries` gives `event_id, other_id, entry_type, movement_type,
            is_standing, account, currency, amount, event_date, posted_date, utc_date, batch_id,
            file, row_number` of all time; `standing` says which of them count; `date_of_basis`
            decides to which period they belong, and `date_of_other_basis` would; `ledger_key` is
            what the statement's key is compared with, `event_id` or `other_id`.
        parameters: values of the parameters of all SQL of a reconciliation.
    """

    blanks: Mapping[str, str]
    parameters: Mapping[str, object]

    def by_key(self, key: str) -> Ledger:
        """The same, where the statement's key is `event_id` or `other_id`."""
        rejected_key = self.parameters["other_key"] if key == "other_id" else key
        return replace(
            self,
            blanks={**self.blanks, "ledger_key": key},
            parameters={**self.parameters, "rejected_key": rejected_key},
        )

    def filled(self, text: str, blanks: Mapping[str, str] | None = None) -> str:
        """SQL with its blanks filled, those of the ledger and `blanks`."""
        return text.format(**self.blanks, **(blanks or {}))

    def run(self, connection: duckdb.DuckDBPyConnection, text: str) -> duckdb.DuckDBPyConnection:
        """Run SQL with its blanks filled and its parameters bound."""
        return sql.run(connection, self.filled(text), self.parameters)


def ledger_of(request: Request, measure: str, zone: str, is_daily: bool) -> Ledger:
    """The ledger's rows of a request.

    `measure` is the amount that is compared, `zone` the business time zone. With `is_daily` the
    rows are the daily sums of credit-usage in place of its entries.
    """
    source = SOURCES[request.report.id]
    basis = request.basis.blanks
    if is_daily:
        none = "cast(null as date)"
        is_event = basis["date"] == "event_date"
        entries = sql.load(__file__, "daily_usage.sql").format(
            event_date="event_date" if is_event else none,
            posted_date=none if is_event else "posted_date",
            date_of_basis=basis["date"],
            entries=basis["entries"],
        )
    else:
        entries = sql.load(__file__, "entries.sql").format(
            other_key=source.other_key,
            type_column=source.type_column,
            amount=measure,
            mart=source.mart,
            of_report=source.only,
        )
    return Ledger(
        {
            "ledger_entries": entries,
            "standing": basis["standing"],
            "date_of_basis": basis["date"],
            "date_of_other_basis": "posted_date" if basis["date"] == "event_date" else "event_date",
            "ledger_key": "event_id",
        },
        {
            "partner": request.partner,
            "from_date": request.from_date,
            "to_date": request.to_date,
            "zone": zone,
            "feed": source.feed,
            "other_key": source.other_key,
        },
    ).by_key("event_id")


def take_period(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Make the temporary table `ledger_rows`, of the ledger's rows of the period."""
    ledger.run(connection, sql.load(__file__, "ledger_rows.sql"))


def choose_key(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> str:
    """Which key of the ledger, of all time, more rows of the statement have."""
    found = ledger.run(connection, sql.load(__file__, "known_keys.sql")).fetchone()
    assert found is not None
    return "other_id" if found[1] > found[0] else "event_id"
