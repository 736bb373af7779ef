"""Reports as tables in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exporters import query
from exporters.catalogue import CONDITIONS, REPORTS, Column
from exporters.conditions import Request
from exporters.text import in_message, table

if TYPE_CHECKING:
    import duckdb


def show(connection: duckdb.DuckDBPyConnection, request: Request) -> None:
    """Print the report of a request that was checked: conditions, rows, totals per currency."""
    report = request.report
    rows_query = query.as_text(request)
    rows = connection.execute(rows_query.sql, rows_query.parameters).fetchall()
    totals = query.totals(connection, request)

    print(report.title)
    for label, value in [("Partner", request.partner), *request.in_words()]:
        print(f"{label}: {in_message(value)}")
    print()
    if not rows:
        print("No rows for these conditions.")
        return
    print(_table(report.columns, rows))
    print(f"\n{len(rows)} {'row' if len(rows) == 1 else 'rows'}")
    if totals.by_currency:
        currency = next(column for column in report.columns if column.name == "currency")
        print("\nTotals")
        print(
            _table(
                (currency, *report.total_line),
                [
                    (
                        total.currency,
                        *(
                            None if value is None else query.exact(value)
                            for value in total.line(report).values()
                        ),
                    )
                    for total in totals.by_currency
                ],
            )
        )
    for note in query.notes(request, totals):
        print(note)


def list_reports() -> None:
    """Print every report with its conditions."""
    for report in REPORTS.values():
        print(f"{report.id}: {report.title}")
        print(f"    {report.answers}")
        for name in report.conditions:
            condition = CONDITIONS[name]
            value = "|".join(condition.allowed) or "ID"
            print(f"    {condition.flag} {value}: {condition.description}")
        print(f"    columns: {', '.join(column.name for column in report.columns)}")
        print()
    print("Every report has --partner P, --from YYYY-MM-DD and --to YYYY-MM-DD (both included).")


def _table(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> str:
    return table([(column.label, column.kind.is_number) for column in columns], rows)
