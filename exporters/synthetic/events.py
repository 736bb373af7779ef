"""The feeds of credits and revenue: two files a day, events that come in time and odd rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exporters.synthetic import engine
from exporters.synthetic.event_cases import (
    IN_TIME,
    SLOTS,
    UNKNOWN_ACCOUNT,
    Delivery,
    count_case,
)
from exporters.synthetic.size import date_of
from exporters.synthetic.tally import Tally, count_remainder

if TYPE_CHECKING:
    import duckdb

STORY = 16  # credit events that tell a day of a customer

_IS_UNKNOWN = f"event % 1000 = {next(slot for slot, case in SLOTS if case is UNKNOWN_ACCOUNT)}"
_NOT_IN_TIME = [remainder for remainder, case in SLOTS if case.deliveries[0] != IN_TIME]


class Slice(NamedTuple):
    """One delivery of every thousandth event from `first` to before `last`.

    They happened on `day`, whose `day_events` events begin with number `day_first`.
    """

    first: int
    last: int
    day: int
    day_first: int
    day_events: int
    delivery: Delivery


def jobs(
    total: int, days: int, rows: Callable[[str, bool], str], folder: Path, tally: Tally
) -> Iterator[engine.Job]:
    """A job for each day of one feed. `rows` is a query for deliveries: as text, or with types."""
    bounds = [total * day // days for day in range(days + 1)]
    odd_rows: list[list[Slice]] = [[] for _ in range(days)]
    tally.accepted = total
    for day, (first, last) in enumerate(pairwise(bounds)):
        for remainder, case in SLOTS:
            events = count_remainder(first, last, remainder, 1000)
            if events == 0:
                continue
            match = first + (remainder - first) % 1000
            arrivals = []
            for number, delivery in enumerate(case.deliveries):
                arrival = min(day + delivery.after, days - 1)
                is_odd = number > 0 or delivery != IN_TIME
                arrivals.append((arrival, is_odd and _has_second_batch(arrival)))
                if is_odd:
                    odd_rows[arrival].append(Slice(match, last, day, first, last - first, delivery))
            count_case(tally, case, arrivals, events)
    for day, (first, last) in enumerate(pairwise(bounds)):
        yield partial(_write_day, rows, folder, day, (first, last), odd_rows[day])


def _has_second_batch(day: int) -> bool:
    """Whether the odd rows of the day come in a batch of their own, in the evening."""
    return day % 7 == 3


def _write_day(
    rows: Callable[[str, bool], str],
    folder: Path,
    day: int,
    bounds: tuple[int, int],
    odd_rows: Sequence[Slice],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Write the files of one day: the events that come in time, and the odd rows."""
    first, last = bounds
    late = sum(count_remainder(first, last, remainder, 1000) for remainder in _NOT_IN_TIME)
    if last - first > late:
        deliveries = engine.query(
            "events_in_time.sql",
            day=day,
            first=first,
            last=last,
            events=last - first,
            not_in_time=", ".join(map(str, _NOT_IN_TIME)),
        )
        path = folder / f"batch={date_of(day)}" / f"{folder.name}.parquet"
        engine.copy(connection, rows(deliveries, False), path, engine.PARQUET)
    if odd_rows:
        slices = ", ".join(
            f"({first}, {last}, {happened}, {day_first}, {day_events}, "
            f"{delivery.version}, '{delivery.operation}', {delivery.is_broken})"
            for first, last, happened, day_first, day_events, delivery in odd_rows
        )
        deliveries = engine.query("odd_events.sql", slices=slices)
        batch = f"batch={date_of(day)}{'T180000' if _has_second_batch(day) else ''}"
        path = folder / batch / f"{folder.name}_odd.csv"
        engine.copy(connection, rows(deliveries, True), path, engine.CSV)


_AMOUNTS_AS_TEXT = """
    case fault when 0 then '1,250,000' else cast(list_amount as varchar) end as list_amount,
    cast(discount_amount as varchar) as discount_amount,
    cast(net_amount + case fault when 1 then 1 else 0 end as varchar) as net_amount,
    cast(tax_amount as varchar) as tax_amount,
    case fault when 2 then '31/01/2024 10:00' else local_text(day, second) end as occurred_at,
    local_text(order_day, 34200) as ordered_at
"""
_NATIVE_AMOUNTS = """
    cast(list_amount as decimal(18, 8)) as list_amount,
    cast(discount_amount as decimal(18, 8)) as discount_amount,
    cast(net_amount as decimal(18, 8)) as net_amount,
    cast(tax_amount as decimal(18, 8)) as tax_amount,
    instant(day, second) as occurred_at,
    instant(order_day, 34200) as ordered_at
"""


def revenue_rows(deliveries: str, as_text: bool) -> str:
    """A query for the rows of the revenue feed for deliveries of events."""
    return engine.query(
        "revenue.sql",
        deliveries=deliveries,
        is_unknown=_IS_UNKNOWN,
        amounts_and_times=_AMOUNTS_AS_TEXT if as_text else _NATIVE_AMOUNTS,
    )


def credit_rows(deliveries: str, as_text: bool) -> str:
    """A query for the rows of the credits feed: all of them text, in any file."""
    return engine.query(
        "credits.sql", deliveries=deliveries, is_unknown=_IS_UNKNOWN, story_events=STORY
    )
