"""What `--compare` must give: the rows and totals of the reference."""

from __future__ import annotations

from decimal import Decimal, localcontext

import duckdb

from exporters.query import builder
from exporters.query.totals import totals_of
from exporters.request.report_request import Request
from support import oracle
from support.oracle import percent

__all__ = ["COMPARABLE", "check_compared", "percent"]

COMPARABLE = (
    "credit-usage", "credit-balance", "discounts", "revenue-by-service", "revenue-by-account",
    "margins",
)  # fmt: skip


def check_compared(
    connection: duckdb.DuckDBPyConnection, reference: oracle.Oracle, request: Request
) -> int:
    """Rows, their order and totals of a compared request, against those of the reference."""
    assert request.earlier is not None
    name, period = request.report.id, (request.from_date, request.to_date)
    whose = (name, request.partner, *period, request.earlier)
    basis, account_type, account = request.basis.name, request.account_type, request.account
    conditions = (basis, account_type, account, request.subject, request.status or None)
    expected = reference.compared(*whose, *conditions, below=request.below)
    with localcontext(prec=100):
        rows = builder.ordered(request)
        got = connection.execute(rows.sql, rows.parameters).fetchall()
        assert got == expected, request

        totals = totals_of(connection, request)
        assert totals.rows == len(got)
        ours = {
            total.currency: {
                column.name: value
                for column, value in total.line(request.report).items()
                if not column.name.startswith("margin_percent")
            }
            for total in totals.by_currency
        }
        assert ours == reference.compared_totals(*whose, *conditions, below=request.below), request
        for left_out, of_period in zip(
            (totals.left_out, totals.left_out_before), (period, request.earlier), strict=True
        ):
            amounts: dict[str, Decimal] = {}
            for entry in reference.left_out(
                name, request.partner, *of_period, basis, account_type, account
            ):
                amounts[entry.currency] = amounts.get(entry.currency, Decimal(0)) + entry.amount
            assert dict(left_out) == amounts, request
    return len(got)
