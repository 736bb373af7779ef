"""Equations between the totals of reports that hold for every partner and period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Kind, Report
from exporters.query.amounts import DIGITS
from exporters.query.totals import Totals

# A sum of columns, each of a report, with the sign with which it counts.
_Side = tuple[tuple[int, str, str], ...]


@dataclass(frozen=True)
class Checked:
    """An equation of totals in one currency.

    Attributes:
        words: what is equal to what.
        currency: ISO 4217 code.
        left: the one side.
        right: the other, which should be the same.
    """

    words: str
    currency: str
    left: Decimal
    right: Decimal

    @property
    def difference(self) -> Decimal:
        """What the two sides differ by; 0 when the equation holds."""
        with localcontext(prec=DIGITS):
            return self.left - self.right


def _of(report: str, *columns: str) -> _Side:
    """Columns of a report; those that begin with `-` are taken off."""
    return tuple(
        (-1 if column.startswith("-") else 1, report, column.removeprefix("-"))
        for column in columns
    )


_BALANCE = "credit-balance"
_DETAIL = "revenue-detail"
_MEASURES = {
    column.name: column.label for column in REPORTS[_DETAIL].totals if column.kind is Kind.MONEY
}

# Transfers within the partner count here: they are in the rows, though totals leave them out.
IDENTITIES: tuple[tuple[str, _Side, _Side], ...] = (
    (
        "Opening balance + net movement = closing balance",
        _of(_BALANCE, "opening_balance", "net_movement"),
        _of(_BALANCE, "closing_balance"),
    ),
    (
        "Topped up + transferred in + granted and refunded - used - transferred out - expired "
        "+ adjusted = net movement",
        _of(
            *(_BALANCE, "topped_up", "transferred_in", "accrued", "-used", "-transferred_out"),
            *("-expired", "adjusted"),
        ),
        _of(_BALANCE, "net_movement"),
    ),
    (
        "Closing balance - held = available",
        _of(_BALANCE, "closing_balance", "-held"),
        _of(_BALANCE, "available"),
    ),
    (
        "Rows of Credit top-ups = topped up + transferred in of Credit balance",
        _of("credit-topups", "amount"),
        _of(_BALANCE, "topped_up", "transferred_in"),
    ),
    (
        "Rows of Credit usage = used + transferred out of Credit balance",
        _of("credit-usage", "amount"),
        _of(_BALANCE, "used", "transferred_out"),
    ),
    *(
        (
            f"{REPORTS[report].title}: list amount - discount amount = net amount",
            _of(report, "list_amount", "-discount_amount"),
            _of(report, "net_amount"),
        )
        for report in (_DETAIL, "revenue-by-service", "revenue-by-account")
    ),
    *(
        (
            f"{REPORTS[report].title} = Revenue detail: {label}",
            _of(report, column),
            _of(_DETAIL, column),
        )
        for report in ("revenue-by-service", "revenue-by-account")
        for column, label in _MEASURES.items()
    ),
)


def check(totals: Mapping[str, tuple[Report, Totals]]) -> list[Checked]:
    """Every identity between the reports that are given by id, for each of their currencies."""
    sums = {
        (report_id, column.name): {
            total.currency: total.row_sums[place] for total in of_report.by_currency
        }
        for report_id, (report, of_report) in totals.items()
        for place, column in enumerate(report.totals)
    }
    checked = []
    for words, left, right in IDENTITIES:
        terms = [sums.get((report, column)) for _, report, column in (*left, *right)]
        if None in terms:
            continue
        currencies = sorted({currency for term in terms if term for currency in term})
        for currency in currencies:
            values = [
                sum(
                    (
                        sign * sums[report, column].get(currency, Decimal(0))
                        for sign, report, column in side
                    ),
                    Decimal(0),
                )
                for side in (left, right)
            ]
            checked.append(Checked(words, currency, *values))
    return checked
