"""The sheet of a report, without its rows: head, widths, and what stands below the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from openpyxl.styles import Border
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exporters.catalogue.conditions import CONDITIONS
from exporters.catalogue.types import Column, Kind
from exporters.excel.ooxml.formulas import Rows, sum_of_shown, sum_where
from exporters.excel.styles import (
    ALERT,
    AS_TEXT,
    BODY,
    BOLD,
    FIRST_TOTAL_LINE,
    LEFT,
    NOTE,
    QUIET,
    ROW_LINE,
    SUBTITLE,
    TITLE,
    TOTAL_FILL,
    cell_at,
    number_format,
    put,
    put_header,
    put_number,
    set_up_print,
)
from exporters.i18n.language import ENGLISH, N_, Language
from exporters.query import account_totals
from exporters.query.account_totals import AccountTotals
from exporters.query.totals import Total, Totals
from exporters.request.report_request import Request

HEADER_ROW = 7
FIRST_ROW = HEADER_ROW + 1

_WIDTHS = {Kind.DATE: 12.0, Kind.TIMESTAMP: 20.0}
_NARROWEST, _WIDEST = 8.0, 64.0
_HEADER_HEIGHT = 30.0
_WIDEST_ON_A4 = 300.0  # with wider columns its print would be less than half of normal size
_COLUMNS_OF_A_PAGE = 24  # with more, the print of a compared report would be too small to read


@dataclass(frozen=True)
class About:
    """What every sheet says of where its figures come from."""

    partner: str
    partner_name: str | None
    version: str
    version_at: datetime
    language: Language = ENGLISH

    @property
    def who(self) -> str:
        """The partner's name and id."""
        return f"{self.partner_name} ({self.partner})" if self.partner_name else self.partner

    @property
    def source(self) -> str:
        """The published version."""
        return self.language.say(
            "Data as of {moment}, version {version}",
            moment=self.language.moment(self.version_at),
            version=self.version,
        )


@dataclass(frozen=True)
class Content:
    """What a report's sheets are made of, its rows aside.

    Attributes:
        request: the report and its conditions.
        totals: its row count and totals.
        extents: how much room its columns need (`query.extents`).
        words: lines that say what is listed, above the rows; at most two.
        notes: what a reader of the totals must know, below them.
        by_account: totals by service account, below everything, if there are any.
        alert: what a reader must not overlook, in a sentence above the rows.
    """

    request: Request
    totals: Totals
    extents: dict[str, int | Decimal | None]
    words: tuple[str, ...]
    notes: tuple[str, ...]
    by_account: AccountTotals | None = None
    alert: str | None = None


