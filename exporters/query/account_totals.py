"""Totals by service account, for reports that have several rows of an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.catalogue.percent import share_sql
from exporters.catalogue.types import Column
from exporters.query import builder
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb

_KEYS = (
    "service_account_id",
    "service_account_name",
    "account_id",
    "account_name",
    "account_type",
    "currency",
)
MOST = 10_000  # lines below a table; beyond that one looks accounts up in the reports by account


@dataclass(frozen=True)
class AccountTotals:
    """Sums of a report's rows per service account and currency.

    Attributes:
        columns: what a line has: account, currency, the columns that are summed, and shares of
            these.
        lines: their values, in the order of the report; none where there are more than `MOST`.
    """

    columns: tuple[Column, ...]
    lines: Sequence[tuple[object, ...]]


def of_request(
    connection: duckdb.DuckDBPyConnection, request: Request, rows: int
) -> AccountTotals | None:
    """Totals by account of a report with `rows` rows; None where they would add nothing.

    That is: the report does not name accounts, has a row for each, or has a single one. Transfers
    between the partner's accounts are included.
    """
    report = request.report
    names = [column.name for column in report.columns]
    if "account" not in report.conditions or not set(_KEYS) <= set(names):
        return None
    columns = tuple(
        column
        for column in report.columns
        if column.name in _KEYS or column.total or column.share_of
    )
    keys = ", ".join(column.name for column in columns if column.name in _KEYS)
    sums = ", ".join(f"sum({column.name}) as {column.name}" for column in columns if column.total)
    values = ", ".join(
        f"{share_sql(*column.share_of)} as {column.name}" if column.share_of else column.name
        for column in columns
    )
    order = ", ".join(f"{key} nulls last" for key in keys.split(", "))
    listed = builder.typed(request)
    lines = connection.execute(
        f"""
        select {values}
        from (
            select {keys}, {sums}
            from ({listed.sql}) as report
            group by {keys}
        )
        order by {order}
        limit {MOST + 1}
        """,
        listed.parameters,
    ).fetchall()
    accounts = {line[0] for line in lines}
    if len(accounts) < 2 or len(lines) == rows:
        return None
    return AccountTotals(columns, lines if len(lines) <= MOST else ())
