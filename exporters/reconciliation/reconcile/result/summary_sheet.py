"""The first sheet of the workbook: what was compared, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from openpyxl.worksheet.hyperlink import Hyperlink

from exporters.catalogue.types import Kind
from exporters.excel.styles import (
    BODY,
    BOLD,
    FORMATS,
    LEFT,
    LINK,
    NOTE,
    QUIET,
    ROW_LINE,
    TITLE,
    TOTAL_FILL,
    cell_at,
    money_format,
    put,
    put_header,
    put_number,
    set_up_print,
)
from exporters.i18n.language import N_
from exporters.reconciliation.reconcile.classes import LABELS
from exporters.reconciliation.reconcile.result.figures import Line, Result
from exporters.reconciliation.reconcile.result.summary import COLUMNS

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from exporters.excel.content import About

_WIDTHS = (26, 11, 12, 20, 12, 20, 20, 12)
_SEE_SHEETS = N_("There are differences: the sheet of each class lists and explains its rows.")
_IDENTITY = N_("Per currency: statement = ledger + sum of the differences, exactly.")


def fill(sheet: Worksheet, about: About, result: Result, decimals: Mapping[str, int]) -> None:
    """Write the summary into an empty sheet; amounts in the `decimals` of their currency."""
    for letter, width in zip("ABCDEFGH", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    language = result.request.language
    say = language.say
    put(sheet, 1, 1, say("Reconciliation"), TITLE)
    sheet.row_dimensions[1].height = 26
    put(sheet, 2, 1, about.who, BOLD)
    row = 3
    for label, fact in (*result.facts, (say("Source"), about.source)):
        put(sheet, row, 1, label, QUIET)
        put(sheet, row, 2, fact, BODY)
        row += 1
    row += 1
    sheet.row_dimensions[row].height = 30
    for place, (label, right) in enumerate(COLUMNS, start=1):
        put_header(sheet, row, place, say(label), right)
    for line in result.lines:
        row += 1
        _put_line(
            sheet,
            row,
            line,
            say(LABELS[line.class_]),
            money_format(decimals.get(line.currency or "", 2)),
        )
    for currency, *amounts in result.totals():
        row += 1
        lines = [line for line in result.lines if line.currency == currency]
        counts = (
            sum(line.statement_rows for line in lines),
            sum(line.ledger_rows for line in lines),
        )
        put(sheet, row, 1, say("Total"), BOLD).alignment = LEFT
        _put_total(sheet, row, currency, counts, amounts, money_format(decimals.get(currency, 2)))
    row += 1
    verdict = result.verdict if result.all_matches else say(_SEE_SHEETS)
    for note in (verdict, say(_IDENTITY), *result.notes):
        row += 1
        put(sheet, row, 1, note, NOTE)
    set_up_print(sheet, say("Reconciliation"), about.partner, language)


def _put_line(sheet: Worksheet, row: int, line: Line, title: str, money: str) -> None:
    cell = put(sheet, row, 1, title, LINK)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{title}'!A1")
    put(sheet, row, 2, line.currency or "", BODY).alignment = LEFT
    cell.alignment = LEFT
    counts = ((3, line.statement_rows), (5, line.ledger_rows), (8, line.ambiguous))
    for place, count in counts:
        if count or place != 8:
            put_number(cell_at(sheet, row, place), count, FORMATS[Kind.COUNT], BODY)
    amounts = ((4, line.statement), (6, line.ledger), (7, line.difference))
    for place, amount in amounts:
        put_number(cell_at(sheet, row, place), amount, money, BODY)
    for place in range(1, 9):
        cell_at(sheet, row, place).border = ROW_LINE


def _put_total(
    sheet: Worksheet,
    row: int,
    currency: str,
    counts: tuple[int, int],
    amounts: list[Decimal],
    money: str,
) -> None:
    """The sums of a currency; `counts` and `amounts` are those of the columns, without the last."""
    put(sheet, row, 2, currency, BOLD).alignment = LEFT
    for place, count in zip((3, 5), counts, strict=True):
        put_number(cell_at(sheet, row, place), count, FORMATS[Kind.COUNT])
    for place, amount in zip((4, 6, 7), amounts, strict=True):
        put_number(cell_at(sheet, row, place), amount, money)
    for place in range(1, 9):
        cell_at(sheet, row, place).fill = TOTAL_FILL
