"""From a request to SQL: the catalogue's query with its blanks filled and its values bound."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING

from exporters.catalogue.conditions import CONDITIONS
from exporters.catalogue.types import Column, Kind, Report
from exporters.i18n.language import Language
from exporters.request.conditions import Request

if TYPE_CHECKING:
    import duckdb

# Python's decimals are rounded to 28 digits unless told otherwise; sums here have up to 38.
DIGITS = 60
_FEW = 20_000  # rows that are kept while more is asked of them


@dataclass(frozen=True)
class Query:
    """SQL with named parameters and their values."""

    sql: str
    parameters: dict[str, object]


@dataclass(frozen=True)
class Total:
    """The exact sums of a report in one currency.

    Attributes:
        currency: ISO 4217 code.
        minor_units: decimals in which amounts of the currency are shown.
        row_sums: the sum of all rows for each column that is totalled, in their order.
        sums: the same less the transfers that totals leave out.
        shown_sums: the sum of all rows as they are shown, each rounded to `minor_units`.
    """

    currency: str
    minor_units: int
    row_sums: tuple[Decimal, ...]
    sums: tuple[Decimal, ...]
    shown_sums: tuple[Decimal, ...]

    def line(self, report: Report) -> dict[Column, Decimal | None]:
        """The value of each column of `report.total_line`."""
        sums = dict(zip(report.totals, self.sums, strict=True))
        by_name = {column.name: value for column, value in sums.items()}
        return {
            column: change_percent(*(by_name[name] for name in column.percent_of))
            if column.percent_of
            else sums[column]
            for column in report.total_line
        }


@dataclass(frozen=True)
class Totals:
    """What is known of a report without its rows.

    Attributes:
        rows: number of rows.
        by_currency: sums per currency, in order of the currency; rows without a currency (a
            discount that was not used) have none.
        left_out: amounts of transfers that the sums leave out, as currency and amount.
        left_out_before: the same of the earlier period, where there is one.
    """

    rows: int
    by_currency: tuple[Total, ...]
    left_out: tuple[tuple[str, Decimal], ...]
    left_out_before: tuple[tuple[str, Decimal], ...] = ()


def typed(request: Request) -> Query:
    """The rows of a report, each column of its kind's type, unsorted."""
    report = request.report
    parameters: dict[str, object] = {
        "partner": request.partner,
        "from_date": request.from_date,
        "to_date": request.to_date,
    }
    if request.earlier is not None:
        parameters["earlier_from_date"], parameters["earlier_to_date"] = request.earlier
    predicates = []
    template = report.query
    if request.account_type != "both":
        predicates.append(CONDITIONS["account_type"].predicate)
        parameters["account_type"] = request.account_type
    if request.account is not None:
        predicates.append(CONDITIONS["account"].predicate)
        parameters["account"] = request.account
        template = report.account_query or template
    if request.subject is not None:
        predicates.append(CONDITIONS["subject"].predicate)
        parameters["subject"] = request.subject
    if request.status:
        predicates.append(CONDITIONS["status"].predicate)
        parameters["status"] = list(request.status)
    raw = template.format(conditions=" and ".join(predicates) or "true", **request.basis.blanks)
    columns = ", ".join(
        f"cast({column.name} as {column.kind.sql_type}) as {column.name}"
        for column in report.columns
    )
    used = {name: value for name, value in parameters.items() if re.search(rf"\${name}\b", raw)}
    return Query(f"select {columns} from (\n{raw}\n) as report", used)


def kept(connection: duckdb.DuckDBPyConnection, request: Request, name: str) -> Request:
    """The same request, to a copy of its rows if they are few: more is to be asked of them.

    `name` is that of the copy, which the next one of this name replaces. Its conditions are fixed:
    another period or account must be asked of the request as it was.
    """
    found = typed(request)
    copy = f"temp.{name}"
    copied = connection.execute(
        f"create or replace temp table {copy} as from ({found.sql}) limit {_FEW + 1}",
        found.parameters,
    ).fetchone()
    if copied is not None and copied[0] > _FEW:
        connection.execute(f"drop table {copy}")
        return request
    of_copy = replace(request.report, query=f"select * from {copy}", account_query=None)
    return replace(request, report=of_copy)


