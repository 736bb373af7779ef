"""The frame of a workbook: everything on its sheets but the rows of the reports.

openpyxl makes it; where the rows go, and with which styles, is handed on in `Sheet` and `Frame`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import cast

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from exporters.catalogue import CONDITIONS, Column, Kind
from exporters.cells import plain_text
from exporters.conditions import Request
from exporters.query import Total, Totals, exact, notes

ROW_LIMIT = 1_048_576  # rows of a sheet
HEADER_ROW = 7
FIRST_ROW = HEADER_ROW + 1

_INK, _PALE, _LINE, _GREY = "1F3864", "DCE6F1", "D9D9D9", "595959"
_FONT = "Calibri"
_BODY = Font(name=_FONT, size=10)
_BOLD = Font(name=_FONT, size=10, bold=True)
_TITLE = Font(name=_FONT, size=16, bold=True, color=_INK)
_SUBTITLE = Font(name=_FONT, size=12, bold=True, color=_INK)
_QUIET = Font(name=_FONT, size=9, color=_GREY)
_NOTE = Font(name=_FONT, size=10, italic=True, color=_GREY)
_LINK = Font(name=_FONT, size=10, underline="single", color="0563C1")
_HEADER = Font(name=_FONT, size=10, bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", fgColor=_INK)
_TOTAL_FILL = PatternFill("solid", fgColor=_PALE)
_ROW_LINE = Border(bottom=Side(style="thin", color=_LINE))
_FIRST_TOTAL_LINE = Border(
    top=Side(style="thin", color=_INK), bottom=Side(style="thin", color=_LINE)
)
# The indent keeps a number from touching the text to its right.
_LEFT, _RIGHT = Alignment(horizontal="left"), Alignment(horizontal="right", indent=1)

_AS_TEXT = "@"
_FORMATS = {
    Kind.ID: _AS_TEXT,
    Kind.TEXT: _AS_TEXT,
    Kind.DATE: "yyyy-mm-dd",
    Kind.TIMESTAMP: "yyyy-mm-dd hh:mm:ss",
    Kind.QUANTITY: "#,##0.00##########;[Red]-#,##0.00##########",
    Kind.RATE: "0.00####",
    Kind.COUNT: "#,##0;[Red]-#,##0",
}
_WIDTHS = {Kind.DATE: 11.0, Kind.TIMESTAMP: 19.0}
_NARROWEST, _WIDEST = 8.0, 48.0


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
    """

    request: Request
    totals: Totals
    extents: dict[str, int | Decimal | None]


@dataclass(frozen=True)
class Sheet:
    """One sheet that rows go into, below `HEADER_ROW`.

    Attributes:
        title: its name in the workbook.
        content: the report whose rows they are.
        rows: how many of them it takes.
        is_last: whether the totals stand on it.
        part: its path in the archive.
    """

    title: str
    content: Content
    rows: int
    is_last: bool
    part: str


