"""A partner's own statement against the ledger: what agrees, what differs, and why.

Every row of the statement, and every row that the report lists for the period, stands in one class
(`matching.Class`), so that per currency and exactly

    total of the statement = total of the ledger + sum of the differences of all classes

which is checked, as is that the ledger's total is the report's, before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.errors import ReportError, RequestError
from exporters.escaping import in_message, printed, short
from exporters.files import whole_file
from exporters.output.paths import default_output
from exporters.query.amounts import DIGITS
from exporters.query.totals import totals_of
from exporters.reconciliation.reconcile import outcome, statement
from exporters.reconciliation.reconcile.explanation import explain
from exporters.reconciliation.reconcile.matching import Class, Ledger, Matching
from exporters.reconciliation.reconcile.outcome import Line, Reconciliation, report_of
from exporters.reconciliation.reconcile.statement import Statement
from exporters.request.partners import check_known
from exporters.request.report_request import Request, find_report, parse

if TYPE_CHECKING:
    import duckdb

DIFFERENCES = 3  # exit status: it was done, and not all matches


@dataclass(frozen=True)
class _Source:
    """What a report's rows are compared by.

    Attributes:
        rows: SQL of the ledger's rows (`matching.Ledger.rows`), with a blank for the amount.
        other_key: by what a row can be known besides its event id.
        measures: the amounts that a statement may state, first the one meant by default.
        feeds: whose refused rows may be meant.
        is_transaction: `other_key` should stand once per account and amount.
    """

    rows: str
    other_key: str
    measures: tuple[str, ...]
    feeds: tuple[str, ...]
    is_transaction: bool = False


_MART_ROWS = """
    select
        event_id,
        {other_key} as other_id,
        entry_type,
        {type_column} as movement_type,
        is_standing,
        service_account_id as account,
        currency,
        {{amount}} as amount,
        event_date,
        posted_date,
        occurred_at,
        batch_id,
        file,
        row_number,
    from {source}
    where partner_id = $partner"""

# The marts hold usage by the day; its entries are in the ledger, whose times are UTC.
_USAGE_ROWS = """
    select
        entries.event_id,
        entries.transaction_id as other_id,
        entries.entry_type,
        entries.movement_type,
        entries.entry_type = 'original' and reversals.event_id is null as is_standing,
        entries.service_account_id as account,
        entries.currency,
        entries.{amount} as amount,
        entries.event_date,
        entries.posted_date,
        timezone($zone, timezone('UTC', entries.occurred_at)) as occurred_at,
        entries.batch_id,
        entries.file,
        entries.row_number,
    from ledger.fct_credit_entries as entries
    inner join ledger.account_history as attribution
        on
            attribution.partner_id = $partner
            and entries.service_account_id = attribution.service_account_id
            and entries.event_date between attribution.valid_from and attribution.valid_to
    left join (
        select event_id, reversed_version
        from ledger.fct_credit_entries
        where entry_type = 'reversal'
    ) as reversals
        on
            entries.event_id = reversals.event_id
            and entries.version = reversals.reversed_version
    where entries.movement_type in ('usage', 'transfer_out')"""

_DAILY_ROWS = """
    select
        cast(null as varchar) as event_id,
        cast(null as varchar) as other_id,
        cast(null as varchar) as entry_type,
        movement_type,
        true as is_standing,
        service_account_id as account,
        currency,
        sum({{amount}}) as amount,
        {event_date} as event_date,
        {posted_date} as posted_date,
        cast(null as timestamp) as occurred_at,
        cast(null as varchar) as batch_id,
        cast(null as varchar) as file,
        cast(null as bigint) as row_number,
    from reports.credit_usage
    where partner_id = $partner
    group by
        service_account_id, service_account_name, account_id, account_name, account_type, wallet,
        movement_type, service_code, service_name, currency, {date}
    having {entries} <> 0"""

SOURCES = {
    "credit-topups": _Source(
        _MART_ROWS.format(
            other_key="transaction_id",
            type_column="movement_type",
            source="reports.credit_topups",
        ),
        "transaction_id",
        ("amount",),
        ("credits",),
        is_transaction=True,
    ),
    "credit-usage": _Source(_USAGE_ROWS, "transaction_id", ("amount",), ("credits",)),
    "revenue-detail": _Source(
        _MART_ROWS.format(
            other_key="order_id", type_column="charge_type", source="reports.revenue_detail"
        ),
        "order_id",
        ("net_amount", "list_amount", "discount_amount", "tax_amount"),
        ("revenue",),
    ),
}


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


def run(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    request: Request,
    path: Path,
    columns: Mapping[str, str],
    date_format: str,
    output: Path | None,
) -> int:
    """Reconcile the statement at `path`, write the result, print its summary; the exit status.

    `columns` names columns of the statement by role (`statement.ROLES`). Without `output` a
    workbook is written below `home`.

    Raises:
        RequestError: the partner is unknown, the statement cannot be read or would be written
            over, or a column that is needed is not in it.
        ReportError: the result does not add up, or the workbook does not say what it says.
    """
    check_known(connection, request)
    target = output or default_output(
        connection,
        home,
        replace(request, report=report_of(request.report, SOURCES[request.report.id].other_key)),
    )
    if target.exists() and target.samefile(path):
        raise RequestError(f"--output {in_message(target)} is the statement itself: name another")
    result = reconcile(connection, request, path, columns, date_format)
    with whole_file(target) as temporary:
        outcome.write(connection, result, target.suffix.lower(), temporary)
    outcome.show(result)
    print(printed(target))
    return 0 if result.all_matches else DIFFERENCES


def reconcile(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    path: Path,
    columns: Mapping[str, str],
    date_format: str = statement.DATE_FORMATS[0],
) -> Reconciliation:
    """Place every row of the statement and of the ledger; the rows are in table `reconciled`.

    Raises:
        RequestError: the statement cannot be read, or a column that is needed is not in it.
        ReportError: the result does not add up.
    """
    # Rows carry their numbers, so a million of them need not wait in memory for one another.
    connection.execute("set preserve_insertion_order = false")
    source = SOURCES[request.report.id]
    wanted = statement.wanted_columns(
        columns, source.other_key, source.measures, request.report.title
    )
    read = statement.load(connection, path, wanted)
    measure = statement.measure_of(read.columns["amount"], source.measures)
    # Sums of a day cannot be compared with single entries, only with such sums.
    is_daily = (
        request.report.id == "credit-usage"
        and "key" not in read.columns
        and statement.is_daily(read.header)
    )
    zone = _business_time_zone(connection)
    blanks = request.basis.blanks
    rows = _daily_rows(request) if is_daily else source.rows
    ledger = Ledger(
        rows.format(amount=measure),
        blanks["standing"],
        blanks["date"],
        {"partner": request.partner},
        source.feeds,
        source.other_key,
    )
    matching = Matching(connection, ledger, request.from_date, request.to_date, zone)
    matching.take_ledger()
    currency = None
    if "currency" not in read.columns:
        currency = _only_currency(connection, ledger, zone, path)
    statement.type_rows(connection, read, zone, date_format, currency)
    key = None
    if "key" in read.columns:
        named = statement.key_of(read.columns["key"], source.other_key)
        if named is not None:
            named = "event_id" if named == "event_id" else "other_id"
        key = matching.choose_key(named)
    matching.run(as_doubles=read.is_workbook, transactions=source.is_transaction)
    explain(connection, request, ledger, zone, key)
    lines = _lines(connection)
    _check(connection, request, lines, measure)
    key_name = source.other_key if key == "other_id" else key
    connection.execute("set preserve_insertion_order = true")
    return Reconciliation(
        request,
        tuple(lines),
        tuple(_facts(request, read, measure, key_name, is_daily, currency)),
        tuple(_notes(read, lines, key)),
        source.other_key,
    )


def _daily_rows(request: Request) -> str:
    is_event = request.basis.name == "event"
    none = "cast(null as date)"
    return _DAILY_ROWS.format(
        event_date="event_date" if is_event else none,
        posted_date=none if is_event else "posted_date",
        date=request.basis.blanks["date"],
        entries=request.basis.blanks["entries"],
    )


def _business_time_zone(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("select business_time_zone from reports.build_info").fetchone()
    if row is None:
        raise ReportError("the published marts hold no version (reports.build_info is empty)")
    return str(row[0])


def _only_currency(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, zone: str, path: Path
) -> str:
    """The currency of a statement that has no column for it.

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


