"""Reports as a workbook: the frame by openpyxl, the rows by DuckDB, and both read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from exporters.errors import ReportError
from exporters.excel import control, verify
from exporters.excel.control import Section
from exporters.excel.frame import ROW_LIMIT, Frame, Sheet
from exporters.excel.ooxml import cells
from exporters.excel.ooxml.archive import Archive
from exporters.excel.ooxml.sheet_rows import RowStream, Writable, row_query, slices
from exporters.excel.report_sheet import FIRST_ROW, HEADER_ROW, About, Content, report_words
from exporters.excel.sections import cut_texts, not_included
from exporters.i18n.language import ENGLISH, N_, Language
from exporters.query import account_totals, builder, identities
from exporters.query.identities import Checked
from exporters.query.totals import notes_on, totals_of
from exporters.request import coverage
from exporters.request.report_request import Request
from exporters.warehouse import published

if TYPE_CHECKING:
    import duckdb
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True)
class Written:
    """What is in a workbook that was written."""

    about: About
    contents: Sequence[Content]

    @property
    def rows(self) -> int:
        """The number of rows in all its reports."""
        return sum(content.totals.rows for content in self.contents)


FirstSheet: TypeAlias = tuple[str, Callable[["Worksheet", About, Sequence[Content]], None]]


def write(
    connection: duckdb.DuckDBPyConnection,
    requests: Sequence[Request],
    path: Path,
    *,
    with_cover: bool = False,
    row_limit: int = ROW_LIMIT,
) -> Written:
    """Write reports of one partner to a workbook at `path`, a sheet each.

    With a cover, which needs all seven reports, a cover sheet comes first. `row_limit` is how
    many rows a sheet can have.

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
    first: FirstSheet | None = None
    checked = identities.check(
        {
            content.request.report.id: (content.request.report, content.totals)
            for content in contents
        }
    )
    if with_cover:
        # What only packs need is not loaded for a small report.
        from exporters.excel import cover
        from exporters.excel.sections import key_figures

        figures = key_figures.of_pack(
            connection,
            requests,
            [content.totals for content in contents],
            about.version_at.date(),
        )
        checked += key_figures.checks(figures)
        first = "Cover", partial(cover.write, figures=figures)
    sections = [
        _identities(about.language, checked),
        *not_included.sections(connection, requests[0]),
    ]
    write_contents(
        connection, about, contents, path, first=first, sections=sections, row_limit=row_limit
    )
    return Written(about, contents)


def write_contents(
    connection: duckdb.DuckDBPyConnection,
    about: About,
    contents: Sequence[Content],
    path: Path,
    *,
    first: FirstSheet | None = None,
    sections: Sequence[Section] = (),
    row_limit: int = ROW_LIMIT,
) -> int:
    """Write `contents` to a workbook at `path`, a sheet each and the control; the number of rows.

    `first` is the title, in English, of a sheet before them and the function that fills it.
    `sections` are for the control.

    Raises:
        ReportError: what was written does not say what the queries say.
    """
    frame = Frame(about, row_limit)
    if first is not None:
        title, fill = first
        fill(frame.new_sheet(about.language.say(title)), about, contents)
    for content in contents:
        frame.add_report(content)
    of_frame = [
        _continued(about, frame.sheets),
        cut_texts.section(connection, about, frame.sheets, frame.rows_per_sheet),
    ]
    control.write(
        frame.new_sheet(about.language.say("Control")),
        about,
        contents,
        [*(each for each in of_frame if each is not None), *sections],
    )
    _assemble(connection, frame, path)
    return sum(content.totals.rows for content in contents)


def content_of(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    words: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
) -> Content:
    """What the sheets of a request are made of; its words and notes are those of a report."""
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
    """What the sheets of a partner say of where their figures come from."""
    name = connection.execute(
        "select partner_name from reports.partners where partner_id = $partner",
        {"partner": partner},
    ).fetchone()
    version, version_at = published.version(connection)
    return About(partner, name[0] if name else None, version, version_at, language)


