"""`--compare`: the earlier period beside the period, in every output and exact."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.conditions import earlier_period
from exporters.errors import RequestError

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