# -- figures -------------------------------------------------------------------------------------


def _lines(connection: duckdb.DuckDBPyConnection) -> list[Line]:
    rows = connection.execute(
        """
        select
            class,
            currency,
            count(statement_id) filter (statement_counts),
            coalesce(sum(statement_amount), 0),
            count(ledger_id) filter (ledger_counts),
            coalesce(sum(ledger_amount), 0),
            count(*) filter (ambiguous is not null),
        from (
            select
                *,
                class <> $split or ledger_amount is null as statement_counts,
                class <> $split or ledger_amount is not null as ledger_counts,
            from reconciled
        ) as counted
        group by class, currency
        """,
        {"split": Class.CURRENCY.value},
    ).fetchall()
    order = list(Class)
    return sorted(
        (Line(Class(row[0]), *row[1:]) for row in rows),
        key=lambda line: (order.index(line.class_), line.currency or ""),
    )


def _check(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    lines: Sequence[Line],
    measure: str,
) -> None:
    """Check that nothing is lost or counted twice, and that the ledger is the report.

    Raises:
        ReportError: otherwise.
    """
    for side, table in (("statement", "statement"), ("ledger", "ledger_rows")):
        counted = "in_period" if side == "ledger" else "true"
        row = connection.execute(
            f"""
            select
                (select count(*) from {table} where {counted}),
                (select count(distinct {side}_id) from reconciled),
            """
        ).fetchone()
        assert row is not None
        placed = sum(getattr(line, f"{side}_rows") for line in lines)
        if not row[0] == row[1] == placed:
            raise ReportError(
                f"the reconciliation does not add up: {row[0]} rows of the {side}, of which "
                f"{row[1]} have {placed} places"
            )
        expected = dict(
            connection.execute(
                f"""
                select currency, sum(amount)
                from {table}
                where {counted} and currency is not null and amount is not null
                group by currency
                """
            ).fetchall()
        )
        got: dict[str, Decimal] = {}
        for line in lines:
            if line.currency is not None:
                with localcontext(prec=DIGITS):
                    got[line.currency] = got.get(line.currency, Decimal(0)) + getattr(line, side)
        if {currency: value for currency, value in got.items() if value} != {
            currency: value for currency, value in expected.items() if value
        }:
            raise ReportError(
                f"the reconciliation does not add up: the {side} has {expected}, and the classes "
                f"{got}"
            )
    place = [column.name for column in request.report.totals].index(measure)
    reported = {
        total.currency: total.row_sums[place]
        for total in totals_of(connection, request).by_currency
        if total.row_sums[place]
    }
    if reported != {currency: value for currency, value in expected.items() if value}:
        raise ReportError(
            f"the reconciliation is not of the report: the ledger has {expected}, and "
            f"{request.report.id} {reported}"
        )


