"""A partner's own statement against the ledger: what agrees, what differs, and why.

Every row of the statement, and every row that the report lists for the period, stands in one class
(`classes.Class`), so that per currency and exactly

    total of the statement = total of the ledger + sum of the differences of all classes

which is checked, as is that the ledger's total is the report's, before anything is written.

`statement` reads the file, `ledger` says what it is compared with, `passes` place the rows of both
sides, `result` explains, checks and shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.errors import ReportError, RequestError
from exporters.escaping import in_message, short
from exporters.files import whole_file
from exporters.i18n.language import ENGLISH
from exporters.output.paths import default_output
from exporters.reconciliation.reconcile.classes import Class
from exporters.reconciliation.reconcile.ledger import (
    SOURCES,
    Ledger,
    choose_key,
    ledger_of,
    take_period,
)
from exporters.reconciliation.reconcile.passes.executor import place_rows
from exporters.reconciliation.reconcile.passes.passes import Trait
from exporters.reconciliation.reconcile.result import sheets
from exporters.reconciliation.reconcile.result.explanation import explain
from exporters.reconciliation.reconcile.result.figures import Line, Result, check, lines_of
from exporters.reconciliation.reconcile.statement import labels
from exporters.reconciliation.reconcile.statement.columns import Wanted
from exporters.reconciliation.reconcile.statement.load import Statement, load
from exporters.reconciliation.reconcile.statement.values import DATE_FORMATS, type_rows
from exporters.request.partners import check_known
from exporters.request.report_request import Request, find_report, parse

if TYPE_CHECKING:
    import duckdb


def parse_request(report: str, partner: str, from_date: str, to_date: str, basis: str) -> Request:
    """A request from the words of a user, with all checks that need no data.

    Raises:
        RequestError: names the value and what is allowed.
    """
    if find_report(report).id not in SOURCES:
        raise RequestError(
            f"{report} cannot be reconciled row by row: allowed are {', '.join(SOURCES)}"
        )
    return parse(report, partner, from_date, to_date, {"basis": basis})


def write(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    request: Request,
    path: Path,
    columns: Mapping[str, str],
    date_format: str,
    output: Path | None,
) -> tuple[Path, Result]:
    """Reconcile the statement at `path` and write the result; where it is, and what it says.

    `columns` names columns of the statement by role (`labels.ROLES`). Without `output` a workbook
    is written below `home`.

    Raises:
        RequestError: the partner is unknown, the statement cannot be read or would be written
            over, or a column that is needed is not in it.
        ReportError: the result does not add up, or the workbook does not say what it says.
    """
    check_known(connection, request)
    flat = sheets.report_of(request.report, SOURCES[request.report.id].other_key)
    target = output or default_output(connection, home, replace(request, report=flat))
    if target.exists() and target.samefile(path):
        raise RequestError(f"--output {in_message(target)} is the statement itself: name another")
    result = reconcile(connection, request, path, columns, date_format)
    with whole_file(target) as temporary:
        sheets.write(connection, result, target.suffix.lower(), temporary)
    return target, result


def reconcile(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    path: Path,
    columns: Mapping[str, str],
    date_format: str = DATE_FORMATS[0],
) -> Result:
    """Place every row of the statement and of the ledger; the rows are in table `reconciled`.

    Raises:
        RequestError: the statement cannot be read, or a column that is needed is not in it.
        ReportError: the result does not add up.
    """
    # Rows carry their numbers, so a million of them need not wait in memory for one another.
    connection.execute("set preserve_insertion_order = false")
    source = SOURCES[request.report.id]
    names = labels.names_of(source.other_key, source.measures)
    read = load(connection, path, Wanted(columns, names, request.report.title))
    measure = labels.measure_of(read.columns["amount"], source.measures)
    # Sums of a day cannot be compared with single entries, only with such sums.
    is_daily = (
        request.report.id == "credit-usage"
        and "key" not in read.columns
        and labels.is_daily(read.header)
    )
    zone = _business_time_zone(connection)
    ledger = ledger_of(request, measure, zone, is_daily)
    take_period(connection, ledger)
    currency = None if "currency" in read.columns else _only_currency(connection, path)
    type_rows(connection, path, read.columns, zone, date_format, currency)
    key = _key_of(connection, ledger, read, source.other_key)
    ledger = ledger if key is None else ledger.by_key(key)
    traits: set[Trait] = set()
    traits |= {"workbook"} if read.is_workbook else set()
    traits |= {"transactions"} if source.is_transaction else set()
    place_rows(connection, ledger, traits)
    explain(connection, ledger)
    lines = lines_of(connection)
    check(connection, request, lines, measure)
    connection.execute("set preserve_insertion_order = true")
    key_name = source.other_key if key == "other_id" else key
    return Result(
        request,
        tuple(lines),
        tuple(_facts(request, read, measure, key_name, is_daily, currency)),
        tuple(_notes(read, lines)),
        source.other_key,
    )


def _business_time_zone(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("select business_time_zone from reports.build_info").fetchone()
    if row is None:
        raise ReportError("the published marts hold no version (reports.build_info is empty)")
    return str(row[0])


def _only_currency(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The currency of a statement that has no column for it: that of all rows of the ledger.

    Raises:
        RequestError: the ledger has several, or none.
    """
    sql = "select currency from ledger_rows group by currency order by currency"
    found = [row[0] for row in connection.execute(sql).fetchall()]
    if len(found) != 1:
        has = f"the ledger has {', '.join(found)}" if found else "the ledger has no row"
        raise RequestError(
            f"the statement {in_message(path)} has no column for the currency, and {has} in the "
            "period: name the column with --currency"
        )
    return str(found[0])


