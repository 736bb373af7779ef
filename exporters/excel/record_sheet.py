"""The reconciliation record of a pack: what both sides sign that the period comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exporters.catalogue.types import Kind
from exporters.excel import attention_words
from exporters.excel.content import RECORD, About, Content
from exporters.excel.styles import (
    ALERT,
    BODY,
    BOLD,
    FORMATS,
    LEFT,
    NOTE,
    QUIET,
    ROW_LINE,
    SIGNATURE_LINE,
    SUBTITLE,
    TITLE,
    cell_at,
    money_format,
    put,
    put_header,
    put_number,
    set_up_print,
)
from exporters.i18n.language import N_, Language
from exporters.query.attention import Attention

_REVENUE, _CREDITS, _LINES = "revenue-detail", "credit-balance", "credit-statement"
# Sums of the others, and what is not moved.
_NOT_LISTED = ("net_movement", "held", "available")
_STRONG = ("net_amount", "partner_cost_amount", "opening_balance", "closing_balance")
_LABELS_WIDTH, _WIDTH = 34.0, 24.0
_SIGNATURE_ROWS = 6
_ROOM = "…" * 24  # to write on


def write(sheet: Worksheet, about: About, contents: Sequence[Content], found: Attention) -> None:
    """Fill the sheet; `contents` are all reports of one request."""
    language, request = about.language, contents[0].request
    say = language.say
    by_id = {content.request.report.id: content for content in contents}
    currencies = sorted(
        {
            total.currency
            for report in (_REVENUE, _CREDITS)
            for total in by_id[report].totals.by_currency
        }
    )
    put(sheet, 1, 1, say(RECORD), TITLE)
    sheet.row_dimensions[1].height = 26
    if contents[0].alert is not None:
        put(sheet, 2, 1, contents[0].alert, ALERT)
    facts = [
        (N_("Provider"), _ROOM),
        (N_("Represented by"), _ROOM),
        (N_("Partner"), about.who),
        (N_("Represented by"), _ROOM),
        (N_("Period"), dict(request.in_words())[say("Period")]),
        (N_("Basis"), say(request.basis.words)),
    ]
    row = 2
    for label, value in facts:
        row += 1
        put(sheet, row, 1, say(label), QUIET)
        put(sheet, row, 2, value, BOLD if value == about.who else BODY)
    row += 1
    put(sheet, row, 1, about.source, QUIET)
    for title, lines in (
        (N_("Revenue"), _lines(language, by_id[_REVENUE], by_id[_REVENUE])),
        (N_("Credits"), _lines(language, by_id[_LINES], by_id[_CREDITS])),
    ):
        row = _table(sheet, row + 2, say(title), currencies, lines)
    row = _open_items(sheet, row + 2, language, found)
    _signatures(sheet, row + 2, language)
    sheet.column_dimensions["A"].width = _LABELS_WIDTH
    for number in range(2, max(4, len(currencies) + 2)):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTH
    set_up_print(sheet, say(RECORD), about.partner, language)
    sheet.page_setup.orientation = "portrait"


_Line = tuple[str, bool, dict[str, tuple[Decimal, str]]]


def _lines(language: Language, counted: Content, summed: Content) -> Iterator[_Line]:
    """Label, emphasis and, by currency, value and number format: of the rows, then of amounts."""
    say, count = language.say, FORMATS[Kind.COUNT]
    rows = {total.currency: (Decimal(total.rows), count) for total in counted.totals.by_currency}
    yield say("Lines"), False, rows
    for place, column in enumerate(summed.request.report.totals):
        if column.kind is Kind.MONEY and column.name not in _NOT_LISTED:
            amounts = {
                total.currency: (total.sums[place], money_format(total.minor_units))
                for total in summed.totals.by_currency
            }
            yield say(column.label), column.name in _STRONG, amounts


def _table(
    sheet: Worksheet, row: int, title: str, currencies: Sequence[str], lines: Iterator[_Line]
) -> int:
    """A table with a column for each currency; its last row."""
    put_header(sheet, row, 1, title)
    for number, currency in enumerate(currencies, start=2):
        put_header(sheet, row, number, currency, right=True)
    for label, is_strong, values in lines:
        row += 1
        font = BOLD if is_strong else BODY
        put(sheet, row, 1, label, font).alignment = LEFT
        cell_at(sheet, row, 1).border = ROW_LINE
        for number, currency in enumerate(currencies, start=2):
            cell = cell_at(sheet, row, number)
            value, look = values.get(currency, (Decimal(0), FORMATS[Kind.COUNT]))
            put_number(cell, value, look, font)
            cell.border = ROW_LINE
    return row


def _open_items(sheet: Worksheet, row: int, language: Language, found: Attention) -> int:
    """What is not settled yet; its last row."""
    say = language.say
    put(sheet, row, 1, say("Open items"), SUBTITLE)
    sentences = [
        *(attention_words.open_transfer(language, each) for each in found.open_transfers),
        *(attention_words.difference(language, each) for each in found.differences),
    ]
    for number, sentence in enumerate(sentences, start=1):
        row += 1
        put(sheet, row, 1, f"{number}. {sentence}", BODY)
    if found.differences:
        row += 1
        put(sheet, row, 1, say(attention_words.NOBODY_ERRED), NOTE)
    if not sentences:
        row += 1
        put(sheet, row, 1, say("None."), NOTE)
    row += 1
    put(sheet, row, 1, say("Further differences: {room}", room=2 * _ROOM), BODY)
    return row


def _signatures(sheet: Worksheet, row: int, language: Language) -> None:
    """Room for date, name and signature of both sides."""
    say = language.say
    put(sheet, row, 1, say("Both sides confirm the figures above. Date: {room}", room=_ROOM), BODY)
    row += 2
    for column, side in ((1, N_("For the provider")), (3, N_("For the partner"))):
        put(sheet, row, column, say(side), BOLD)
        put(sheet, row + 1, column, say("Signature, name, position"), QUIET)
        cell_at(sheet, row + _SIGNATURE_ROWS, column).border = SIGNATURE_LINE
