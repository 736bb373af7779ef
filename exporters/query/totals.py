"""The exact totals of a report per currency, and the notes below them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from itertools import groupby
from typing import TYPE_CHECKING

from exporters import sql
from exporters.catalogue.types import Column, Kind, Report
from exporters.i18n.language import Language
from exporters.query import builder
from exporters.query.amounts import DIGITS, change_percent, exact, share_percent
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Total:
    """The exact sums of a report in one currency.

    Attributes:
        currency: ISO 4217 code.
        minor_units: decimals in which amounts of the currency are shown.
        rows: how many rows are in the currency.
        row_sums: the sum of all rows for each column that is totalled, in their order.
        sums: the same less the transfers that totals leave out.
        shown_sums: the sum of all rows as they are shown, each rounded to `minor_units`.
        part: the code of `report.parts` that these rows have; None: all rows of the currency.
    """

    currency: str
    minor_units: int
    rows: int
    row_sums: tuple[Decimal, ...]
    sums: tuple[Decimal, ...]
    shown_sums: tuple[Decimal, ...]
    part: str | None = None

    def titled(self, title: str, report: Report, language: Language) -> str:
        """A title of the total, with the word for its part."""
        if report.parts is None or self.part is None:
            return title
        return f"{title}: {language.word(report.parts, self.part)}"

    def line(self, report: Report) -> dict[Column, Decimal | None]:
        """The value of each column of `report.total_line`."""
        sums = dict(zip(report.totals, self.sums, strict=True))
        by_name = {column.name: value for column, value in sums.items()}

        def value(column: Column) -> Decimal | None:
            if column.percent_of:
                return change_percent(*(by_name[name] for name in column.percent_of))
            if column.share_of:
                return share_percent(*(by_name[name] for name in column.share_of))
            return sums[column]

        return {column: value(column) for column in report.total_line}


@dataclass(frozen=True)
class Totals:
    """Row count and totals of a report.

    Attributes:
        rows: number of rows.
        by_currency: sums per currency, in order of the currency; rows without a currency (a
            discount that was not used) have none.
        by_part: sums per currency and value of `report.parts`, in this order.
        left_out: amounts of transfers that the sums leave out, as currency and amount.
        left_out_before: the same of the earlier period, where there is one.
    """

    rows: int
    by_currency: tuple[Total, ...]
    by_part: tuple[Total, ...]
    left_out: tuple[tuple[str, Decimal], ...]
    left_out_before: tuple[tuple[str, Decimal], ...] = ()

    def lines(self, report: Report) -> tuple[Total, ...]:
        """The totals to show: of each currency, or of its parts where these must not be added."""
        return self.by_currency if report.adds_parts else self.by_part

    def subtotals(self, report: Report) -> tuple[Total, ...]:
        """What stands below the totals: those of the parts, where there are several."""
        several = report.adds_parts and len({total.part for total in self.by_part}) > 1
        return self.by_part if several else ()


def totals_of(connection: duckdb.DuckDBPyConnection, request: Request) -> Totals:
    """Number of rows and the exact totals per currency.

    Where `request.leaves_out_internal_transfers`, they are not in the sums, though their rows
    are listed and counted.
    """
    report = request.report
    columns = report.totals
    query = builder.typed(request)
    rows = query.sql
    if all(column.name != "currency" for column in report.columns):
        rows = f"select *, cast(null as varchar) as currency from ({rows})"
    shown = _shown(connection)
    sums = ", ".join(
        f"cast(coalesce(sum({value}), 0) as decimal(38, 12))"
        for value in [
            *(column.name for column in columns),
            *(shown(column) for column in columns if column.kind is Kind.MONEY),
        ]
    )
    part = f"report.{report.parts}" if report.parts else "null"
    groups = connection.execute(
        sql.load(__file__, "totals.sql").format(part=part, sums=sums, report=rows),
        query.parameters,
    ).fetchall()
    left_out = _internal_transfers(connection, request, request.from_date, request.to_date)
    left_out_before = (
        _internal_transfers(connection, request, *request.earlier) if request.earlier else {}
    )
    by_part = []
    for part_code, currency, minor_units, count, *values in groups:
        if currency is None:
            continue
        key = currency, part_code
        with localcontext(prec=DIGITS):
            away = _beside(left_out.get(key, {}), left_out_before.get(key, {}))
            less = [
                value - away.get(column.name, Decimal(0))
                for column, value in zip(columns, values, strict=False)
            ]
        row_sums, rounded = values[: len(columns)], iter(values[len(columns) :])
        shown_sums = [
            next(rounded) if column.kind is Kind.MONEY else value
            for column, value in zip(columns, row_sums, strict=True)
        ]
        of_part = tuple(row_sums), tuple(less), tuple(shown_sums)
        by_part.append(Total(currency, minor_units, count, *of_part, part=part_code))
    return Totals(
        rows=sum(group[3] for group in groups),
        by_currency=tuple(
            _added(list(parts)) for _, parts in groupby(by_part, lambda total: total.currency)
        ),
        by_part=tuple(by_part) if report.parts else (),
        left_out=_amounts(left_out),
        left_out_before=_amounts(left_out_before),
    )


def _added(parts: Sequence[Total]) -> Total:
    """The parts of a currency in one total."""

    def added(sums: Iterable[tuple[Decimal, ...]]) -> tuple[Decimal, ...]:
        with localcontext(prec=DIGITS):
            return tuple(sum(values) for values in zip(*sums, strict=True))

    return Total(
        parts[0].currency,
        parts[0].minor_units,
        sum(part.rows for part in parts),
        added(part.row_sums for part in parts),
        added(part.sums for part in parts),
        added(part.shown_sums for part in parts),
    )


def _shown(connection: duckdb.DuckDBPyConnection) -> Callable[[Column], str]:
    """SQL for an amount as a spreadsheet shows it: rounded half away from zero.

    It needs `currencies.minor_units` beside the amount.
    """
    rows = connection.execute(
        "select minor_units from reference.currencies group by minor_units order by minor_units"
    ).fetchall()
    decimals = sorted({2, *(row[0] for row in rows)})

    def rounded(column: Column) -> str:
        cases = " ".join(
            f"when {places} then cast(round(report.{column.name}, {places}) as decimal(38, 12))"
            for places in decimals
        )
        return f"case coalesce(currencies.minor_units, 2) {cases} end"

    return rounded


def _internal_transfers(
    connection: duckdb.DuckDBPyConnection, request: Request, from_date: date, to_date: date
) -> dict[tuple[str, str | None], dict[str, Decimal]]:
    """What the totals of a period leave out: by currency and part, the sum of each column."""
    if not request.leaves_out_internal_transfers:
        return {}
    rows = connection.execute(
        sql.load(__file__, "internal_transfers.sql").format(**request.basis.blanks),
        {
            "partner": request.partner,
            "movement_type": request.report.internal_transfer,
            "from_date": from_date,
            "to_date": to_date,
        },
    ).fetchall()
    left_out: dict[tuple[str, str | None], dict[str, Decimal]] = {}
    for account_type, currency, count, amount in rows:
        key = currency, account_type if request.report.parts == "account_type" else None
        sums = left_out.setdefault(key, {"event_count": Decimal(0), "amount": Decimal(0)})
        with localcontext(prec=DIGITS):
            sums["event_count"] += count
            sums["amount"] += amount
    return left_out


def _beside(now: Mapping[str, Decimal], before: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What to subtract from each column, also the columns of a comparison."""
    taken = dict(now)
    for name in {*now, *before}:
        taken[f"{name}_before"] = before.get(name, Decimal(0))
        taken[f"{name}_change"] = now.get(name, Decimal(0)) - before.get(name, Decimal(0))
    return taken


