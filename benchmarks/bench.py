"""What a build, a report and an export take, beside what else could be used in their place.

    python benchmarks/bench.py --profile quick|full [--only LINE]... [--data DIR] [--list]

Every line is a ratio of things that ran side by side in the same call: each in a process of its
own, turn by turn, the median of several turns. Results go to benchmarks/results/<profile>.md and
.json; lines that were measured in other calls stay in them. benchmarks/README.md says what each
line means.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import agreement, table
from benchmarks.data import COMMAND, PROJECT, Data, Size, folder_bytes
from benchmarks.measuring import (
    Failed,
    Run,
    highest_peak,
    measure,
    median_cpu_seconds,
    median_seconds,
)
from exporters.synthetic.size import FIRST_DAY
from exporters.warehouse.published import published_path

HERE = Path(__file__).resolve().parent
PYTHON = sys.executable
MB = 1_000_000


@dataclass(frozen=True)
class Profile:
    """How much is measured.

    Attributes:
        size: the landing folder of most lines.
        frames: that of the comparison with pandas and polars.
        larger: one with ten times the events, each day as large; None leaves its lines out.
        repeats: turns of everything that is not said to run once.
        short_repeats: turns of what takes less than a second or two.
        sheet_rows: rows of the workbook that is compared with other libraries.
        flat_rows: rows of a small and a large workbook, whose memory is compared.
        packs: partners of the pack, from the largest on; None for all.
        pack_rows: rows of all its workbooks together.
        requests: partners, months and repeats of the partner-month reports.
    """

    size: Size
    frames: Size
    larger: Size | None
    repeats: int
    short_repeats: int
    sheet_rows: int
    flat_rows: tuple[int, int]
    packs: int | None
    pack_rows: int
    requests: tuple[int, int, int]


_ONE_MILLION = Size(1_000_000, 100, 25_000)
PROFILES = {
    "tiny": Profile(
        size=Size(20_000, 10, 1_000),
        frames=Size(20_000, 10, 1_000),
        larger=None,
        repeats=1,
        short_repeats=1,
        sheet_rows=1_000,
        flat_rows=(500, 1_000),
        packs=2,
        pack_rows=1_000,
        requests=(2, 1, 1),
    ),
    "quick": Profile(
        size=_ONE_MILLION,
        frames=_ONE_MILLION,
        larger=None,
        repeats=3,
        short_repeats=5,
        sheet_rows=20_000,
        flat_rows=(20_000, 100_000),
        packs=8,
        pack_rows=40_000,
        requests=(8, 2, 3),
    ),
    "full": Profile(
        size=Size(10_000_000, 1_000, 100_000),
        frames=_ONE_MILLION,
        larger=Size(100_000_000, 1_000, 100_000),
        repeats=3,
        short_repeats=9,
        sheet_rows=1_000_000,
        flat_rows=(100_000, 1_000_000),
        packs=None,
        pack_rows=5_000_000,
        requests=(20, 3, 3),
    ),
}


@dataclass
class Side:
    """One of the things that run turn by turn.

    Attributes:
        prepare: makes everything ready and gives the command.
        check: looks at what the command made; raises Disagreement.
        once: it takes so long that it runs in the first turn only.
    """

    prepare: Callable[[], list[str]]
    check: Callable[[Run], None] = lambda run: None
    once: bool = False
    runs: list[Run] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """One line of the table: how `ours` compares with `other`.

    Attributes:
        ours, other: names of sides.
        target: what the ratio is to be: at most so much of the other's time, or, where `faster`,
            at least so many times as fast.
        less: a side whose time is taken off ours for the ratio (dbt's start-up), if any.
        memory: bytes that ours may take at most.
        flat: the ratio is that of peak memories, not of times.
    """

    name: str
    what: str
    against: str
    ours: str
    other: str
    target: float
    faster: bool = False
    less: str | None = None
    memory: int | None = None
    flat: bool = False


class Bench:
    """One call: the sides it can run and what they made."""

    def __init__(self, profile: Profile, folder: Path) -> None:
        self.profile = profile
        self.data = Data(folder)
        self.scratch = self.data.folder / "run"
        self.digests: dict[Size, agreement.Digest] = {}
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "PARTNER_REPORTS_HOME": str(self.scratch / "unused"),
        }

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have an empty scratch folder, and none afterwards."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        try:
            yield
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)

    # -- sides: builds

    def full(self, size: Size) -> Side:
        """A full build into an empty home."""
        home = self.scratch / f"home-{size.name}"

        def prepare() -> list[str]:
            landing = self.data.landing(size)
            shutil.rmtree(home, ignore_errors=True)
            return [COMMAND, "build", "--home", str(home), "--landing", str(landing)]

        def check(run: Run) -> None:
            del run
            self.digests[size] = agreement.of_published(published_path(home))
            self.data.keep_home(home, size)

        return Side(prepare, check, once=size.events > 20_000_000)

    def startup(self) -> Side:
        """A full build of next to nothing: what a build takes whatever it reads."""
        home = self.scratch / "home-startup"

        def prepare() -> list[str]:
            landing = self.data.landing(Size(20, 1, 20))
            shutil.rmtree(home, ignore_errors=True)
            return [COMMAND, "build", "--home", str(home), "--landing", str(landing)]

        return Side(prepare)

    def floor(self, size: Size) -> Side:
        """The hand-written script."""
        output = self.scratch / "floor.duckdb"

        def prepare() -> list[str]:
            output.unlink(missing_ok=True)
            landing = self.data.landing(size)
            return [PYTHON, str(HERE / "floor.py"), str(landing), str(output)]

        def check(run: Run) -> None:
            del run
            agreement.same(self._digest(size), agreement.of_floor(output), "the floor")

        return Side(prepare, check)

    def frames(self, library: str, size: Size) -> Side:
        """The sums with a data frame library."""
        output = self.scratch / library

        def prepare() -> list[str]:
            shutil.rmtree(output, ignore_errors=True)
            landing = self.data.landing(size)
            return [PYTHON, str(HERE / "dataframes.py"), library, str(landing), str(output)]

        def check(run: Run) -> None:
            del run
            agreement.close(self._digest(size), agreement.of_frames(output), library)

        return Side(prepare, check)

    def increment(self, size: Size) -> Side:
        """An incremental build of one more day."""

        def prepare() -> list[str]:
            home, landing = self.data.add_day(size)
            return [COMMAND, "build", "--home", str(home), "--landing", str(landing)]

        def check(run: Run) -> None:
            del run
            home = self.data.home(size)
            ((newest, days),) = _query(
                home,
                "select max(recorded_date), count(distinct recorded_date) from reports.batches "
                "where feed = 'revenue'",
            )
            if newest != self.data.newest_day(size) or days != (newest - FIRST_DAY).days + 1:
                raise agreement.Disagreement(f"{home} was built to {newest} in {days} days")

        return Side(prepare, check)

    def _digest(self, size: Size) -> agreement.Digest:
        if size not in self.digests:
            # Whatever days have been added since, a full build of the first ones is compared.
            self.data.forget_home(size)
            self.digests[size] = agreement.of_published(published_path(self.data.home(size)))
        return self.digests[size]

    # -- sides: exports

    def sheet(self, library: str, rows: int) -> Side:
        """One report as a workbook, by `partner-reports export` or a library."""
        output = self.scratch / f"{library}-{rows}.xlsx"

        def prepare() -> list[str]:
            home = self.data.home(self.profile.size)
            partner, first, last = largest_partner(home, rows)
            output.unlink(missing_ok=True)
            if library == "ours":
                return [
                    COMMAND, "export", "revenue-detail", "--home", str(home),
                    "--partner", partner, "--from", str(first), "--to", str(last),
                    "--output", str(output),
                ]  # fmt: skip
            return [
                PYTHON, str(HERE / "xlsx.py"), library, str(home), "revenue-detail", partner,
                str(first), str(last), str(output),
            ]  # fmt: skip

        return Side(prepare)

    def pack(self, in_turn: bool) -> Side:
        """The packs of many partners, by the command or one after another in one process."""
        output = self.scratch / ("packs-in-turn" if in_turn else "packs")

        def prepare() -> list[str]:
            home = self.data.home(self.profile.size)
            partners, first, last = packed_partners(home, self.profile)
            shutil.rmtree(output, ignore_errors=True)
            if in_turn:
                return [
                    PYTHON, str(HERE / "pack_in_turn.py"), str(home), str(output), str(first),
                    str(last), *partners,
                ]  # fmt: skip
            named = [] if self.profile.packs is None else partners
            return [
                COMMAND, "pack", "--home", str(home), "--from", str(first), "--to", str(last),
                "--output", str(output), *(f"--partner={partner}" for partner in named),
            ]  # fmt: skip

        def check(run: Run) -> None:
            del run
            partners, _, _ = packed_partners(self.data.home(self.profile.size), self.profile)
            made = len(list(output.glob("*/*.xlsx")))
            if made != len(partners):
                raise agreement.Disagreement(f"{made} packs for {len(partners)} partners")

        return Side(prepare, check)

    def small_export(self, ending: str) -> Side:
        """A month's balance of a small partner."""
        output = self.scratch / f"small.{ending}"

        def prepare() -> list[str]:
            home = self.data.home(self.profile.size)
            partner, first, last = small_partner(home)
            return [
                COMMAND, "export", "credit-balance", "--home", str(home), "--partner", partner,
                "--from", str(first), "--to", str(last), "--output", str(output),
            ]  # fmt: skip

        return Side(prepare)

    def nothing(self) -> Side:
        """A Python process that loads DuckDB."""
        return Side(lambda: [PYTHON, "-c", "import duckdb"])


# -- what to export ------------------------------------------------------------------------------


def _query(home: Path, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path(home)), read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def largest_partner(home: Path, rows: int) -> tuple[str, date, date]:
    """A partner and a period from its first day on in which it has about so many charges."""
    return _query(
        home,
        """
        with days as (
            select
                partner_id,
                event_date,
                min(event_date) over (partition by partner_id) as first_day,
                sum(sum(event_count)) over (partition by partner_id order by event_date) as so_far
            from reports.revenue_by_service
            group by partner_id, event_date
        )

        select partner_id, first_day, event_date
        from days
        order by abs(so_far - ?), partner_id
        limit 1
        """,
        [rows],
    )[0]


def packed_partners(home: Path, profile: Profile) -> tuple[list[str], date, date]:
    """The partners of the pack and a period in which they have about so many charges."""
    partners = [
        row[0]
        for row in _query(
            home,
            "select partner_id from reports.partners "
            "left join (select partner_id, sum(event_count) as charges "
            "from reports.revenue_by_service group by partner_id) using (partner_id) "
            "order by coalesce(charges, 0) desc, partner_id limit ?",
            [profile.packs or 1_000_000],
        )
    ]
    ((first, last),) = _query(
        home,
        """
        with days as (
            select
                event_date,
                min(event_date) over () as first_day,
                sum(sum(event_count)) over (order by event_date) as so_far
            from reports.revenue_by_service
            where list_contains(?, partner_id)
            group by event_date
        )

        select first_day, event_date from days order by abs(so_far - ?) limit 1
        """,
        [partners, profile.pack_rows],
    )
    return partners, first, last


def small_partner(home: Path) -> tuple[str, date, date]:
    """A partner in the middle of all by size, and the last whole month."""
    return _query(
        home,
        """
        with sizes as (
            select partner_id, row_number() over (order by sum(event_count), partner_id) as place
            from reports.credit_movements
            group by partner_id
        ),

        months as (
            select cast(date_trunc('month', max(event_date)) - interval 1 month as date) as month
            from reports.credit_movements
        )

        select partner_id, month, last_day(month)
        from sizes, months
        order by abs(place - (select max(place) from sizes) / 2)
        limit 1
        """,
    )[0]


# -- the lines -----------------------------------------------------------------------------------


def build_group(bench: Bench) -> tuple[dict[str, Side], list[Line]]:
    """Full and incremental builds of the profile's landing folder."""
    size, larger = bench.profile.size, bench.profile.larger
    many = table.number(size.events)
    sides = {
        "start-up": bench.startup(),
        "build": bench.full(size),
        "floor": bench.floor(size),
        "increment": bench.increment(size),
    }
    lines = [
        Line(
            "build-floor", f"full build of {many} events", "hand-written DuckDB script",
            "build", "floor", 2.0, less="start-up",
        ),
        Line(
            "incremental", f"incremental build of {table.number(size.events_per_day)} more events",
            f"full build of {many} events", "increment", "build", 0.1,
        ),
    ]  # fmt: skip
    if larger is not None:
        more = table.number(larger.events)
        sides["larger build"] = bench.full(larger)
        sides["larger increment"] = bench.increment(larger)
        lines += [
            Line(
                "growth", f"full build of {more} events", f"full build of {many} events",
                "larger build", "build", 12.0, memory=16_000 * MB,
            ),
            Line(
                "incremental-growth",
                f"incremental build of {table.number(size.events_per_day)} on {more} events",
                f"the same on {many} events", "larger increment", "increment", 1.5,
            ),
        ]  # fmt: skip
    return sides, lines


def frames_group(bench: Bench) -> tuple[dict[str, Side], list[Line]]:
    """The comparison with data frames."""
    size = bench.profile.frames
    sides = {
        "start-up": bench.startup(),
        "build of frames' size": bench.full(size),
        "pandas": bench.frames("pandas", size),
        "polars": bench.frames("polars", size),
    }
    if size == bench.profile.size:
        sides["build"] = sides.pop("build of frames' size")
    ours = "build" if size == bench.profile.size else "build of frames' size"
    return sides, [
        Line(
            library, f"full build of {table.number(size.events)} events", f"{library}, floats",
            ours, library, target, faster=True, less="start-up",
        )
        for library, target in (("pandas", 10.0), ("polars", 2.0))
    ]  # fmt: skip


def sheet_group(bench: Bench) -> tuple[dict[str, Side], list[Line]]:
    """Workbooks of one sheet."""
    rows, (few, many) = bench.profile.sheet_rows, bench.profile.flat_rows
    sides = {f"sheet {number}": bench.sheet("ours", number) for number in {rows, few, many}}
    sides["openpyxl"] = bench.sheet("openpyxl", rows)
    sides["xlsxwriter"] = bench.sheet("xlsxwriter", rows)
    what = f"xlsx export of {table.number(rows)} rows"
    return sides, [
        Line(
            "xlsx-openpyxl", what, "openpyxl, write-only, the same cells",
            f"sheet {rows}", "openpyxl", 10.0, faster=True, memory=400 * MB,
        ),
        Line(
            "xlsx-xlsxwriter", what, "XlsxWriter, constant memory, the same cells",
            f"sheet {rows}", "xlsxwriter", 8.0, faster=True, memory=400 * MB,
        ),
        Line(
            "xlsx-memory", f"peak memory, xlsx export of {table.number(many)} rows",
            f"{table.number(few)} rows", f"sheet {many}", f"sheet {few}", 1.2, memory=400 * MB,
            flat=True,
        ),
    ]  # fmt: skip


def pack_group(bench: Bench) -> tuple[dict[str, Side], list[Line]]:
    """Packs of many partners."""
    who = "all" if bench.profile.packs is None else str(bench.profile.packs)
    return {"pack": bench.pack(in_turn=False), "pack in turn": bench.pack(in_turn=True)}, [
        Line(
            "pack", f"pack of {who} partners, {table.number(bench.profile.pack_rows)} charges",
            "one after another in one process", "pack", "pack in turn", 1.7, faster=True,
            memory=2_000 * MB,
        )
    ]  # fmt: skip


def small_group(bench: Bench) -> tuple[dict[str, Side], list[Line]]:
    """Small exports, from the start of the process to its end."""
    sides = {"import duckdb": bench.nothing()}
    lines = []
    for ending in ("csv", "xlsx"):
        sides[f"small {ending}"] = bench.small_export(ending)
        lines.append(
            Line(
                f"small-{ending}", f"small {ending} export, whole process",
                'python -c "import duckdb"', f"small {ending}", "import duckdb", 4.0,
            )
        )  # fmt: skip
    return sides, lines


GROUPS = (build_group, frames_group, sheet_group, pack_group, small_group)


# -- running -------------------------------------------------------------------------------------


def run_lines(
    bench: Bench, sides: dict[str, Side], lines: Sequence[Line], repeats: int
) -> Iterator[table.Row]:
    """Run what the lines need turn by turn; after every turn a row each of all runs so far."""
    wanted = {name for line in lines for name in (line.ours, line.other, line.less)}
    needed = {name: side for name, side in sides.items() if name in wanted}
    for turn in range(repeats):
        for name, side in needed.items():
            if side.once and turn > 0:
                continue
            command = side.prepare()
            print(f"  {turn + 1}/{repeats} {name}", end="", file=sys.stderr, flush=True)
            run = measure(command, bench.environment, bench.scratch)
            figures = f"{run.seconds:.2f} s, CPU {run.cpu_seconds:.2f} s"
            print(f": {figures}, {run.peak_bytes / MB:,.0f} MB", file=sys.stderr)
            side.check(run)
            side.runs.append(run)
        for line in lines:
            yield row_of(line, needed)


def row_of(line: Line, sides: dict[str, Side]) -> table.Row:
    """The row of a line whose sides have run."""
    ours, other = sides[line.ours].runs, sides[line.other].runs
    seconds, other_seconds = median_seconds(ours), median_seconds(other)
    peak, other_peak = highest_peak(ours), highest_peak(other)
    cpu, other_cpu = median_cpu_seconds(ours), median_cpu_seconds(other)
    notes = []
    compared = seconds
    if line.less is not None:
        start = median_seconds(sides[line.less].runs)
        compared = max(seconds - start, 0.001)
        cpu = max(cpu - median_cpu_seconds(sides[line.less].runs), 0.001)
        whole = other_seconds / seconds if line.faster else seconds / other_seconds
        notes.append(f"dbt's start-up of {start:.1f} s taken off; {whole:.2f} x with it")
    if line.flat:
        ratio = peak / other_peak
    else:
        ratio = other_seconds / compared if line.faster else compared / other_seconds
        notes.append(f"CPU {other_cpu / cpu if line.faster else cpu / other_cpu:.2f} x")
    met = ratio >= line.target if line.faster else ratio <= line.target
    target = f"at {'least' if line.faster else 'most'} {line.target:g} x"
    if line.faster:
        target += " as fast"
    if line.memory is not None:
        met = met and peak <= line.memory
        target += f", {line.memory / MB:,.0f} MB"
    counts = {name: len(sides[name].runs) for name in (line.ours, line.other)}
    if min(counts.values()) < 3:
        runs = ", ".join(f"{name} {count}" for name, count in counts.items())
        notes.append(f"fewer runs than three ({runs})")
    return table.Row(
        name=line.name,
        what=line.what,
        against=line.against,
        ours=table.bytes_text(peak) if line.flat else table.seconds_text(seconds),
        other=table.bytes_text(other_peak) if line.flat else table.seconds_text(other_seconds),
        ratio=ratio,
        target=target,
        met=met,
        peak_bytes=peak,
        note="; ".join(notes),
        runs={
            name: [run.as_json() for run in sides[name].runs]
            for name in (line.ours, line.other, line.less)
            if name is not None
        },
    )


def report_rows(bench: Bench) -> Iterator[table.Row]:
    """Partner-month reports in a warm process, each of the seven."""
    size = bench.profile.larger or bench.profile.size
    home = bench.data.home(size)
    numbers = [str(number) for number in bench.profile.requests]
    run = measure(
        [PYTHON, str(HERE / "reports.py"), str(home), *numbers], bench.environment, bench.scratch
    )
    for report, figures in json.loads(run.output.splitlines()[-1]).items():
        ratio = figures["ours_sum"] / figures["by_hand_sum"]
        p95 = figures["answer_p95"]
        yield table.Row(
            name=f"report-{report}",
            what=f"{report} of a partner's month, {table.number(size.events)} events, warm",
            against="query by hand",
            ours=table.seconds_text(figures["ours_sum"] / figures["requests"]),
            other=table.seconds_text(figures["by_hand_sum"] / figures["requests"]),
            ratio=ratio,
            target="at most 1.2 x, p95 0.3 s",
            met=ratio <= 1.2 and p95 <= 0.3,
            peak_bytes=run.peak_bytes,
            note=(
                f"means of {figures['requests']:.0f} requests; medians "
                f"{table.seconds_text(figures['ours_p50'])} and "
                f"{table.seconds_text(figures['by_hand_p50'])}; rows and totals p95 "
                f"{table.seconds_text(p95)}"
            ),
            runs={"figures": [figures]},
        )


def published_row(bench: Bench) -> table.Row:
    """Bytes of the published file against raw Parquet of the same events."""
    size = bench.profile.size
    landing = bench.data.landing(size)
    published = bench.data.published_bytes(size)
    raw = bench.scratch / "raw"
    agreement.write_raw_parquet(landing, raw)
    raw_bytes, delivered = folder_bytes(raw), folder_bytes(landing)
    ratio = published / raw_bytes
    return table.Row(
        name="published",
        what=f"bytes of the published file, {table.number(size.events)} events",
        against="the delivered rows as one Parquet file (zstd) a feed",
        ours=table.bytes_text(published),
        other=table.bytes_text(raw_bytes),
        ratio=ratio,
        target="at most 2.5 x",
        met=ratio <= 2.5,
        peak_bytes=None,
        note=f"landing folder {table.bytes_text(delivered)}: {published / delivered:.2f} x of that",
        runs={},
    )


def measured(bench: Bench, wanted: Callable[[str], bool]) -> Iterator[table.Row]:
    """The rows of all wanted lines, group by group."""
    groups = [group(bench) for group in GROUPS]
    if bench.profile.frames == bench.profile.size:
        # One build serves both comparisons.
        (sides, lines), (more_sides, more_lines), *others = groups
        groups = [({**sides, **more_sides}, [*lines, *more_lines]), *others]
    for sides, lines in groups:
        chosen = [line for line in lines if wanted(line.name)]
        if chosen:
            short = all(line.name.startswith("small-") for line in lines)
            repeats = bench.profile.short_repeats if short else bench.profile.repeats
            yield from run_lines(bench, sides, chosen, repeats)
    if wanted("published"):
        yield published_row(bench)
    if wanted("reports"):
        yield from report_rows(bench)


def line_names(bench: Bench) -> list[str]:
    """Names that --only takes."""
    names = [line.name for group in GROUPS for line in group(bench)[1]]
    return [*names, "published", "reports"]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and write the table; the exit status."""
    parser = argparse.ArgumentParser(description="Benchmarks of the project.")
    parser.add_argument("--profile", choices=list(PROFILES), default="quick")
    parser.add_argument("--only", action="append", metavar="LINE", help="may be repeated")
    parser.add_argument("--data", type=Path, default=PROJECT / "var" / "bench", metavar="DIR")
    parser.add_argument("--list", action="store_true", help="print the names of the lines")
    parser.add_argument("--results", type=Path, default=HERE / "results", metavar="DIR")
    arguments = parser.parse_args(argv)
    bench = Bench(PROFILES[arguments.profile], arguments.data)
    names = line_names(bench)
    if arguments.list:
        print("\n".join(names))
        return 0
    for name in arguments.only or ():
        if name not in names:
            parser.error(f"unknown line {name!r}: allowed are {', '.join(names)}")
    results = table.Results(arguments.results, arguments.profile, bench.profile)
    try:
        with bench.running():
            for row in measured(bench, lambda name: name in (arguments.only or names)):
                results.add(row)
    except (Failed, agreement.Disagreement) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(results.markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main())
