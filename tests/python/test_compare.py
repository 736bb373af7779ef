"""`--compare`: the earlier period beside the period, in every output and exact."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Context, Decimal
from pathlib import Path

import duckdb
import proof
import pytest
from compared import COMPARABLE, check_compared, percent
from comparing import REFERENCE
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from oracle import Oracle

from exporters import query
from exporters.catalogue import BASES, CONDITIONS, REPORTS, percent_sql
from exporters.conditions import Request, comparing, earlier_period
from exporters.errors import RequestError
from exporters.published import open_published

PERIODS = {
    "previous": [
        ("2024-08-01", "2024-08-31", "2024-07-01", "2024-07-31"),
        ("2024-03-01", "2024-03-31", "2024-02-01", "2024-02-29"),
        ("2024-01-01", "2024-03-31", "2023-10-01", "2023-12-31"),
        ("2023-12-01", "2025-01-31", "2022-10-01", "2023-11-30"),
        ("2024-03-01", "2024-03-30", "2024-01-31", "2024-02-29"),
        ("2024-02-10", "2024-02-10", "2024-02-09", "2024-02-09"),
        ("9999-12-01", "9999-12-31", "9999-11-01", "9999-11-30"),
    ],
    "year": [
        ("2024-08-01", "2024-08-31", "2023-08-01", "2023-08-31"),
        ("2024-02-01", "2024-02-29", "2023-02-01", "2023-02-28"),
        ("2025-02-01", "2025-02-28", "2024-02-01", "2024-02-29"),
        ("2025-01-10", "2025-02-27", "2024-01-10", "2024-02-27"),
        ("2024-02-29", "2024-03-05", "2023-02-28", "2023-03-05"),
        ("2024-02-28", "2024-02-28", "2023-02-28", "2023-02-28"),
        ("2023-11-01", "2025-01-31", "2022-11-01", "2024-01-31"),
    ],
}


@pytest.mark.parametrize(
    ("compare", "period"), [(name, period) for name, each in PERIODS.items() for period in each]
)
def test_the_earlier_period_of(compare: str, period: tuple[str, str, str, str]) -> None:
    first, last, earlier_first, earlier_last = map(date.fromisoformat, period)
    assert earlier_period(first, last, compare) == (earlier_first, earlier_last)


@given(st.dates(date(1, 4, 1)), st.integers(0, 80))
def test_the_previous_period_ends_where_the_period_begins(first: date, days: int) -> None:
    last = min(first, date.max - timedelta(days)) + timedelta(days)
    first = min(first, last)
    start, end = earlier_period(first, last, "previous")
    assert end + timedelta(1) == first
    whole_months = first.day == 1 and (last == date.max or (last + timedelta(1)).day == 1)
    if whole_months:
        assert start.day == 1
        months = [
            12 * (b.year - a.year) + b.month - a.month for a, b in ((start, end), (first, last))
        ]
        assert months[0] == months[1]
    else:
        assert end - start == last - first


@given(st.dates(date(2, 1, 1)))
def test_a_year_earlier_days_keep_their_month(day: date) -> None:
    start, end = earlier_period(day, day, "year")
    assert (start.year, start.month) == (end.year, end.month) == (day.year - 1, day.month)
    is_end_of_february = (day.month, day.day) in ((2, 28), (2, 29))
    assert start <= end
    if not is_end_of_february:
        assert start == end == day.replace(year=day.year - 1)


@pytest.mark.parametrize(
    ("compare", "first", "last"),
    [
        ("year", "0001-05-01", "0001-05-31"),
        ("year", "0001-12-31", "0002-01-05"),
        ("previous", "0001-01-01", "0001-01-31"),
        ("previous", "0001-02-01", "0001-03-31"),
        ("previous", "0001-01-10", "0001-03-30"),
    ],
)
def test_before_the_calendar_begins_there_is_no_earlier_period(
    compare: str, first: str, last: str
) -> None:
    with pytest.raises(RequestError, match=f"--compare {compare}.*{first} to {last}.*0001-01-01"):
        earlier_period(date.fromisoformat(first), date.fromisoformat(last), compare)


# --- figures ------------------------------------------------------------------------------------

# Up to ten times the greatest amount that a row may have.
WIDE = Context(prec=60)
units = st.one_of(
    st.integers(-(10**4), 10**4),
    st.sampled_from([10**30, 10**30 - 1, 10**31, -(10**31)]),
    st.integers(-(10**31), 10**31),
    st.integers(-(10**6), 10**6).map(lambda hundreds: hundreds * 10**14),
)


@st.composite
def two_amounts(draw: st.DrawFn) -> tuple[int, int]:
    """Two amounts in units of the 12th decimal; often a change that is half of a hundredth."""
    before = draw(units)
    if draw(st.booleans()):
        return draw(units), before
    before = before // 20_000 * 20_000
    return before + before // 20_000 * draw(st.integers(-99, 99)) + draw(st.integers(-1, 1)), before


@settings(deadline=None)
@given(st.lists(two_amounts(), min_size=1, max_size=20))
def test_a_change_in_percent_is_exact(pairs: list[tuple[int, int]]) -> None:
    """In rows (by SQL) and in totals (by Python) the same, rounded half away from zero."""
    expected = [percent(now, before) for now, before in pairs]
    assert percents(pairs) == expected
    assert [query.change_percent(*map(Decimal, pair)) for pair in pairs] == expected


def test_a_change_in_percent_of_amounts_beyond_all_bounds_is_empty() -> None:
    assert percents([(10**37, 1), (1, 10**37)]) == [None, None]


def percents(pairs: list[tuple[int, int]]) -> list[Decimal | None]:
    """What the query of a compared report says of later and earlier amounts, in small units."""
    amounts = [
        [f"{Decimal(one).scaleb(-12, WIDE):f}" for one in side] for side in zip(*pairs, strict=True)
    ]
    with duckdb.connect() as connection:
        found = connection.execute(
            f"""
            select {percent_sql("now - before", "before")} from (
                select
                    cast(unnest($now) as decimal(38, 12)) as now,
                    cast(unnest($before) as decimal(38, 12)) as before,
            ) as pairs
            """,
            {"now": amounts[0], "before": amounts[1]},
        ).fetchall()
    return [row[0] for row in found]


FIRST, LAST = date(2023, 12, 1), date(2025, 6, 30)
months = st.dates(FIRST, LAST).map(lambda day: day.replace(day=1))
periods = st.one_of(
    st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)).map(lambda days: sorted(days)),
    st.tuples(months, months).map(
        lambda starts: [min(starts), (max(starts) + timedelta(31)).replace(day=1) - timedelta(1)]
    ),
)


@pytest.mark.proof
def test_an_earlier_period_is_what_its_own_request_gives(
    random_homes: list[tuple[Path, Path]],
) -> None:
    """Any period and conditions: every row and total of two requests, and nothing else."""
    for landing, home in random_homes:
        with open_published(home) as connection:
            assert rows_compared(connection, Oracle(landing, **REFERENCE)) > 0


def rows_compared(connection: duckdb.DuckDBPyConnection, reference: Oracle) -> int:
    """Try many requests; the number of rows that were the right ones."""
    rows = 0

    @seed(proof.SEED)
    @settings(
        max_examples=proof.cases(test=100, soak=500),
        deadline=None,
        database=None,
        derandomize=not proof.SOAK,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data(), periods)
    def try_one(data: st.DataObject, period: list[date]) -> None:
        nonlocal rows
        partner = data.draw(st.sampled_from(sorted(reference.partners())))
        accounts = sorted(reference.service_accounts(partner))
        request = Request(
            REPORTS[data.draw(st.sampled_from(COMPARABLE))],
            partner,
            period[0],
            period[1],
            account_type=data.draw(st.sampled_from(["both", "both", "partner", "customer"])),
            account=data.draw(st.sampled_from([None, None, *accounts])),
            basis=BASES[data.draw(st.sampled_from(list(BASES)))],
        )
        compare = data.draw(st.sampled_from(CONDITIONS["compare"].allowed))
        rows += check_compared(connection, reference, comparing(request, compare))
        proof.tried("compared requests checked against two of the reference")

    try_one()
    return rows
