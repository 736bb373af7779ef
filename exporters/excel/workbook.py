"""A workbook of a partner's reports: a sheet each, then the control; in packs a cover first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from exporters.excel import assembly, control_sheet
from exporters.excel.content import CONTROL, COVER, RECORD, About, Content
from exporters.excel.control_sheet import Section
from exporters.excel.report_sheet import report_words
from exporters.excel.sections import checked_totals, continued_sheets, missing_data, truncated_texts
from exporters.excel.template import ROW_LIMIT, Template
from exporters.i18n.language import ENGLISH, Language
from exporters.query import account_totals, attention, builder, identities
from exporters.query.totals import notes_on, totals_of
from exporters.request import coverage
from exporters.request.report_request import Request
from exporters.warehouse import published

if TYPE_CHECKING:
    import duckdb
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True)
class Written:
    """The content of a workbook that was written."""

    about: About
    contents: Sequence[Content]

    @property
    def rows(self) -> int:
        """The number of rows in all its reports."""
        return sum(content.totals.rows for content in self.contents)


# The title of a sheet in English, and the function that fills it.
Extra: TypeAlias = tuple[str, Callable[["Worksheet", About, Sequence[Content]], None]]


def write(
    connection: duckdb.DuckDBPyConnection,
    requests: Sequence[Request],
    path: Path,
    *,
    with_cover: bool = False,
    row_limit: int = ROW_LIMIT,
) -> Written:
    """Write reports of one partner to a workbook at `path`, a sheet each.

    With a cover, which needs all reports, a cover sheet comes first and the reconciliation record
    before the control. `row_limit` is how many rows a sheet can have.

    Raises:
        ReportError: what was written does not say what the queries say.
    """
    contents = []
    for place, request in enumerate(requests):
        content = content_of(connection, builder.materialized(connection, request, f"rows_{place}"))
        by_account = account_totals.of_request(connection, content.request, content.totals.rows)
        contents.append(replace(content, by_account=by_account))
    alert = coverage.outside(connection, [(each.request, each.totals.rows) for each in contents])
    contents = [replace(content, alert=alert) for content in contents]
    about = about_partner(connection, requests[0].partner, requests[0].language)
    items = attention.open_items(connection, requests[0])
    first: Extra | None = None
    last: Extra | None = None
    checked = identities.check(
        {
            content.request.report.id: (content.request.report, content.totals)
            for content in contents
        }
    )
    if with_cover:
        # What only packs need is not loaded for a small report.
        from exporters.excel import cover_sheet, record_sheet
        from exporters.query import key_figures

        figures = key_figures.of_pack(
            connection,
            requests,
            [content.totals for content in contents],
            about.version_at.date(),
        )
        checked += key_figures.checks(figures)
        by_id = {content.request.report.id: content.request for content in contents}
        found = attention.of_pack(
            connection, requests[0], by_id["margins"], by_id["credit-outlook"], items
        )
        first = COVER, partial(cover_sheet.write, figures=figures, found=found)
        last = RECORD, partial(record_sheet.write, found=found)
    sections = [
        checked_totals.section(about.language, checked),
        *missing_data.sections(connection, requests[0], items),
    ]
    write_contents(
        connection,
        about,
        contents,
        path,
        first=first,
        last=last,
        sections=sections,
        row_limit=row_limit,
    )
    return Written(about, contents)


def write_contents(
    connection: duckdb.DuckDBPyConnection,
    about: About,
    contents: Sequence[Content],
    path: Path,
    *,
    first: Extra | None = None,
    last: Extra | None = None,
    sections: Sequence[Section] = (),
    row_limit: int = ROW_LIMIT,
) -> int:
    """Write `contents` to a workbook at `path`, a sheet each and the control; the number of rows.

    `first` stands before them and `last` before the control. `sections` are for the control.

    Raises:
        ReportError: what was written does not say what the queries say.
    """
    template = Template(about, row_limit)

    def add(extra: Extra | None) -> None:
        if extra is not None:
            title, fill = extra
            fill(template.new_sheet(about.language.say(title)), about, contents)

    add(first)
    for content in contents:
        template.add_report(content)
    add(last)
    of_template = [
        continued_sheets.section(about, template.sheets),
        truncated_texts.section(connection, about, template.sheets, template.rows_per_sheet),
    ]
    control_sheet.write(
        template.new_sheet(about.language.say(CONTROL)),
        about,
        contents,
        [*(each for each in of_template if each is not None), *sections],
    )
    assembly.write(connection, template, path)
    return sum(content.totals.rows for content in contents)


def content_of(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    words: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
) -> Content:
    """The content of a request's sheets. Without `words` and `notes`, those of a report."""
    totals = totals_of(connection, request)
    return Content(
        request,
        totals,
        builder.extents(connection, request),
        tuple(report_words(request) if words is None else words),
        tuple(
            [*notes_on(request, totals), *coverage.notes(connection, request)]
            if notes is None
            else notes
        ),
    )


def about_partner(
    connection: duckdb.DuckDBPyConnection, partner: str, language: Language = ENGLISH
) -> About:
    """The source that the sheets of a partner name."""
    name = connection.execute(
        "select partner_name from reports.partners where partner_id = $partner",
        {"partner": partner},
    ).fetchone()
    version, version_at = published.version(connection)
    return About(partner, name[0] if name else None, version, version_at, language)