def report_words(request: Request) -> list[str]:
    """The period and every condition of a report in two lines."""
    say, words = request.language.say, dict(request.in_words())
    period, basis = words.pop(say("Period")), words.pop(say(CONDITIONS["basis"].label))
    others = "; ".join(f"{label}: {value}" for label, value in words.items())
    return [say("Period: {period}, by {basis}", period=period, basis=basis), others]


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
    sheet.row_dimensions[HEADER_ROW].height = _HEADER_HEIGHT
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    set_up_print(sheet, language.say(report.title), about.partner, language)
    pages = keys = 1
    if content.request.compare is not None:
        pages = sheet.page_setup.fitToWidth = -(-len(report.columns) // _COLUMNS_OF_A_PAGE)
        # Which row it is stands on each of them.
        keys = next(place for place, column in enumerate(report.columns) if column.total)
        sheet.print_title_cols = f"A:{get_column_letter(keys)}"
    if sum(widths[:keys]) + sum(widths[keys:]) / pages > _WIDEST_ON_A4:
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A3


class Below:
    """What stands below the rows of a report: totals, notes and totals by account, or that there
    are no rows."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._say = content.request.language.say
        self._letters = {
            column.name: get_column_letter(number)
            for number, column in enumerate(content.request.report.columns, start=1)
        }
        has_totals = bool(content.request.report.totals)
        self._totals = content.totals.by_currency if has_totals else ()
        self._left_out = [total for total in self._totals if total.row_sums != total.sums]
        self._notes = list(content.notes)
        if self._totals:
            self._notes.append(self._say(self._how_totalled()))
        self._by_account = content.by_account
        if self._by_account is not None and not self._by_account.lines:
            self._notes.append(
                self._say(
                    "There are more than {most} service accounts: see the reports by account.",
                    most=content.request.language.grouped(account_totals.MOST),
                )
            )
            self._by_account = None

    @property
    def height(self) -> int:
        """Rows that it takes."""
        if self._content.totals.rows == 0:
            return 1
        blocks = [len(self._totals), len(self._left_out), len(self._notes)]
        if self._by_account is not None:
            blocks.append(2 + len(self._by_account.lines))
        return sum(1 + block for block in blocks if block)

    def write(self, sheet: Worksheet, row: int, listed: Sequence[Rows]) -> dict[str, str]:
        """Write it from `row` on; the formulas of its cells.

        `listed` is where the rows of the report stand.
        """
        if self._content.totals.rows == 0:
            put(sheet, row, 1, self._say("No rows for these conditions."), NOTE)
            return {}
        formulas: dict[str, str] = {}
        # Totals refer to what they leave out, which stands below them and a blank row.
        left_out_row = row + len(self._totals) + 2
        left_out = {
            total.currency: left_out_row + place for place, total in enumerate(self._left_out)
        }
        line = FIRST_TOTAL_LINE
        for total in self._totals:
            row += 1
            self._line(
                sheet, row, N_("Total"), total, total.line(self._content.request.report), line
            )
            formulas |= self._formulas(row, left_out.get(total.currency), listed)
            line = ROW_LINE
        for total in self._left_out:
            row = left_out[total.currency]
            values = {
                column: of_rows - value
                for column, of_rows, value in zip(
                    self._content.request.report.totals, total.row_sums, total.sums, strict=True
                )
            }
            self._line(sheet, row, N_("Left out"), total, values, ROW_LINE)
        row += 1
        for note in self._notes:
            row += 1
            put(sheet, row, 1, note, NOTE)
        if self._by_account is not None:
            self._accounts(sheet, row + 2, self._by_account)
        return formulas

    def _how_totalled(self) -> str:
        if self._left_out:
            return N_(
                "Totals are formulas: all rows of the currency less what is left out. "
                "A filter does not change them."
            )
        if len(self._totals) == 1:
            return N_(
                "The total is a formula (SUBTOTAL): with a filter it is that of the rows shown."
            )
        return N_(
            "Totals are formulas (SUMIFS): all rows of the currency. A filter does not change them."
        )

    def _formulas(
        self, row: int, left_out_row: int | None, listed: Sequence[Rows]
    ) -> dict[str, str]:
        """The formulas of the total in `row`, by cell."""
        currency = self._letters["currency"]
        formulas = {}
        for column in self._content.request.report.total_line:
            letter = self._letters[column.name]
            if column.percent_of:
                now, before = (f"{self._letters[name]}{row}" for name in column.percent_of)
                formula = f'IF({before}=0,"",ROUND(({now}-{before})/ABS({before})*100,2))'
            elif len(self._totals) == 1 and not self._left_out:
                formula = sum_of_shown(listed, letter)
            else:
                formula = sum_where(listed, letter, currency, f"{currency}{row}")
                if left_out_row is not None:
                    formula += f"-{letter}{left_out_row}"
            formulas[f"{letter}{row}"] = formula
        return formulas

    def _line(
        self,
        sheet: Worksheet,
        row: int,
        word: str,
        total: Total,
        values: Mapping[Column, Decimal | None],
        line: Border,
    ) -> None:
        report = self._content.request.report
        is_total = word == "Total"
        place_of_word = next(column for column in report.columns if column.kind is not Kind.ID)
        for number, column in enumerate(report.columns, start=1):
            value = values.get(column)
            if column is place_of_word or column.name == "currency":
                text = self._say(word) if column is place_of_word else total.currency
                cell = put(sheet, row, number, text, BOLD if is_total else BODY)
                cell.alignment = LEFT
            else:
                cell = cell_at(sheet, row, number)
            if value is not None:
                look = number_format(column, total.minor_units)
                put_number(cell, value, look, BOLD if is_total else BODY)
            cell.border = line
            if is_total:
                cell.fill = TOTAL_FILL

    def _accounts(self, sheet: Worksheet, row: int, totals: AccountTotals) -> None:
        report, language = self._content.request.report, self._content.request.language
        put(sheet, row, 1, self._say("By service account"), SUBTITLE)
        row += 1
        has_column = set(totals.columns)
        for number, column in enumerate(report.columns, start=1):
            label = self._say(column.label) if column in has_column else ""
            put_header(sheet, row, number, label, column.kind.is_number)
        sheet.row_dimensions[row].height = _HEADER_HEIGHT
        minor_units = {total.currency: total.minor_units for total in self._totals}
        place_of_currency = [column.name for column in totals.columns].index("currency")
        for line in totals.lines:
            row += 1
            decimals = minor_units[str(line[place_of_currency])]
            values = dict(zip(totals.columns, line, strict=True))
            for number, column in enumerate(report.columns, start=1):
                value = values.get(column)
                cell = cell_at(sheet, row, number)
                if column.total:
                    put_number(cell, Decimal(str(value)), number_format(column, decimals), BODY)
                elif value is not None:
                    put(sheet, row, number, language.word(column.name, str(value)), BODY)
                    cell.alignment, cell.number_format = LEFT, AS_TEXT
                cell.border = ROW_LINE


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
    places = {Kind.MONEY: decimals, Kind.COUNT: 0, Kind.PERCENT: 2}.get(column.kind, 4)
    return max(head, len(f"{max(values):,.{places}f}") + 3.0, _NARROWEST)


def _two_lines(label: str) -> int:
    """Characters of the longer line when a label is broken where it fits best."""
    words = label.split()
    return min(
        max(len(" ".join(words[:split])), len(" ".join(words[split:])))
        for split in range(1, len(words) + 1)
    )
