"""Queries of the reports, made from the templates in the `.sql` files here.

The blanks `date`, `standing`, `entries` (of the basis) and `conditions` are filled for a request.
What a user typed reaches a query as a bound parameter and in no other way.
"""

from __future__ import annotations

from collections.abc import Iterable

from exporters import sql
from exporters.catalogue.columns import REPORT_DATE
from exporters.catalogue.types import Column

# Charges counted as the daily marts count them, for what is not in their grain.
CHARGES = "(select *, entry_count as event_count from reports.revenue_detail)"
CREDIT_BALANCE = sql.load(__file__, "credit_balance.sql")
DISCOUNTS = sql.load(__file__, "discounts.sql")

_ENTRIES = sql.load(__file__, "entries.sql")
_DAILY = sql.load(__file__, "daily.sql")
_LEFT_TO_FILL = {name: f"{{{name}}}" for name in ("date", "standing", "entries", "conditions")}


def entries(source: str, columns: tuple[Column, ...]) -> str:
    """A query for ledger entries of a mart, one row each."""
    return _ENTRIES.format(source=source, columns=_named(columns), **_LEFT_TO_FILL)


def daily(source: str, columns: tuple[Column, ...]) -> str:
    """A query that adds up the daily sums of a mart for each combination of the other columns."""
    keys = [column for column in columns if not column.total]
    sums = [f"sum({column.name}) as {column.name}" for column in columns if column.total]
    return _DAILY.format(
        source=source,
        columns=", ".join([_named(keys), *sums]),
        keys=", ".join("{date}" if key is REPORT_DATE else key.name for key in keys),
        **_LEFT_TO_FILL,
    )


def _named(columns: Iterable[Column]) -> str:
    """Columns as they stand in a mart; `report_date` is one of its two dates."""
    return ", ".join(
        "{date} as report_date" if column is REPORT_DATE else column.name for column in columns
    )