@dataclass
class Frame:
    """A workbook in the making.

    Attributes:
        about: partner and version.
        styles: numbers of the cell styles of rows, by kind.
        sheets: the sheets that rows go into, in order.
    """

    about: About
    row_limit: int = ROW_LIMIT
    styles: dict[Kind, int] = field(default_factory=dict)
    sheets: list[Sheet] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._book = Workbook()
        self._scratch: Worksheet = self._book.worksheets[0]
        self.styles = {kind: self._row_style(kind, _FORMATS.get(kind)) for kind in Kind}

    @property
    def rows_per_sheet(self) -> int:
        """How many rows fit below the header of a sheet."""
        return self.row_limit - HEADER_ROW

    def money_styles(self, totals: Totals) -> dict[str, int]:
        """Numbers of the styles for amounts, by currency."""
        return {
            total.currency: self._row_style(Kind.MONEY, _money_format(total.minor_units))
            for total in totals.by_currency
        }

    def add_cover(self, contents: Sequence[Content]) -> None:
        """A first sheet: what the workbook is, key figures, and links to the other sheets."""
        request = contents[0].request
        sheet = self._new_sheet("Cover")
        for column, width in zip("ABCDEFGHI", (22, *[17] * 8), strict=True):
            sheet.column_dimensions[column].width = width
        _put(sheet, 1, 1, "Partner reports", _TITLE)
        sheet.row_dimensions[1].height = 26
        facts = (
            ("Partner", self.about.who),
            ("Period", f"{request.from_date} to {request.to_date}"),
            ("Basis", request.basis.words),
            ("Data as of", f"{self.about.version_at:%Y-%m-%d %H:%M:%S}"),
            ("Version", self.about.version),
        )
        row = 3
        for label, value in facts:
            _put(sheet, row, 1, label, _QUIET)
            _put(sheet, row, 2, value, _BOLD if label == "Partner" else _BODY)
            row += 1

        row = self._contents(sheet, row + 1, contents)
        for title, columns in _KEY_FIGURES.items():
            row = _key_figures(sheet, row + 1, title, columns, contents)
        note = "Topped up and used leave out transfers between accounts of the partner."
        _put(sheet, row + 1, 1, note, _NOTE)
        _print_setup(sheet, self.about, "Cover")

    def add_report(self, content: Content) -> None:
        """The sheets of a report: one, or as many as its rows need."""
        report = content.request.report
        below = _Below(content)
        room = self.rows_per_sheet
        sheets = max(1, -(-(content.totals.rows + below.height) // room))
        for number in range(sheets):
            title = report.title if number == 0 else f"{report.title} ({number + 1})"
            rows = max(0, min(room, content.totals.rows - number * room))
            is_last = number == sheets - 1
            worksheet = self._new_sheet(title)
            self._head(worksheet, content)
            if rows:
                last = get_column_letter(len(report.columns))
                worksheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + rows}"
            if is_last:
                below.write(worksheet, FIRST_ROW + rows)
            part = f"xl/worksheets/sheet{len(self._book.worksheets) - 1}.xml"
            self.sheets.append(Sheet(title, content, rows, is_last, part))

    def add_control(self) -> None:
        """A last sheet: for each report its rows and its totals, exact and as text."""
        sheet = self._new_sheet("Control")
        _put(sheet, 1, 1, "Control totals", _TITLE)
        sheet.row_dimensions[1].height = 26
        _put(sheet, 2, 1, self.about.who, _BOLD)
        _put(
            sheet,
            3,
            1,
            "Exact totals as text: a spreadsheet keeps about 15 digits of a number.",
            _QUIET,
        )
        header = 5
        labels = ("Sheet", "Rows", "Currency", "Column", "Exact total")
        for column, (label, width) in enumerate(
            zip(labels, (26, 11, 11, 22, 42), strict=True), start=1
        ):
            _header_cell(sheet, header, column, label, right=label in ("Rows", "Exact total"))
            sheet.column_dimensions[get_column_letter(column)].width = width
        row = header
        for content in {id(each.content): each.content for each in self.sheets}.values():
            title = content.request.report.title
            rows = content.totals.rows
            lines = [
                (total.currency, column.label, exact(value))
                for total in content.totals.by_currency
                for column, value in zip(content.request.report.totals, total.sums, strict=True)
            ]
            for line in lines or [("", "", "")]:
                row += 1
                cells = [
                    _put(sheet, row, place, text, _BODY)
                    for place, text in enumerate((title, "", *line), start=1)
                ]
                _put_number(cells[1], rows, _FORMATS[Kind.COUNT], _BODY)
                cells[-1].number_format, cells[-1].alignment = _AS_TEXT, _RIGHT
                for cell in cells:
                    cell.border = _ROW_LINE
        sheet.auto_filter.ref = f"A{header}:E{row}"
        sheet.freeze_panes = f"A{header + 1}"
        sheet.print_title_rows = f"{header}:{header}"
        _print_setup(sheet, self.about, "Control totals")

    def archive(self) -> zipfile.ZipFile:
        """The frame as openpyxl writes it, its times those of the version; in memory."""
        self._book.remove(self._scratch)
        self._book.worksheets[0].sheet_view.tabSelected = True
        self._book.calculation.fullCalcOnLoad = False
        properties = self._book.properties
        properties.creator = "partner-reports"
        properties.title = f"Partner reports {self.about.partner}"[:200]
        properties.created = properties.modified = self.about.version_at
        buffer = io.BytesIO()
        # Not Workbook.save: it would put the clock into the file.
        ExcelWriter(self._book, zipfile.ZipFile(buffer, "w")).save()
        return zipfile.ZipFile(buffer)

    def _new_sheet(self, title: str) -> Worksheet:
        sheet: Worksheet = self._book.create_sheet(title)
        sheet.sheet_view.showGridLines = False
        return sheet

    def _row_style(self, kind: Kind, number_format: str | None) -> int:
        # A cell of its own: openpyxl keeps the style that it counts, not a copy of it.
        cell = _cell(self._scratch, self._scratch.max_row + 1, 1)
        cell.font, cell.border = _BODY, _ROW_LINE
        cell.alignment = _RIGHT if kind.is_number else _LEFT
        cell.number_format = number_format or _money_format(2)
        return int(cell.style_id)

    def _head(self, sheet: Worksheet, content: Content) -> None:
        """Title and conditions, the row of labels, widths, and how it prints."""
        request = content.request
        report = request.report
        _put(sheet, 1, 1, report.title, _TITLE)
        sheet.row_dimensions[1].height = 26
        _put(sheet, 2, 1, self.about.who, _BOLD)
        words = dict(request.in_words())
        period, basis = words.pop("Period"), words.pop(CONDITIONS["basis"].label)
        _put(sheet, 3, 1, f"Period: {period}, by {basis}", _BODY)
        others = "; ".join(f"{label}: {value}" for label, value in words.items())
        _put(sheet, 4, 1, others, _BODY)
        _put(sheet, 5, 1, self.about.source, _QUIET)
        decimals = max((each.minor_units for each in content.totals.by_currency), default=2)
        for number, column in enumerate(report.columns, start=1):
            _header_cell(sheet, HEADER_ROW, number, column.label, column.kind.is_number)
            width = _width(column, number, content, decimals)
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.row_dimensions[HEADER_ROW].height = 30
        sheet.freeze_panes = f"A{FIRST_ROW}"
        sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
        _print_setup(sheet, self.about, report.title)

    def _contents(self, sheet: Worksheet, row: int, contents: Sequence[Content]) -> int:
        _put(sheet, row, 1, "Contents", _SUBTITLE)
        for content in contents:
            row += 1
            report = content.request.report
            link = _put(sheet, row, 1, report.title, _LINK)
            link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{report.title}'!A1")
            count = content.totals.rows
            _put(sheet, row, 2, f"{count:,} {'row' if count == 1 else 'rows'}", _BODY)
            _put(sheet, row, 3, report.answers, _QUIET)
        return row + 1


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


class _Below:
    """What stands below the rows of a report: totals and notes, or that there are no rows."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._notes = notes(content.request, content.totals)

    @property
    def height(self) -> int:
        """Rows that it takes."""
        if self._content.totals.rows == 0:
            return 1
        gap = 1 if self._notes else 0
        return 1 + len(self._content.totals.by_currency) + gap + len(self._notes)

    def write(self, sheet: Worksheet, row: int) -> None:
        """Write it from `row` on."""
        if self._content.totals.rows == 0:
            _put(sheet, row, 1, "No rows for these conditions.", _NOTE)
            return
        line = _FIRST_TOTAL_LINE
        for total in self._content.totals.by_currency:
            row += 1
            self._total(sheet, row, total, line)
            line = _ROW_LINE
        row += 1
        for note in self._notes:
            row += 1
            _put(sheet, row, 1, note, _NOTE)

    def _total(self, sheet: Worksheet, row: int, total: Total, line: Border) -> None:
        report = self._content.request.report
        values = dict(zip(report.totals, total.sums, strict=True))
        word = next(column for column in report.columns if column.kind is not Kind.ID)
        for number, column in enumerate(report.columns, start=1):
            if column is word:
                cell = _put(sheet, row, number, "Total", _BOLD)
            elif column.name == "currency":
                cell = _put(sheet, row, number, total.currency, _BOLD)
            elif column in values:
                cell = _cell(sheet, row, number)
                _put_number(cell, values[column], _number_format(column, total.minor_units))
            else:
                cell = _cell(sheet, row, number)
            cell.fill, cell.border = _TOTAL_FILL, line


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

    _put(sheet, row, 1, title, _SUBTITLE)
    row += 1
    _header_cell(sheet, row, 1, "Currency")
    for place, (label, _, _) in enumerate(columns, start=2):
        _header_cell(sheet, row, place, label, right=True)
    for currency in sorted(figures):
        row += 1
        _put(sheet, row, 1, currency, _BOLD).border = _ROW_LINE
        for place in range(2, len(columns) + 2):
            cell = _cell(sheet, row, place)
            value = figures[currency].get(place, Decimal(0))
            _put_number(cell, value, _money_format(minor_units[currency]), _BODY)
            cell.border = _ROW_LINE
    if not figures:
        row += 1
        _put(sheet, row, 1, "None in the period.", _NOTE)
    return row + 1


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    """A cell to be filled; no sheet here has merged ones."""
    return cast(Cell, sheet.cell(row, column))


def _put(sheet: Worksheet, row: int, column: int, text: str, font: Font) -> Cell:
    """Text that stays text, whatever it begins with."""
    cell = _cell(sheet, row, column)
    cell.value = plain_text(text)
    cell.data_type = "s"
    cell.font = font
    return cell


def _put_number(cell: Cell, value: Decimal | int, number_format: str, font: Font = _BOLD) -> None:
    # As text of a number: openpyxl would round it to 16 digits.
    cell.value = exact(Decimal(value))
    cell.data_type = "n"
    cell.number_format = number_format
    cell.font, cell.alignment = font, _RIGHT


def _header_cell(sheet: Worksheet, row: int, column: int, label: str, right: bool = False) -> None:
    cell = _put(sheet, row, column, label, _HEADER)
    cell.fill = _HEADER_FILL
    cell.alignment = Alignment(
        horizontal="right" if right else "left",
        indent=1 if right else 0,
        vertical="center",
        wrap_text=True,
    )


def _print_setup(sheet: Worksheet, about: About, title: str) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.7
    sheet.page_margins.header = sheet.page_margins.footer = 0.3
    # An ampersand begins a code there, and the whole may be 255 characters long.
    footer = HeaderFooterItem()
    footer.left.text = title
    footer.center.text = plain_text(about.partner)[:60].replace("&", "&&")
    footer.right.text = "Page &P of &N"
    sheet.HeaderFooter.oddFooter = footer


def _money_format(minor_units: int) -> str:
    pattern = "#,##0" + ("." + "0" * minor_units if minor_units else "")
    return f"{pattern};[Red]-{pattern}"


def _number_format(column: Column, minor_units: int) -> str:
    return _money_format(minor_units) if column.kind is Kind.MONEY else _FORMATS[column.kind]


def _width(column: Column, number: int, content: Content, decimals: int) -> float:
    """Wide enough for what is in the column and for its label in two lines."""
    label = _two_lines(column.label) + 3.0  # the filter's button
    if column.kind in _WIDTHS:
        return max(label, _WIDTHS[column.kind])
    extent = content.extents[column.name] or 0
    if not column.kind.is_number:
        return max(label, min(float(extent) + 2, _WIDEST), _NARROWEST)
    values = [Decimal(extent)]
    if column.total:
        place = content.request.report.totals.index(column)
        values += [abs(total.sums[place]) for total in content.totals.by_currency]
    places = {Kind.MONEY: decimals, Kind.COUNT: 0}.get(column.kind, 4)
    return max(label, len(f"{max(values):,.{places}f}") + 3.5, _NARROWEST)


def _two_lines(label: str) -> int:
    """Characters of the longer line when a label is broken where it fits best."""
    words = label.split()
    return min(
        max(len(" ".join(words[:split])), len(" ".join(words[split:])))
        for split in range(1, len(words) + 1)
    )
