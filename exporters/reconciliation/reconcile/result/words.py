"""What was compared with what, and what a reader must know of it, in the request's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from exporters.catalogue.conditions import CONDITIONS
from exporters.escaping import short
from exporters.i18n.language import N_, Language
from exporters.query.amounts import exact
from exporters.reconciliation.reconcile.classes import Class
from exporters.reconciliation.reconcile.result import sheets
from exporters.reconciliation.reconcile.result.figures import LeftOut, Line
from exporters.reconciliation.reconcile.statement.labels import ROLES
from exporters.reconciliation.reconcile.statement.load import Statement
from exporters.reconciliation.reconcile.statement.reading import Reading, flag
from exporters.reconciliation.reconcile.statement.ways import AUTO
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb

_LISTED = 10  # rows or sheets that are named
_ROLES = {
    "key": N_("key"),
    "account": N_("service account"),
    "date": N_("date"),
    "currency": N_("currency"),
    "amount": N_("amount"),
}


def facts(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    read: Statement,
    found: Reading,
    key: str | None,
    is_daily: bool,
) -> list[tuple[str, str]]:
    """What was compared with what, as label and value for people.

    `found` is how the statement was read; `key` is the column of the ledger by which rows were
    known, if any; with `is_daily` it is daily sums that were compared.
    """
    say = request.language.say
    return [
        (say("Report"), say(request.report.title)),
        *_conditions(request),
        (say("Statement"), _file(connection, request.language, read)),
        (say("Columns"), _columns(request.language, read, found)),
        (say("Not read"), ", ".join(map(short, read.unread)) or say("no column")),
        (say("Written"), _written(request.language, read, found)),
        (say("Compared"), _compared(request, read, key, is_daily)),
    ]


def _conditions(request: Request) -> list[tuple[str, str]]:
    """The period and the conditions that leave something out."""
    say = request.language.say
    everything = {say(CONDITIONS[name].everything) for name in ("account_type", "account")}
    return [(label, value) for label, value in request.in_words() if value not in everything]


def _file(connection: duckdb.DuckDBPyConnection, language: Language, read: Statement) -> str:
    counted = connection.execute("select count(*) from statement where is_line").fetchone()
    assert counted is not None
    rows = language.say_count(
        "{count} row", "{count} rows", counted[0], count=language.grouped(counted[0])
    )
    if read.sheet is None:
        return f"{read.path.name}, {rows}"
    sheet = language.say("sheet {title}", title=read.sheet)
    return f"{read.path.name}, {sheet}, {rows}"


def _columns(language: Language, read: Statement, found: Reading) -> str:
    used = {role: read.header.columns.get(role, language.say("none")) for role in ROLES}
    if "currency" not in read.header.places and found.currency is not None:
        used["currency"] = language.say("none, taken as {currency}", currency=found.currency)
    return "; ".join(f"{language.say(_ROLES[role])}: {name}" for role, name in used.items())


def _written(language: Language, read: Statement, found: Reading) -> str:
    """How numbers and days are written, as far as only one way reads them."""
    written = []
    if found.numbers != AUTO:
        written.append(language.say("numbers {way}", way=found.numbers))
    if found.date_format != AUTO and "date" in read.header.places:
        written.append(language.say("dates {way}", way=found.date_format))
    return ", ".join(written) or language.say("in a way that all readings agree on")


def _compared(request: Request, read: Statement, key: str | None, is_daily: bool) -> str:
    say = request.language.say
    columns = (*sheets.columns(), *request.report.columns)
    labels = {column.name: say(column.label) for column in columns}
    if key is not None:
        by = say("by {key}", key=labels[key].lower())
    elif _is_by_account(request):
        by = say("by service account and currency")
    else:
        by = say("without a key, by account, currency, amount and date")
    if _is_by_account(request):
        rows = say("the report's sums")
    else:
        rows = say("the report's daily sums") if is_daily else say("entries of the ledger")
    return f"{rows}, {labels[read.header.measure].lower()}, {by}"


def _is_by_account(request: Request) -> bool:
    return not any(column.name == "report_date" for column in request.report.columns)


def notes(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    read: Statement,
    lines: Sequence[Line],
    away: Sequence[LeftOut],
) -> list[str]:
    """What a reader must know of the result, in whole sentences."""
    say = request.language.say
    said = []
    lone = {Class.STATEMENT_ONLY, Class.STATEMENT_DUPLICATE, Class.UNREADABLE, Class.NOT_A_LINE}
    stated = [line.class_ for line in lines if line.statement_rows]
    if "key" in read.header.places and set(stated) - {Class.NOT_A_LINE} and set(stated) <= lone:
        said.append(
            say(
                "The ledger has nothing of column {column}. Name another with {flag}, or compare "
                "by account, currency, amount and date with {flag} -.",
                column=short(read.header.columns["key"]),
                flag=flag("key"),
            )
        )
    no_lines = connection.execute(
        "select row from statement where not is_line order by id"
    ).fetchall()
    if no_lines:
        rows = _listed(row for (row,) in no_lines)
        said.append(say("Titles, totals, notes and signatures, not a line: row {rows}.", rows=rows))
    if away:
        amounts = ", ".join(
            f"{request.language.grouped(exact(left.amount))} {left.currency}" for left in away
        )
        said.append(
            say(
                "Transfers between accounts of the same partner that the statement does not list "
                "are left out, as totals leave them out ({amounts}).",
                amounts=amounts,
            )
        )
    said += _of_sheet(request.language, read)
    if any(line.class_ is Class.UNREADABLE for line in lines):
        said.append(say("Amounts that could not be read are in no total."))
    ambiguous = sum(line.ambiguous for line in lines)
    if ambiguous:
        said.append(
            say("Ambiguous pairs, which could have been made otherwise: {count}.", count=ambiguous)
        )
    return said


def _of_sheet(language: Language, read: Statement) -> list[str]:
    """What is to be known of a workbook."""
    said = []
    if read.seen.below is not None:
        said.append(
            language.say(
                "An export of ours: what stands from row {row} on are its totals and notes, which "
                "were not read.",
                row=read.seen.below,
            )
        )
    if read.seen.hidden_columns:
        names = [read.header.name_of(place) for place in read.seen.hidden_columns]
        said.append(language.say("Hidden columns of the sheet: {columns}.", columns=_listed(names)))
    if read.seen.hidden_rows:
        said.append(
            language.say(
                "Hidden rows of the sheet, which were read: {rows}.",
                rows=_listed(read.seen.hidden_rows),
            )
        )
    if read.other_sheets:
        said.append(
            language.say("Sheets that were not read: {sheets}.", sheets=_listed(read.other_sheets))
        )
    return said


def _listed(things: Iterable[object]) -> str:
    """The first of them, and that there are more."""
    listed = [short(str(each)) for each in things]
    return ", ".join(listed[:_LISTED]) + (", ..." if len(listed) > _LISTED else "")
