"""Fonts, fills and number formats of workbooks, and the functions that fill a cell."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from exporters.catalogue.types import Column, Kind
from exporters.excel.ooxml.cell_xml import plain_text
from exporters.i18n.language import ENGLISH, Language
from exporters.query.amounts import exact

_INK, _PALE, _LINE, _GREY = "1F3864", "DCE6F1", "D9D9D9", "595959"
_FONT = "Calibri"
BODY = Font(name=_FONT, size=10)
BOLD = Font(name=_FONT, size=10, bold=True)
ALERT = Font(name=_FONT, size=10, bold=True, color="C00000")
TITLE = Font(name=_FONT, size=16, bold=True, color=_INK)
SUBTITLE = Font(name=_FONT, size=12, bold=True, color=_INK)
QUIET = Font(name=_FONT, size=9, color=_GREY)
NOTE = Font(name=_FONT, size=10, italic=True, color=_GREY)
LINK = Font(name=_FONT, size=10, underline="single", color="0563C1")
HEADER = Font(name=_FONT, size=10, bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor=_INK)
TOTAL_FILL = PatternFill("solid", fgColor=_PALE)
ROW_LINE = Border(bottom=Side(style="thin", color=_LINE))
FIRST_TOTAL_LINE = Border(
    top=Side(style="thin", color=_INK), bottom=Side(style="thin", color=_LINE)
)
SIGNATURE_LINE = Border(top=Side(style="thin", color=_GREY))
# The indent keeps text from touching a number to its left.
LEFT, RIGHT = Alignment(horizontal="left", indent=1), Alignment(horizontal="right")

AS_TEXT = "@"
NOTHING = "–"  # in place of a number where there is none
HEADER_HEIGHT = 30.0  # points: a label may have two lines
FORMATS = {
    Kind.ID: AS_TEXT,
    Kind.TEXT: AS_TEXT,
    Kind.QUANTITY: "#,##0.00##########;[Red]-#,##0.00##########",
    Kind.RATE: '0.00####"%"',
    Kind.COUNT: "#,##0;[Red]-#,##0",
    Kind.INTEGER: "0;[Red]-0",
    Kind.PERCENT: '#,##0.00"%";[Red]-#,##0.00"%"',
}


def row_formats(language: Language) -> dict[Kind, str]:
    """Number formats of the cells of rows; amounts have that of their currency."""
    day = language.day_format
    return {**FORMATS, Kind.DATE: day, Kind.TIMESTAMP: f"{day} hh:mm:ss"}


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """A cell to be filled; no sheet here has merged ones."""
    return cast(Cell, sheet.cell(row, column))


def put(sheet: Worksheet, row: int, column: int, text: str, font: Font) -> Cell:
    """Put text into a cell; it stays text, also if it begins with `=`."""
    cell = cell_at(sheet, row, column)
    cell.value = plain_text(text)
    cell.data_type = "s"
    cell.font = font
    return cell


def put_number(cell: Cell, value: Decimal | int, number_format: str, font: Font = BOLD) -> None:
    """Put an exact number into a cell."""
    # As text of a number: openpyxl would round it to 16 digits.
    cell.value = exact(Decimal(value))
    cell.data_type = "n"
    cell.number_format = number_format
    cell.font, cell.alignment = font, RIGHT


def put_header(sheet: Worksheet, row: int, column: int, label: str, right: bool = False) -> None:
    """Put a label above a column."""
    cell = put(sheet, row, column, label, HEADER)
    cell.fill = HEADER_FILL
    cell.alignment = Alignment(
        horizontal="right" if right else "left",
        indent=0 if right else 1,
        vertical="center",
        wrap_text=True,
    )


def set_up_print(sheet: Worksheet, title: str, partner: str, language: Language = ENGLISH) -> None:
    """Landscape A4, as wide as a page, with title, partner and page number at the foot."""
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
    footer.center.text = plain_text(partner)[:60].replace("&", "&&")
    footer.right.text = language.say("Page &P of &N")
    sheet.HeaderFooter.oddFooter = footer


def money_format(minor_units: int) -> str:
    """Number format of a currency; what is negative is red and has a minus."""
    pattern = "#,##0" + ("." + "0" * minor_units if minor_units else "")
    return f"{pattern};[Red]-{pattern}"


def number_format(column: Column, minor_units: int) -> str:
    """Number format of a column; amounts have `minor_units` decimals."""
    if column.kind is Kind.MONEY:
        return money_format(minor_units)
    return row_formats(ENGLISH)[column.kind]
