"""A workbook put together: the template by openpyxl, the rows by DuckDB, and both read back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.errors import ReportError
from exporters.excel import verify
from exporters.excel.ooxml import cell_xml
from exporters.excel.ooxml.archive import Archive
from exporters.excel.ooxml.row_stream import RowStream, Writable, row_query, slices
from exporters.excel.report_sheet import FIRST_ROW, HEADER_ROW
from exporters.excel.template import Sheet, Template

if TYPE_CHECKING:
    import duckdb


def write(connection: duckdb.DuckDBPyConnection, template: Template, path: Path) -> None:
    """Copy the template's parts to `path`, with the rows of each report in its sheets.

    What is on the disk is read back, and compared with the queries' counts and sums.

    Raises:
        ReportError: it says something else.
    """
    money_styles = [template.money_styles(sheet.content.totals) for sheet in template.sheets]
    places = {sheet.part: place for place, sheet in enumerate(template.sheets)}
    sums: list[dict[str, list[Decimal]]] = []
    rows: RowStream | None = None
    archive = Archive(path, template.about.version_at)
    connection.execute(cell_xml.text_macros())
    with archive:
        for name, of_template in template.parts().items():
            if name not in places:
                archive.add(name, of_template, verify.check_part)
                continue
            sheet = template.sheets[places[name]]
            if rows is None or sheet.number == 0:
                rows = _rows(connection, template, sheet, money_styles[places[name]])
                sums.append({})
            read = partial(
                verify.check_rows,
                report=sheet.content.request.report,
                first_row=FIRST_ROW,
                rows=sheet.rows,
                sums=sums[-1],
            )
            with archive.part(name, read) as part:
                _splice(part, of_template, sheet, rows)
    archive.check()
    for sheet, found in zip((each for each in template.sheets if each.is_last), sums, strict=True):
        totals = sheet.content.totals
        expected = {total.currency: list(total.row_sums) for total in totals.by_currency}
        if found != expected:
            raise ReportError(
                f"sheet {sheet.title} of the workbook that was written adds up to {found}, "
                f"and the report to {expected}"
            )


def _rows(
    connection: duckdb.DuckDBPyConnection,
    template: Template,
    sheet: Sheet,
    money_styles: Mapping[str, int],
) -> RowStream:
    """The rows of the report whose first sheet it is."""
    request = sheet.content.request
    return RowStream(
        connection,
        [
            row_query(
                request, template.styles, money_styles, FIRST_ROW, template.rows_per_sheet, part
            )
            for part in slices(connection, request, sheet.content.totals.rows)
        ],
    )


def _splice(part: Writable, template_xml: bytes, sheet: Sheet, rows: RowStream) -> None:
    """Write a sheet: the template up to the row of labels, the rows, the rest of the template."""
    header = template_xml.index(b'<row r="%d"' % HEADER_ROW)
    split = template_xml.index(b"</row>", header) + len(b"</row>")
    part.write(template_xml[:split])
    rows.write(part, sheet.rows)
    part.write(template_xml[split:])
