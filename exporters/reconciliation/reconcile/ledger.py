"""The ledger's side: by what each report's rows are compared, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from exporters import sql
from exporters.query import builder
from exporters.reconciliation.reconcile.statement.labels import MEASURE_OF
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Source:
    """What a report's rows are compared by.

    Attributes:
        measures: the amounts that a statement may state, first the one meant by default.
        mart: a mart with a row to each entry; without one it is the rows of the report that are
            compared, by service account.
        type_column: its column that says what kind of entry it is.
        only: SQL, which of the mart's entries the report has.
        internal: SQL, whether an entry is a transfer within the partner.
        other_key: by what a row can be known besides its event id.
        feed: whose refused rows may be meant.
        is_transaction: `other_key` should stand once per account and amount.
    """

    measures: tuple[str, ...]
    mart: str | None = None
    type_column: str = ""
    only: str = "true"
    internal: str = "false"
    other_key: str | None = None
    feed: str = ""
    is_transaction: bool = False

    @property
    def is_by_account(self) -> bool:
        """Whether sums of service accounts are compared, which have no key and no day."""
        return self.mart is None


_REVENUE = ("net_amount", *(name for name in MEASURE_OF.values() if name != "net_amount"))
SOURCES = {
    "credit-topups": Source(
        ("amount",),
        "reports.credit_entries",
        "movement_type",
        "movement_type in ('top_up', 'transfer_in')",
        "is_internal",
        "transaction_id",
        "credits",
        is_transaction=True,
    ),
    # Its own mart has sums of a day.
    "credit-usage": Source(
        ("amount",),
        "reports.credit_entries",
        "movement_type",
        "movement_type in ('usage', 'transfer_out')",
        "is_internal",
        "transaction_id",
        "credits",
    ),
    "revenue-detail": Source(
        (*_REVENUE, "discount_amount"),
        "reports.revenue_detail",
        "charge_type",
        other_key="order_id",
        feed="revenue",
    ),
    "credit-balance": Source(("closing_balance",)),
    "revenue-by-account": Source((*_REVENUE, "discount_amount")),
}


@dataclass(frozen=True)
class Ledger:
    """The partner's rows that a statement is compared with; it runs the SQL that asks for them.

    Attributes:
        blanks: SQL. `ledger_entries` gives `event_id, other_id, entry_type, movement_type,
            is_standing, is_internal, account, currency, amount, event_date, posted_date, utc_date,
            batch_id, file, row_number` of all time; `standing` says which of them count;
            `date_of_basis` decides to which period they belong, and `date_of_other_basis` would;
            `ledger_key` is what the statement's key is compared with, `event_id` or `other_id`.
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
    basis = dict(request.basis.blanks)
    is_event = basis["date"] == "event_date"
    conditions = builder.conditions_of(request)
    internal = source.internal if request.leaves_out_internal_transfers else "false"
    if source.mart is None:
        # They are of the whole period: its last day is the only date that they have.
        basis |= {"date": "utc_date", "standing": "true"}
        conditions = builder.typed(request)
        entries = sql.load(__file__, "by_account.sql").format(report=conditions.sql, amount=measure)
    elif is_daily:
        none = "cast(null as date)"
        entries = sql.load(__file__, "daily_usage.sql").format(
            event_date="event_date" if is_event else none,
            posted_date=none if is_event else "posted_date",
            date_of_basis=basis["date"],
            entries=basis["entries"],
            leaves_out=str(request.leaves_out_internal_transfers),
            conditions=conditions.sql,
        )
    else:
        entries = sql.load(__file__, "entries.sql").format(
            other_key=source.other_key,
            type_column=source.type_column,
            amount=measure,
            mart=source.mart,
            of_report=source.only,
            internal=internal,
            conditions=conditions.sql,
        )
    return Ledger(
        {
            "ledger_entries": entries,
            "standing": basis["standing"],
            "date_of_basis": basis["date"],
            "date_of_other_basis": "posted_date" if is_event else "event_date",
            "ledger_key": "event_id",
        },
        {
            "partner": request.partner,
            "from_date": request.from_date,
            "to_date": request.to_date,
            "zone": zone,
            "feed": source.feed,
            "other_key": source.other_key,
            **conditions.parameters,
        },
    ).by_key("event_id")


def take_period(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Make the temporary table `ledger_rows`, of the ledger's rows of the period."""
    ledger.run(connection, sql.load(__file__, "ledger_rows.sql"))


def key_by_account(connection: duckdb.DuckDBPyConnection) -> None:
    """Let rows of both sides be known by service account and currency.

    Where the statement has one row of them the ledger has one too, which is the sum of its rows
    (of several wallets, of an account that changed its type).
    """
    sql.run(connection, sql.load(__file__, "key_by_account.sql"))


def has_keys_of_period(connection: duckdb.DuckDBPyConnection, key: str) -> bool:
    """Whether a row of the statement has a key of the period, `event_id` or `other_id`."""
    found = connection.execute(
        f"select exists (select 1 from statement semi join ledger_rows on key = {key})"
    ).fetchone()
    return found == (True,)


def known_keys(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> tuple[int, int]:
    """How many rows of the statement have an event id of the ledger, and how many its other key.

    Of the ledger of all time.
    """
    found = ledger.run(connection, sql.load(__file__, "known_keys.sql")).fetchone()
    assert found is not None
    return found[0], found[1]
