"""Key figures of a partner: of a period, of two earlier periods, and by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, NamedTuple

from exporters import sql
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Kind
from exporters.errors import RequestError
from exporters.i18n.language import N_
from exporters.query.amounts import DIGITS
from exporters.query.identities import Checked
from exporters.query.totals import Totals, totals_of
from exporters.request.periods import earlier_period
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Figure:
    """A total of a report, by the names of both."""

    label: str
    report: str
    column: str


def _money_of(report: str, *names: str) -> tuple[Figure, ...]:
    """Totals of a report under their own labels: of the columns that are named, or all amounts."""
    return tuple(
        Figure(column.label, report, column.name)
        for column in REPORTS[report].totals
        if column.kind is Kind.MONEY and (not names or column.name in names)
    )


CREDITS = (
    *_money_of("credit-balance", "opening_balance"),
    Figure("Topped up", "credit-topups", "amount"),
    Figure("Used", "credit-usage", "amount"),
    *_money_of("credit-balance", "net_movement", "closing_balance", "held", "available"),
)
REVENUE = _money_of("revenue-by-service")
FIGURES = (*CREDITS, *REVENUE)
_REPORTS = tuple(dict.fromkeys(figure.report for figure in FIGURES))
_FEWEST, _MOST = 12, 60  # months that are shown, where the partner is known for so long


@dataclass(frozen=True)
class Period:
    """The key figures of one period.

    Attributes:
        from_date: first day.
        to_date: last day.
        values: what there is in the period; what is not there is 0.
    """

    from_date: date
    to_date: date
    values: Mapping[tuple[str, Figure], Decimal]

    def value(self, currency: str, figure: Figure) -> Decimal | None:
        """A figure in a currency; None where the period has nothing at all in it."""
        if all(known != currency for known, _ in self.values):
            return None
        return self.values.get((currency, figure), Decimal(0))


@dataclass(frozen=True)
class Months:
    """Revenue and balances by month; the last month ends with the period.

    Attributes:
        first_days: of the months.
        revenue: net amounts by currency, one for each month.
        balances: closing balances by currency, one for each month.
        entries: how many there were by currency in all these months, of credits and revenue.
    """

    first_days: Sequence[date]
    revenue: Mapping[str, Sequence[Decimal]]
    balances: Mapping[str, Sequence[Decimal]]
    entries: Counter[str]


class _Sum(NamedTuple):
    """A measure added up over a month in a currency.

    Attributes:
        month: its first day.
        currency: ISO 4217 code.
        amount: the sum.
        entries: how many entries it is of.
        since: the first day of the month that has any.
    """

    month: date
    currency: str
    amount: Decimal
    entries: int
    since: date


@dataclass(frozen=True)
class KeyFigures:
    """All key figures of a pack's cover.

    Attributes:
        now: the period.
        previous: the one right before; None where the calendar has none.
        last_year: the same days a year earlier; None where the calendar has none.
        since: the first day of which anything of the partner is known.
        minor_units: decimals of all currencies that occur; first that in which most was done.
        months: up to the end of the period.
    """

    now: Period
    previous: Period | None
    last_year: Period | None
    since: date | None
    minor_units: Mapping[str, int]
    months: Months


def of_pack(
    connection: duckdb.DuckDBPyConnection,
    requests: Sequence[Request],
    totals: Sequence[Totals],
    as_of: date,
) -> KeyFigures:
    """The key figures of a pack, from the totals of its reports.

    `as_of` is the day of the data: no month after it is shown, but the first of the period.
    """
    request = replace(requests[0], compare=None)
    revenue = _by_month(connection, request, "reports.revenue_by_service", "net_amount")
    movements = _by_month(connection, request, "reports.credit_movements", "net_movement")
    known = [each.since for each in (*revenue, *movements)]
    since = min(known, default=None)
    by_id = {
        each.report.id: (each, of_report) for each, of_report in zip(requests, totals, strict=True)
    }
    now = Period(
        request.from_date,
        request.to_date,
        _values([by_id[report] for report in _REPORTS]),
    )
    previous, last_year = (
        _earlier(connection, request, since, which) for which in ("previous", "year")
    )
    months = _months(request, since, as_of, revenue, movements)
    periods = [each for each in (now, previous, last_year) if each is not None]
    currencies = {currency for each in periods for currency, _ in each.values}
    return KeyFigures(
        now,
        previous,
        last_year,
        since,
        _minor_units(
            connection,
            sorted(
                currencies | set(months.revenue) | set(months.balances),
                key=lambda currency: (-months.entries[currency], currency),
            ),
        ),
        months,
    )


def checks(figures: KeyFigures) -> list[Checked]:
    """Checks that balances carry over: from the previous period, and to the last month."""
    opening, closing = (
        next(figure for figure in CREDITS if figure.column == name)
        for name in ("opening_balance", "closing_balance")
    )
    checked = []
    for currency in sorted(figures.minor_units):  # as everywhere on Control
        now = {
            figure: figures.now.values.get((currency, figure), Decimal(0))
            for figure in (opening, closing)
        }
        if figures.previous is not None:
            before = figures.previous.values.get((currency, closing), Decimal(0))
            words = N_("Closing balance of the previous period = opening balance")
            checked.append(Checked(words, currency, before, now[opening]))
        balances = figures.months.balances.get(currency, [Decimal(0)])
        words = N_("Closing balance of the last month on the cover = closing balance")
        checked.append(Checked(words, currency, balances[-1], now[closing]))
    return checked


def _values(reports: Sequence[tuple[Request, Totals]]) -> dict[tuple[str, Figure], Decimal]:
    values = {}
    for request, totals in reports:
        names = [column.name for column in request.report.totals]
        for figure in FIGURES:
            if figure.report == request.report.id:
                place = names.index(figure.column)
                for total in totals.by_currency:
                    values[total.currency, figure] = total.sums[place]
    return values


def _earlier(
    connection: duckdb.DuckDBPyConnection, request: Request, since: date | None, which: str
) -> Period | None:
    try:
        start, end = earlier_period(request.from_date, request.to_date, which)
    except RequestError:
        return None
    if since is None or end < since:
        return Period(start, end, {})
    requests = [
        replace(request, report=REPORTS[report], from_date=start, to_date=end)
        for report in _REPORTS
    ]
    values = _values([(each, totals_of(connection, each)) for each in requests])
    return Period(start, end, values)


def _by_month(
    connection: duckdb.DuckDBPyConnection, request: Request, source: str, measure: str
) -> list[_Sum]:
    """The sums of a measure by month and currency, up to the end of the period."""
    rows = connection.execute(
        sql.load(__file__, "key_figures.sql").format(
            source=source, measure=measure, date=request.basis.blanks["date"]
        ),
        {"partner": request.partner, "to_date": request.to_date},
    ).fetchall()
    return [_Sum(*row) for row in rows]


def _months(
    request: Request,
    since: date | None,
    as_of: date,
    revenue: Sequence[_Sum],
    movements: Sequence[_Sum],
) -> Months:
    last = min(request.to_date, max(request.from_date, as_of)).replace(day=1)
    first = last
    if since is not None:
        first = min(request.from_date.replace(day=1), _months_before(last, _FEWEST - 1))
        first = max(first, since.replace(day=1), _months_before(last, _MOST - 1))
    days = [first]
    while days[-1] < last:
        days.append(_months_before(days[-1], -1))
    balances: dict[str, list[Decimal]] = {}
    with localcontext(prec=DIGITS):
        for currency in {each.currency for each in movements}:
            moved = [each for each in movements if each.currency == currency]
            balances[currency] = [
                sum((each.amount for each in moved if each.month <= day), Decimal(0))
                for day in days
            ]
    earned: dict[str, list[Decimal]] = {}
    entries: Counter[str] = Counter()
    for each in (*revenue, *movements):
        if first <= each.month <= last:
            entries[each.currency] += each.entries
    for each in revenue:
        if first <= each.month <= last:
            amounts = earned.setdefault(each.currency, [Decimal(0)] * len(days))
            amounts[days.index(each.month)] = each.amount
    return Months(
        days,
        earned,
        {currency: amounts for currency, amounts in balances.items() if any(amounts)},
        entries,
    )


def _months_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    if number < 12:  # the calendar begins with the year 1
        return date.min
    return date(number // 12, number % 12 + 1, 1)


def _minor_units(
    connection: duckdb.DuckDBPyConnection, currencies: Sequence[str]
) -> dict[str, int]:
    known = dict(
        connection.execute("select currency, minor_units from reference.currencies").fetchall()
    )
    return {currency: known.get(currency, 2) for currency in currencies}
