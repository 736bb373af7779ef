"""Texts of a statement as what they mean: amounts, days, currencies; or why they mean nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from exporters import sql
from exporters.errors import RequestError
from exporters.escaping import in_message
from exporters.reconciliation.reconcile.statement.load import Statement
from exporters.reconciliation.reconcile.statement.reading import Reading, flag
from exporters.reconciliation.reconcile.statement.ways import AUTO, DATE_FORMATS, NUMBERS, choose

if TYPE_CHECKING:
    import duckdb

# What people write in place of a code.
_WORDS = {
    **{"VNĐ": "VND", "Đ": "VND", "₫": "VND", "ĐỒNG": "VND"},
    **{"US$": "USD", "$": "USD", "€": "EUR"},
}
_ALSO = {"yyyy-mm-dd": ", with or without a time"}


def currencies(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The code of each word for a currency; they stand in the temporary table `currency_words`."""
    sql.run(
        connection,
        sql.load(__file__, "currencies.sql"),
        {"words": list(_WORDS), "currencies": list(_WORDS.values())},
    )
    return dict(connection.execute("select word, currency from currency_words").fetchall())


def type_rows(
    connection: duckdb.DuckDBPyConnection,
    read: Statement,
    reading: Reading,
    zone: str,
    currency: str | None,
) -> Reading:
    """Make the temporary table `statement` of `statement_text`: each text as what it means.

    It has `id`, `row`, `is_line`, `key`, `account`, `currency`, `amount` (decimal(38, 12)), `day`
    (date, business time) and `problem`, which is null where everything could be read. A row that
    has a problem keeps what could be; one that is no line has only its text, as `problem`.
    `currency` is that of the whole list, `zone` the business time zone.

    Returns:
        `reading` with the currency that was taken, and the ways in which numbers and days are
        written, `AUTO` where several say the same.

    Raises:
        RequestError: no row can be read; the numbers or dates can be read in several ways, or the
            dates are written in another way than was said; rows have no currency, and the ledger
            does not say which.
    """
    sql.run(connection, sql.load(__file__, "macros.sql"))
    sql.run(connection, sql.load(__file__, "statement_amounts.sql"))
    numbers, date_format = reading.numbers, reading.date_format
    if read.header.is_own and not read.is_workbook:
        numbers, date_format = _own(numbers, next(iter(NUMBERS))), _own(date_format, "yyyy-mm-dd")
    kept = {"numbers": numbers, "date_format": date_format}
    if numbers == AUTO:
        numbers, kept["numbers"] = choose(
            connection, "statement_amounts", NUMBERS, {}, read.column("amount"), "--numbers"
        )
    if date_format == AUTO:
        date_format, kept["date_format"] = _date_format(connection, read, zone)
    default = None
    if currency is None and "currency" not in read.header.columns:
        default = _default_currency(connection, read)
    typed = sql.load(__file__, "statement.sql").format(
        read_amount=NUMBERS[numbers],
        read_day=DATE_FORMATS[date_format],
        numbers=_example(numbers),
        date_format=f"{date_format}{_ALSO.get(date_format, '')}",
    )
    sql.run(connection, typed, {"zone": zone, "currency": currency, "default_currency": default})
    _check_readable(connection, read, reading, zone, date_format)
    connection.execute("drop table statement_text")
    connection.execute("drop table statement_amounts")
    return replace(
        reading,
        currency=currency or default,
        numbers=kept["numbers"],
        date_format=kept["date_format"],
    )


def _own(said: str, written: str) -> str:
    """The way in which our own exports are written, where nobody said another."""
    return written if said == AUTO else said


def _example(numbers: str) -> str:
    """A number of a way, long enough to show its marks."""
    return {
        "1234.56": "1234567.89",
        "1.234,56": "1.234.567,89",
        "1,234.56": "1,234,567.89",
        "1 234,56": "1 234 567,89",
    }[numbers]


