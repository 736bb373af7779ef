"""The first sheet of a pack: what it is, key figures, and links to the other sheets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from exporters.language import Language
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
    request, language = contents[0].request, about.language
    say, day = language.say, language.day
    for column, width in zip("ABCDEFGHI", (22, *[17] * 8), strict=True):
        sheet.column_dimensions[column].width = width
    put(sheet, 1, 1, say("Partner reports"), TITLE)
    sheet.row_dimensions[1].height = 26
    period = say(
        "{from_date} to {to_date}", from_date=day(request.from_date), to_date=day(request.to_date)
    )
    facts = (
        ("Partner", about.who),
        ("Period", period),
        ("Basis", say(request.basis.words)),
        ("Data as of", language.moment(about.version_at)),
        ("Version", about.version),
    )
    row = 3
    for label, value in facts:
        put(sheet, row, 1, say(label), QUIET)
        put(sheet, row, 2, value, BOLD if label == "Partner" else BODY)
        row += 1

    row = _contents(sheet, row + 1, language, contents)
    for title, columns in _KEY_FIGURES.items():
        row = _key_figures(sheet, row + 1, language, title, columns, contents)
    note = "Topped up and used leave out transfers between accounts of the partner."
    put(sheet, row + 1, 1, say(note), NOTE)
    set_up_print(sheet, say("Cover"), about.partner, language)


def _contents(sheet: Worksheet, row: int, language: Language, contents: Sequence[Content]) -> int:
    say = language.say
    put(sheet, row, 1, say("Contents"), SUBTITLE)
    for content in contents:
        row += 1
        report = content.request.report
        title = say(report.title)
        link = put(sheet, row, 1, title, LINK)
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{title}'!A1")
        count = content.totals.rows
        rows = "{count} row" if count == 1 else "{count} rows"
        put(sheet, row, 2, say(rows, count=language.grouped(count)), BODY)
        put(sheet, row, 3, say(report.answers), QUIET)
    return row + 1


def _key_figures(
    sheet: Worksheet,
    row: int,
    language: Language,
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

    put(sheet, row, 1, language.say(title), SUBTITLE)
    row += 1
    put_header(sheet, row, 1, language.say("Currency"))
    for place, (label, _, _) in enumerate(columns, start=2):
        put_header(sheet, row, place, language.say(label), right=True)
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
        put(sheet, row, 1, language.say("None in the period."), NOTE)
    return row + 1
