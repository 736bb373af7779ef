"""The rows of a sheet: rendered by DuckDB as SpreadsheetML, streamed into an archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from exporters import sql
from exporters.catalogue.types import Kind
from exporters.errors import ReportError
from exporters.excel.ooxml import cell_xml
from exporters.query import builder
from exporters.query.builder import Query
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb

_BATCH = 2048  # rows in Python's hands at a time
_SLICE = 100_000  # rows that DuckDB sorts at a time, unless one day has more


class Writable(Protocol):
    """What takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take the next ones."""


@dataclass(frozen=True)
class Slice:
    """Some days of a report, whose rows are queried together.

    Attributes:
        days: the first and the last of them; None: all rows, whatever their days.
        rows_before: how many rows come before.
    """

    days: tuple[date, date] | None = None
    rows_before: int = 0


class RowStream:
    """The rows of one report, handed out sheet by sheet in their order."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, slices: Iterable[Query]) -> None:
        """Begin with the first of `slices`, which give the rows one after another.

        The connection knows `cell_xml.text_macros`.
        """
        self._connection = connection
        self._slices = iter(slices)
        self._begin_slice()

    def write(self, part: Writable, count: int) -> None:
        """Write the next `count` rows to a part of the workbook.

        Raises:
            ReportError: there are fewer.
        """
        while count > 0:
            rows = self._connection.fetchmany(min(count, _BATCH))
            if rows:
                part.write(b"".join([row[0] for row in rows]))
                count -= len(rows)
            elif not self._begin_slice():
                raise ReportError("the report has fewer rows than were counted")

    def _begin_slice(self) -> bool:
        for rows in self._slices:
            self._connection.execute(rows.sql, rows.parameters)
            return True
        return False


def slices(connection: duckdb.DuckDBPyConnection, request: Request, rows: int) -> list[Slice]:
    """Slices of a report of `rows` rows, small enough to be sorted in memory.

    A report whose first column is a day is sorted by it first; others are never long.
    """
    day = request.report.columns[0]
    if rows <= _SLICE or day.kind is not Kind.DATE:
        return [Slice()]
    typed = builder.typed(request)
    counts = connection.execute(
        f"select {day.name}, count(*) from ({typed.sql}) as report group by all order by all",
        typed.parameters,
    ).fetchall()
    if any(each is None for each, _ in counts):
        return [Slice()]
    found: list[Slice] = []
    before = within = 0
    first = last = counts[0][0]
    for each, count in counts:
        if within + count > _SLICE and within:
            found.append(Slice((first, last), before))
            before += within
            within = 0
        first, last = (first if within else each), each
        within += count
    return [*found, Slice((first, last), before)]


def row_query(
    request: Request,
    styles: Mapping[Kind, int],
    money_styles: Mapping[str, int],
    first_row: int,
    rows_per_sheet: int,
    part: Slice,
) -> Query:
    """The `<row>` elements of a part of a report in order, one blob of UTF-8 each.

    `styles` are numbers of cell styles by kind, `money_styles` by currency; rows are numbered
    from `first_row` on every sheet of `rows_per_sheet` rows.
    """
    style_sql = {kind: f"'{number}'" for kind, number in styles.items()}
    style_sql[Kind.MONEY] = "_money_style"
    sorted_rows = builder.for_people(request)
    parameters = dict(sorted_rows.parameters)
    parameters["money_currencies"] = list(money_styles)
    parameters["money_styles"] = [str(number) for number in money_styles.values()]
    is_in_part = "true"
    if part.days is not None:
        is_in_part = f"{request.report.columns[0].name} between $first_day and $last_day"
        parameters["first_day"], parameters["last_day"] = part.days
    numbered = sql.load(__file__, "numbered_rows.sql").format(
        first_row=first_row,
        rows_before=part.rows_before,
        rows_per_sheet=rows_per_sheet,
        unit=request.report.unit,
        plain_style=f"'{styles[Kind.COUNT]}'",
        report=sorted_rows.sql,
        is_in_part=is_in_part,
    )
    return Query(cell_xml.rows(request.report.columns, style_sql, numbered), parameters)
