"""Dates and periods: read from text, and the earlier period for a comparison."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from exporters.errors import RequestError
from exporters.escaping import short

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def parse_date(flag: str, text: str) -> date:
    """A day from the text of an option.

    Raises:
        RequestError: it is not a real date `YYYY-MM-DD`.
    """
    if not _DATE.fullmatch(text):
        raise RequestError(
            f"{flag} {short(text)!r} is not a date: write YYYY-MM-DD, like 2024-01-31"
        )
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RequestError(f"{flag} {text!r} is not a day of the calendar: {error}") from error


def parse_period(from_date: str, to_date: str) -> tuple[date, date]:
    """First and last day of a period.

    Raises:
        RequestError: one of them is not a real date `YYYY-MM-DD`, or they are in wrong order.
    """
    start, end = parse_date("--from", from_date), parse_date("--to", to_date)
    if start > end:
        raise RequestError(f"--from {start} is after --to {end}: a period starts before it ends")
    return start, end


def parse_month(month: str) -> tuple[date, date]:
    """First and last day of a month, from the text of `--month`.

    Raises:
        RequestError: it is not `YYYY-MM`.
    """
    found = _MONTH.fullmatch(month)
    if found is None or found[1] == "0000":
        raise RequestError(f"--month {short(month)!r} is not a month: write YYYY-MM, like 2024-01")
    first = date(int(found[1]), int(found[2]), 1)
    return first, first.replace(day=_days_of_month(first))


def earlier_period(from_date: date, to_date: date, compare: str) -> tuple[date, date]:
    """First and last day of the period with which a period is compared.

    `year`: the same days one year earlier. 29 February becomes 28 February, and a period that
    ends with February does so in the other year too. `previous`: the period right before; of
    whole months as many whole months, else as many days.

    Raises:
        RequestError: the calendar begins later than that.
    """
    try:
        if compare == "year":
            start_of_month = from_date.replace(from_date.year - 1, day=1)
            end_of_month = to_date.replace(to_date.year - 1, day=1)
            first_day = min(from_date.day, _days_of_month(start_of_month))
            last_day = _days_of_month(end_of_month) if ends_month(to_date) else to_date.day
            return start_of_month.replace(day=first_day), end_of_month.replace(day=last_day)
        before = from_date - timedelta(1)
        if from_date.day == 1 and ends_month(to_date):
            months = 12 * from_date.year + from_date.month - 1
            count = 12 * to_date.year + to_date.month - months
            return date((months - count) // 12, (months - count) % 12 + 1, 1), before
        return before - (to_date - from_date), before
    except (ValueError, OverflowError):
        raise RequestError(
            f"--compare {compare}: the period before {from_date} to {to_date} would begin before "
            f"{date.min}, the first day of the calendar"
        ) from None


def ends_month(day: date) -> bool:
    """Whether a day is the last of its month."""
    return day.day == _days_of_month(day)


def _days_of_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]
