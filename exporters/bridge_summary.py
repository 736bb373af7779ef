"""The first sheet of a bridge: how to read it, and its totals."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.worksheet.worksheet import Worksheet

from exporters import looks
from exporters.bridge import AMOUNTS, Line
from exporters.language import Language
from exporters.report_sheet import About, Content

_LABELS = ("Ledger", "Currency", "Measure")
_WIDTHS = (12.0, 11.0, 18.0, *[20.0] * len(AMOUNTS))


def write(
    sheet: Worksheet,
    about: About,
    words: Sequence[str],
    lines: Sequence[Line],
    contents: Sequence[Content],
) -> None:
    """Fill the sheet: `words` say what is bridged, `lines` are the totals.

    `contents` are the other sheets; they know the decimals of each currency.
    """
    language = about.language
    say = language.say
    for number, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFGHI"[number]].width = width
    looks.put(sheet, 1, 1, say("From what was reported to what is true now"), looks.TITLE)
    sheet.row_dimensions[1].height = 26
    looks.put(sheet, 2, 1, about.who, looks.BOLD)
    for row, text in enumerate(words, start=3):
        looks.put(sheet, row, 1, text, looks.BODY)
    row = 3 + len(words)
    looks.put(sheet, row, 1, about.source, looks.QUIET)

    row += 2
    looks.put(sheet, row, 1, say("Totals"), looks.SUBTITLE)
    row = _totals(sheet, row + 1, language, lines, contents)
    row += 1
    looks.put(sheet, row, 1, say("How to read it"), looks.SUBTITLE)
    for column in AMOUNTS:
        row += 1
        looks.put(sheet, row, 1, say(column.label), looks.BOLD)
        looks.put(sheet, row, 3, say(column.description), looks.BODY)
    note = (
        "Sheet Bridge has the same per service account; sheets Credit entries and Revenue entries "
        "have every entry behind the four steps."
    )
    looks.put(sheet, row + 2, 1, say(note), looks.NOTE)
    looks.set_up_print(sheet, say("Bridge"), about.partner, language)


def _totals(
    sheet: Worksheet,
    row: int,
    language: Language,
    lines: Sequence[Line],
    contents: Sequence[Content],
) -> int:
    """One line per ledger, currency and measure; the row after them."""
    say = language.say
    if not lines:
        nothing = "Nothing was posted in the month, and nothing belongs to it."
        looks.put(sheet, row, 1, say(nothing), looks.NOTE)
        return row + 1
    minor_units = {
        total.currency: total.minor_units
        for content in contents
        for total in content.totals.by_currency
    }
    for number, label in enumerate((*_LABELS, *(column.label for column in AMOUNTS)), start=1):
        looks.put_header(sheet, row, number, say(label), right=number > len(_LABELS))
    block = None
    for line in lines:
        row += 1
        begins = block is not None and block != (line.ledger, line.currency)
        block = line.ledger, line.currency
        border = looks.FIRST_TOTAL_LINE if begins else looks.ROW_LINE
        texts = language.word("ledger", line.ledger), line.currency, say(line.measure.label)
        for number, text in enumerate(texts, start=1):
            cell = looks.put(sheet, row, number, text, looks.BODY)
            cell.alignment, cell.border = looks.LEFT, border
        number_format = looks.number_format(line.measure, minor_units[line.currency])
        for number, amount in enumerate(line.amounts, start=1 + len(_LABELS)):
            cell = looks.cell_at(sheet, row, number)
            is_end = AMOUNTS[number - 1 - len(_LABELS)].name in ("as_posted", "restated")
            font = looks.BOLD if is_end else looks.BODY
            looks.put_number(cell, amount, number_format, font)
            cell.border = border
            if is_end:
                cell.fill = looks.TOTAL_FILL
    return row + 1
