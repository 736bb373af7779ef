"""The tables of a traced discount: its record, its status over time, its charges and its worth.

Like those of events they are worked out in temporary tables, of the discounts in `temp.traced`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from exporters import sql
from exporters.catalogue.columns import CURRENCY
from exporters.catalogue.types import Column, Kind, Report
from exporters.reconciliation.entry_columns import VERSION, columns_of
from exporters.reconciliation.trace.tables import ACCOUNT, NUMBER

if TYPE_CHECKING:
    import duckdb

MOST_CHARGES = 1_000  # a partner discount may apply to any number of them

_ID = columns_of("discounts", "discount_id")
_MEASURES = ("event_count", "list_amount", "discount_amount")

DISCOUNT = Report(
    "trace-discount",
    "Discount",
    "To whom does it apply, from when to when, and what says so?",
    (),
    (
        *_ID,
        *columns_of("discounts", "subject"),
        Column("partner_id", "Partner", Kind.ID, "Whose discount it is."),
        Column("partner_name", "Partner name", Kind.TEXT, "Its latest name."),
        *columns_of("discounts", "service_account_id", "service_account_name"),
        *columns_of("credit-balance", "account_id", "account_name"),
        *columns_of("discounts", "service_code", "service_name", "deal_id", "rate_percent"),
        Column("requested_on", "Requested", Kind.DATE, "The day of the request."),
        Column("approved_on", "Approved", Kind.DATE, "The day of the approval, if any."),
        Column("rejected_on", "Rejected", Kind.DATE, "The day of the rejection, if any."),
        Column("revoked_on", "Revoked", Kind.DATE, "The day of the revocation, if any."),
        *columns_of("discounts", "starts_on", "ends_on", "status"),
        Column("record", "By record", Kind.TEXT, "Its latest record, which counts."),
    ),
    "select * from temp.trace_discounts",
    unit="null",
)
STATUSES = Report(
    "trace-discount-statuses",
    "Status over time",
    "Which status had it on which days?",
    (),
    (
        NUMBER,
        *_ID,
        Column("from_date", "From", Kind.DATE, "The first day; empty before all others."),
        Column("to_date", "To", Kind.DATE, "The last day; empty where there is none."),
        *columns_of("discounts", "status"),
    ),
    "select * from temp.trace_discount_statuses",
    unit="null",
)
CHARGES = Report(
    "trace-discount-charges",
    "Charges",
    "To which charges was it applied?",
    (),
    (
        NUMBER,
        *_ID,
        *columns_of("revenue-detail", "event_id", "entry_type"),
        VERSION,
        Column("is_standing", "Stands", Kind.TEXT, "Whether nothing has reversed it."),
        Column("event_date", "Event date", Kind.DATE, "The day to which it belongs."),
        Column("posted_date", "Posted date", Kind.DATE, "The day on which it was posted."),
        Column("order_date", "Ordered", Kind.DATE, "The day that decides a partner discount."),
        Column("order_id", "Order", Kind.ID, "The order of the charge."),
        Column("partner_id", "Partner", Kind.ID, "Whose the charge is; empty when not known."),
        *ACCOUNT[:3],
        Column("feed", "Feed", Kind.TEXT, "The feed that delivered it."),
        *columns_of("revenue-detail", "charge_type"),
        Column("service_code", "Service", Kind.ID, "Code of the service."),
        CURRENCY,
        Column("list_amount", "List amount", Kind.MONEY, "Of the worth; empty without any."),
        Column("discount_amount", "Discount amount", Kind.MONEY, "The worth; likewise."),
        Column("note", "Note", Kind.TEXT, "Why it names the discount and has no worth."),
    ),
    "select * from temp.trace_discount_charges",
)
WORTH = Report(
    "trace-discount-worth",
    "Worth",
    "What does the discounts report say of it?",
    (),
    (
        NUMBER,
        *_ID,
        Column("basis", "Basis", Kind.TEXT, "`event` or `posted`."),
        Column("month", "Month", Kind.DATE, "First day of the month; empty over all time."),
        Column("partner_id", "Partner", Kind.ID, "In whose report."),
        Column("status", "Status", Kind.TEXT, "On the last day of the month."),
        CURRENCY,
        # They are of months and all time and of both bases, and so not to be added up.
        *(replace(column, total=False) for column in columns_of("discounts", *_MEASURES)),
    ),
    "select * from temp.trace_discount_lines",
)
TABLES = (DISCOUNT, STATUSES, CHARGES, WORTH)

_WORKED_OUT = [
    sql.load(__file__, f"{name}.sql")
    for name in ("discounts", "discount_statuses", "discount_charges", "discount_lines")
]


def prepare(connection: duckdb.DuckDBPyConnection) -> int:
    """Work out all tables of the traced discounts, with their first `MOST_CHARGES` charges.

    `temp.all_revenue_entries` is there (`tables.prepare_entries`). Returns how many charges there
    are.
    """
    # Bound, so that the marts look for these ids before they join anything.
    traced = connection.execute(
        "select event_id from temp.traced where feed = 'discounts'"
    ).fetchall()
    parameters = {"discounts": [row[0] for row in traced], "most_charges": MOST_CHARGES}
    for statement in _WORKED_OUT:
        sql.run(connection, statement, parameters)
    ((charge_count,),) = connection.execute(
        "select coalesce(max(charge_count), 0) from temp.trace_discount_charges"
    ).fetchall()
    return int(charge_count)