def _identities(language: Language, checked: Sequence[Checked]) -> Section:
    """What was checked between the totals of reports."""
    say = language.say
    return Section(
        say("Checked"),
        (
            say(
                "Every sheet was read again after it was written: its rows and their sums are "
                "those of the ledger."
            ),
            *((say("These totals of all rows must be equal:"),) if checked else ()),
        ),
        {
            "A": say("Result"),
            "C": say("Currency"),
            "E": say("Left side"),
            "F": say("Right side"),
            "G": say("Difference"),
            "H": say("What must be equal"),
        },
        [
            {
                "A": say("differs") if each.difference else say("equal"),
                "C": each.currency,
                "E": each.left,
                "F": each.right,
                "G": each.difference,
                "H": say(each.words),
            }
            for each in checked
        ],
        frozenset(place for place, each in enumerate(checked) if each.difference),
    )


def _continued(about: About, sheets: Sequence[Sheet]) -> Section | None:
    """Which sheets continue on which, if any do."""
    say = about.language.say
    lines: list[dict[str, str | int]] = []
    for sheet, after in zip(sheets, [*sheets[1:], None], strict=True):
        if sheet.number or not sheet.is_last:
            is_continued = after is not None and after.number > sheet.number
            more = {"D": after.title} if after is not None and is_continued else {}
            lines.append({"A": sheet.title, "B": sheet.rows, **more})
    if not lines:
        return None
    labels = {"A": N_("Sheet"), "B": N_("Rows"), "D": N_("Continues on")}
    return Section(
        say("Sheets that continue"),
        (say("A sheet cannot have more rows; totals stand on the last one."),),
        {letter: say(label) for letter, label in labels.items()},
        lines,
    )


def _assemble(connection: duckdb.DuckDBPyConnection, frame: Frame, path: Path) -> None:
    """Copy the frame's parts to `path`, with the rows of each report in its sheets.

    What is on the disk is read back, and compared with the queries' counts and sums.

    Raises:
        ReportError: it says something else.
    """
    money_styles = [frame.money_styles(sheet.content.totals) for sheet in frame.sheets]
    places = {sheet.part: place for place, sheet in enumerate(frame.sheets)}
    sums: list[dict[str, list[Decimal]]] = []
    rows: RowStream | None = None
    archive = Archive(path, frame.about.version_at)
    connection.execute(cells.text_macros())
    with archive:
        for name, of_frame in frame.parts().items():
            if name not in places:
                archive.add(name, of_frame, verify.check_part)
                continue
            sheet = frame.sheets[places[name]]
            if rows is None or sheet.number == 0:
                rows = _rows(connection, frame, sheet, money_styles[places[name]])
                sums.append({})
            read = partial(
                verify.check_rows,
                report=sheet.content.request.report,
                first_row=FIRST_ROW,
                rows=sheet.rows,
                sums=sums[-1],
            )
            with archive.part(name, read) as part:
                _splice(part, of_frame, sheet, rows)
    archive.check()
    for sheet, found in zip((each for each in frame.sheets if each.is_last), sums, strict=True):
        totals = sheet.content.totals
        expected = {total.currency: list(total.row_sums) for total in totals.by_currency}
        if found != expected:
            raise ReportError(
                f"sheet {sheet.title} of the workbook that was written adds up to {found}, "
                f"and the report to {expected}"
            )


def _rows(
    connection: duckdb.DuckDBPyConnection,
    frame: Frame,
    sheet: Sheet,
    money_styles: Mapping[str, int],
) -> RowStream:
    """The rows of the report whose first sheet it is."""
    request = sheet.content.request
    return RowStream(
        connection,
        [
            row_query(request, frame.styles, money_styles, FIRST_ROW, frame.rows_per_sheet, part)
            for part in slices(connection, request, sheet.content.totals.rows)
        ],
    )


def _splice(part: Writable, frame_xml: bytes, sheet: Sheet, rows: RowStream) -> None:
    """Write a sheet: the frame up to the row of labels, the rows, the rest of the frame."""
    header = frame_xml.index(b'<row r="%d"' % HEADER_ROW)
    split = frame_xml.index(b"</row>", header) + len(b"</row>")
    part.write(frame_xml[:split])
    rows.write(part, sheet.rows)
    part.write(frame_xml[split:])
