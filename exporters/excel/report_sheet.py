"""The sheet of a report above its rows: title, conditions, labels, widths, how it prints."""

from __future__ import annotations

from decimal import Decimal

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exporters.catalogue.conditions import CONDITIONS
from exporters.catalogue.types import Column, Kind
from exporters.excel.content import About, Content
from exporters.excel.styles import (
    ALERT,
    BODY,
    BOLD,
    HEADER_HEIGHT,
    QUIET,
    TITLE,
    put,
    put_header,
    set_up_print,
)
from exporters.request.report_request import Request

HEADER_ROW = 7
FIRST_ROW = HEADER_ROW + 1

_WIDTHS = {Kind.DATE: 12.0, Kind.TIMESTAMP: 20.0}
_NARROWEST, _WIDEST = 8.0, 64.0
_WIDEST_ON_A4 = 310.0  # with wider columns its print would be less than half of normal size


def report_words(request: Request) -> list[str]:
    """The period and every condition of a report in two lines."""
    say, words = request.language.say, dict(request.in_words())
    period, basis = words.pop(say("Period")), words.pop(say(CONDITIONS["basis"].label), None)
    others = "; ".join(f"{label}: {value}" for label, value in words.items())
    if basis is None:
        return [say("Period: {period}.", period=period), others]
    return [say("Period: {period}. {basis}", period=period, basis=basis), others]


def write_head(sheet: Worksheet, about: About, content: Content) -> None:
    """Title and conditions, the row of labels, widths, and how it prints."""
    report, language = content.request.report, about.language
    put(sheet, 1, 1, language.say(report.title), TITLE)
    sheet.row_dimensions[1].height = 26
    put(sheet, 2, 1, about.who, BOLD)
    for row, line in enumerate(content.words, start=3):
        put(sheet, row, 1, line, BODY)
    put(sheet, 5, 1, about.source, QUIET)
    if content.alert is not None:
        put(sheet, 6, 1, content.alert, ALERT)
    decimals = max((each.minor_units for each in content.totals.by_currency), default=2)
    widths = []
    for number, column in enumerate(report.columns, start=1):
        label = language.say(column.label)
        put_header(sheet, HEADER_ROW, number, label, column.kind.is_number)
        widths.append(_width(column, label, content, decimals))
        sheet.column_dimensions[get_column_letter(number)].width = widths[-1]
    sheet.row_dimensions[HEADER_ROW].height = HEADER_HEIGHT
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    set_up_print(sheet, language.say(report.title), about.partner, language)
    for number, column in enumerate(report.columns, start=1):
        if column.name in report.folded:
            _fold(sheet, number)
            widths[number - 1] = 0
    if sum(widths) > _WIDEST_ON_A4:
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A3


def _fold(sheet: Worksheet, column: int) -> None:
    """Fold a column away, to be opened by the sign above the one after it."""
    folded = sheet.column_dimensions[get_column_letter(column)]
    folded.outline_level, folded.hidden = 1, True
    sheet.column_dimensions[get_column_letter(column + 1)].collapsed = True


def _width(column: Column, label: str, content: Content, decimals: int) -> float:
    """Wide enough for what is in the column and for its label in two lines."""
    head = _two_lines(label) + 4.0  # the filter's button
    if column.kind in _WIDTHS:
        return max(head, _WIDTHS[column.kind])
    extent = content.extents[column.name] or 0
    if not column.kind.is_number:
        return max(head, min(float(extent) + 3, _WIDEST), _NARROWEST)
    report = content.request.report
    values = [Decimal(extent)]
    if column in report.total_line:
        totals = [total.line(report)[column] for total in content.totals.by_currency]
        values += [abs(value) for value in totals if value is not None]
    places = {Kind.MONEY: decimals, Kind.COUNT: 0, Kind.INTEGER: 0, Kind.PERCENT: 2}.get(
        column.kind, 4
    )
    return max(head, len(f"{max(values):,.{places}f}") + 3.0, _NARROWEST)


def _two_lines(label: str) -> int:
    """Characters of the longer line when a label is broken where it fits best."""
    words = label.split()
    return min(
        max(len(" ".join(words[:split])), len(" ".join(words[split:])))
        for split in range(1, len(words) + 1)
    )