def ordered(request: Request) -> Query:
    """The rows in the order of every output: by all columns from left to right, empty last.

    DuckDB compares text by its UTF-8 bytes, which is the order of code points, and hands the
    rows of a sorted subquery on in their order.
    """
    query = typed(request)
    order = ", ".join(f"{column.name} asc nulls last" for column in request.report.columns)
    return Query(f"select * from (\n{query.sql}\n) as report order by {order}", query.parameters)


def as_text(request: Request) -> Query:
    """The rows in order, each value as the text that stands in files."""
    query = ordered(request)
    columns = ", ".join(f"{text_of(column)} as {column.name}" for column in request.report.columns)
    return Query(f"select {columns} from (\n{query.sql}\n) as report", query.parameters)


def for_people(request: Request) -> Query:
    """The rows in order, with the words of the request's language in place of codes."""
    return _in_words(request, ordered(request))


def text_of(column: Column) -> str:
    """SQL for a value as text: exact, without trailing zeros or an exponent, dates as ISO.

    Counts stay integers: their text is the same, and JSON wants them so.
    """
    name = column.name
    match column.kind:
        case Kind.MONEY | Kind.QUANTITY | Kind.RATE | Kind.PERCENT:
            return f"rtrim(rtrim(cast({name} as varchar), '0'), '.')"
        case Kind.DATE:
            return f"cast({name} as varchar)"
        case Kind.TIMESTAMP:
            return f"strftime({name}, '%Y-%m-%d %H:%M:%S')"
        case _:
            return name


def _in_words(request: Request, query: Query) -> Query:
    parameters = dict(query.parameters)
    worded = []
    for column in request.report.columns:
        words = request.language.words.get(column.name)
        if words:
            codes_name, words_name = f"{column.name}_codes", f"{column.name}_words"
            parameters |= {codes_name: list(words), words_name: list(words.values())}
            place = f"list_position(${codes_name}, {column.name})"
            worded.append(f"coalesce(${words_name}[{place}], {column.name}) as {column.name}")
    if not worded:
        return query
    sql = f"select * replace ({', '.join(worded)}) from (\n{query.sql}\n) as report"
    return Query(sql, parameters)


