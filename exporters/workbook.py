"""Reports as a workbook: the frame by openpyxl, the rows by DuckDB, and both read back.

The archive's entries carry the time of the published version and nothing of the clock, so the
same request gives the same bytes.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from exporters import control, cover, published, query, readback
from exporters.conditions import Request
from exporters.errors import ReportError
from exporters.frame import ROW_LIMIT, Frame, Sheet
from exporters.report_sheet import FIRST_ROW, HEADER_ROW, About, Content, report_words
from exporters.sheet_rows import RowStream, row_query

if TYPE_CHECKING:
    import duckdb
    from openpyxl.worksheet.worksheet import Worksheet

FirstSheet: TypeAlias = tuple[str, Callable[["Worksheet", About, Sequence[Content]], None]]

# Rows are so alike that more effort saves little: level 6 takes three times as long for a fifth.
_COMPRESSION_LEVEL = 2
# What may follow `ignoredErrors` in a sheet, of what openpyxl writes.
_AFTER_IGNORED_ERRORS = re.compile(rb"<drawing|<legacyDrawing|<tableParts|</worksheet>")


def write(
    connection: duckdb.DuckDBPyConnection,
    requests: Sequence[Request],
    path: Path,
    *,
    with_cover: bool = False,
    row_limit: int = ROW_LIMIT,
) -> int:
    """Write reports of one partner to a workbook at `path`, a sheet each; the number of rows.

    With a cover, which needs all seven reports, a cover sheet comes first. `row_limit` is how
    many rows a sheet can have.

    Raises:
        ReportError: what was written does not say what the queries say.
    """
    contents = [content_of(connection, request) for request in requests]
    first = ("Cover", cover.write) if with_cover else None
    about = about_partner(connection, requests[0].partner)
    return write_contents(connection, about, contents, path, first=first, row_limit=row_limit)


def write_contents(
    connection: duckdb.DuckDBPyConnection,
    about: About,
    contents: Sequence[Content],
    path: Path,
    *,
    first: FirstSheet | None = None,
    row_limit: int = ROW_LIMIT,
) -> int:
    """Write `contents` to a workbook at `path`, a sheet each and the control; the number of rows.

    `first` is the title of a sheet before them and the function that fills it. Every content has
    a column `currency`.

    Raises:
        ReportError: what was written does not say what the queries say.
    """
    frame = Frame(about, row_limit)
    if first is not None:
        title, fill = first
        fill(frame.new_sheet(title), about, contents)
    for content in contents:
        frame.add_report(content)
    control.write(frame.new_sheet("Control"), about, contents)
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


def about_partner(connection: duckdb.DuckDBPyConnection, partner: str) -> About:
    """What the sheets of a partner say of where their figures come from."""
    name = connection.execute(
        "select partner_name from reports.partners where partner_id = $partner",
        {"partner": partner},
    ).fetchone()
    version, version_at = published.version(connection)
    return About(partner, name[0] if name else None, version, version_at)


def _assemble(connection: duckdb.DuckDBPyConnection, frame: Frame, path: Path) -> None:
    """Copy the frame's parts to `path`, with the rows of each report in its sheets."""
    money_styles = [frame.money_styles(sheet.content.totals) for sheet in frame.sheets]
    sheets = {sheet.part: place for place, sheet in enumerate(frame.sheets)}
    rows: RowStream | None = None
    with (
        frame.archive() as source,
        zipfile.ZipFile(path, "w") as out,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _entry_time(frame.about.version_at))
            entry.compress_type = zipfile.ZIP_DEFLATED
            # An entry that is opened has no other way to be told its level before Python 3.13.
            entry._compresslevel = _COMPRESSION_LEVEL  # type: ignore[attr-defined]
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            with out.open(entry, "w", force_zip64=name in sheets) as part:
                if name not in sheets:
                    part.write(source.read(name))
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
                _splice(part, source.read(name), sheet, rows)


def _splice(part: IO[bytes], frame_xml: bytes, sheet: Sheet, rows: RowStream) -> None:
    """Write a sheet: the frame up to the row of labels, the rows, the rest of the frame."""
    header = frame_xml.index(b'<row r="%d"' % HEADER_ROW)
    split = frame_xml.index(b"</row>", header) + len(b"</row>")
    part.write(frame_xml[:split])
    rows.write(part, sheet.rows)
    rest = frame_xml[split:]
    # Ids that look like numbers are meant to be text; openpyxl cannot say so.
    after = _AFTER_IGNORED_ERRORS.search(rest)
    if after is None:
        raise ReportError(f"the frame of sheet {sheet.title} has no end")
    part.write(rest[: after.start()])
    part.write(
        b'<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/>'
        b"</ignoredErrors>"
    )
    part.write(rest[after.start() :])


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
