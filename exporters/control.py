"""The last sheet of a workbook: for each report its rows and its totals, exact and as text."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exporters.catalogue import Kind
from exporters.looks import (
    AS_TEXT,
    BODY,
    BOLD,
    FORMATS,
    LEFT,
    QUIET,
    RIGHT,
    ROW_LINE,
    TITLE,
    put,
    put_header,
    put_number,
    set_up_print,
)
from exporters.query import exact
from exporters.report_sheet import About, Content


def write(sheet: Worksheet, about: About, contents: Sequence[Content]) -> None:
    """Fill the sheet, with a row for every total of every report."""
    language = about.language
    put(sheet, 1, 1, language.say("Control totals"), TITLE)
    sheet.row_dimensions[1].height = 26
    put(sheet, 2, 1, about.who, BOLD)
    reason = "Exact totals as text: a spreadsheet keeps about 15 digits of a number."
    put(sheet, 3, 1, language.say(reason), QUIET)
    header = 5
    labels = ("Sheet", "Rows", "Currency", "Column", "Exact total")
    for column, (label, width) in enumerate(
        zip(labels, (26, 11, 11, 22, 42), strict=True), start=1
    ):
        right = label in ("Rows", "Exact total")
        put_header(sheet, header, column, language.say(label), right)
        sheet.column_dimensions[get_column_letter(column)].width = width
    row = header
    for content in contents:
        title = language.say(content.request.report.title)
        rows = content.totals.rows
        lines = [
            (total.currency, language.say(column.label), language.number(exact(value)))
            for total in content.totals.by_currency
            for column, value in zip(content.request.report.totals, total.sums, strict=True)
        ]
        for line in lines or [("", "", "")]:
            row += 1
            cells = [
                put(sheet, row, place, text, BODY)
                for place, text in enumerate((title, "", *line), start=1)
            ]
            for cell in cells:
                cell.alignment = LEFT
            put_number(cells[1], rows, FORMATS[Kind.COUNT], BODY)
            cells[-1].number_format, cells[-1].alignment = AS_TEXT, RIGHT
            for cell in cells:
                cell.border = ROW_LINE
    sheet.auto_filter.ref = f"A{header}:E{row}"
    sheet.freeze_panes = f"A{header + 1}"
    sheet.print_title_rows = f"{header}:{header}"
    set_up_print(sheet, language.say("Control totals"), about.partner, language)
