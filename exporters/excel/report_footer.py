"""What stands below the rows of a report: totals, notes, totals by service account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from openpyxl.styles import Border
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exporters.catalogue.types import Column, Kind
from exporters.excel.content import Content
from exporters.excel.ooxml.formulas import Rows, sum_of_shown, sum_where
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


class ReportFooter:
    """The lines below a report's rows: totals, notes, totals by account; or that there are none."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._language = content.request.language
        self._letters = {
            column.name: get_column_letter(number)
            for number, column in enumerate(content.request.report.columns, start=1)
        }
        has_totals = bool(content.request.report.totals)
        self._totals = content.totals.by_currency if has_totals else ()
        self._left_out = [total for total in self._totals if total.row_sums != total.sums]
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
        blocks = [len(self._totals), len(self._left_out), len(self._notes)]
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
            elif column.share_of:
                part, whole = (f"{self._letters[name]}{row}" for name in column.share_of)
                formula = f'IF({whole}=0,"",ROUND({part}/{whole}*100,2))'
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
        place_of_word = next(
            column
            for column in report.columns
            if column.kind is not Kind.ID and column.name != "currency"
        )
        for number, column in enumerate(report.columns, start=1):
            value = values.get(column)
            if column is place_of_word or column.name == "currency":
                text = self._language.say(word) if column is place_of_word else total.currency
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
        put(sheet, row, 1, self._language.say("By service account"), SUBTITLE)
        row += 1
        has_column = set(totals.columns)
        first = 1 + next(
            place for place, column in enumerate(report.columns) if column in has_column
        )
        for number, column in enumerate(report.columns[first - 1 :], start=first):
            label = self._language.say(column.label) if column in has_column else ""
            put_header(sheet, row, number, label, column.kind.is_number)
        sheet.row_dimensions[row].height = HEADER_HEIGHT
        minor_units = {total.currency: total.minor_units for total in self._totals}
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
