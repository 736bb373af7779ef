"""The last sheet of a workbook: exact figures to check the other sheets with.

Its sections say what was checked, what is not in the figures, and what could not be shown in full.
The table below them has a line for every total: only of the last one can a print repeat the labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from exporters.catalogue.types import Kind
from exporters.excel.content import About, Content
from exporters.excel.ooxml.cell_xml import plain_text
from exporters.excel.styles import (
    ALERT,
    AS_TEXT,
    BODY,
    BOLD,
    FORMATS,
    LEFT,
    QUIET,
    RIGHT,
    ROW_LINE,
    SUBTITLE,
    TITLE,
    cell_at,
    put,
    put_header,
    set_up_print,
)
from exporters.i18n.language import N_
from exporters.query.amounts import DIGITS, exact
from exporters.query.totals import Total

_WIDTHS = {"A": 28.0, "B": 12.0, "C": 12.0, "D": 26.0, "E": 20.0, "F": 20.0, "G": 20.0, "H": 20.0}
_ROWS_OF_A_PAGE = 45  # about
_FEWEST_ROWS = 10  # of a section that continues on the next page
_TOTALS = {
    "A": N_("Sheet"),
    "B": N_("Rows"),
    "C": "Currency",
    "D": N_("Column"),
    "E": N_("Exact total"),
    "F": N_("Left out"),
    "G": N_("Sum as displayed"),
    "H": N_("Rounding difference"),
}


@dataclass(frozen=True)
class Section:
    """A table below that of the totals.

    Attributes:
        title: its heading, in the language of the workbook as every text.
        notes: sentences below the heading.
        labels: headings of its columns, by the letter of a column of the sheet.
        lines: values by the same letters: text, counts or exact amounts.
        alerts: places of the lines that a reader must not overlook.
    """

    title: str
    notes: Sequence[str]
    labels: Mapping[str, str]
    lines: Sequence[Mapping[str, str | int | Decimal]]
    alerts: frozenset[int] = frozenset()


def write(
    sheet: Worksheet, about: About, contents: Sequence[Content], sections: Sequence[Section]
) -> None:
    """Fill the sheet: the sections, and a line for every total of every report."""
    say = about.language.say
    put(sheet, 1, 1, say("Control totals"), TITLE)
    sheet.row_dimensions[1].height = 26
    put(sheet, 2, 1, about.who, BOLD)
    totals = Section(
        say("Exact totals"),
        (
            say("They are text: a spreadsheet keeps about 15 digits of a number."),
            say(
                "Sum as displayed: each row rounded to the decimals of its currency, then added. "
                "It is the exact total + what is left out + the rounding difference."
            ),
        ),
        {letter: say(label) for letter, label in _TOTALS.items()},
        [line for each in contents for line in _totals(about, each)],
    )
    widths, pages, row = dict(_WIDTHS), _Pages(sheet), 2
    for section in (*sections, totals):
        row += 2
        height = 2 + len(section.notes) + len(section.lines)
        pages.keep_together(row, height if height <= _ROWS_OF_A_PAGE else _FEWEST_ROWS)
        put(sheet, row, 1, section.title, SUBTITLE)
        for note in section.notes:
            row += 1
            put(sheet, row, 1, note, QUIET)
        if section is totals:
            header = row + 1
            # Filtered lines leave no place for labels among them; a print repeats them by itself.
            row = _table(sheet, about, header, section, widths, None)
            sheet.auto_filter.ref = f"A{header}:{list(_TOTALS)[-1]}{row}"
            sheet.print_title_rows = f"{header}:{header}"
        elif section.lines:
            row = _table(sheet, about, row + 1, section, widths, pages)
    for letter, width in widths.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A3"
    set_up_print(sheet, say("Control totals"), about.partner, about.language)


class _Pages:
    """Where the pages of a print begin."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet, self._first = sheet, 1

    def are_full(self, row: int) -> bool:
        """Whether `row` has no place on the page any more."""
        return row - self._first >= _ROWS_OF_A_PAGE

    def begin(self, row: int) -> None:
        """Begin a page with `row`."""
        self._sheet.row_breaks.append(Break(id=row - 1))
        self._first = row

    def keep_together(self, row: int, height: int) -> None:
        """Begin a page with `row` unless that many rows have place on this one."""
        if self.are_full(row + height - 1):
            self.begin(row)


def _totals(about: About, content: Content) -> Iterator[dict[str, str | int | Decimal]]:
    say, report = about.language.say, content.request.report
    title, rest = say(report.title), content.totals.rows
    if report.totals:
        for total in content.totals.lines(report):
            rest -= total.rows
            of_part = total.titled(title, report, about.language)
            for place, column in enumerate(report.totals):
                yield {
                    **{"A": of_part, "B": total.rows, "C": total.currency},
                    **{"D": say(column.label), **_sums(total, place)},
                }
    if rest or not content.totals.rows:
        yield {"A": title, "B": rest}


def _sums(total: Total, place: int) -> dict[str, Decimal]:
    of_rows, exactly, shown = (
        sums[place] for sums in (total.row_sums, total.sums, total.shown_sums)
    )
    with localcontext(prec=DIGITS):
        return {"E": exactly, "F": of_rows - exactly, "G": shown, "H": shown - of_rows}


def _table(
    sheet: Worksheet,
    about: About,
    row: int,
    section: Section,
    widths: dict[str, float],
    pages: _Pages | None,
) -> int:
    """Labels and lines of a section from `row` on; its last row.

    With `pages`, the labels stand above the lines of each of them.
    """
    numbers = {letter for line in section.lines for letter in line if _is_number(line[letter])}

    def put_labels() -> None:
        for letter in _WIDTHS:
            label = section.labels.get(letter, "")
            put_header(sheet, row, column_index_from_string(letter), label, letter in numbers)

    put_labels()
    looks: dict[tuple[type, bool], Any] = {}
    last = max(section.labels)  # text there may run on to the right
    for place, line in enumerate(section.lines):
        row += 1
        if pages is not None and pages.are_full(row):
            pages.begin(row)
            put_labels()
            row += 1
        is_loud = place in section.alerts
        for letter in _WIDTHS:
            value = line.get(letter, "")
            text = (
                about.language.grouped(exact(value)) if isinstance(value, Decimal) else str(value)
            )
            cell: Any = cell_at(sheet, row, column_index_from_string(letter))
            if (type(value), is_loud) in looks:  # to be told a style again takes openpyxl long
                cell._style = copy(looks[type(value), is_loud])
            else:
                cell.font, cell.border = ALERT if is_loud else BODY, ROW_LINE
                cell.number_format = FORMATS[Kind.COUNT] if isinstance(value, int) else AS_TEXT
                cell.alignment = RIGHT if _is_number(value) else LEFT
                looks[type(value), is_loud] = copy(cell._style)
            cell.value = exact(Decimal(value)) if isinstance(value, int) else plain_text(text)
            cell.data_type = "n" if isinstance(value, int) else "s"
            if not isinstance(value, int) and (letter != last or _is_number(value)):
                widths[letter] = max(widths[letter], len(text) + 3.0)
    return row


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal)
