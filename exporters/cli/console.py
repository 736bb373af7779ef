"""Reports as tables in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exporters.catalogue.conditions import CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Column, Kind
from exporters.escaping import in_message
from exporters.i18n.language import Language
from exporters.query import builder
from exporters.request import coverage
from exporters.request.conditions import Request
from exporters.terminal_table import TOO_WIDE, table
from exporters.warehouse import published

if TYPE_CHECKING:
    import duckdb


def show(connection: duckdb.DuckDBPyConnection, request: Request) -> int:
    """Print the report of a request that was checked: conditions, rows, totals per currency.

    Returns how many rows it has.
    """
    report = request.report
    rows_query = builder.as_text(request)
    rows = connection.execute(rows_query.sql, rows_query.parameters).fetchall()
    totals = builder.totals(connection, request)

    language = request.language
    say = language.say
    print(say(report.title))
    _, version_at = published.version(connection)
    for label, value in [
        (say("Partner"), request.partner),
        *request.in_words(),
        (say("Data as of"), language.moment(version_at)),
    ]:
        print(f"{label}: {in_message(value)}")
    print()
    if not rows:
        print(say("No rows for these conditions."))
        return 0
    print(_table(language, report.columns, rows))
    count = "{count} row" if len(rows) == 1 else "{count} rows"
    print(f"\n{say(count, count=language.number(str(len(rows))))}")
    if totals.by_currency:
        currency = next(column for column in report.columns if column.name == "currency")
        print(f"\n{say('Totals')}")
        print(
            _table(
                language,
                (currency, *report.total_line),
                [
                    (
                        total.currency,
                        *(
                            None if value is None else builder.exact(value)
                            for value in total.line(report).values()
                        ),
                    )
                    for total in totals.by_currency
                ],
            )
        )
    for note in [*builder.notes(request, totals), *coverage.notes(connection, request)]:
        print(note)
    return len(rows)


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


def _table(language: Language, columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> str:
    headings = [(language.say(column.label), column.kind.is_number) for column in columns]
    return table(
        headings,
        [
            [
                None if value is None else _shown(language, column, str(value))
                for column, value in zip(columns, row, strict=True)
            ]
            for row in rows
        ],
        language.say(TOO_WIDE),
    )


def _shown(language: Language, column: Column, text: str) -> str:
    """A value of a column, given as the text that stands in files."""
    if column.kind.is_number:
        return language.number(text)
    match column.kind:
        case Kind.DATE:
            return language.day(text)
        case Kind.TIMESTAMP:
            return language.moment(text)
        case _:
            return language.word(column.name, text)
