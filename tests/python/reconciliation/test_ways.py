"""Numbers and days of a column: read as they were meant, or asked for; never as something else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st
from support.proof import SEED, cases, tried

from exporters import sql
from exporters.errors import RequestError
from exporters.escaping import in_message
from exporters.reconciliation.reconcile.statement import values
from exporters.reconciliation.reconcile.statement.ways import (
    AUTO,
    DATE_FORMATS,
    NUMBERS,
    choose,
)

# The mark between thousands and the decimal mark of each way.
MARKS = {
    "1234.56": ("", "."),
    "1.234,56": (".", ","),
    "1,234.56": (",", "."),
    "1 234,56": (" ", ","),
}
DAYS = {
    "yyyy-mm-dd": "{0.year:04d}-{0.month:02d}-{0.day:02d}",
    "dd/mm/yyyy": "{0.day}/{0.month:02d}/{0.year:04d}",
    "mm/dd/yyyy": "{0.month:02d}/{0.day}/{0.year:04d}",
    "dd.mm.yyyy": "{0.day:02d}.{0.month:02d}.{0.year:04d}",
}
BESIDE = ("{}", "{} đ", "{}đ", "${}", "US$ {}", "{} VNĐ", "VND {}", "{}\xa0₫", "{} EUR")
MANY = settings(
    max_examples=cases(100, 500),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """A database that knows words for currencies, and how texts are read."""
    connection = duckdb.connect()
    connection.execute(
        "create schema reference; create table reference.currencies (currency varchar);"
        "insert into reference.currencies values ('VND'), ('USD'), ('EUR')"
    )
    values.currencies(connection)
    sql.run(connection, sql.load(values.__file__, "macros.sql"))
    return connection


def read_numbers(
    connection: duckdb.DuckDBPyConnection, texts: Sequence[str], way: str = AUTO
) -> list[Decimal | None]:
    """What a column of amounts means."""
    connection.execute(
        "create or replace temp table statement_text (id bigint, row bigint, amount varchar, "
        "is_number boolean)"
    )
    connection.executemany(
        "insert into statement_text values (?, ?, ?, false)",
        [(place, place + 1, text) for place, text in enumerate(texts, start=1)],
    )
    sql.run(connection, sql.load(values.__file__, "statement_amounts.sql"))
    if way == AUTO:
        way, _ = choose(connection, "statement_amounts", NUMBERS, {}, "column x", "--numbers")
    rows = connection.execute(
        f"select stated.id, {NUMBERS[way]} from statement_text as stated "
        "left join statement_amounts using (id, row) order by id"
    ).fetchall()
    return [row[1] for row in rows]


def read_days(
    connection: duckdb.DuckDBPyConnection, texts: Sequence[str], way: str = AUTO
) -> list[date | None]:
    """What a column of days means."""
    connection.execute(
        "create or replace temp table days (id bigint, row bigint, text varchar, date varchar)"
    )
    connection.executemany(
        "insert into days values (?, ?, ?, ?)",
        [(place, place + 1, text, text) for place, text in enumerate(texts, start=1)],
    )
    zone = {"zone": "Asia/Ho_Chi_Minh"}
    if way == AUTO:
        way, _ = choose(connection, "days", DATE_FORMATS, zone, "column x", "--date-format")
    asked = f"select {DATE_FORMATS[way]} from days order by id"
    return [row[0] for row in sql.run(connection, asked, zone).fetchall()]


def written(value: Decimal, way: str, groups: bool, decimals: int) -> str:
    """A number as somebody writes it in this way."""
    thousands, point = MARKS[way]
    places = max(decimals, -int(value.normalize().as_tuple().exponent), 0)
    text = f"{value:,.{places}f}" if groups else f"{value:.{places}f}"
    return text.translate({ord(","): thousands, ord("."): point})


amounts = st.decimals(
    min_value=-(10**12), max_value=10**12, places=3, allow_nan=False, allow_infinity=False
).map(lambda value: Decimal(value).normalize()) | st.integers(-(10**9), 10**9).map(Decimal)


@seed(SEED)
@MANY
@given(
    numbers=st.lists(amounts, min_size=1, max_size=6),
    way=st.sampled_from(list(NUMBERS)),
    groups=st.booleans(),
    decimals=st.integers(0, 3),
    beside=st.sampled_from(BESIDE),
)
def test_numbers_of_any_way_are_read_back_or_asked_for(
    connection: duckdb.DuckDBPyConnection,
    numbers: list[Decimal],
    way: str,
    groups: bool,
    decimals: int,
    beside: str,
) -> None:
    texts = [beside.format(written(number, way, groups, decimals)) for number in numbers]
    tried("columns of numbers written and read")
    assert read_numbers(connection, texts, way) == numbers
    try:
        assert read_numbers(connection, texts) == numbers
    except RequestError as question:
        # It names a value and two readings of it, of which one is meant.
        said = str(question)
        assert any(
            in_message(text) in said and (f" {number:f} where" in said)
            for text, number in zip(texts, numbers, strict=True)
        )


@seed(SEED)
@MANY
@given(
    days=st.lists(st.dates(date(1990, 1, 1), date(2099, 12, 31)), min_size=1, max_size=6),
    way=st.sampled_from(list(DATE_FORMATS)),
)
def test_days_of_any_way_are_read_back_or_asked_for(
    connection: duckdb.DuckDBPyConnection, days: list[date], way: str
) -> None:
    texts = [DAYS[way].format(day) for day in days]
    tried("columns of days written and read")
    assert read_days(connection, texts, way) == days
    try:
        assert read_days(connection, texts) == days
    except RequestError as question:
        assert way in ("dd/mm/yyyy", "mm/dd/yyyy")
        assert all(day.day <= 12 for day in days)
        assert f"--date-format {way}" in str(question)


@seed(SEED)
@MANY
@given(
    numbers=st.lists(amounts, min_size=2, max_size=6),
    ways=st.lists(st.sampled_from(list(NUMBERS)), min_size=2, max_size=6),
)
def test_a_column_of_several_ways_is_read_in_one_of_them(
    connection: duckdb.DuckDBPyConnection, numbers: list[Decimal], ways: list[str]
) -> None:
    """What is read is what one way says of all of it, and no way reads more."""
    texts = [written(number, way, True, 0) for number, way in zip(numbers, ways, strict=False)]
    readings = {way: read_numbers(connection, texts, way) for way in NUMBERS}
    counts = {way: sum(value is not None for value in read) for way, read in readings.items()}
    most = max(counts.values())
    assume(most)
    best = [readings[way] for way, count in counts.items() if count == most]
    try:
        found = read_numbers(connection, texts)
    except RequestError:
        assert any(read != best[0] for read in best)
    else:
        assert all(read == found for read in best)


ONE = {
    "850.000": None, "850,000": None, "1.234": None, "850 000": "850000", "1.234.567": "1234567",
    "1,234,567": "1234567", "1.5": "1.5", "1,5": "1.5", "0.850": "0.85", "0,850": "0.85",
    "12.34.567": None, "1.234,567.8": None, "1,2345": "1.2345", "1.2345": "1.2345",
    "1.234,50": "1234.5", "1,234.50": "1234.5", "-1.234,50": "-1234.5", "−5": "-5", "- 5": "-5",
    "-$5.25": "-5.25", "$-5.25": "-5.25", "(5)": None, "+5": None, "5-": None, "1e3": None,
    "1'234.5": None, "5 %": None, "5 đ/tháng": None, "5 usd": "5", "5 VNÐ": "5",
    "1\u202f234,5": "1234.5",
    "123456789012345678": "123456789012345678", "1234567890123456789": None,
    "0.123456789012": "0.123456789012", "0.1234567890123": None,
    "0.1234567890120": "0.123456789012",
}  # fmt: skip


@pytest.mark.parametrize("text", ONE)
def test_one_number_is_read_asked_for_or_unreadable(
    connection: duckdb.DuckDBPyConnection, text: str
) -> None:
    meant = ONE[text]
    if text in ("850.000", "850,000", "1.234"):
        with pytest.raises(RequestError, match="Say which it is with --numbers"):
            read_numbers(connection, [text])
    else:
        assert read_numbers(connection, [text]) == [None if meant is None else Decimal(meant)]


def test_most_values_decide_and_the_others_are_unreadable(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert read_numbers(connection, ["850.000", "1.200.000", "7,5", "3.5"]) == [
        *(Decimal(850000), Decimal(1200000), Decimal("7.5"), None),
    ]
    start = date(2024, 9, 1)
    days = [start + timedelta(days) for days in range(30)]
    texts = [f"{day.day:02d}/{day.month:02d}/{day.year}" for day in days]
    assert read_days(connection, [*texts, "2024-09-05"]) == [*days, None]
    assert read_days(connection, ["05/05/2024", "07-07-2024"]) == [
        *(date(2024, 5, 5), date(2024, 7, 7)),
    ]
    times = ["9/18/2024 9:00 AM", "9/19/2024, 14:30", "9/19/2024 14:30:59"]
    assert read_days(connection, times) == [date(2024, 9, 18), date(2024, 9, 19), date(2024, 9, 19)]
    assert read_days(connection, ["9/19/2024 in the afternoon", "31/02/2024"]) == [None, None]