def _key_of(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, read: Statement, other_key: str
) -> str | None:
    """Which key of the ledger the statement's is: as its column is named, else as it fits more."""
    column = read.columns.get("key")
    if column is None:
        return None
    return labels.key_of(column, other_key) or choose_key(connection, ledger)


def _facts(
    request: Request,
    read: Statement,
    measure: str,
    key: str | None,
    is_daily: bool,
    currency: str | None,
) -> list[tuple[str, str]]:
    """What was compared with what, as label and value for people."""
    of_columns = {column.name: column.label for column in request.report.columns}
    rows_read = ENGLISH.say_count(
        "{count} row", "{count} rows", read.rows, count=ENGLISH.grouped(read.rows)
    )
    sheet = f", sheet {read.sheet}" if read.sheet is not None else ""
    used = {role: read.columns.get(role, "none") for role in labels.ROLES}
    if currency is not None:
        used["currency"] = f"none, taken as {currency}"
    by = f"by {key}" if key is not None else "without a key, by account, currency, amount and date"
    rows = "the report's daily sums" if is_daily else "entries of the ledger"
    return [
        ("Report", request.report.id),
        ("Period", f"{request.from_date} to {request.to_date}"),
        ("Basis", request.basis.words),
        ("Statement", f"{read.path.name}{sheet}, {rows_read}"),
        ("Columns", "; ".join(f"{role}: {name}" for role, name in used.items())),
        ("Compared", f"{rows}, {of_columns[measure].lower()}, {by}"),
    ]


def _notes(read: Statement, lines: Sequence[Line]) -> list[str]:
    """What a reader must know of the result, in whole sentences."""
    notes = []
    lone = {Class.STATEMENT_ONLY, Class.STATEMENT_DUPLICATE, Class.UNREADABLE}
    if (
        "key" in read.columns
        and read.rows
        and all(line.class_ in lone for line in lines if line.statement_rows)
    ):
        notes.append(
            f"The ledger has nothing of column {short(read.columns['key'])}. Name another with "
            "--key, or compare by account, currency, amount and date with --key -."
        )
    if read.passed_over:
        shown = ", ".join(str(number) for number in read.passed_over[:10])
        more = ", ..." if len(read.passed_over) > 10 else ""
        notes.append(f"Not taken as rows, being totals or notes: line {shown}{more} of the file.")
    if read.other_sheets:
        shown = ", ".join(short(title) for title in read.other_sheets[:10])
        notes.append(f"Sheets that were not read: {shown}.")
    if any(line.class_ is Class.UNREADABLE for line in lines):
        notes.append("Amounts that could not be read are in no total.")
    ambiguous = sum(line.ambiguous for line in lines)
    if ambiguous:
        notes.append(f"Ambiguous pairs, which could have been made otherwise: {ambiguous}.")
    return notes
