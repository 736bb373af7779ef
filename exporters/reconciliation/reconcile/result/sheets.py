"""A result as rows and sheets: one flat list, or a workbook with a sheet for each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import sql
from exporters.catalogue.types import Column, Kind, Report
from exporters.i18n.language import N_
from exporters.output import columnar
from exporters.reconciliation.reconcile.classes import LABELS, MEANINGS, Class
from exporters.reconciliation.reconcile.result.figures import Result

if TYPE_CHECKING:
    import duckdb

    from exporters.excel.content import Content

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
# What sums of service accounts do not have.
_OF_ENTRIES = (
    *("statement_key", "statement_date", "event_id", "other_id", "entry_type", "event_date"),
    *("posted_date", "batch_id", "file", "row_number"),
)
_OTHER_COLUMNS = {
    "transaction_id": Column("transaction_id", "Transaction", Kind.ID, "Of payment or transfer."),
    "order_id": Column("order_id", "Order", Kind.ID, "Of which it is a charge."),
}


def columns() -> tuple[Column, ...]:
    """All columns that a result can have."""
    return (*_COLUMNS, *_OTHER_COLUMNS.values())


def report_of(report: Report, other: str | None, names: Sequence[str] = ()) -> Report:
    """The rows of all classes as a report that can be written like any other.

    `other` is what the ledger's `other_id` is called, None where rows are sums of service accounts;
    `names` are the columns, all without any.
    """
    columns = {column.name: column for column in _COLUMNS}
    if other is None:
        names = [name for name in names or _FLAT if name not in _OF_ENTRIES]
    else:
        columns["other_id"] = _OTHER_COLUMNS[other]
    shown = [columns[name] for name in names or _FLAT]
    sql = ", ".join(f"other_id as {other}" if each.name == other else each.name for each in shown)
    return Report(
        f"reconcile_{report.id}",
        N_("Reconciliation"),
        "How does the statement compare with the ledger?",
        (),
        tuple(shown),
        f"select {sql} from reconciled",
    )


def _sheet_of(report: Report, other: str | None, date: str, class_: Class) -> Report:
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
        case Class.NOT_A_LINE:
            names = ("statement_row", "explanation")
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
        unit=sheet.unit if class_ is not Class.NOT_A_LINE else "null",
        query=f"{sheet.query} where class = '{class_}'",
    )


def write(connection: duckdb.DuckDBPyConnection, result: Result, ending: str, path: Path) -> None:
    """Write the result to `path` in the format of `ending`.

    Raises:
        ReportError: the workbook that was written does not say what the result says.
    """
    if ending == ".xlsx":
        _write_workbook(connection, result, path)
        return
    flat = report_of(result.request.report, result.other_key)
    columnar.write(connection, replace(result.request, report=flat), ending, path)


def _write_workbook(connection: duckdb.DuckDBPyConnection, result: Result, path: Path) -> None:
    from exporters.excel import workbook
    from exporters.reconciliation.reconcile.result.summary_sheet import fill

    request = result.request
    present = {Class.MATCHED, *(line.class_ for line in result.lines)}
    say, facts = request.language.say, dict(result.facts)
    about_all = say(
        "Period: {period}; statement: {statement}",
        period=facts[say("Period")],
        statement=facts[say("Statement")],
    )
    date = request.basis.blanks["date"]
    decimals = dict(connection.execute(sql.load(__file__, "decimals.sql")).fetchall())
    contents = []
    for class_ in Class:
        if class_ in present:
            sheet = _sheet_of(request.report, result.other_key, date, class_)
            content = workbook.content_of(
                connection,
                replace(request, report=sheet),
                words=(about_all, say(MEANINGS[class_])),
                notes=(),
            )
            contents.append(_in_full(content, decimals))
    workbook.write_contents(
        connection,
        workbook.about_partner(connection, request.partner, request.language),
        contents,
        path,
        first=(N_("Summary"), lambda sheet, about, _: fill(sheet, about, result, decimals)),
    )


def _in_full(content: Content, decimals: Mapping[str, int]) -> Content:
    """`content` with its amounts shown in so many decimals."""
    totals = [
        replace(total, minor_units=decimals[total.currency], shown_sums=total.row_sums)
        for total in content.totals.by_currency
    ]
    return replace(content, totals=replace(content.totals, by_currency=tuple(totals)))