def _amounts(
    left_out: Mapping[tuple[str, str | None], Mapping[str, Decimal]],
) -> tuple[tuple[str, Decimal], ...]:
    amounts: dict[str, Decimal] = {}
    for (currency, _), sums in left_out.items():
        with localcontext(prec=DIGITS):
            amounts[currency] = amounts.get(currency, Decimal(0)) + sums["amount"]
    return tuple(sorted(amounts.items()))


def notes_on(request: Request, totals: Totals) -> list[str]:
    """Notes on the totals, in whole sentences."""
    sentences = []
    language = request.language
    if request.leaves_out_internal_transfers and totals.rows:
        amounts = _listed(language, totals.left_out) or language.say("there are none in the period")
        if request.compare is not None:
            before = _listed(language, totals.left_out_before) or language.say("there are none")
            amounts += language.say("; in the earlier period: {amounts}", amounts=before)
        sentences.append(
            language.say(
                "Totals leave out transfers between accounts of the same partner "
                "({amounts}); their rows are listed.",
                amounts=amounts,
            )
        )
    if not request.report.adds_parts and len({total.part for total in totals.by_part}) > 1:
        sentences.append(
            language.say(
                "Partner and customer discounts are not added: "
                "a sale to which both apply counts in both."
            )
        )
    return sentences


def _listed(language: Language, amounts: Iterable[tuple[str, Decimal]]) -> str:
    return ", ".join(
        f"{language.grouped(exact(amount))} {currency}" for currency, amount in amounts
    )
