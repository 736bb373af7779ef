"""Queries of the reports, made from the templates in the `.sql` files here.

The blanks `date`, `standing`, `entries` (of the basis) and `conditions` are filled for a request.
What a user typed reaches a query as a bound parameter and in no other way.
"""

from __future__ import annotations

from collections.abc import Iterable

from exporters import sql
from exporters.catalogue.columns import REPORT_DATE
from exporters.catalogue.percent import share_sql
from exporters.catalogue.types import Column

# Charges counted as the daily marts count them, for what is not in their grain.
CHARGES = "(select *, entry_count as event_count from reports.revenue_detail)"
CREDIT_BALANCE = sql.load(__file__, "credit_balance.sql")
ALLOCATED_ENTRIES = sql.load(__file__, "allocated_entries.sql")
DEFERRED_REVENUE = sql.load(__file__, "deferred_revenue.sql")
REVENUE_WATERFALL = sql.load(__file__, "revenue_waterfall.sql")
DAILY_PARTS = sql.load(__file__, "daily_parts.sql")
ALLOCATED_PARTS = sql.load(__file__, "allocated_parts.sql")
CREDIT_OUTLOOK = sql.load(__file__, "credit_outlook.sql").replace("{balances}", CREDIT_BALANCE)

_ENTRIES = sql.load(__file__, "entries.sql")
_DAILY = sql.load(__file__, "daily.sql")
_REVENUE_SUMS = sql.load(__file__, "revenue_sums.sql")
_DISCOUNTS = sql.load(__file__, "discounts.sql")
_CREDIT_STATEMENT = sql.load(__file__, "credit_statement.sql")
_LEFT_TO_FILL = {name: f"{{{name}}}" for name in ("date", "standing", "entries", "conditions")}

# What parts of charges are added up by, and where the names of some of it stand.
_KEYS = ("service_account_id", "account_id", "account_type", "service_code", "currency")
_NAMED_BY = {
    "service_account_id": ("service_account_name", "reports.service_accounts"),
    "account_id": ("account_name", "dimensions.account_names"),
    "service_code": ("service_name", "reports.services"),
}


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


def discounts(columns: tuple[Column, ...], *, compared: bool = False) -> str:
    """A query for discounts with what they were worth in the period.

    `compared`: and in the earlier one, in `<measure>_before`. A discount is listed when either
    period lists it, as it is at the end of the later one.
    """
    measures = [column.name for column in columns if column.total]
    periods = {"": ("$from_date", "$to_date")}
    if compared:
        periods["_before"] = ("$earlier_from_date", "$earlier_to_date")
    each = [(measure, suffix) for suffix in periods for measure in measures]
    within = {
        suffix: f"{{date}} between {start} and {end}" for suffix, (start, end) in periods.items()
    }
    return _DISCOUNTS.format(
        worth=", ".join(
            f"coalesce(sum({measure}) filter (where {within[suffix]}), 0) as {measure}{suffix}"
            for measure, suffix in each
        ),
        periods=" or ".join(within.values()),
        counted=" or ".join(
            f"{{entries}} filter (where {condition}) <> 0" for condition in within.values()
        ),
        measures=", ".join(
            f"coalesce(worth.{measure}{suffix}, 0) as {measure}{suffix}" for measure, suffix in each
        ),
        listed=" or ".join(
            f"(discounts.requested_on <= {end} and (discounts.over_after is null "
            f"or discounts.over_after >= {start}))"
            for start, end in periods.values()
        ),
        **_LEFT_TO_FILL,
    )


def credit_statement(columns: tuple[Column, ...]) -> str:
    """The query of the credit statement, whose columns are those of the ledger's entries."""
    return _CREDIT_STATEMENT.format(
        columns=", ".join(column.name for column in columns), **_LEFT_TO_FILL
    )


def revenue_sums(parts: str, columns: tuple[Column, ...], only: str = "true") -> str:
    """A query that adds up parts of charges by the columns that identify a row.

    `parts` is DAILY_PARTS or ALLOCATED_PARTS, `only` a condition on them.
    """
    keys = [column.name for column in columns if column.name in _KEYS]
    return _REVENUE_SUMS.format(
        parts=parts,
        keys=", ".join(keys),
        name_joins="\n".join(
            f"left join (select {key}, {name} from {source}) as {key}_names using ({key})"
            for key, (name, source) in _NAMED_BY.items()
            if key in keys
        ),
        margin_percent=share_sql("partner_margin_amount", "net_amount"),
        **{**_LEFT_TO_FILL, "conditions": f"{only} and {{conditions}}"},
    )


def _named(columns: Iterable[Column]) -> str:
    """Columns as they stand in a mart; `report_date` is one of its two dates."""
    return ", ".join(
        "{date} as report_date" if column is REPORT_DATE else column.name for column in columns
    )
