"""Reports as a workbook: the frame by openpyxl, the rows by DuckDB, and both read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from exporters import cells, control, cover, published, query, readback
from exporters.archive import Archive
from exporters.conditions import Request
from exporters.errors import ReportError
from exporters.frame import ROW_LIMIT, Frame, Sheet
from exporters.report_sheet import FIRST_ROW, HEADER_ROW, About, Content, report_words
from exporters.sheet_rows import RowStream, Writable, row_query, slices

if TYPE_CHECKING:
    import duckdb
    from openpyxl.worksheet.worksheet import Worksheet

FirstSheet: TypeAlias = tuple[str, Callable[["Worksheet", About, Sequence[Content]], None]]

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
    with frame.archive() as source, archive:
        for name in source.namelist():
            if name not in places:
                archive.add(name, source.read(name), readback.check_part)
                continue
            sheet = frame.sheets[places[name]]
            if rows is None or sheet.number == 0:
                rows = _rows(connection, frame, sheet, money_styles[places[name]])
                sums.append({})
            read = partial(
                readback.check_rows,
                report=sheet.content.request.report,
                first_row=FIRST_ROW,
                rows=sheet.rows,
                sums=sums[-1],
            )
            with archive.part(name, read) as part:
                _splice(part, source.read(name), sheet, rows)
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
