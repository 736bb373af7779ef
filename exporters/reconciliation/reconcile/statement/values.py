"""Texts of a statement as what they mean: amounts, days, currencies; or why they mean nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import sql
from exporters.errors import RequestError
from exporters.escaping import in_message
from exporters.reconciliation.reconcile.statement.columns import flag

if TYPE_CHECKING:
    import duckdb

# How days may be written, and the macro of macros.sql that reads them.
_DAY_OF = {
    "yyyy-mm-dd": "iso_day({0}, $zone)",
    "dd/mm/yyyy": r"numeric_day({0}, '\3-\2-\1')",
    "mm/dd/yyyy": r"numeric_day({0}, '\3-\1-\2')",
}
DATE_FORMATS = tuple(_DAY_OF)
_ALSO = {"yyyy-mm-dd": ", with or without a time"}


def type_rows(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    columns: Mapping[str, str],
    zone: str,
    date_format: str,
    currency: str | None,
) -> None:
    """Make the temporary table `statement` of `statement_text`: each text as what it means.

    It has `id`, `row`, `key`, `account`, `currency`, `amount` (decimal(38, 12)), `day` (date,
    business time) and `problem`, which is null where everything could be read. A row that has a
    problem keeps what could be. `path` and `columns` (by role) are the statement's, for messages;
    `currency` is that of all rows of a statement without a column for it; `zone` the business
    time zone.

    Raises:
        RequestError: no row can be read, or the dates are written in another way than was said.
    """
    typed = sql.load(__file__, "statement.sql").format(
        read_day=_DAY_OF[date_format].format("date"),
        date_format=f"{date_format}{_ALSO.get(date_format, '')}",
    )
    sql.run(
        connection,
        f"{sql.load(__file__, 'macros.sql')}{typed}",
        {"zone": zone, "currency": currency},
    )
    _check_readable(connection, path, columns, zone, date_format)
    connection.execute("drop table statement_text")


def _check_readable(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    columns: Mapping[str, str],
    zone: str,
    date_format: str,
) -> None:
    """Check that it was not the statement as a whole that was misunderstood.

    Raises:
        RequestError: no row can be read, or all dates can be read in another format.
    """
    problem = connection.execute(
        "select row, problem from statement where problem is not null order by id limit 1"
    ).fetchone()
    if problem is None:
        return
    bad_date = connection.execute(
        """
        select texts.row, left(texts.date, 60)
        from statement_text as texts
        inner join statement on texts.id = statement.id
        where statement.problem is not null and statement.day is null and texts.date is not null
        order by texts.id
        limit 1
        """
    ).fetchone()
    if bad_date is not None:
        others = [
            other
            for other in DATE_FORMATS
            if other != date_format and _reads_all_dates(connection, other, zone)
        ]
        if others:
            raise RequestError(
                f"the date {in_message(bad_date[1])!r} in row {bad_date[0]} of the statement "
                f"{in_message(path)}, column {in_message(columns['date'])}, is not a "
                f"day {date_format}; all its dates can be read with --date-format "
                f"{' or '.join(others)}"
            )
    readable = connection.execute("select count(*) from statement where problem is null")
    if readable.fetchone() == (0,):
        taken = [role for role in ("date", "currency", "amount") if role in columns]
        named = ", ".join(f"{role} {in_message(columns[role])!r}" for role in taken)
        formats = f" (--date-format: {', '.join(DATE_FORMATS)})" if bad_date is not None else ""
        raise RequestError(
            f"no row of the statement {in_message(path)} can be read. Row {problem[0]}: "
            f"{in_message(problem[1])}{formats}. Its columns were taken to be {named}; "
            f"name others with {', '.join(map(flag, taken))}"
        )


def _reads_all_dates(connection: duckdb.DuckDBPyConnection, date_format: str, zone: str) -> bool:
    unread = sql.run(
        connection,
        "select count(*) from statement_text "
        f"where date is not null and {_DAY_OF[date_format].format('date')} is null",
        {"zone": zone},
    )
    return unread.fetchone() == (0,)
