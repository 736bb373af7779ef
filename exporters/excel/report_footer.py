"""What stands below the rows of a report: totals, notes, totals by service account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from openpyxl.styles import Border, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exporters.catalogue.types import Column, Kind
from exporters.excel.content import Content
from exporters.excel.ooxml.formulas import Rows, sum_of_shown, sum_where, text
from exporters.excel.styles import (
    AS_TEXT,
    BODY,
    BOLD,
    FIRST_TOTAL_LINE,
    HEADER_HEIGHT,
    LEFT,
    NOTE,
    ROW_LINE,
    SUBTITLE,
    TOTAL_FILL,
    cell_at,
    number_format,
    put,
    put_header,
    put_number,
)
from exporters.i18n.language import N_
from exporters.query import account_totals
from exporters.query.account_totals import AccountTotals
from exporters.query.totals import Total


class _Look(NamedTuple):
    font: Font
    fill: PatternFill | None


_TOTAL, _PART = _Look(BOLD, TOTAL_FILL), _Look(BODY, None)
# For so many rows a spreadsheet is asked one by one whether a filter leaves them, which takes
# LibreOffice 2 microseconds for each of them and each total.
_MOST_ASKED = 100_000


class ReportFooter:
    """The lines below a report's rows: totals, notes, totals by account; or that there are none."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._report = report = content.request.report
        self._language = content.request.language
        self._letters = {
            column.name: get_column_letter(number)
            for number, column in enumerate(report.columns, start=1)
        }
        totals = content.totals
        self._totals = totals.lines(report) if report.totals else ()
        self._subtotals = totals.subtotals(report) if report.totals else ()
        self._left_out = [
            total for total in (*self._totals, *self._subtotals) if total.row_sums != total.sums
        ]
        # Totals that leave something out cannot follow a filter, so the rows have theirs.
        self._shown = self._totals if self._left_out else ()
        self._can_ask = totals.rows <= _MOST_ASKED
        self._notes = list(content.notes)
        if self._totals:
            self._notes.append(self._language.say(self._how_totalled()))
        self._by_account = content.by_account
        if self._by_account is not None and not self._by_account.lines:
            self._notes.append(
                self._language.say(
                    "There are more than {most} service accounts: see the reports by account.",
                    most=self._language.grouped(account_totals.MOST),
                )
            )
            self._by_account = None

    @property
    def height(self) -> int:
        """How many rows it takes."""
        if self._content.totals.rows == 0:
            return 1
        blocks = [
            len(self._totals) + len(self._subtotals),
            len(self._left_out) + len(self._shown),
            len(self._notes),
        ]
        if self._by_account is not None:
            blocks.append(2 + len(self._by_account.lines))
        return sum(1 + block for block in blocks if block)

    def write(self, sheet: Worksheet, row: int, listed: Sequence[Rows]) -> dict[str, str]:
        """Write it from `row` on; the formulas of its cells.

        `listed` is where the rows of the report stand.
        """
        if self._content.totals.rows == 0:
            put(sheet, row, 1, self._language.say("No rows for these conditions."), NOTE)
            return {}
        formulas: dict[str, str] = {}
        lines = (*self._totals, *self._subtotals)
        # Totals refer to what they leave out, which stands below them and a blank row.
        left_out_row = row + len(lines) + 2
        left_out = {id(total): left_out_row + place for place, total in enumerate(self._left_out)}
        for place, total in enumerate(lines):
            row += 1
            look = _TOTAL if place < len(self._totals) else _PART
            line = FIRST_TOTAL_LINE if place == 0 else ROW_LINE
            self._line(sheet, row, N_("Total"), total, total.line(self._report), line, look)
            formulas |= self._formulas(row, total, left_out.get(id(total)), listed)
        row += bool(self._left_out)
        for total in self._left_out:
            row += 1
            values = {
                column: of_rows - value
                for column, of_rows, value in zip(
                    self._report.totals, total.row_sums, total.sums, strict=True
                )
            }
            self._line(sheet, row, N_("Left out"), total, values, ROW_LINE, _PART)
        for total in self._shown:
            row += 1
            values = dict(zip(self._report.totals, total.row_sums, strict=True))
            self._line(sheet, row, N_("Rows shown"), total, values, ROW_LINE, _PART)
            for column in self._report.totals:
                letter = self._letters[column.name]
                formulas[f"{letter}{row}"] = self._sum_of_shown(row, total, letter, listed)
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
                "Totals are formulas: all rows of the currency less what is left out. A filter "
                "does not change them, but the line of the rows shown."
            )
        if self._can_ask or self._is_only(self._totals[0]):
            return N_("Totals are formulas: with a filter they are those of the rows shown.")
        return N_(
            "Totals are formulas (SUMIFS): all rows of the currency. A filter does not change them."
        )

    def _is_only(self, total: Total) -> bool:
        """Whether there is no other row than those of this total."""
        return len(self._totals) == 1 and total in self._totals

    def _formulas(
        self, row: int, total: Total, left_out_row: int | None, listed: Sequence[Rows]
    ) -> dict[str, str]:
        """The formulas of the total in `row`, by cell."""
        formulas = {}
        for column in self._report.total_line:
            letter = self._letters[column.name]
            if column.percent_of:
                now, before = (f"{self._letters[name]}{row}" for name in column.percent_of)
                formula = f'IF({before}=0,"",ROUND(({now}-{before})/ABS({before})*100,2))'
            elif column.share_of:
                part, whole = (f"{self._letters[name]}{row}" for name in column.share_of)
                formula = f'IF({whole}=0,"",ROUND({part}/{whole}*100,2))'
            elif not self._left_out:
                formula = self._sum_of_shown(row, total, letter, listed)
            else:
                formula = sum_where(listed, letter, self._where(row, total))
                if left_out_row is not None:
                    formula += f"-{letter}{left_out_row}"
            formulas[f"{letter}{row}"] = formula
        return formulas

    def _sum_of_shown(self, row: int, total: Total, letter: str, listed: Sequence[Rows]) -> str:
        if self._is_only(total):
            return sum_of_shown(listed, letter, {})
        of_these = sum_of_shown if self._can_ask else sum_where
        return of_these(listed, letter, self._where(row, total))

    def _where(self, row: int, total: Total) -> dict[str, str]:
        """What the rows of the total in `row` have, by column."""
        currency = self._letters["currency"]
        where = {currency: f"{currency}{row}"}
        if self._report.parts is not None and total.part is not None:
            word = self._language.word(self._report.parts, total.part)
            where[self._letters[self._report.parts]] = text(word)
        return where

    def _line(
        self,
        sheet: Worksheet,
        row: int,
        word: str,
        total: Total,
        values: Mapping[Column, Decimal | None],
        line: Border,
        look: _Look,
    ) -> None:
        label = total.titled(self._language.say(word), self._report, self._language)
        place_of_label = next(
            column
            for column in self._report.columns
            if column.kind is not Kind.ID and column.name != "currency"
        )
        for number, column in enumerate(self._report.columns, start=1):
            value = values.get(column)
            if column is place_of_label or column.name == "currency":
                shown = label if column is place_of_label else total.currency
                cell = put(sheet, row, number, shown, look.font)
                cell.alignment = LEFT
            else:
                cell = cell_at(sheet, row, number)
            if value is not None:
                put_number(cell, value, number_format(column, total.minor_units), look.font)
            cell.border = line
            if look.fill is not None:
                cell.fill = look.fill

    def _accounts(self, sheet: Worksheet, row: int, totals: AccountTotals) -> None:
        report, language = self._report, self._language
        put(sheet, row, 1, language.say("By service account"), SUBTITLE)
        row += 1
        has_column = set(totals.columns)
        first = 1 + next(
            place for place, column in enumerate(report.columns) if column in has_column
        )
        for number, column in enumerate(report.columns[first - 1 :], start=first):
            label = language.say(column.label) if column in has_column else ""
            put_header(sheet, row, number, label, column.kind.is_number)
        sheet.row_dimensions[row].height = HEADER_HEIGHT
        minor_units = {
            total.currency: total.minor_units for total in self._content.totals.by_currency
        }
        place_of_currency = [column.name for column in totals.columns].index("currency")
        for line in totals.lines:
            row += 1
            decimals = minor_units[str(line[place_of_currency])]
            values = dict(zip(totals.columns, line, strict=True))
            for number, column in enumerate(report.columns[first - 1 :], start=first):
                value = values.get(column)
                cell = cell_at(sheet, row, number)
                if column.kind.is_number and value is not None:
                    put_number(cell, Decimal(str(value)), number_format(column, decimals), BODY)
                elif value is not None:
                    put(sheet, row, number, language.word(column.name, str(value)), BODY)
                    cell.alignment, cell.number_format = LEFT, AS_TEXT
                cell.border = ROW_LINE
