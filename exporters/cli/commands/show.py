"""`show`: one report as a table in the terminal."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from exporters.catalogue.types import Column, Kind
from exporters.cli.console import warn
from exporters.cli.exit_status import DONE
from exporters.cli.options import add_report_request, request_of
from exporters.escaping import in_message
from exporters.i18n.language import ENGLISH, Language
from exporters.request.report_request import Request
from exporters.terminal_table import TOO_WIDE, table

if TYPE_CHECKING:
    import duckdb


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_report_request(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check the request and print its report."""
    request = request_of(arguments)
    from exporters.request import coverage
    from exporters.request.partners import check_known
    from exporters.warehouse.published import open_published

    with open_published(arguments.home) as connection:
        check_known(connection, request)
        rows = show(connection, request)
        spoken = replace(request, language=ENGLISH)
        warn(coverage.outside(connection, [(spoken, rows)]))
    return DONE


def show(connection: duckdb.DuckDBPyConnection, request: Request) -> int:
    """Print the report of a request that was checked: conditions, rows, totals per currency.

    Returns how many rows it has.
    """
    from exporters.query import builder
    from exporters.query.amounts import exact
    from exporters.query.totals import notes_on, totals_of
    from exporters.request import coverage
    from exporters.warehouse import published

    report = request.report
    rows_query = builder.as_text(request)
    rows = connection.execute(rows_query.sql, rows_query.parameters).fetchall()
    totals = totals_of(connection, request)

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
    count = language.grouped(len(rows))
    print(f"\n{language.say_count('{count} row', '{count} rows', len(rows), count=count)}")
    lines = totals.lines(report) + totals.subtotals(report)
    if lines:
        named = ("currency", *([report.parts] if any(each.part for each in lines) else []))
        keys = [column for name in named for column in report.columns if column.name == name]
        print(f"\n{say('Totals')}")
        print(
            _table(
                language,
                (*keys, *report.total_line),
                [
                    (
                        *(total.currency, total.part)[: len(keys)],
                        *(
                            None if value is None else exact(value)
                            for value in total.line(report).values()
                        ),
                    )
                    for total in lines
                ],
            )
        )
    for note in [*notes_on(request, totals), *coverage.notes(connection, request)]:
        print(note)
    return len(rows)


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
    match column.kind:
        case Kind.INTEGER:  # as in workbooks: a version is no amount
            return text
        case kind if kind.is_number:
            return language.grouped(text)
        case Kind.DATE:
            return language.day(text)
        case Kind.TIMESTAMP:
            return language.moment(text)
        case _:
            return language.word(column.name, text)