def _date_format(
    connection: duckdb.DuckDBPyConnection, read: Statement, zone: str
) -> tuple[str, str]:
    if "date" not in read.header.columns:
        return next(iter(DATE_FORMATS)), AUTO
    texts = "(select *, date as text from statement_text where date is not null and not is_day)"
    return choose(
        connection, texts, DATE_FORMATS, {"zone": zone}, read.column("date"), "--date-format"
    )


def _default_currency(connection: duckdb.DuckDBPyConnection, read: Statement) -> str | None:
    """The currency of amounts that have none: that of all rows of the ledger.

    Raises:
        RequestError: the ledger has several, or none, or another than other amounts have.
    """
    lacking = connection.execute(
        """
        select stated.row
        from statement_text as stated
        left join statement_amounts as amounts on stated.id = amounts.id
        where
            stated.not_a_line is null and stated.amount is not null and amounts.currency is null
        order by stated.id
        limit 1
        """
    ).fetchone()
    if lacking is None:
        return None
    query = "select currency from {} where currency is not null group by currency order by currency"
    booked = [row[0] for row in connection.execute(query.format("ledger_rows")).fetchall()]
    stated = [row[0] for row in connection.execute(query.format("statement_amounts")).fetchall()]
    if len(booked) == 1 and set(stated) <= set(booked):
        return str(booked[0])
    has = f"the ledger has {', '.join(booked)}" if booked else "the ledger has no row"
    beside = f", though other amounts are in {', '.join(stated)}" if stated else ""
    raise RequestError(
        f"the statement {in_message(read.path)} has no column for the currency, and none stands "
        f"beside the amount in row {lacking[0]}{beside}; {has} in the period: say that of the "
        f"whole list with --currency, or name the column with {flag('currency')}"
    )


def _check_readable(
    connection: duckdb.DuckDBPyConnection,
    read: Statement,
    reading: Reading,
    zone: str,
    date_format: str,
) -> None:
    """Check that it was not the statement as a whole that was misunderstood.

    Raises:
        RequestError: no row can be read, or all dates can be read in another format.
    """
    problem = connection.execute(
        "select row, problem from statement where is_line and problem is not null "
        "order by id limit 1"
    ).fetchone()
    if problem is None:
        return
    bad_date = connection.execute(
        """
        select texts.row, left(texts.date, 60)
        from statement_text as texts
        inner join statement on texts.id = statement.id
        where statement.is_line and statement.day is null and texts.date is not null
        order by texts.id
        limit 1
        """
    ).fetchone()
    if bad_date is not None and reading.date_format != AUTO:
        others = [
            other
            for other in DATE_FORMATS
            if other != date_format and _reads_all_dates(connection, other, zone)
        ]
        if others:
            raise RequestError(
                f"the date {in_message(bad_date[1])!r} in row {bad_date[0]} of the statement "
                f"{in_message(read.path)}, column {in_message(read.header.columns['date'])}, is "
                f"not a day {date_format}; all its dates can be read with --date-format "
                f"{' or '.join(others)}"
            )
    readable = connection.execute(
        "select count(*) from statement where is_line and problem is null"
    )
    if readable.fetchone() == (0,):
        columns = read.header.columns
        taken = [role for role in ("date", "currency", "amount") if role in columns]
        named = ", ".join(f"{role} {in_message(columns[role])!r}" for role in taken)
        formats = f" (--date-format: {', '.join(DATE_FORMATS)})" if bad_date is not None else ""
        raise RequestError(
            f"no row of the statement {in_message(read.path)} can be read. Row {problem[0]}: "
            f"{in_message(problem[1])}{formats}. Its columns were taken to be {named}; "
            f"name others with {', '.join(map(flag, taken))}"
        )


def _reads_all_dates(connection: duckdb.DuckDBPyConnection, date_format: str, zone: str) -> bool:
    unread = sql.run(
        connection,
        "select count(*) from statement_text where date is not null and not is_day "
        f"and not_a_line is null and {DATE_FORMATS[date_format]} is null",
        {"zone": zone},
    )
    return unread.fetchone() == (0,)
