"""What a reconciliation comes to, and how it is shown: a workbook, a list of rows, a summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.catalogue.types import Column, Kind, Report
from exporters.escaping import in_message
from exporters.output import columnar
from exporters.query.amounts import DIGITS, exact
from exporters.reconciliation.reconcile.matching import Class
from exporters.request.report_request import Request
from exporters.terminal_table import table

if TYPE_CHECKING:
    import duckdb
    from openpyxl.worksheet.worksheet import Worksheet

    from exporters.excel.content import About, Content

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
MEANINGS = {
    Class.MATCHED: "In both: the same amount. Nothing to do.",
    Class.DATE: "The same but for the day. No money differs: agree on whose day counts.",
    Class.AMOUNT: "The same key, another amount. The command trace tells its history.",
    Class.CURRENCY: "The same key, another currency: two rows each, one in either.",
    Class.ACCOUNT: "The ledger has it under another service account. No total differs.",
    Class.PERIOD: "The ledger has it, in another period: it counts there, and no money is lost.",
    Class.REJECTED: "It was delivered and refused. It must be put right and delivered again.",
    Class.STATEMENT_DUPLICATE: "The statement has it more often than the ledger.",
    Class.LEDGER_DUPLICATE: "The ledger has it twice, as two events. If it was one, void one.",
    Class.STATEMENT_ONLY: "The ledger does not have it: it was never delivered, or was taken back.",
    Class.LEDGER_ONLY: "The statement does not have it: it came late, or the partner lacks it.",
    Class.UNREADABLE: "It was compared with nothing. Put it right in the statement, and run again.",
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
        with localcontext(prec=DIGITS):
            return self.statement - self.ledger


@dataclass(frozen=True)
class Reconciliation:
    """What came out.

    Attributes:
        request: report, partner, period and basis.
        lines: per class and currency.
        facts: what was compared with what, as label and value for people.
        notes: what a reader must know, in whole sentences.
        other_key: by what rows are known besides their event id.
    """

    request: Request
    lines: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
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
            with localcontext(prec=DIGITS):
                result.append(
                    (
                        currency,
                        sum((line.statement for line in lines), Decimal(0)),
                        sum((line.ledger for line in lines), Decimal(0)),
                        sum((line.difference for line in lines), Decimal(0)),
                    )
                )
        return result


def report_of(report: Report, other: str, names: Sequence[str] = ()) -> Report:
    """The rows of all classes as a report that can be written like any other.

    `other` is what the ledger's `other_id` is called; `names` are the columns, all without any.
    """
    columns = {column.name: column for column in (*_COLUMNS, _OTHER_COLUMNS[other])}
    shown = [columns[other if name == "other_id" else name] for name in names or _FLAT]
    sql = ", ".join(f"other_id as {other}" if each.name == other else each.name for each in shown)
    return Report(
        f"reconcile_{report.id}",
        "Reconciliation",
        "How does the statement compare with the ledger?",
        (),
        tuple(shown),
        f"select {sql} from reconciled",
    )


def _sheet_of(report: Report, other: str, date: str, class_: Class) -> Report:
    """The rows of one class, with the columns that can say something of them.

    `date` is the ledger's date that decides to which period a row belongs. The explanation is
    last, where it has all the room that it needs.
    """
    stated = (*_STATED, "currency", "statement_amount", "difference")
    source = ("batch_id", "file", "row_number")
    match class_:
        case Class.MATCHED:
            # What both sides have is shown once: there are a million such rows.
            names: tuple[str, ...] = (
                *("statement_row", "event_id", "other_id", "service_account_id"),
                *("statement_date", date, "currency", "ledger_amount", "difference"),
                *("match", "ambiguous", "reason"),
            )
        case Class.STATEMENT_DUPLICATE | Class.UNREADABLE:
            names = (*stated, "explanation")
        case Class.STATEMENT_ONLY:
            names = (*stated, "reason", "explanation")
        case Class.REJECTED:
            names = (*stated, *source, "explanation")
        case Class.LEDGER_DUPLICATE | Class.LEDGER_ONLY:
            names = (*_BOOKED, "currency", "ledger_amount", "difference", "reason")
            names = (*names, *source, "explanation")
        case _:
            names = (*_STATED, *_BOOKED, "currency", "statement_amount", "ledger_amount")
            names = (*names, "difference", "match", "ambiguous", "reason", *source, "explanation")
    sheet = report_of(report, other, names)
    columns = sheet.columns
    if class_ is Class.UNREADABLE:
        # Where the currency cannot be read, no currency says how amounts are shown.
        columns = tuple(
            replace(column, kind=Kind.QUANTITY) if column.kind is Kind.MONEY else column
            for column in columns
        )
    return replace(
        sheet,
        title=LABELS[class_],
        columns=columns,
        query=f"{sheet.query} where class = '{class_}'",
    )


_STATED = ("statement_row", "statement_key", "statement_account", "statement_date")
_BOOKED = (
    *("event_id", "other_id", "entry_type", "service_account_id", "event_date", "posted_date"),
)
_FLAT = (
    *("class", *_STATED, *_BOOKED, "currency", "statement_amount", "ledger_amount"),
    *("difference", "match", "ambiguous", "reason", "explanation"),
    *("batch_id", "file", "row_number"),
)
_COLUMNS = (
    Column("class", "Class", Kind.TEXT, "What became of it."),
    Column("statement_row", "Row in statement", Kind.COUNT, "Its row in the statement."),
    Column("statement_key", "Key in statement", Kind.ID, "What the statement knows it by."),
    Column("statement_account", "Account in statement", Kind.ID, "As stated."),
    Column("statement_date", "Date in statement", Kind.DATE, "As stated."),
    Column("event_id", "Event", Kind.ID, "Identifier of the event in its feed."),
    Column("entry_type", "Entry", Kind.TEXT, "`original` or `reversal`."),
    Column("service_account_id", "Service account", Kind.ID, "The billing unit."),
    Column("event_date", "Event date", Kind.DATE, "When it occurred, in business time."),
    Column("posted_date", "Posted date", Kind.DATE, "When it is posted."),
    Column("currency", "Currency", Kind.TEXT, "ISO 4217 code of the amounts."),
    Column("statement_amount", "Amount in statement", Kind.MONEY, "As stated.", total=True),
    Column("ledger_amount", "Amount in ledger", Kind.MONEY, "Of the period.", total=True),
    Column("difference", "Difference", Kind.MONEY, "Statement less ledger.", total=True),
    Column("match", "Matched by", Kind.TEXT, "How the pair was found."),
    Column("ambiguous", "Ambiguous", Kind.TEXT, "`yes` where another pair would do."),
    Column("reason", "Reason", Kind.TEXT, "In a word."),
    Column("explanation", "Explanation", Kind.TEXT, "In words."),
    Column("batch_id", "Batch", Kind.ID, "The delivery that holds it."),
    Column("file", "File", Kind.ID, "Its file."),
    Column("row_number", "Row in file", Kind.COUNT, "Its row there."),
)
_OTHER_COLUMNS = {
    "transaction_id": Column("transaction_id", "Transaction", Kind.ID, "Of payment or transfer."),
    "order_id": Column("order_id", "Order", Kind.ID, "Of which it is a charge."),
}


def write(
    connection: duckdb.DuckDBPyConnection, result: Reconciliation, ending: str, path: Path
) -> None:
    """Write the result to `path` in the format of `ending`.

    Raises:
        ReportError: the workbook that was written does not say what the result says.
    """
    request = result.request

    if ending != ".xlsx":
        flat = replace(request, report=report_of(request.report, result.other_key))
        columnar.write(connection, flat, ending, path)
        return
    from exporters.excel import workbook

    present = {Class.MATCHED, *(line.class_ for line in result.lines)}
    facts = dict(result.facts)
    about_all = (
        f"Period: {facts['Period']}, {request.basis.name} date; statement: {facts['Statement']}"
    )
    decimals = _decimals(connection)
    contents = []
    for class_ in Class:
        if class_ in present:
            sheet = _sheet_of(
                request.report, result.other_key, request.basis.blanks["date"], class_
            )
            content = workbook.content_of(
                connection,
                replace(request, report=sheet),
                words=(about_all, MEANINGS[class_]),
                notes=(),
            )
            contents.append(_in_full(content, decimals))
    about = workbook.about_partner(connection, request.partner)
    workbook.write_contents(
        connection, about, contents, path, first=("Summary", _summary_sheet(result, decimals))
    )


def _decimals(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """In how many decimals amounts are shown, by currency: as many as any amount has.

    With fewer, the smallest difference would be shown as none.
    """
    places = "length(rtrim(split_part(cast({0} as varchar), '.', 2), '0'))"
    rows = connection.execute(
        f"""
        select
            reconciled.currency,
            greatest(
                coalesce(any_value(currencies.minor_units), 2),
                max({places.format("statement_amount")}),
                max({places.format("ledger_amount")})
            ),
        from reconciled
        left join reference.currencies as currencies
            on reconciled.currency = currencies.currency
        group by reconciled.currency
        """
    ).fetchall()
    return dict(rows)


def _in_full(content: Content, decimals: Mapping[str, int]) -> Content:
    """`content` with its amounts shown in so many decimals."""
    totals = [
        replace(total, minor_units=decimals[total.currency], shown_sums=total.row_sums)
        for total in content.totals.by_currency
    ]
    return replace(content, totals=replace(content.totals, by_currency=tuple(totals)))


def _summary_sheet(
    result: Reconciliation, decimals: Mapping[str, int]
) -> Callable[[Worksheet, About, Sequence[Content]], None]:
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
            put(sheet, row, 2, line.currency or "", BODY).alignment = LEFT
            cell.alignment = LEFT
            money = money_format(decimals.get(line.currency or "", 2))
            counts = ((3, line.statement_rows), (5, line.ledger_rows), (8, line.ambiguous))
            for place, count in counts:
                if count or place != 8:
                    put_number(cell_at(sheet, row, place), count, FORMATS[Kind.COUNT], BODY)
            amounts = ((4, line.statement), (6, line.ledger), (7, line.difference))
            for place, amount in amounts:
                put_number(cell_at(sheet, row, place), amount, money, BODY)
            for place in range(1, 9):
                cell_at(sheet, row, place).border = ROW_LINE
        for currency, stated, booked, difference in result.totals():
            row += 1
            put(sheet, row, 1, "Total", BOLD).alignment = LEFT
            put(sheet, row, 2, currency, BOLD).alignment = LEFT
            lines = [line for line in result.lines if line.currency == currency]
            for place, count in (
                (3, sum(line.statement_rows for line in lines)),
                (5, sum(line.ledger_rows for line in lines)),
            ):
                put_number(cell_at(sheet, row, place), count, FORMATS[Kind.COUNT])
            money = money_format(decimals.get(currency, 2))
            for place, amount in ((4, stated), (6, booked), (7, difference)):
                put_number(cell_at(sheet, row, place), amount, money)
            for place in range(1, 9):
                cell_at(sheet, row, place).fill = TOTAL_FILL
        row += 1
        verdict = _verdict(result) if result.all_matches else _SEE_SHEETS
        for note in (verdict, _IDENTITY, *result.notes):
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
_SEE_SHEETS = "There are differences: the sheet of each class lists and explains its rows."
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
                        exact(line.statement),
                        str(line.ledger_rows),
                        exact(line.ledger),
                        exact(line.difference),
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
                    [currency, *(exact(value) for value in values)]
                    for currency, *values in result.totals()
                ],
            )
        )
    for note in (_verdict(result), *result.notes):
        print(in_message(note))
