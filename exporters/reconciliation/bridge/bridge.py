"""From what was reported for a month to what is true of it now, entry by entry.

A posted date is never before its event date, and a reversal has the event date of what it takes
back. So what a month is now and what was posted in it differ by exactly the entries that have one
of their two dates in the month: they are the bridge. Both ends come from the marts that the reports
read, the steps between them from the marts of entries, and nothing is written unless they add up
in every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import sql
from exporters.catalogue.types import Report
from exporters.errors import ReportError
from exporters.files import whole_file
from exporters.i18n.language import ENGLISH, Language
from exporters.output import columnar, paths
from exporters.output.formats import check_output
from exporters.output.paths import default_output
from exporters.query import builder
from exporters.query.amounts import exact
from exporters.reconciliation.bridge.lines import AMOUNTS, AS_POSTED, RESTATED, STEPS, Line
from exporters.reconciliation.bridge.tables import (
    ACCOUNT,
    BRIDGE,
    BY_LINE,
    CREDIT_ENTRIES,
    CURRENCY,
    FIRST_LINE,
    MEASURES,
    REVENUE_ENTRIES,
    WALLET,
)
from exporters.request.partners import check_known
from exporters.request.periods import parse_month
from exporters.request.report_request import Request, parse
from exporters.terminal_table import TOO_WIDE, table

if TYPE_CHECKING:
    import duckdb

# Of each ledger: the mart that its reports read, and the entries with one date in the month only.
_MARTS = {"credits": "reports.credit_movements", "revenue": "reports.revenue_by_account"}
_ENTRIES = {"credits": CREDIT_ENTRIES, "revenue": REVENUE_ENTRIES}


def _entries_sql(name: str, **blanks: str) -> str:
    crossing = sql.load(__file__, "crossing.sql").format(conditions="{conditions}", **blanks)
    return sql.load(__file__, name).format(crossing=crossing)


_ENTRIES_SQL = {
    "credits": _entries_sql(
        "credit_entries.sql",
        mart="reports.credit_entries",
        ledger="ledger.fct_credit_entries",
        event="event_id",
    ),
    "revenue": _entries_sql(
        "revenue_entries.sql",
        mart="reports.revenue_detail",
        ledger="ledger.fct_revenue_entries",
        event="feed, event_id",
    ),
}
_ROWS_SQL = sql.load(__file__, "rows.sql")


@dataclass(frozen=True)
class Written:
    """A bridge that was written.

    Attributes:
        path: the file.
        rows: number of rows of the bridge.
        lines: the totals.
    """

    path: Path
    rows: int
    lines: tuple[Line, ...]


def parse_request(
    partner: str,
    month: str,
    account_type: str | None = None,
    account: str | None = None,
    language: str = ENGLISH.code,
) -> Request:
    """A request for the bridge of a month, with all checks that need no data.

    Raises:
        RequestError: the month is not `YYYY-MM`, or the account type or language is unknown.
    """
    first, last = parse_month(month)
    # The conditions are those of this report.
    request = parse(
        "credit-balance",
        partner,
        str(first),
        str(last),
        {"account_type": account_type, "account": account},
        language,
    )
    return replace(request, report=BRIDGE)


def write(
    connection: duckdb.DuckDBPyConnection, home: Path, request: Request, output: Path | None
) -> Written:
    """Write the bridge of `request` to `output`, or to its default place below `home`.

    A workbook has a summary, the bridge and the entries behind it; the other formats have the
    rows of the bridge.

    Raises:
        RequestError: the partner or the account is unknown, or the ending of `output` is.
        ReportError: the bridge does not add up, or the workbook does not say what it says.
    """
    check_known(connection, request)
    path = output or _default_output(connection, home, request)
    ending = check_output(path)
    prepare(connection, request)
    lines = totals(connection)
    with whole_file(path) as temporary:
        if ending == ".xlsx":
            from exporters.reconciliation.bridge import workbook  # openpyxl takes long to load

            rows = workbook.write(connection, request, lines, temporary)
        else:
            rows = columnar.write(connection, request, ending, temporary)
    return Written(path, rows, lines)


def prepare(connection: duckdb.DuckDBPyConnection, request: Request) -> None:
    """Work the bridge out into temporary tables, which is what its sheets are read from.

    Raises:
        ReportError: a row does not add up.
    """
    queries = {_ENTRIES[ledger]: query for ledger, query in _ENTRIES_SQL.items()}
    queries[BRIDGE] = "\nunion all\n".join(f"({_rows(ledger)})" for ledger in MEASURES)
    for report, query in queries.items():
        worked_out = replace(request, report=replace(report, query=query))
        made = builder.typed(worked_out)
        connection.execute(
            f"create or replace temp table {_table(report)} as {made.sql}", made.parameters
        )
    _check(connection)


def totals(connection: duckdb.DuckDBPyConnection) -> tuple[Line, ...]:
    """The sums over all rows of a prepared bridge, by ledger, currency and measure."""
    sums = ", ".join(f"cast(sum({column.name}) as decimal(38, 12))" for column in AMOUNTS)
    rows = connection.execute(
        f"select ledger, currency, line, {sums} from temp.bridge group by all order by all"
    ).fetchall()
    return tuple(
        Line(ledger, currency, BY_LINE[line], tuple(amounts))
        for ledger, currency, line, *amounts in rows
    )


def totals_table(written: Written, language: Language = ENGLISH) -> str:
    """The totals of a bridge as a table for the terminal."""
    say = language.say
    return table(
        [
            *((say(label), False) for label in ("Ledger", "Currency", "Measure")),
            *((say(column.label), True) for column in AMOUNTS),
        ],
        [
            [
                language.word("ledger", line.ledger),
                line.currency,
                say(line.measure.label),
                *(language.grouped(exact(amount)) for amount in line.amounts),
            ]
            for line in written.lines
        ],
        say(TOO_WIDE),
    )


def _default_output(connection: duckdb.DuckDBPyConnection, home: Path, request: Request) -> Path:
    month = str(request.from_date)[:7]
    language, conditions = paths.language_suffix(request.language), paths.conditions_suffix(request)
    name = f"bridge_{month}{language}{conditions}.xlsx"
    return default_output(connection, home, request).with_name(name)


def _table(report: Report) -> str:
    return report.id.replace("-", "_")


def _rows(ledger: str) -> str:
    """SQL for the rows of a ledger; the conditions of the request are left to be filled."""
    entries = _ENTRIES[ledger]
    measures = [column.name for column in MEASURES[ledger]]
    names = ", ".join(measures)
    keys = [column.name for column in (*ACCOUNT, WALLET, CURRENCY)]
    shown_keys = [
        "null as wallet" if key == WALLET.name and WALLET not in entries.columns else key
        for key in keys
    ]
    # Of the movement columns an entry counts in the one that it names.
    own_columns = {column.name for column in entries.columns}
    of_entries = [
        name if name in own_columns else f"case when measure = '{name}' then amount end"
        for name in measures
    ]

    def sums(amounts: Sequence[str]) -> str:
        return ", ".join(
            f"cast(sum({amount}) as decimal(38, 12)) as {name}"
            for amount, name in zip(amounts, measures, strict=True)
        )

    return _ROWS_SQL.format(
        ledger=f"'{ledger}'",
        mart=_MARTS[ledger],
        entries=f"temp.{_table(entries)}",
        keys=", ".join(shown_keys),
        key_names=", ".join(keys),
        sums=sums(measures),
        sums_of_entries=sums(of_entries),
        measures=names,
        measure_names=measures,
        first_line=FIRST_LINE[ledger],
        columns=", ".join(
            f"coalesce(sum(amount) filter (where part = '{column.name}'), 0) as {column.name}"
            for column in AMOUNTS
        ),
        conditions="{conditions}",
    )


def _check(connection: duckdb.DuckDBPyConnection) -> None:
    """Both ends are sums that the build made, the steps are single entries: this can fail."""
    steps = " + ".join(column.name for column in (AS_POSTED, *STEPS))
    wrong = connection.execute(
        f"""
        select
            concat_ws(', ', ledger, service_account_id, account_id, wallet, currency, measure),
            {steps} as added,
            {RESTATED.name},
        from temp.{_table(BRIDGE)}
        where added <> {RESTATED.name}
        order by all
        limit 1
        """
    ).fetchone()
    if wrong is not None:
        row, added, restated = wrong
        raise ReportError(
            f"the bridge does not add up: as posted and its steps make {exact(added)} of "
            f"{row}, and the reports have {exact(restated)}"
        )
