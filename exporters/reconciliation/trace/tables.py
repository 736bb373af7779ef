"""The tables of a trace: deliveries, entries and report lines of some events.

Those that only discounts have are in discounts.py.

They are worked out in temporary tables beside the published marts: of the events in `temp.traced`
and the rows in `temp.refused`, which find.py leaves. Each table is a report of its own, so that
the terminal, JSON and a workbook show the same.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from exporters import sql
from exporters.catalogue.types import Column, Kind, Report
from exporters.query import builder
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb

Row: TypeAlias = dict[str, str | None]
MOST_DELIVERIES = 1_000  # a row may have come any number of times


NUMBER = Column("number", "No.", Kind.COUNT, "Running number.")
_EVENT = (
    Column("feed", "Feed", Kind.TEXT, "The feed that delivered it."),
    Column("event_id", "Event", Kind.ID, "The event's id in its feed, or that of a discount."),
)
_VERSION = Column("version", "Version", Kind.ID, "Its version.")
_PLACE = (
    Column("batch_id", "Batch", Kind.ID, "The batch."),
    Column("file", "File", Kind.ID, "The file; empty for a FOCUS line that is gone."),
    Column("row_number", "Row", Kind.COUNT, "The data row of the file, from 1."),
)
_CURRENCY = Column("currency", "Currency", Kind.TEXT, "ISO 4217 code of the amounts.")
ACCOUNT = (
    Column("service_account_id", "Service account", Kind.ID, "The billing unit."),
    Column("account_id", "Account", Kind.ID, "The account to which it belonged on the day."),
    Column("account_type", "Account type", Kind.TEXT, "`partner` or `customer`."),
    Column("wallet", "Wallet", Kind.ID, "The wallet of a credit movement."),
)

DELIVERIES = Report(
    "trace-deliveries",
    "Deliveries",
    "In which rows was it delivered, and what became of each?",
    (),
    (
        NUMBER,
        *_EVENT,
        _VERSION,
        *_PLACE,
        Column("verdict", "Verdict", Kind.TEXT, "accepted, repeated, stale or rejected."),
        Column("reason", "Reason", Kind.TEXT, "What it did, or why it did nothing."),
        _CURRENCY,
        Column("raw_values", "Values", Kind.TEXT, "The row, as a JSON object."),
        Column("raw_source", "Values are", Kind.TEXT, "Where the values come from."),
    ),
    "select * from temp.trace_deliveries left join temp.trace_values using (number)",
)
ENTRIES = Report(
    "trace-entries",
    "Entries",
    "Which entries did it make in the ledger, and what was applied to them?",
    (),
    (
        NUMBER,
        *_EVENT,
        Column("entry_type", "Entry", Kind.TEXT, "`original` or `reversal`."),
        _VERSION,
        Column("is_standing", "Stands", Kind.TEXT, "Whether nothing has reversed it."),
        Column("event_date", "Event date", Kind.DATE, "The day to which it belongs."),
        Column("recorded_date", "Recorded", Kind.DATE, "The day on which it was learned."),
        Column("posted_date", "Posted date", Kind.DATE, "The day on which it was posted."),
        Column("service_start", "Sold from", Kind.DATE, "First day of its service period."),
        Column("service_end", "Sold to", Kind.DATE, "Last day of its service period."),
        Column("partner_id", "Partner", Kind.ID, "Whose it is; empty when not known."),
        *ACCOUNT,
        Column("entry_kind", "Movement or charge", Kind.TEXT, "Type of the movement or charge."),
        Column("service_code", "Service", Kind.ID, "Code of the service."),
        Column("transaction_id", "Transaction", Kind.ID, "The payment or transfer."),
        Column("counterparty_service_account_id", "Counterparty", Kind.ID, "The other side."),
        Column("order_id", "Order", Kind.ID, "The order of a charge."),
        _CURRENCY,
        Column("amount", "Amount", Kind.MONEY, "Of a credit movement."),
        Column("net_movement", "Net movement", Kind.MONEY, "Its effect on the balance."),
        Column("held", "Held (change)", Kind.MONEY, "Its effect on held credit."),
        Column("list_amount", "List amount", Kind.MONEY, "Of a charge."),
        Column("discount_amount", "Discount", Kind.MONEY, "List less net amount."),
        Column("net_amount", "Net amount", Kind.MONEY, "Before tax."),
        Column("tax_amount", "Tax", Kind.MONEY, "Tax."),
        Column("partner_discount_rate", "Partner rate %", Kind.RATE, "The rate that applies."),
        Column("partner_cost_amount", "Partner cost", Kind.MONEY, "What the partner pays."),
        Column("partner_margin_amount", "Partner margin", Kind.MONEY, "What it keeps."),
        *_PLACE,
        Column("account_record", "By account record", Kind.TEXT, "The record that says whose."),
        Column("partner_discount_id", "Partner discount", Kind.ID, "The one that applies."),
        Column("partner_discount_record", "By discount record", Kind.TEXT, "Its latest record."),
        Column("discount_id", "Customer discount", Kind.ID, "The one that the charge names."),
        Column("discount_record", "By its record", Kind.TEXT, "Its latest record."),
    ),
    "select * from temp.trace_entries",
)
REPORT_LINES = Report(
    "trace-report-lines",
    "Report lines",
    "In which lines of the reports does it stand?",
    (),
    (
        NUMBER,
        *_EVENT,
        Column("basis", "Basis", Kind.TEXT, "`event` or `posted`."),
        Column("report", "Report", Kind.TEXT, "The report; empty where it is in none."),
        Column("partner_id", "Partner", Kind.ID, "In whose report."),
        Column("report_date", "Date", Kind.DATE, "The day: any period with it has the line."),
        *ACCOUNT,
        Column("entry_kind", "Movement or charge", Kind.TEXT, "As the report shows it."),
        Column("service_code", "Service", Kind.ID, "As the report shows it."),
        Column("discount_id", "Discount", Kind.ID, "As the report shows it."),
        _CURRENCY,
        Column("measure", "Column", Kind.TEXT, "The column of the report."),
        Column("amount", "Amount", Kind.MONEY, "What it adds to that column."),
        Column("entry_type", "Entry", Kind.TEXT, "The entry that does so."),
        _VERSION,
        Column("note", "Note", Kind.TEXT, "What else is to be known."),
    ),
    "select * from temp.trace_lines",
)
TABLES = (DELIVERIES, ENTRIES, REPORT_LINES)

_ALL_ENTRIES = sql.load(__file__, "all_entries.sql")
_WORKED_OUT = [
    sql.load(__file__, f"{name}.sql") for name in ("entries", "report_lines", "deliveries")
]


def prepare_entries(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `temp.all_credit_entries` and `temp.all_revenue_entries`, views of all entries."""
    sql.run(connection, _ALL_ENTRIES)


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Work out entries, report lines and the first `MOST_DELIVERIES` deliveries."""
    prepare_entries(connection)
    # Bound, so that the marts look for these ids before they join anything.
    events: dict[str, list[str]] = {"credits": [], "revenue": []}
    for feed, event_id in connection.execute("select feed, event_id from temp.traced").fetchall():
        if feed != "discounts":
            events["credits" if feed == "credits" else "revenue"].append(event_id)
    parameters = {
        "credit_events": events["credits"],
        "revenue_events": events["revenue"],
        "most_deliveries": MOST_DELIVERIES,
    }
    for statement in _WORKED_OUT:
        sql.run(connection, statement, parameters)


def request(report: Report) -> Request:
    """A request for a table of a trace; it has no partner and no period."""
    return Request(report, "", date.min, date.max)


def rows(connection: duckdb.DuckDBPyConnection, report: Report) -> list[Row]:
    """The rows of a table of a trace, every value as the text that stands in files."""
    wanted = builder.as_text(request(report))
    cursor = connection.execute(wanted.sql, wanted.parameters)
    names = [column.name for column in report.columns]
    return [
        {
            name: None if value is None else str(value)
            for name, value in zip(names, row, strict=True)
        }
        for row in cursor.fetchall()
    ]
