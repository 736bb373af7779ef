"""The template of a workbook: everything on its sheets but the rows of the reports.

openpyxl makes it; where the rows go is handed on in `Sheet`, with which styles in `Template`.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, replace

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from exporters.catalogue.types import Kind
from exporters.errors import ReportError
from exporters.excel.content import About, Content
from exporters.excel.ooxml.cell_xml import plain_text
from exporters.excel.ooxml.formulas import Rows, put_into
from exporters.excel.report_footer import ReportFooter
from exporters.excel.report_sheet import FIRST_ROW, HEADER_ROW, write_head
from exporters.excel.styles import (
    BODY,
    LEFT,
    RIGHT,
    ROW_LINE,
    cell_at,
    money_format,
    row_formats,
)
from exporters.query.totals import Totals

ROW_LIMIT = 1_048_576  # rows of a sheet

# What may follow `ignoredErrors` in a sheet, of what openpyxl writes.
_AFTER_IGNORED_ERRORS = re.compile(rb"<drawing|<legacyDrawing|<tableParts|</worksheet>")
# Ids that look like numbers are meant to be text, and totals to leave the rest of a column out;
# openpyxl cannot say so.
_IGNORED_ERRORS = (
    b'<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1" formula="1"'
    b' formulaRange="1"/></ignoredErrors>'
)


@dataclass(frozen=True)
class Sheet:
    """One sheet that rows go into, below `HEADER_ROW`.

    Attributes:
        title: its name in the workbook.
        number: which of the report's sheets it is, from 0.
        content: the report whose rows they are.
        rows: how many of them it takes.
        is_last: whether the totals stand on it.
        part: its path in the archive.
    """

    title: str
    number: int
    content: Content
    rows: int
    is_last: bool
    part: str


class Template:
    """A workbook in the making.

    Attributes:
        about: partner and version.
        styles: numbers of the cell styles of rows, by kind.
        sheets: the sheets that rows go into, in order.
        rows_per_sheet: how many rows fit below the header of a sheet.
    """

    def __init__(self, about: About, row_limit: int = ROW_LIMIT) -> None:
        self.about = about
        self.sheets: list[Sheet] = []
        self.rows_per_sheet = row_limit - HEADER_ROW
        self._formulas: dict[str, dict[str, str]] = {}
        self._book = Workbook()
        self._scratch: Worksheet = self._book.worksheets[0]
        self.styles = {
            kind: self._row_style(kind, number_format)
            for kind, number_format in row_formats(about.language).items()
        }

    def money_styles(self, totals: Totals) -> dict[str, int]:
        """Numbers of the styles for amounts, by currency."""
        return {
            total.currency: self._row_style(Kind.MONEY, money_format(total.minor_units))
            for total in totals.by_currency
        }

    def add_report(self, content: Content) -> None:
        """Add the sheets of a report: one, or as many as its rows need."""
        report, name = content.request.report, self.about.language.say(content.request.report.title)
        room = self.rows_per_sheet
        footer = ReportFooter(content)
        if footer.height > room:
            footer = ReportFooter(replace(content, by_account=None))
        sheets = max(1, -(-(content.totals.rows + footer.height) // room))
        listed: list[Rows] = []
        for number in range(sheets):
            title = name if number == 0 else f"{name} ({number + 1})"
            rows = max(0, min(room, content.totals.rows - number * room))
            is_last = number == sheets - 1
            worksheet = self.new_sheet(title)
            part = f"xl/worksheets/sheet{len(self._book.worksheets) - 1}.xml"
            write_head(worksheet, self.about, content)
            if rows:
                last = get_column_letter(len(report.columns))
                worksheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + rows}"
                listed.append(Rows(None if is_last else title, FIRST_ROW, HEADER_ROW + rows))
            if is_last:
                self._formulas[part] = footer.write(worksheet, FIRST_ROW + rows, listed)
            self.sheets.append(Sheet(title, number, content, rows, is_last, part))

    def parts(self) -> dict[str, bytes]:
        """The archive's parts by name, with formulas; the times in it are the version's."""
        self._book.remove(self._scratch)
        self._book.worksheets[0].sheet_view.tabSelected = True
        self._book.calculation.fullCalcOnLoad = False
        properties = self._book.properties
        properties.creator = "partner-reports"
        title = self.about.language.say("Partner reports")
        properties.title = plain_text(f"{title} {self.about.partner}"[:200])
        properties.created = properties.modified = self.about.version_at
        buffer = io.BytesIO()
        # Not Workbook.save: it would put the clock into the file.
        ExcelWriter(self._book, zipfile.ZipFile(buffer, "w")).save()
        with zipfile.ZipFile(buffer) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        for name in parts:
            if name.startswith("xl/worksheets/sheet"):
                parts[name] = put_into(_without_warnings(parts[name]), self._formulas.get(name, {}))
        return parts

    def new_sheet(self, title: str) -> Worksheet:
        """Add a sheet after the others."""
        sheet: Worksheet = self._book.create_sheet(title)
        sheet.sheet_view.showGridLines = False
        return sheet

    def _row_style(self, kind: Kind, number_format: str) -> int:
        # A cell of its own: openpyxl keeps the style that it counts, not a copy of it.
        cell = cell_at(self._scratch, self._scratch.max_row + 1, 1)
        cell.font, cell.border = BODY, ROW_LINE
        cell.alignment = RIGHT if kind.is_number else LEFT
        cell.number_format = number_format
        return int(cell.style_id)


def _without_warnings(part: bytes) -> bytes:
    """A sheet's XML with Excel's warnings (green triangles) switched off."""
    after = _AFTER_IGNORED_ERRORS.search(part)
    if after is None:
        raise ReportError("a sheet of the template has no end")
    return part[: after.start()] + _IGNORED_ERRORS + part[after.start() :]
