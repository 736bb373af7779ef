"""One report sheet with openpyxl (write-only) and with XlsxWriter (constant memory).

The same cells that `partner-reports export` writes, in the same places: the row of labels and the
rows of the report, with the same number formats, from the same query on the same file. What the
export adds (title, conditions, widths, filter, totals, control sheet, reading everything back)
they leave out. Both are used in their fastest way: openpyxl with one prepared style a column,
XlsxWriter with typed write methods.

    python benchmarks/xlsx.py openpyxl|xlsxwriter HOME REPORT PARTNER FROM TO OUTPUT.xlsx
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Column, Kind
from exporters.excel import styles
from exporters.excel.report_sheet import HEADER_ROW
from exporters.query import builder
from exporters.request.report_request import Request
from exporters.warehouse.published import open_published

Rows = Iterator[tuple[Any, ...]]


def with_openpyxl(columns: Sequence[Column], units: dict[str, int], rows: Rows, path: Path) -> None:
    """Write the sheet with openpyxl's write-only workbook."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Report")
    cell_styles: dict[tuple[int, int], Any] = {}
    for decimals in {2, *units.values()}:
        for place, column in enumerate(columns):
            cell: Any = WriteOnlyCell(sheet)
            cell.number_format = styles.number_format(column, decimals)
            cell_styles[place, decimals] = copy.copy(cell._style)
    for _ in range(HEADER_ROW - 1):
        sheet.append([])
    sheet.append([column.label for column in columns])
    currency = [column.name for column in columns].index("currency")
    for row in rows:
        decimals = units.get(row[currency], 2)
        cells = []
        for place, value in enumerate(row):
            cell = WriteOnlyCell(sheet, value)
            cell._style = cell_styles[place, decimals]
            cells.append(cell)
        sheet.append(cells)
    book.save(path)


def with_xlsxwriter(
    columns: Sequence[Column], units: dict[str, int], rows: Rows, path: Path
) -> None:
    """Write the sheet with XlsxWriter's constant_memory mode."""
    from xlsxwriter import Workbook

    book = Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("Report")
    formats = {
        (place, decimals): book.add_format({"num_format": styles.number_format(column, decimals)})
        for decimals in {2, *units.values()}
        for place, column in enumerate(columns)
    }
    writers = [
        sheet.write_number
        if column.kind.is_number
        else sheet.write_datetime
        if column.kind in (Kind.DATE, Kind.TIMESTAMP)
        else sheet.write_string
        for column in columns
    ]
    for place, column in enumerate(columns):
        sheet.write_string(HEADER_ROW - 1, place, column.label)
    currency = [column.name for column in columns].index("currency")
    for number, row in enumerate(rows, start=HEADER_ROW):
        decimals = units.get(row[currency], 2)
        for place, value in enumerate(row):
            form = formats[place, decimals]
            if value is None:
                sheet.write_blank(number, place, None, form)
            else:
                writers[place](number, place, value, form)
    book.close()


def main(library: str, home: Path, request: Request, output: Path) -> None:
    """Write the sheet of a report with one library."""
    write = {"openpyxl": with_openpyxl, "xlsxwriter": with_xlsxwriter}[library]
    with open_published(home) as connection:
        units = dict(
            connection.execute("select currency, minor_units from reference.currencies").fetchall()
        )
        rows = builder.ordered(request)
        connection.execute(rows.sql, rows.parameters)
        batches = iter(lambda: connection.fetchmany(2048), [])
        write(request.report.columns, units, (row for batch in batches for row in batch), output)


if __name__ == "__main__":
    library, home, report, partner, from_date, to_date, output = sys.argv[1:]
    main(
        library,
        Path(home),
        Request(
            REPORTS[report], partner, date.fromisoformat(from_date), date.fromisoformat(to_date)
        ),
        Path(output),
    )
