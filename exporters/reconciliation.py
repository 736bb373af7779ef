"""What a reconciliation comes to, and how it is shown: a workbook, a list of rows, a summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import columnar, query
from exporters.catalogue import Column, Kind, Report
from exporters.conditions import Request
from exporters.matching import Class
from exporters.text import in_message, table

if TYPE_CHECKING:
    import duckdb
    from openpyxl.worksheet.worksheet import Worksheet

    from exporters.report_sheet import About, Content

LABELS = {
    Class.MATCHED: "Matched",
    Class.DATE: "Date differs",
    Class.AMOUNT: "Amount differs",
    Class.CURRENCY: "Currency differs",
    Class.ACCOUNT: "Under another account",
    Class.PERIOD: "In another period",
    Class.REJECTED: "Rejected on arrival",
    Class.STATEMENT_DUPLICATE: "Duplicate in statement",
    Class.LEDGER_DUPLICATE: "Duplicate in ledger",
    Class.STATEMENT_ONLY: "Only in the statement",
    Class.LEDGER_ONLY: "Only in the ledger",
    Class.UNREADABLE: "Unreadable in statement",
}


@dataclass(frozen=True)
class Line:
    """What a class comes to in one currency.

    Attributes:
        class_: the class.
        currency: ISO 4217 code; None where a row of the statement names none.
        statement_rows, ledger_rows: how many rows of either side.
        statement, ledger: their amounts.
        ambiguous: how many pairs could have been made otherwise.
    """

    class_: Class
    currency: str | None
    statement_rows: int
    statement: Decimal
    ledger_rows: int
    ledger: Decimal
    ambiguous: int

    @property
    def difference(self) -> Decimal:
        """What it adds to the ledger's total to make the statement's."""
        with localcontext(prec=query.DIGITS):
            return self.statement - self.ledger


@dataclass(frozen=True)
class Reconciliation:
    """What came out.

    Attributes:
        request: report, partner, period and basis.
        lines: per class and currency.
        facts: what was compared with what, as label and value for people.
        notes: what a reader must know, in whole sentences.
        minor_units: decimals in which amounts of a currency are shown.
        other_key: by what rows are known besides their event id.
    """

    request: Request
    lines: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    minor_units: Mapping[str, int]
    other_key: str

    @property
    def all_matches(self) -> bool:
        """Whether there is no difference of any kind."""
        return all(line.class_ is Class.MATCHED for line in self.lines)

    def totals(self) -> list[tuple[str, Decimal, Decimal, Decimal]]:
        """Per currency the totals of statement and ledger, and the sum of the differences."""
        result = []
        for currency in sorted({line.currency for line in self.lines if line.currency}):
            lines = [line for line in self.lines if line.currency == currency]
            with localcontext(prec=query.DIGITS):
                result.append(
                    (
                        currency,
                        sum((line.statement for line in lines), Decimal(0)),
                        sum((line.ledger for line in lines), Decimal(0)),
                        sum((line.difference for line in lines), Decimal(0)),
                    )
                )
        return result


def report_of(report: Report, other: str, class_: Class | None = None) -> Report:
    """The rows of one class, or of all, as a report that can be written like any other.

    `other` is what the ledger's `other_id` is called.
    """
    label = {"transaction_id": "Transaction", "order_id": "Order"}[other]
    columns: tuple[Column, ...] = (
        Column("statement_row", "Row", Kind.COUNT, "Its row in the statement."),
        Column("statement_key", "Key", Kind.ID, "What the statement knows it by."),
        Column("statement_account", "Account in statement", Kind.ID, "As stated."),
        Column("statement_date", "Date in statement", Kind.DATE, "As stated."),
        Column("event_id", "Event", Kind.ID, "Identifier of the event in its feed."),
        Column(other, label, Kind.ID, "Its other identifier."),
        Column("entry_type", "Entry", Kind.TEXT, "`original` or `reversal`."),
        Column("service_account_id", "Service account", Kind.ID, "The billing unit."),
        Column("event_date", "Event date", Kind.DATE, "When it occurred, in business time."),
        Column("posted_date", "Posted date", Kind.DATE, "When it is posted."),
        Column("currency", "Currency", Kind.TEXT, "ISO 4217 code of the amounts."),
        Column("statement_amount", "In statement", Kind.MONEY, "As stated.", total=True),
        Column("ledger_amount", "In ledger", Kind.MONEY, "Of the period.", total=True),
        Column("difference", "Difference", Kind.MONEY, "Statement less ledger.", total=True),
        Column("match", "Matched by", Kind.TEXT, "How the pair was found."),
        Column("ambiguous", "Ambiguous", Kind.TEXT, "`yes` where another pair would do."),
        Column("reason", "Reason", Kind.TEXT, "In a word."),
        Column("explanation", "Explanation", Kind.TEXT, "In words."),
        Column("batch_id", "Batch", Kind.ID, "The delivery that holds it."),
        Column("file", "File", Kind.ID, "Its file."),
        Column("row_number", "File row", Kind.COUNT, "Its row there."),
    )
    if class_ is None:
        columns = (Column("class", "Class", Kind.TEXT, "What became of it."), *columns)
    names = ", ".join(
        f"other_id as {column.name}" if column.name == other else column.name for column in columns
    )
    return Report(
        f"reconcile_{report.id}",
        LABELS[class_] if class_ is not None else "Reconciliation",
        "How does the statement compare with the ledger?",
        (),
        columns,
        f"select {names} from reconciled where "
        + ("true" if class_ is None else f"class = '{class_}'"),
    )


def write(
    connection: duckdb.DuckDBPyConnection, result: Reconciliation, ending: str, path: Path
) -> None:
    """Write the result to `path` in the format of `ending`.

    Raises:
        ReportError: the workbook that was written does not say what the result says.
    """
    request = result.request

    def of(class_: Class | None = None) -> Request:
        return replace(request, report=report_of(request.report, result.other_key, class_))

    if ending != ".xlsx":
        columnar.write(connection, of(), ending, path)
        return
    from exporters import workbook

    present = {Class.MATCHED, *(line.class_ for line in result.lines)}
    facts = dict(result.facts)
    words = [
        f"Period: {facts['Period']}, by {facts['Basis']}",
        f"Statement: {facts['Statement']}; compared: {facts['Compared']}",
    ]
    contents = [
        workbook.content_of(
            connection,
            of(class_),
            words=words,
            notes=(),
        )
        for class_ in Class
        if class_ in present
    ]
    about = workbook.about_partner(connection, request.partner)
    workbook.write_contents(
        connection, about, contents, path, first=("Summary", _summary_sheet(result))
    )


def _summary_sheet(
    result: Reconciliation,
) -> Callable[[Worksheet, About, Sequence[Content]], None]:
    from exporters.looks import (
        BODY,
        BOLD,
        FORMATS,
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

    def fill(sheet: Worksheet, about: About, contents: Sequence[Content]) -> None:
        from openpyxl.worksheet.hyperlink import Hyperlink

        widths = (26, 11, 12, 20, 12, 20, 20, 12)
        for letter, width in zip("ABCDEFGH", widths, strict=True):
            sheet.column_dimensions[letter].width = width
        put(sheet, 1, 1, "Reconciliation", TITLE)
        sheet.row_dimensions[1].height = 26
        put(sheet, 2, 1, about.who, BOLD)
        row = 3
        for label, fact in (*result.facts, ("Source", about.source)):
            put(sheet, row, 1, label, QUIET)
            put(sheet, row, 2, fact, BODY)
            row += 1
        row += 1
        sheet.row_dimensions[row].height = 30
        for place, (label, right) in enumerate(_SUMMARY_COLUMNS, start=1):
            put_header(sheet, row, place, label, right)
        for line in result.lines:
            row += 1
            title = LABELS[line.class_]
            cell = put(sheet, row, 1, title, LINK)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{title}'!A1")
            put(sheet, row, 2, line.currency or "", BODY)
            money = money_format(result.minor_units.get(line.currency or "", 2))
            counts = ((3, line.statement_rows), (5, line.ledger_rows), (8, line.ambiguous))
            for place, count in counts:
                put_number(cell_at(sheet, row, place), count, FORMATS[Kind.COUNT], BODY)
            amounts = ((4, line.statement), (6, line.ledger), (7, line.difference))
            for place, amount in amounts:
                put_number(cell_at(sheet, row, place), amount, money, BODY)
            for place in range(1, 9):
                cell_at(sheet, row, place).border = ROW_LINE
        for currency, stated, booked, difference in result.totals():
            row += 1
            put(sheet, row, 1, "Total", BOLD)
            put(sheet, row, 2, currency, BOLD)
            money = money_format(result.minor_units.get(currency, 2))
            for place, amount in ((4, stated), (6, booked), (7, difference)):
                put_number(cell_at(sheet, row, place), amount, money)
            for place in range(1, 9):
                cell_at(sheet, row, place).fill = TOTAL_FILL
        row += 1
        for note in (_verdict(result), _IDENTITY, *result.notes):
            row += 1
            put(sheet, row, 1, note, NOTE)
        set_up_print(sheet, "Reconciliation", about.partner)

    return fill


_SUMMARY_COLUMNS = (
    ("Class", False),
    ("Currency", False),
    ("Rows in statement", True),
    ("Statement", True),
    ("Rows in ledger", True),
    ("Ledger", True),
    ("Difference", True),
    ("Ambiguous", True),
)
_IDENTITY = "Per currency: statement = ledger + sum of the differences, exactly."


def _verdict(result: Reconciliation) -> str:
    if result.all_matches:
        return "All rows match."
    found = [
        LABELS[class_].lower()
        for class_ in Class
        if class_ is not Class.MATCHED and any(line.class_ is class_ for line in result.lines)
    ]
    return f"There are differences: {', '.join(found)}."


def show(result: Reconciliation) -> None:
    """Print the summary."""
    print("Reconciliation")
    for label, value in (("Partner", result.request.partner), *result.facts):
        print(f"{label}: {in_message(value)}")
    print()
    if result.lines:
        print(
            table(
                _SUMMARY_COLUMNS,
                [
                    [
                        LABELS[line.class_],
                        line.currency or "",
                        str(line.statement_rows),
                        query.exact(line.statement),
                        str(line.ledger_rows),
                        query.exact(line.ledger),
                        query.exact(line.difference),
                        str(line.ambiguous or ""),
                    ]
                    for line in result.lines
                ],
            )
        )
        print("\nTotals: statement = ledger + differences")
        print(
            table(
                (("Currency", False), ("Statement", True), ("Ledger", True), ("Differences", True)),
                [
                    [currency, *(query.exact(value) for value in values)]
                    for currency, *values in result.totals()
                ],
            )
        )
    for note in (_verdict(result), *result.notes):
        print(in_message(note))
