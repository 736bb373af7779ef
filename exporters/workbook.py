"""Reports as a workbook: the frame by openpyxl, the rows by DuckDB, and both read back.

The archive's entries carry the time of the published version and nothing of the clock, so the
same request gives the same bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from exporters import (
    account_totals,
    control,
    cover,
    cut_texts,
    identities,
    key_figures,
    not_included,
    published,
    query,
    readback,
)
from exporters.conditions import Request
from exporters.control import Section
from exporters.errors import ReportError
from exporters.frame import ROW_LIMIT, Frame, Sheet
from exporters.identities import Checked
from exporters.language import ENGLISH, Language
from exporters.report_sheet import FIRST_ROW, HEADER_ROW, About, Content, report_words
from exporters.sheet_rows import RowStream, row_query

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

_COMPRESSION_LEVEL = 1  # rows are so alike that more effort saves little


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
    for request in requests:
        content = content_of(connection, request)
        by_account = account_totals.of_request(connection, request, content.totals.rows)
        contents.append(replace(content, by_account=by_account))
    about = about_partner(connection, requests[0].partner, requests[0].language)
    first: FirstSheet | None = None
    checked = identities.check(
        {
            content.request.report.id: (content.request.report, content.totals)
            for content in contents
        }
    )
    if with_cover:
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

    `first` is the title, in English, of a sheet before them and the function that fills it. Every
    content has a column `currency`. `sections` are for the control.

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
    _check(path, frame.sheets)
    return sum(content.totals.rows for content in contents)


def content_of(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    words: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
) -> Content:
    """What the sheets of a request are made of; its words and notes are those of a report."""
    totals = query.totals(connection, request)
    return Content(
        request,
        totals,
        query.extents(connection, request),
        tuple(report_words(request) if words is None else words),
        tuple(query.notes(request, totals) if notes is None else notes),
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
    labels = {"A": "Sheet", "B": "Rows", "D": "Continues on"}
    return Section(
        say("Sheets that continue"),
        (say("A sheet cannot have more rows; totals stand on the last one."),),
        {letter: say(label) for letter, label in labels.items()},
        lines,
    )


def _assemble(connection: duckdb.DuckDBPyConnection, frame: Frame, path: Path) -> None:
    """Copy the frame's parts to `path`, with the rows of each report in its sheets."""
    money_styles = [frame.money_styles(sheet.content.totals) for sheet in frame.sheets]
    sheets = {sheet.part: place for place, sheet in enumerate(frame.sheets)}
    rows: RowStream | None = None
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION_LEVEL) as out:
        for name, of_frame in frame.parts().items():
            entry = zipfile.ZipInfo(name, _entry_time(frame.about.version_at))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            with out.open(entry, "w", force_zip64=name in sheets) as part:
                if name not in sheets:
                    part.write(of_frame)
                    continue
                sheet = frame.sheets[sheets[name]]
                if rows is None or sheet.number == 0:
                    rows = RowStream(
                        connection,
                        row_query(
                            sheet.content.request,
                            frame.styles,
                            money_styles[sheets[name]],
                            FIRST_ROW,
                            frame.rows_per_sheet,
                        ),
                    )
                _splice(part, of_frame, sheet, rows)


def _splice(part: IO[bytes], frame_xml: bytes, sheet: Sheet, rows: RowStream) -> None:
    """Write a sheet: the frame up to the row of labels, the rows, the rest of the frame."""
    header = frame_xml.index(b'<row r="%d"' % HEADER_ROW)
    split = frame_xml.index(b"</row>", header) + len(b"</row>")
    part.write(frame_xml[:split])
    rows.write(part, sheet.rows)
    part.write(frame_xml[split:])


def _check(path: Path, sheets: Sequence[Sheet]) -> None:
    """Read everything back and compare the rows with the queries' counts and sums."""
    with_rows = {sheet.part for sheet in sheets}
    sums: dict[str, list[Decimal]] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name not in with_rows:
                with archive.open(name) as part:
                    readback.check_part(part)
        for sheet in sheets:
            totals, report = sheet.content.totals, sheet.content.request.report
            with archive.open(sheet.part) as part:
                readback.check_rows(part, report, FIRST_ROW, sheet.rows, sums)
            if not sheet.is_last:
                continue
            expected = {total.currency: list(total.row_sums) for total in totals.by_currency}
            if sums != expected:
                raise ReportError(
                    f"sheet {sheet.title} of the workbook that was written adds up to {sums}, "
                    f"and the report to {expected}"
                )
            sums = {}


def _entry_time(moment: datetime) -> tuple[int, int, int, int, int, int]:
    """A time that a zip entry can carry."""
    moment = min(max(moment, datetime(1980, 1, 1)), datetime(2107, 12, 31, 23, 59, 58))
    return moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second
