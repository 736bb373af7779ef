"""The first sheet of a pack: what it is, key figures, and links to the other sheets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from exporters.looks import (
    BODY,
    BOLD,
    LEFT,
    LINK,
    NOTE,
    QUIET,
    ROW_LINE,
    SUBTITLE,
    TITLE,
    cell_at,
    money_format,
    put,
    put_header,
    put_number,
    set_up_print,
)
from exporters.report_sheet import About, Content

# What the cover shows of which report: label, report, column.
_KEY_FIGURES = {
    "Credits": (
        ("Topped up", "credit-topups", "amount"),
        ("Used", "credit-usage", "amount"),
        ("Opening balance", "credit-balance", "opening_balance"),
        ("Net movement", "credit-balance", "net_movement"),
        ("Closing balance", "credit-balance", "closing_balance"),
        ("Held", "credit-balance", "held"),
        ("Available", "credit-balance", "available"),
    ),
    "Revenue": tuple(
        (label, "revenue-by-service", column)
        for label, column in (
            ("List amount", "list_amount"),
            ("Discount", "discount_amount"),
            ("Net amount", "net_amount"),
            ("Tax", "tax_amount"),
            ("Partner cost", "partner_cost_amount"),
            ("Partner margin", "partner_margin_amount"),
        )
    ),
}


def write(sheet: Worksheet, about: About, contents: Sequence[Content]) -> None:
    """Fill the sheet; `contents` are all seven reports of one request."""
    request = contents[0].request
    for column, width in zip("ABCDEFGHI", (22, *[17] * 8), strict=True):
        sheet.column_dimensions[column].width = width
    put(sheet, 1, 1, "Partner reports", TITLE)
    sheet.row_dimensions[1].height = 26
    facts = (
        ("Partner", about.who),
        ("Period", f"{request.from_date} to {request.to_date}"),
        ("Basis", request.basis.words),
        ("Data as of", f"{about.version_at:%Y-%m-%d %H:%M:%S}"),
        ("Version", about.version),
    )
    row = 3
    for label, value in facts:
        put(sheet, row, 1, label, QUIET)
        put(sheet, row, 2, value, BOLD if label == "Partner" else BODY)
        row += 1

    row = _contents(sheet, row + 1, contents)
    for title, columns in _KEY_FIGURES.items():
        row = _key_figures(sheet, row + 1, title, columns, contents)
    note = "Topped up and used leave out transfers between accounts of the partner."
    put(sheet, row + 1, 1, note, NOTE)
    set_up_print(sheet, "Cover", about.partner)


def _contents(sheet: Worksheet, row: int, contents: Sequence[Content]) -> int:
    put(sheet, row, 1, "Contents", SUBTITLE)
    for content in contents:
        row += 1
        report = content.request.report
        link = put(sheet, row, 1, report.title, LINK)
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{report.title}'!A1")
        count = content.totals.rows
        put(sheet, row, 2, f"{count:,} {'row' if count == 1 else 'rows'}", BODY)
        put(sheet, row, 3, report.answers, QUIET)
    return row + 1


def _key_figures(
    sheet: Worksheet,
    row: int,
    title: str,
    columns: Sequence[tuple[str, str, str]],
    contents: Sequence[Content],
) -> int:
    """One line per currency, of totals that the reports' sheets show; the row after them."""
    by_report = {content.request.report.id: content for content in contents}
    figures: dict[str, dict[int, Decimal]] = {}
    minor_units: dict[str, int] = {}
    for place, (_, report_id, name) in enumerate(columns, start=2):
        content = by_report[report_id]
        index = [column.name for column in content.request.report.totals].index(name)
        for total in content.totals.by_currency:
            figures.setdefault(total.currency, {})[place] = total.sums[index]
            minor_units[total.currency] = total.minor_units

    put(sheet, row, 1, title, SUBTITLE)
    row += 1
    put_header(sheet, row, 1, "Currency")
    for place, (label, _, _) in enumerate(columns, start=2):
        put_header(sheet, row, place, label, right=True)
    for currency in sorted(figures):
        row += 1
        label_cell = put(sheet, row, 1, currency, BOLD)
        label_cell.border, label_cell.alignment = ROW_LINE, LEFT
        for place in range(2, len(columns) + 2):
            cell = cell_at(sheet, row, place)
            value = figures[currency].get(place, Decimal(0))
            put_number(cell, value, money_format(minor_units[currency]), BODY)
            cell.border = ROW_LINE
    if not figures:
        row += 1
        put(sheet, row, 1, "None in the period.", NOTE)
    return row + 1
