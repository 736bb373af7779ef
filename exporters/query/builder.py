"""From a request to SQL: the catalogue's query with its blanks filled and its values bound."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from exporters.catalogue.conditions import CONDITIONS
from exporters.catalogue.types import Column, Kind
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb

_FEW = 20_000  # rows; with more no copy is made


@dataclass(frozen=True)
class Query:
    """SQL with named parameters and their values."""

    sql: str
    parameters: dict[str, object]


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
    template = report.query
    if request.account is not None:
        template = report.account_query or template
    if request.basis.name == "allocated":
        template = report.allocated_query or template
    conditions = conditions_of(request)
    parameters |= conditions.parameters
    raw = template.format(conditions=conditions.sql, **request.basis.blanks)
    if request.below is not None:
        # It is about finished rows, not about what they are added up from.
        raw = f"select * from (\n{raw}\n) as report where {CONDITIONS['below'].predicate}"
        parameters["below"] = request.below
    columns = ", ".join(
        f"cast({column.name} as {column.kind.sql_type}) as {column.name}"
        for column in report.columns
    )
    used = {name: value for name, value in parameters.items() if re.search(rf"\${name}\b", raw)}
    return Query(f"select {columns} from (\n{raw}\n) as report", used)


def conditions_of(request: Request) -> Query:
    """The conditions of a request besides the partner and the period, as a predicate."""
    values: dict[str, object] = {
        "account_type": None if request.account_type == "both" else request.account_type,
        "account": request.account,
        "subject": request.subject,
        "status": list(request.status) or None,
    }
    given = {name: value for name, value in values.items() if value is not None}
    return Query(" and ".join(CONDITIONS[name].predicate for name in given) or "true", given)


def materialized(connection: duckdb.DuckDBPyConnection, request: Request, name: str) -> Request:
    """The same request on a temporary copy of its rows, unless there are many.

    A workbook asks several things of the same rows; the copy saves reading the marts for each.
    `name` is the copy's; the next copy of this name replaces it. The copy has the rows of this
    period and these conditions only: ask the original request for any other.
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
    of_copy = replace(
        request.report, query=f"select * from {copy}", account_query=None, allocated_query=None
    )
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
        case Kind.INTEGER:
            return f"cast({name} as hugeint)"
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


def extents(
    connection: duckdb.DuckDBPyConnection, request: Request
) -> dict[str, int | Decimal | None]:
    """The longest text (in characters) or the largest number of each column, to set its width.

    Quantities and rates, which are shown with all their decimals, count as text. Dates are left
    out; None where a column has no value.
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
