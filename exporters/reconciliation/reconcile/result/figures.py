"""What a reconciliation comes to, and that it adds up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Literal

from exporters import sql
from exporters.errors import ReportError
from exporters.query.amounts import DIGITS
from exporters.query.totals import totals_of
from exporters.reconciliation.reconcile.classes import AGREEING, LABELS, Class
from exporters.reconciliation.reconcile.statement.reading import Reading
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb


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
class Result:
    """What came out.

    Attributes:
        request: report, partner, period and basis.
        lines: per class and currency.
        facts: what was compared with what, as label and value for people.
        notes: what a reader must know, in whole sentences.
        other_key: by what rows are known besides their event id; None where they are sums of
            service accounts.
        reading: how the statement was read.
    """

    request: Request
    lines: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    other_key: str | None
    reading: Reading

    @property
    def all_matches(self) -> bool:
        """Whether there is no difference of any kind."""
        return all(line.class_ in AGREEING for line in self.lines)

    @property
    def verdict(self) -> str:
        """That all rows match, or which differences there are, in the request's language."""
        say = self.request.language.say
        if self.all_matches:
            return say("All rows match.")
        present = {line.class_ for line in self.lines} - AGREEING
        found = (say(LABELS[class_]).lower() for class_ in Class if class_ in present)
        return say("There are differences: {classes}.", classes=", ".join(found))

    def totals(self) -> list[tuple[str, Decimal, Decimal, Decimal]]:
        """Per currency the totals of statement and ledger, and the sum of the differences."""
        stated = _sums(self.lines, lambda line: line.statement)
        booked = _sums(self.lines, lambda line: line.ledger)
        differences = _sums(self.lines, lambda line: line.difference)
        return [
            (currency, stated[currency], booked[currency], differences[currency])
            for currency in sorted(stated)
        ]


def _sums(lines: Iterable[Line], of: Callable[[Line], Decimal]) -> dict[str, Decimal]:
    """Exact sums per currency of an amount of each line."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.currency is not None:
            with localcontext(prec=DIGITS):
                sums[line.currency] += of(line)
    return sums


def lines_of(connection: duckdb.DuckDBPyConnection) -> list[Line]:
    """The lines of the table `reconciled`, in the order of the classes."""
    rows = connection.execute(sql.load(__file__, "figures.sql")).fetchall()
    order = list(Class)
    return sorted(
        (Line(Class(row[0]), *row[1:]) for row in rows),
        key=lambda line: (order.index(line.class_), line.currency or ""),
    )


@dataclass(frozen=True)
class LeftOut:
    """Transfers of a currency that are left out: their number and amount."""

    currency: str
    rows: int
    amount: Decimal


def left_out(connection: duckdb.DuckDBPyConnection) -> list[LeftOut]:
    """What was left out of the ledger, as totals do, per currency."""
    found = connection.execute(
        "select currency, count(*), sum(amount) from left_out group by currency order by currency"
    )
    return [LeftOut(*row) for row in found.fetchall()]


def check(
    connection: duckdb.DuckDBPyConnection, request: Request, lines: Sequence[Line], measure: str
) -> None:
    """Check that nothing is lost or counted twice, and that the ledger is the report.

    Raises:
        ReportError: otherwise.
    """
    _check_side(connection, lines, "statement")
    booked = _check_side(connection, lines, "ledger")
    place = [column.name for column in request.report.totals].index(measure)
    reported = {
        total.currency: total.row_sums[place]
        for total in totals_of(connection, request).by_currency
    }
    with localcontext(prec=DIGITS):
        for left in left_out(connection):
            booked[left.currency] = booked.get(left.currency, Decimal(0)) + left.amount
    if _but_zero(reported) != _but_zero(booked):
        raise ReportError(
            f"the reconciliation is not of the report: the ledger has {booked}, and "
            f"{request.report.id} {_but_zero(reported)}"
        )


def _check_side(
    connection: duckdb.DuckDBPyConnection,
    lines: Sequence[Line],
    side: Literal["statement", "ledger"],
) -> dict[str, Decimal]:
    """Check that the rows and amounts of one side are those of its lines; its sums per currency.

    Raises:
        ReportError: otherwise.
    """
    of_statement = side == "statement"
    rows = "statement" if of_statement else "(from ledger_rows where in_period) as ledger"
    counts = connection.execute(
        f"select (select count(*) from {rows}), (select count(distinct {side}_id) from reconciled)"
    ).fetchone()
    assert counts is not None
    placed = sum(line.statement_rows if of_statement else line.ledger_rows for line in lines)
    if not counts[0] == counts[1] == placed:
        raise ReportError(
            f"the reconciliation does not add up: {counts[0]} rows of the {side}, of which "
            f"{counts[1]} have {placed} places"
        )
    found = connection.execute(
        f"select currency, sum(amount) from {rows} "
        "where currency is not null and amount is not null group by currency"
    )
    expected: dict[str, Decimal] = dict(found.fetchall())
    got = _sums(lines, lambda line: line.statement if of_statement else line.ledger)
    if _but_zero(got) != _but_zero(expected):
        raise ReportError(
            f"the reconciliation does not add up: the {side} has {expected}, and the classes "
            f"{dict(got)}"
        )
    return expected


def _but_zero(sums: dict[str, Decimal]) -> dict[str, Decimal]:
    return {currency: value for currency, value in sums.items() if value}
