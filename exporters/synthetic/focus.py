"""The FOCUS feed: the month to date once a week; after its end the whole month, restated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.synthetic import engine
from exporters.synthetic.size import FIRST_DAY, Size, date_of
from exporters.synthetic.tally import Tally, count_remainder

if TYPE_CHECKING:
    import duckdb

FOCUS_BILLING_ACCOUNTS = 3
EVENTS_PER_FOCUS_LINE = 100
FOCUS_GONE, FOCUS_NEW, FOCUS_CHANGED, FOCUS_BROKEN = 11, 37, 61, 89  # of 100 lines


def jobs(size: Size, folder: Path, tally: Tally) -> Iterator[engine.Job]:
    """A job for each delivery: the month to date, and the whole month before when it is over."""
    accounts = min(FOCUS_BILLING_ACCOUNTS, size.partners)
    account_lines = max(size.events // EVENTS_PER_FOCUS_LINE // size.days // accounts, 1)
    day_lines = accounts * account_lines

    def lines(first_day: int, last_day: int, *remainders: int) -> int:
        """Lines of days from `first_day` to before `last_day`: all of them, or those only."""
        if not remainders:
            return (last_day - first_day) * day_lines
        bounds = first_day * day_lines, last_day * day_lines
        return sum(count_remainder(*bounds, remainder, 100) for remainder in remainders)

    month_start = known_until = 0
    for day in range(size.days):
        if day % 7 != 6 and day != size.days - 1:
            continue
        parts = []
        this_month = max((date_of(day).replace(day=1) - FIRST_DAY).days, 0)
        if this_month > month_start:
            restated = FOCUS_NEW, FOCUS_CHANGED, FOCUS_BROKEN
            rows = lines(month_start, this_month) - lines(month_start, this_month, FOCUS_GONE)
            tail = lines(known_until, this_month) - lines(known_until, this_month, FOCUS_GONE)
            accepted = tail + lines(month_start, known_until, *restated)
            tally.accepted += accepted
            tally.ignored += rows - accepted
            parts.append((month_start * day_lines, this_month * day_lines, True))
            month_start = known_until = this_month
        rows = lines(month_start, day + 1) - lines(month_start, day + 1, FOCUS_NEW)
        broken = lines(month_start, day + 1, FOCUS_BROKEN)
        accepted = lines(known_until, day + 1) - lines(
            known_until, day + 1, FOCUS_NEW, FOCUS_BROKEN
        )
        tally.accepted += accepted
        tally.rejected += broken
        tally.ignored += rows - broken - accepted
        parts.append((month_start * day_lines, (day + 1) * day_lines, False))
        known_until = day + 1
        yield partial(_write, folder, day, parts, accounts, account_lines)


def _write(
    folder: Path,
    day: int,
    parts: Sequence[tuple[int, int, bool]],
    accounts: int,
    account_lines: int,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Write one delivery. `parts` are ranges of lines and whether they are restated."""
    lines = "\nunion all\n".join(
        engine.query(
            "focus_lines.sql",
            first=first,
            last=last,
            is_final=is_final,
            day_lines=accounts * account_lines,
            account_lines=account_lines,
            accounts=accounts,
            left_out=FOCUS_GONE if is_final else FOCUS_NEW,
        )
        for first, last, is_final in parts
    )
    rows = engine.query("focus.sql", lines=lines, changed=FOCUS_CHANGED, broken=FOCUS_BROKEN)
    path = folder / f"batch={date_of(day)}" / "focus.csv.gz"
    engine.copy(connection, rows, path, f"{engine.CSV_GZ}, nullstr 'NULL'")