def totals(connection: duckdb.DuckDBPyConnection, request: Request) -> Totals:
    """Number of rows and the exact totals per currency.

    Where `request.leaves_out_internal_transfers`, they are not in the sums, though their rows
    are listed and counted.
    """
    columns = request.report.totals
    query = typed(request)
    shown = _shown(connection)
    sums = ", ".join(
        f"cast(coalesce(sum({value}), 0) as decimal(38, 12))"
        for value in [
            *(column.name for column in columns),
            *(shown(column) for column in columns if column.kind is Kind.MONEY),
        ]
    )
    sql = f"""
        select
            report.currency,
            coalesce(any_value(currencies.minor_units), 2) as minor_units,
            count(*) as row_count,
            {sums}
        from ({query.sql}) as report
        left join reference.currencies as currencies
            on report.currency = currencies.currency
        group by report.currency
        order by report.currency
    """
    groups = connection.execute(sql, query.parameters).fetchall()
    left_out = _internal_transfers(connection, request, request.from_date, request.to_date)
    left_out_before = (
        _internal_transfers(connection, request, *request.earlier) if request.earlier else {}
    )
    by_currency = []
    for currency, minor_units, _, *values in groups:
        if currency is None:
            continue
        with localcontext(prec=DIGITS):
            away = _beside(left_out.get(currency, {}), left_out_before.get(currency, {}))
            less = [
                value - away.get(column.name, Decimal(0))
                for column, value in zip(columns, values, strict=False)
            ]
        row_sums, rounded = values[: len(columns)], iter(values[len(columns) :])
        shown_sums = [
            next(rounded) if column.kind is Kind.MONEY else value
            for column, value in zip(columns, row_sums, strict=True)
        ]
        by_currency.append(
            Total(currency, minor_units, tuple(row_sums), tuple(less), tuple(shown_sums))
        )
    return Totals(
        rows=sum(group[2] for group in groups),
        by_currency=tuple(by_currency),
        left_out=_amounts(left_out),
        left_out_before=_amounts(left_out_before),
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


def _beside(now: Mapping[str, Decimal], before: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What is taken from each column of a report, by what is taken from its measures."""
    taken = dict(now)
    for name in {*now, *before}:
        taken[f"{name}_before"] = before.get(name, Decimal(0))
        taken[f"{name}_change"] = now.get(name, Decimal(0)) - before.get(name, Decimal(0))
    return taken


def _amounts(left_out: Mapping[str, Mapping[str, Decimal]]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((currency, left_out[currency]["amount"]) for currency in sorted(left_out))


def change_percent(now: Decimal, before: Decimal) -> Decimal | None:
    """The change in percent, rounded half away from zero to 2 decimals; None of 0.

    The same as in the rows of a compared report, where SQL works it out.
    """
    if before == 0:
        return None
    # Two sums of 38 digits are told from a tie well within twice their length.
    with localcontext(prec=2 * DIGITS, rounding=ROUND_HALF_UP):
        return ((now - before) * 100 / abs(before)).quantize(Decimal("0.01"))


def notes(request: Request, totals: Totals) -> list[str]:
    """What a reader of the totals must know, in whole sentences."""
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
    if "subject" in request.report.conditions and request.subject is None and totals.by_currency:
        sentences.append(
            language.say(
                "Totals add partner and customer discounts; "
                "a sale to which both apply counts in both."
            )
        )
    return sentences


def _listed(language: Language, amounts: Iterable[tuple[str, Decimal]]) -> str:
    return ", ".join(f"{language.number(exact(amount))} {currency}" for currency, amount in amounts)


def exact(value: Decimal) -> str:
    """A decimal as text: exact, without trailing zeros or an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def extents(
    connection: duckdb.DuckDBPyConnection, request: Request
) -> dict[str, int | Decimal | None]:
    """How much room each column needs: characters of its longest text, or its largest number.

    Quantities and rates, which are shown with all their decimals, count as text. Dates are not in
    it; None where a column has no value.
    """
    sizes = {
        column.name: _extent(column)
        for column in request.report.columns
        if column.kind not in (Kind.DATE, Kind.TIMESTAMP)
    }
    query = _in_words(request, typed(request))
    row = connection.execute(
        f"select {', '.join(sizes.values())} from ({query.sql}) as report", query.parameters
    ).fetchone()
    return dict(zip(sizes, row or (), strict=True))


def _extent(column: Column) -> str:
    match column.kind:
        case Kind.QUANTITY | Kind.RATE:
            text = text_of(column)
            whole = f"length(split_part({text}, '.', 1))"
            return f"max(greatest(length({text}), {whole} + 3) + ({whole} - 1) // 3)"
        case _ if column.kind.is_number:
            return f"max(abs({column.name}))"
        case _:
            return f"max(length({column.name}))"


def _internal_transfers(
    connection: duckdb.DuckDBPyConnection, request: Request, from_date: date, to_date: date
) -> dict[str, dict[str, Decimal]]:
    """What totals of a period leave out, per currency and column."""
    if not request.leaves_out_internal_transfers:
        return {}
    rows = connection.execute(
        f"""
        select
            currency,
            cast(sum(event_count) as decimal(38, 12)) as event_count,
            cast(sum(amount) as decimal(38, 12)) as amount,
        from ledger.internal_transfers
        where
            partner_id = $partner
            and movement_type = $movement_type
            and {request.basis.blanks["date"]} between $from_date and $to_date
        group by currency
        having {request.basis.blanks["entries"]} <> 0
        """,
        {
            "partner": request.partner,
            "movement_type": request.report.internal_transfer,
            "from_date": from_date,
            "to_date": to_date,
        },
    ).fetchall()
    return {row[0]: {"event_count": row[1], "amount": row[2]} for row in rows}
