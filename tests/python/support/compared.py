"""What `--compare` must give, worked out from two reports of the reference, each of one period."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from math import floor

import duckdb

from exporters.catalogue.reports import REPORTS
from exporters.query import builder
from exporters.query.totals import totals_of
from exporters.request.report_request import Request
from support import oracle

COMPARABLE = ("credit-usage", "credit-balance", "revenue-by-service", "revenue-by-account")
Value = Decimal | int


def percent(now: Value, before: Value) -> Decimal | None:
    """The change in percent of what was before, rounded half away from zero to 2 decimals."""
    if before == 0:
        return None
    change = (Fraction(now) - Fraction(before)) / abs(Fraction(before)) * 10_000
    hundredths = floor(abs(change) + Fraction(1, 2))
    return Decimal(f"{-hundredths if change < 0 else hundredths}E-2")


def beside(now: Value, before: Value) -> tuple[Value | None, ...]:
    """The four columns of a measure."""
    return now, before, now - before, percent(now, before)


def check_compared(
    connection: duckdb.DuckDBPyConnection, reference: oracle.Oracle, request: Request
) -> int:
    """Rows, their order and totals of a compared request, against two of the reference."""
    assert request.earlier is not None
    name = request.report.id
    periods = ((request.from_date, request.to_date), request.earlier)
    basis, account_type, account = request.basis.name, request.account_type, request.account
    measures = [column.name for column in REPORTS[name].totals]
    keys = [
        place
        for place, column in enumerate(oracle.COLUMNS[name])
        if column not in measures and column != "report_date"
    ]
    places = [oracle.COLUMNS[name].index(measure) for measure in measures]
    with localcontext(prec=100):
        sums: dict[oracle.Row, list[list[Value]]] = {}
        for which, period in enumerate(periods):
            for row in reference.report(
                name, request.partner, *period, basis, account_type, account
            ):
                both = sums.setdefault(
                    tuple(row[key] for key in keys), [[0] * len(measures) for _ in periods]
                )
                for number, place in enumerate(places):
                    value = row[place]
                    assert isinstance(value, Decimal | int)
                    both[which][number] += value
        expected = [
            (*key, *(cell for pair in zip(*both, strict=True) for cell in beside(*pair)))
            for key, both in sums.items()
        ]
        rows = builder.ordered(request)
        got = connection.execute(rows.sql, rows.parameters).fetchall()
        assert got == sorted(expected, key=oracle.row_order), request

        totals = totals_of(connection, request)
        assert totals.rows == len(got)
        ours = {
            total.currency: {
                column.name: value for column, value in total.line(request.report).items()
            }
            for total in totals.by_currency
        }
        nothing: dict[str, Value] = dict.fromkeys(measures, 0)
        of_both = [
            reference.totals(name, request.partner, *period, basis, account_type, account)
            for period in periods
        ]
        assert ours == {
            currency: {
                f"{measure}{ending}": value
                for measure in measures
                for ending, value in zip(
                    ("", "_before", "_change", "_change_percent"),
                    beside(*(one.get(currency, nothing)[measure] for one in of_both)),
                    strict=True,
                )
            }
            for currency in sorted({*of_both[0], *of_both[1]})
        }, request
        for left_out, period in zip(
            (totals.left_out, totals.left_out_before), periods, strict=True
        ):
            amounts: dict[str, Decimal] = {}
            for entry in reference.left_out(
                name, request.partner, *period, basis, account_type, account
            ):
                amounts[entry.currency] = amounts.get(entry.currency, Decimal(0)) + entry.amount
            assert dict(left_out) == amounts, request
    return len(got)
