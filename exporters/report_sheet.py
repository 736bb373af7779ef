"""The sheet of a report, without its rows: head, widths, and what stands below the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from openpyxl.styles import Border
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exporters.catalogue import CONDITIONS, Column, Kind
from exporters.conditions import Request
from exporters.looks import (
    BODY,
    BOLD,
    FIRST_TOTAL_LINE,
    LEFT,
    NOTE,
    QUIET,
    ROW_LINE,
    TITLE,
    TOTAL_FILL,
    cell_at,
    number_format,
    put,
    put_header,
    put_number,
    set_up_print,
)
from exporters.query import Total, Totals

HEADER_ROW = 7
FIRST_ROW = HEADER_ROW + 1

_WIDTHS = {Kind.DATE: 12.0, Kind.TIMESTAMP: 20.0}
_NARROWEST, _WIDEST = 8.0, 48.0
_COLUMNS_OF_A_PAGE = 24  # with more, the print of a compared report would be too small to read


@dataclass(frozen=True)
class About:
    """What every sheet says of where its figures come from."""

    partner: str
    partner_name: str | None
    version: str
    version_at: datetime

    @property
    def who(self) -> str:
        """The partner's name and id."""
        return f"{self.partner_name} ({self.partner})" if self.partner_name else self.partner

    @property
    def source(self) -> str:
        """The published version."""
        return f"Data as of {self.version_at:%Y-%m-%d %H:%M:%S}, version {self.version}"


@dataclass(frozen=True)
class Content:
    """What a report's sheets are made of, its rows aside.

    Attributes:
        request: the report and its conditions.
        totals: its row count and totals.
        extents: how much room its columns need (`query.extents`).
        words: lines that say what is listed, above the rows; at most two.
        notes: what a reader of the totals must know, below them.
    """

    request: Request
    totals: Totals
    extents: dict[str, int | Decimal | None]
    words: tuple[str, ...]
    notes: tuple[str, ...]


def report_words(request: Request) -> list[str]:
    """The period and every condition of a report in two lines."""
    words = dict(request.in_words())
    period, basis = words.pop("Period"), words.pop(CONDITIONS["basis"].label)
    others = "; ".join(f"{label}: {value}" for label, value in words.items())
    return [f"Period: {period}, by {basis}", others]


def write_head(sheet: Worksheet, about: About, content: Content) -> None:
    """Title and conditions, the row of labels, widths, and how it prints."""
    report = content.request.report
    put(sheet, 1, 1, report.title, TITLE)
    sheet.row_dimensions[1].height = 26
    put(sheet, 2, 1, about.who, BOLD)
    for row, line in enumerate(content.words, start=3):
        put(sheet, row, 1, line, BODY)
    put(sheet, 5, 1, about.source, QUIET)
    decimals = max((each.minor_units for each in content.totals.by_currency), default=2)
    for number, column in enumerate(report.columns, start=1):
        put_header(sheet, HEADER_ROW, number, column.label, column.kind.is_number)
        width = _width(column, number, content, decimals)
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.row_dimensions[HEADER_ROW].height = 30
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    set_up_print(sheet, report.title, about.partner)
    if content.request.compare is not None:
        sheet.page_setup.fitToWidth = -(-len(report.columns) // _COLUMNS_OF_A_PAGE)
        # Which row it is stands on each of them.
        keys = next(place for place, column in enumerate(report.columns) if column.total)
        sheet.print_title_cols = f"A:{get_column_letter(keys)}"


class Below:
    """What stands below the rows of a report: totals and notes, or that there are no rows."""

    def __init__(self, content: Content) -> None:
        self._content = content
        has_totals = bool(content.request.report.totals)
        self._totals = content.totals.by_currency if has_totals else ()

    @property
    def height(self) -> int:
        """Rows that it takes."""
        if self._content.totals.rows == 0:
            return 1
        gap = 1 if self._content.notes else 0
        return 1 + len(self._totals) + gap + len(self._content.notes)

    def write(self, sheet: Worksheet, row: int) -> None:
        """Write it from `row` on."""
        if self._content.totals.rows == 0:
            put(sheet, row, 1, "No rows for these conditions.", NOTE)
            return
        line = FIRST_TOTAL_LINE
        for total in self._totals:
            row += 1
            self._total(sheet, row, total, line)
            line = ROW_LINE
        row += 1
        for note in self._content.notes:
            row += 1
            put(sheet, row, 1, note, NOTE)

    def _total(self, sheet: Worksheet, row: int, total: Total, line: Border) -> None:
        report = self._content.request.report
        values = total.line(report)
        word = next(column for column in report.columns if column.kind is not Kind.ID)
        for number, column in enumerate(report.columns, start=1):
            if column is word:
                cell = put(sheet, row, number, "Total", BOLD)
                cell.alignment = LEFT
            elif column.name == "currency":
                cell = put(sheet, row, number, total.currency, BOLD)
                cell.alignment = LEFT
            elif column in values:
                cell = cell_at(sheet, row, number)
                value = values[column]
                if value is not None:
                    put_number(cell, value, number_format(column, total.minor_units))
            else:
                cell = cell_at(sheet, row, number)
            cell.fill, cell.border = TOTAL_FILL, line


def _width(column: Column, number: int, content: Content, decimals: int) -> float:
    """Wide enough for what is in the column and for its label in two lines."""
    label = _two_lines(column.label) + 4.0  # the filter's button
    if column.kind in _WIDTHS:
        return max(label, _WIDTHS[column.kind])
    extent = content.extents[column.name] or 0
    if not column.kind.is_number:
        return max(label, min(float(extent) + 3, _WIDEST), _NARROWEST)
    report = content.request.report
    values = [Decimal(extent)]
    if column in report.total_line:
        totals = [total.line(report)[column] for total in content.totals.by_currency]
        values += [abs(value) for value in totals if value is not None]
    places = {Kind.MONEY: decimals, Kind.COUNT: 0, Kind.PERCENT: 2}.get(column.kind, 4)
    return max(label, len(f"{max(values):,.{places}f}") + 3.0, _NARROWEST)


def _two_lines(label: str) -> int:
    """Characters of the longer line when a label is broken where it fits best."""
    words = label.split()
    return min(
        max(len(" ".join(words[:split])), len(" ".join(words[split:])))
        for split in range(1, len(words) + 1)
    )
