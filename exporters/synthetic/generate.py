"""The command `generate`: writes a landing folder and prints what it holds."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.errors import RequestError
from exporters.synthetic import engine, events, focus, records
from exporters.synthetic.event_cases import EVENT_CASES
from exporters.synthetic.size import FEEDS, FIRST_DAY, LARGEST, Size, date_of, whole_number
from exporters.synthetic.tally import Tally
from exporters.terminal_table import counted, table

if TYPE_CHECKING:
    from concurrent.futures import Future


def run(arguments: argparse.Namespace) -> int:
    """Write the landing folder and print what it holds. Returns 0.

    Raises:
        RequestError: a number is not a whole number within its bounds, or the output is not a new
            or an empty folder; nothing is written.
        OSError, duckdb.Error: the folder could not be written; what was begun is removed.
    """
    numbers = {name: whole_number(name, getattr(arguments, name)) for name in LARGEST}
    output: Path = arguments.output
    if output.exists() and not output.is_dir():
        raise RequestError(f"--output {output} is not a folder")
    if output.is_dir() and any(output.iterdir()):
        raise RequestError(f"--output {output} is not empty; name a new or an empty folder")
    size = Size(**numbers)
    _print(size, output, write(size, output))
    return 0


def write(size: Size, output: Path) -> dict[str, Tally]:
    """Write a landing folder into `output`, a new or an empty folder; the tally of each feed.

    Works with a thread a core; memory does not grow with the number of events.
    """
    output.mkdir(parents=True, exist_ok=True)
    # A build passes this folder over, so that half a landing folder never looks like a whole one.
    draft = output / ".generating"
    draft.mkdir()
    try:
        tallies = _write_feeds(size, draft)
        for folder in draft.iterdir():
            folder.rename(output / folder.name)
    except BaseException:
        for feed in FEEDS:
            shutil.rmtree(output / feed, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return tallies


def _write_feeds(size: Size, folder: Path) -> dict[str, Tally]:
    """Share the batches out to a thread a core, each with an engine of its own."""
    from concurrent.futures import ThreadPoolExecutor

    tallies = {feed: Tally() for feed in FEEDS}
    jobs: list[engine.Job] = [
        *focus.jobs(size, folder / "focus", tallies["focus"]),
        partial(records.write_accounts, size, folder / "accounts", tallies["accounts"]),
        partial(records.write_discounts, size, folder / "discounts", tallies["discounts"]),
        *events.jobs(
            size.revenue, size.days, events.revenue_rows, folder / "revenue", tallies["revenue"]
        ),
        *events.jobs(
            size.credits, size.days, events.credit_rows, folder / "credits", tallies["credits"]
        ),
    ]
    engines = threading.local()

    def work(job: engine.Job) -> None:
        if not hasattr(engines, "connection"):
            engines.connection = engine.connect(size)
        job(engines.connection)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        try:
            for done in _progress([pool.submit(work, job) for job in jobs]):
                done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return tallies


def _progress(futures: list[Future[None]]) -> Iterable[Future[None]]:
    """The futures as they end, with a progress bar where somebody is looking."""
    from concurrent.futures import as_completed

    if not sys.stderr.isatty():
        return as_completed(futures)
    from tqdm import tqdm

    return tqdm(as_completed(futures), total=len(futures), desc="generate", unit="batch")


def _print(size: Size, output: Path, tallies: dict[str, Tally]) -> None:
    files = [path for path in output.rglob("*") if path.is_file()]
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    events = counted(size.events, "distinct event", "distinct events")
    partners = counted(size.partners, "partner", "partners")
    print(f"Wrote {output}: {counted(len(files), 'file', 'files')}, {megabytes:,.1f} MB")
    print(
        f"{events} ({size.credits:,} credits, {size.revenue:,} revenue) of "
        f"{partners} from {FIRST_DAY} to {date_of(size.days - 1)}, seed {size.seed}"
    )
    columns = ("rows", "accepted", "rejected", "ignored", "unattributed")
    rows = {feed: [getattr(tally, column) for column in columns] for feed, tally in tallies.items()}
    print("\nRows by what a build makes of them")
    _print_table(columns, rows)
    cases = list(dict.fromkeys(case.name for case in EVENT_CASES))
    print("\nEvents by what happens to them")
    _print_table(
        cases,
        {feed: [tallies[feed].cases[case] for case in cases] for feed in ("credits", "revenue")},
    )


def _print_table(headers: Sequence[str], rows: dict[str, list[int]]) -> None:
    columns = [("feed", False), *((header, True) for header in headers)]
    print(table(columns, [[feed, *numbers] for feed, numbers in rows.items()]))
