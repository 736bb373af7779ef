"""A partner's own statement against the ledger: what agrees, what differs, and why.

Every row of the statement, and every row that the report lists for the period, stands in one class
(`classes.Class`), so that per currency and exactly

    total of the statement = total of the ledger + sum of the differences of all classes

which is checked, as is that the ledger's total is the report's, before anything is written.

`statement` reads the file, `ledger` says what it is compared with, `passes` place the rows of both
sides, `result` explains, checks and shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import sql
from exporters.errors import ReportError, RequestError
from exporters.escaping import in_message
from exporters.files import whole_file
from exporters.i18n.language import ENGLISH, Language
from exporters.output.paths import default_output
from exporters.reconciliation.reconcile.ledger import (
    SOURCES,
    Ledger,
    Source,
    has_keys_of_period,
    key_by_account,
    known_keys,
    ledger_of,
    take_period,
)
from exporters.reconciliation.reconcile.passes.executor import place_rows
from exporters.reconciliation.reconcile.passes.passes import Trait
from exporters.reconciliation.reconcile.result import sheets
from exporters.reconciliation.reconcile.result.explanation import explain
from exporters.reconciliation.reconcile.result.figures import Result, check, left_out, lines_of
from exporters.reconciliation.reconcile.result.words import facts, notes
from exporters.reconciliation.reconcile.statement import labels
from exporters.reconciliation.reconcile.statement.cells import currency_word
from exporters.reconciliation.reconcile.statement.columns import Wanted
from exporters.reconciliation.reconcile.statement.labels import MEASURE_OF
from exporters.reconciliation.reconcile.statement.load import Statement, load
from exporters.reconciliation.reconcile.statement.reading import NO_COLUMN, Reading, flag
from exporters.reconciliation.reconcile.statement.sums import has_unnamed, take_out_totals
from exporters.reconciliation.reconcile.statement.values import currencies, type_rows
from exporters.reconciliation.reconcile.texts import say_in
from exporters.request.names import unknown_name
from exporters.request.partners import check_known
from exporters.request.report_request import Request, find_report, parse, parse_basis

if TYPE_CHECKING:
    import duckdb

# By which entries are compared, whose dates are single days.
BASES = ("event", "posted")


def parse_request(
    report: str,
    partner: str,
    from_date: str,
    to_date: str,
    conditions: Mapping[str, str | None],
    language: str = ENGLISH.code,
) -> Request:
    """A request from the words of a user, with all checks that need no data.

    Raises:
        RequestError: names the value and what is allowed.
    """
    if find_report(report).id not in SOURCES:
        raise RequestError(f"{report} cannot be reconciled: allowed are {', '.join(SOURCES)}")
    basis = conditions.get("basis")
    if basis is not None:
        parse_basis(basis, BASES, "reconcile")
    return parse(report, partner, from_date, to_date, conditions, language)


def check_reading(request: Request, reading: Reading) -> None:
    """Check what was said of a list against the report.

    Raises:
        RequestError: the report has nothing of what was said.
    """
    source = SOURCES[request.report.id]
    if reading.amount is not None and MEASURE_OF[reading.amount] not in source.measures:
        of = [name for name, each in SOURCES.items() if "net_amount" in each.measures]
        raise RequestError(
            f"{request.report.id} has one amount: --amount {reading.amount} is for "
            f"{' and '.join(of)} (to name the column of the amounts: {flag('amount')})"
        )
    for role in ("key", "date"):
        if source.is_by_account and reading.columns.get(role, NO_COLUMN) != NO_COLUMN:
            raise RequestError(
                f"{request.report.id} is compared by service account: {flag(role)} does not apply"
            )
    if source.is_by_account and reading.columns.get("account") == NO_COLUMN:
        raise RequestError(
            f"{request.report.id} is compared by service account: {flag('account')} - is not "
            "possible"
        )


def write(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    request: Request,
    path: Path,
    reading: Reading,
    output: Path | None,
) -> tuple[Path, Result]:
    """Reconcile the statement at `path` and write the result; where it is, and what it says.

    Without `output` a workbook is written below `home`.

    Raises:
        RequestError: the partner is unknown, the statement cannot be read or would be written
            over, or a column that is needed is not in it.
        ReportError: the result does not add up, or the workbook does not say what it says.
    """
    check_known(connection, request)
    flat = sheets.report_of(request.report, SOURCES[request.report.id].other_key)
    target = output or default_output(connection, home, replace(request, report=flat))
    check_not_statement(target, path, "--output")
    # Files for programs are the same in every language.
    language = request.language if target.suffix.lower() == ".xlsx" else ENGLISH
    result = reconcile(connection, request, path, reading, language)
    with whole_file(target) as temporary:
        sheets.write(connection, result, target.suffix.lower(), temporary)
    return target, result


def check_not_statement(target: Path, statement: Path, flag: str) -> None:
    """Check that a file that is to be written is not the statement.

    Raises:
        RequestError: it is.
    """
    if target.exists() and target.samefile(statement):
        raise RequestError(f"{flag} {in_message(target)} is the statement itself: name another")


def reconcile(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    path: Path,
    reading: Reading,
    language: Language = ENGLISH,
) -> Result:
    """Place every row of the statement and of the ledger; the rows are in table `reconciled`.

    `language` is that of what is said of each of them.

    Raises:
        RequestError: the statement cannot be read, or in several ways, or a column that is needed
            is not in it.
        ReportError: the result does not add up.
    """
    # Rows carry their numbers, so a million of them need not wait in memory for one another.
    connection.execute("set preserve_insertion_order = false")
    say_in(connection, language)
    source = SOURCES[request.report.id]
    read, said_currency = _read(connection, request, path, reading)
    measure = read.header.measure
    # Sums of a day cannot be compared with single entries, only with such sums.
    is_daily = (
        request.report.id == "credit-usage"
        and "key" not in read.header.places
        and labels.is_daily(read.header.names)
    )
    zone = _business_time_zone(connection)
    ledger = ledger_of(request, measure, zone, is_daily)
    take_period(connection, ledger)
    found = type_rows(connection, read, reading, zone, said_currency or read.header.currency)
    key, read = _key_of(connection, ledger, read, source)
    ledger = ledger if key is None else ledger.by_key(key)
    if has_unnamed(connection):
        ledger.run(connection, sql.load(__file__, "known_names.sql"))
        take_out_totals(connection, read.header.places)
    traits: set[Trait] = set()
    traits |= {"workbook"} if read.is_workbook else set()
    traits |= {"transactions"} if source.is_transaction else set()
    if source.is_by_account:
        key_by_account(connection)
    place_rows(connection, ledger, traits)
    if source.is_by_account:
        connection.execute("update pairs set match = replace(match, 'key', 'account')")
    explain(connection, ledger)
    lines = lines_of(connection)
    check(connection, request, lines, measure)
    connection.execute("set preserve_insertion_order = true")
    away = left_out(connection)
    key_name = source.other_key if key == "other_id" else key
    kept = {role: read.header.columns.get(role, NO_COLUMN) for role in labels.ROLES}
    return Result(
        request,
        tuple(lines),
        tuple(facts(connection, request, read, found, key_name, is_daily)),
        tuple(notes(connection, request, read, lines, away)),
        source.other_key,
        replace(found, columns=kept, amount=_amount_word(request, measure)),
    )


def _read(
    connection: duckdb.DuckDBPyConnection, request: Request, path: Path, reading: Reading
) -> tuple[Statement, str | None]:
    """The statement as texts, and the currency that was said to be that of the whole list."""
    source = SOURCES[request.report.id]
    words = currencies(connection)
    said_currency = _said_currency(reading, words)
    wanted = Wanted(
        reading,
        request.report,
        labels.names_of(source.other_key),
        source.measures,
        ("account", "amount") if source.is_by_account else ("amount",),
        words,
        path.suffix.lower() == ".xlsx",
    )
    return load(connection, path, wanted), said_currency


def _business_time_zone(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("select business_time_zone from reports.build_info").fetchone()
    if row is None:
        raise ReportError("the published marts hold no version (reports.build_info is empty)")
    return str(row[0])


def _said_currency(reading: Reading, words: Mapping[str, str]) -> str | None:
    """The code of the currency that was said to be that of the whole list.

    Raises:
        RequestError: it is none.
    """
    if reading.currency is None:
        return None
    code = words.get(currency_word(reading.currency))
    if code is None:
        raise RequestError(unknown_name("--currency value", reading.currency, words))
    return code


def _amount_word(request: Request, measure: str) -> str | None:
    """What `--amount` calls a measure of revenue."""
    return next((word for word, name in MEASURE_OF.items() if name == measure), None)


def _key_of(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, read: Statement, source: Source
) -> tuple[str | None, Statement]:
    """Which key of the ledger the statement's is: as its column is named, else as it fits more.

    A column that has none of the keys after which it is named may have the other ones. One that
    only perhaps has keys is not read where the ledger has none of them.
    """
    column = read.header.columns.get("key")
    if column is None or source.other_key is None:
        return None, read
    label = read.header.names[read.header.places["key"]]
    named = labels.key_of(label, source.other_key)
    if named is not None and has_keys_of_period(connection, named):
        return named, read
    event_ids, other_ids = known_keys(connection, ledger)
    if not event_ids and not other_ids:
        if not labels.is_perhaps_key(label) or read.key_was_said:
            return named or "event_id", read
        connection.execute("update statement set key = null")
        places = {role: place for role, place in read.header.places.items() if role != "key"}
        return None, replace(read, header=replace(read.header, places=places))
    if (named == "event_id" and event_ids) or (named == "other_id" and other_ids):
        return named, read
    return ("other_id" if other_ids > event_ids else "event_id"), read