def _facts(
    request: Request,
    read: Statement,
    measure: str,
    key: str | None,
    is_daily: bool,
    currency: str | None,
) -> list[tuple[str, str]]:
    labels = {column.name: column.label for column in request.report.columns}
    sheet = f", sheet {read.sheet}" if read.sheet is not None else ""
    used = [
        f"{role}: {read.columns[role]}" if role in read.columns else f"{role}: none"
        for role in statement.ROLES
    ]
    if currency is not None:
        used[statement.ROLES.index("currency")] = f"currency: none, taken as {currency}"
    by = f"by {key}" if key is not None else "without a key, by account, currency, amount and date"
    rows = "the report's daily sums" if is_daily else "entries of the ledger"
    return [
        ("Report", request.report.id),
        ("Period", f"{request.from_date} to {request.to_date}"),
        ("Basis", request.basis.words),
        ("Statement", f"{read.path.name}{sheet}, {read.rows} rows"),
        ("Columns", "; ".join(used)),
        ("Compared", f"{rows}, {labels[measure].lower()}, {by}"),
    ]


def _notes(read: Statement, lines: Sequence[Line], key: str | None) -> list[str]:
    notes = []
    lone = {Class.STATEMENT_ONLY, Class.STATEMENT_DUPLICATE, Class.UNREADABLE}
    if (
        key is not None
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
