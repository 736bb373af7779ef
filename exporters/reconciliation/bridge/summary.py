"""The first sheet of a bridge: how to read it, and its totals."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.worksheet.worksheet import Worksheet

from exporters.excel import styles
from exporters.excel.content import About, Content
from exporters.i18n.language import N_, Language
from exporters.reconciliation.bridge.lines import AMOUNTS, Line

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
    styles.put(sheet, 1, 1, say("From what was reported to what is true now"), styles.TITLE)
    sheet.row_dimensions[1].height = 26
    styles.put(sheet, 2, 1, about.who, styles.BOLD)
    for row, text in enumerate(words, start=3):
        styles.put(sheet, row, 1, text, styles.BODY)
    row = 3 + len(words)
    styles.put(sheet, row, 1, about.source, styles.QUIET)

    row += 2
    styles.put(sheet, row, 1, say("Totals"), styles.SUBTITLE)
    row = _totals(sheet, row + 1, language, lines, contents)
    row += 1
    styles.put(sheet, row, 1, say("How to read it"), styles.SUBTITLE)
    for column in AMOUNTS:
        row += 1
        styles.put(sheet, row, 1, say(column.label), styles.BOLD)
        styles.put(sheet, row, 3, say(column.description), styles.BODY)
    note = N_(
        "Sheet Bridge has the same per service account; sheets Credit entries and Revenue entries "
        "have every entry behind the four steps."
    )
    styles.put(sheet, row + 2, 1, say(note), styles.NOTE)
    styles.set_up_print(sheet, say("Bridge"), about.partner, language)


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
        nothing = N_("Nothing was posted in the month, and nothing belongs to it.")
        styles.put(sheet, row, 1, say(nothing), styles.NOTE)
        return row + 1
    minor_units = {
        total.currency: total.minor_units
        for content in contents
        for total in content.totals.by_currency
    }
    for number, label in enumerate((*_LABELS, *(column.label for column in AMOUNTS)), start=1):
        styles.put_header(sheet, row, number, say(label), right=number > len(_LABELS))
    block = None
    for line in lines:
        row += 1
        begins = block is not None and block != (line.ledger, line.currency)
        block = line.ledger, line.currency
        border = styles.FIRST_TOTAL_LINE if begins else styles.ROW_LINE
        texts = language.word("ledger", line.ledger), line.currency, say(line.measure.label)
        for number, text in enumerate(texts, start=1):
            cell = styles.put(sheet, row, number, text, styles.BODY)
            cell.alignment, cell.border = styles.LEFT, border
        number_format = styles.number_format(line.measure, minor_units[line.currency])
        for number, amount in enumerate(line.amounts, start=1 + len(_LABELS)):
            cell = styles.cell_at(sheet, row, number)
            is_end = AMOUNTS[number - 1 - len(_LABELS)].name in ("as_posted", "restated")
            font = styles.BOLD if is_end else styles.BODY
            styles.put_number(cell, amount, number_format, font)
            cell.border = border
            if is_end:
                cell.fill = styles.TOTAL_FILL
    return row + 1
