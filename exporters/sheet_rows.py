"""The rows of a sheet: rendered by DuckDB as SpreadsheetML, streamed into an archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

from exporters import cells, query
from exporters.catalogue import Kind
from exporters.conditions import Request
from exporters.errors import ReportError
from exporters.query import Query

if TYPE_CHECKING:
    import duckdb

_BATCH = 2048  # rows in Python's hands at a time


class RowStream:
    """The rows of one report, handed out sheet by sheet in their order."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, rows: Query) -> None:
        connection.execute(cells.text_macros())
        connection.execute(rows.sql, rows.parameters)
        self._connection = connection

    def write(self, part: IO[bytes], count: int) -> None:
        """Write the next `count` rows to a part of the workbook.

        Raises:
            ReportError: there are fewer.
        """
        while count > 0:
            rows = self._connection.fetchmany(min(count, _BATCH))
            if not rows:
                raise ReportError("the report has fewer rows than were counted")
            part.write(b"".join([row[0] for row in rows]))
            count -= len(rows)


def row_query(
    request: Request,
    styles: Mapping[Kind, int],
    money_styles: Mapping[str, int],
    first_row: int,
    rows_per_sheet: int,
) -> Query:
    """The `<row>` elements of a report in order, one text each.

    `styles` are numbers of cell styles by kind, `money_styles` by currency; rows are numbered
    from `first_row` on every sheet of `rows_per_sheet` rows.
    """
    style_sql = {kind: f"'{number}'" for kind, number in styles.items()}
    style_sql[Kind.MONEY] = "_money_style"
    # The place of a currency in one list is the place of its style in the other.
    money_style = (
        f"coalesce($money_styles[list_position($money_currencies, {request.report.unit})], "
        f"'{styles[Kind.COUNT]}')"
    )
    sorted_rows = query.ordered(request)
    sql = f"""
        select encode({cells.row(request.report.columns, style_sql)}) as row_xml
        from (
            select
                *,
                cast(
                    {first_row} + (row_number() over () - 1) % {rows_per_sheet} as varchar
                ) as _row,
                {money_style} as _money_style,
            from ({sorted_rows.sql}) as report
        ) as report
    """
    parameters = dict(sorted_rows.parameters)
    parameters["money_currencies"] = list(money_styles)
    parameters["money_styles"] = [str(number) for number in money_styles.values()]
    return Query(sql, parameters)
