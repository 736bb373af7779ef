"""Builds and exports that are killed, run out of space or may not write: nothing is half done.

What is killed is the real command in a process of its own. When a kill comes is partly chance;
what must hold after it is not: the published file is whole, and the next build makes it what an
undisturbed build would have made it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from support.comparing import Exports, all_exports, in_steps
from support.homes import build
from support.proof import SEED, SOAK, amount, cases, tried
from support.scenarios import write_landing

from exporters.cli import app
from exporters.warehouse.publish import publish

COMMAND = str(Path(sys.executable).with_name("partner-reports"))
FROM, TO = date(2023, 1, 1), date(2025, 12, 31)
WHOLE = (f"--from={FROM}", f"--to={TO}")

Content = dict[str, tuple[object, ...]]


@dataclass(frozen=True)
class Step:
    """A landing folder, the home that undisturbed builds have made of it, and what is in it."""

    landing: Path
    home: Path
    content: Content

    @cached_property
    def exports(self) -> Exports:
        return exports(self.home)


@dataclass(frozen=True)
class Bench:
    """One place for all builds, so that dbt need not parse the project for each of them anew."""

    home: Path
    landing: Path
    steps: list[Step]

    def lay(self, home: Step | None, landing: Step) -> None:
        """Lay out the home as one step left it (None: an empty one) and the landing of another."""
        for folder in (self.home, self.landing):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(landing.landing, self.landing)
        if home is None:
            self.home.mkdir()
        else:
            shutil.copytree(home.home, self.home)

    def build(self, *options: str) -> int:
        return build(self.home, self.landing, *options)

    @property
    def command(self) -> tuple[str, ...]:
        return ("build", "--home", str(self.home), "--landing", str(self.landing))

    @property
    def log(self) -> Path:
        """Where the output of builds that are killed goes."""
        return self.home.with_name("log")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A nasty landing folder that grows, built after each portion by undisturbed builds."""
    folder = tmp_path_factory.mktemp("bench")
    bench = Bench(folder / "home", folder / "landing", [])
    write_landing(Random(SEED), folder / "all")
    for number, _ in enumerate(in_steps(folder / "all", bench.landing, amount(2, 5))):
        # So that its compiled identities are those of the whole ledger.
        assert bench.build("--prove-everything") == 0
        landing, home = folder / f"landing-{number}", folder / f"home-{number}"
        shutil.copytree(bench.landing, landing)
        shutil.copytree(bench.home, home)
        bench.steps.append(Step(landing, home, content(home)))
    # Or nothing could be told from one another below.
    versions = {str(step.content["reports.build_info"]) for step in bench.steps}
    assert len(versions) == len(bench.steps)
    return bench


def published_file(home: Path) -> Path:
    return home / "published" / "marts.duckdb"


def content(home: Path) -> Content:
    """A count and a checksum of the rows of every published table and view.

    Left out is what tells when something was built or recorded.
    """
    with duckdb.connect(str(published_file(home)), read_only=True) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name, string_agg(column_name, ', ') "
            "from duckdb_columns() where not internal "
            "and column_name not in ('built_at', 'recorded_at') group by all order by all"
        ).fetchall()
        return {
            name: connection.execute(
                f"select count(*), sum(cast(hash({columns}) as hugeint)) from {name}"
            ).fetchall()[0]
            for name, columns in names
        }


def exports(home: Path) -> Exports:
    """The CSV text of every report of every partner on both bases."""
    with duckdb.connect(str(published_file(home)), read_only=True) as connection:
        rows = connection.execute("select partner_id from reports.partners order by 1").fetchall()
    return all_exports(home, home.with_name("export.csv"), [row[0] for row in rows], [(FROM, TO)])


def broken_identities(file: Path, built: Path) -> dict[str, int]:
    """Names of the identities that do not hold in a published file, with the rows that say so.

    They are the project's own tests, as the build of the home `built` has compiled them.
    """
    compiled = built / "target" / "compiled" / "partner_reports"
    counts = (compiled / "models/marts/quality/int_batches__outcomes.sql").read_text("utf-8")
    counts = counts.replace('"warehouse".', "")
    identities = sorted((compiled / "tests" / "identities").glob("*.sql"))
    assert len(identities) == 8
    broken = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        for identity in identities:
            statement = identity.read_text("utf-8")
            # What they use and what is not published: a view, and the batches to be tested.
            for relation, query in (
                ("reports.int_batches__outcomes", counts),
                ("ledger.int_batches__of_this_build", "select * from intake.landing_files"),
            ):
                schema, name = relation.split(".")
                statement = statement.replace(f'"work"."{schema}"."{name}"', f"(\n{query}\n)")
            rows = connection.execute(statement).fetchall()
            if rows:
                broken[identity.stem] = len(rows)
    return broken


def run(*arguments: str, through: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, until it ends."""
    return subprocess.run(
        [*through, COMMAND, *arguments], text=True, capture_output=True, timeout=300
    )


@contextlib.contextmanager
def started(log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The real command at work, killed at the end of the block if it still is.

    It must not have failed by itself.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [COMMAND, *arguments], stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            # Nobody waits for it before this line, so the group is still its own.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode in (0, -signal.SIGKILL), log.read_text("utf-8")


def ended(process: subprocess.Popen[Any]) -> bool:
    """Whether it has ended, without taking its exit status from who waits for it."""
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, flags) is not None


def complaint(status: int, message: str, *words: str) -> None:
    """What a failure that is nobody's bug looks like."""
    assert status == 1, message
    assert "partner-reports: " in message
    assert "Traceback" not in message and "Logging error" not in message
    assert any(word in message for word in words), message


NO_SPACE = ("No space left on device", "File too large")
NO_RIGHT = ("Read-only file system", "Permission denied")


# --- killed builds -------------------------------------------------------------------------


def signature(paths: list[Path]) -> list[tuple[int, int] | None]:
    """What changes whenever a file comes, goes or grows."""
    found: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            stat = path.stat()
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((stat.st_ino, stat.st_size))
    return found


@dataclass(frozen=True)
class Aim:
    """When a build is to be killed: after so many changes of what a phase writes, and a while."""

    phase: str
    changes: int
    seconds: float

    def files(self, home: Path) -> list[Path]:
        if self.phase == "publishing":
            return list((home / "published").glob(".*"))
        name = {
            "start": "build.lock",
            "models": "logs/dbt.log",
            "tables": "warehouse.duckdb.wal",
            "end": "target/run_results.json",
        }[self.phase]
        return [home / name]


def draw_aim(rng: Random, phase: str) -> Aim:
    """A moment of a phase; the ranges are about what an undisturbed build shows."""
    if phase == "start":
        return Aim(phase, 0, rng.uniform(0, 3))
    if phase == "end":
        return Aim(phase, 1, rng.uniform(0, 0.06))
    if phase == "publishing":
        return Aim(phase, rng.randrange(1, 4), rng.choice([0, rng.uniform(0, 0.03)]))
    changes = {"models": 250, "tables": 60}[phase]
    return Aim(phase, rng.randrange(1, changes), rng.choice([0, rng.uniform(0, 0.003)]))


def wait_for(aim: Aim, home: Path, process: subprocess.Popen[Any]) -> None:
    """Wait for the moment that is aimed at, at most until the build has published or ended."""
    published = signature([published_file(home)])
    last = signature(aim.files(home))
    changes = 0
    while changes < aim.changes and not ended(process):
        time.sleep(0.0002 if aim.phase == "publishing" else 0.001)
        if signature([published_file(home)]) != published:
            break
        now = signature(aim.files(home))
        changes += now != last
        last = now
    time.sleep(aim.seconds)


def kill(bench: Bench, aim: Aim, *options: str) -> str:
    """Kill a build at the moment that is aimed at, or when it has just published.

    What it was doing, by what it left.
    """
    home = bench.home
    traces = {
        "just after they published": [published_file(home)],
        "while they closed the ledger": [home / "target/run_results.json"],
        "while they wrote the ledger": [home / "warehouse.duckdb", home / "warehouse.duckdb.wal"],
    }
    before = {what: stamps(paths) for what, paths in traces.items()}
    left = drafts(home)
    with started(bench.log, *bench.command, *options) as process:
        wait_for(aim, home, process)
    if process.returncode == 0:
        return "not at all: they had ended"
    if drafts(home) - left:
        return "while they published"
    for what, paths in traces.items():
        if stamps(paths) != before[what]:
            return what
    return "before they touched the ledger"


def drafts(home: Path) -> set[Path]:
    """Files that were to be published, of builds that were killed too."""
    return set((home / "published").glob(".*.tmp"))


def stamps(paths: list[Path]) -> list[int | None]:
    return [path.stat().st_mtime_ns if path.exists() else None for path in paths]


@pytest.mark.proof
def test_killed_builds_leave_a_whole_file_and_the_next_build_makes_up_for_them(
    bench: Bench,
) -> None:
    rng = Random(SEED)
    phases = ["publishing", "models", "tables"]
    if SOAK:
        phases += ["publishing", "models", "publishing", "start", "models", "publishing", "end"]
    wanted = cases(3, 110)
    outcomes: Counter[str] = Counter()
    kills = 0
    while kills < wanted:
        number = rng.randrange(len(bench.steps)) if SOAK else 1
        before, after = bench.steps[number - 1] if number else None, bench.steps[number]
        bench.lay(before, after)
        history = []
        for _ in range(min(rng.randint(1, 5) if SOAK else wanted, wanted - kills)):
            aim = draw_aim(rng, phases[kills % len(phases)])
            options = ["--full-refresh"] if aim.phase == "tables" or rng.random() < 0.2 else []
            outcome = kill(bench, aim, *options)
            outcomes[outcome] += 1
            kills += not outcome.startswith("not")
            history.append((aim, options, outcome))
            check_published(bench.home, [before, after], (SEED, number, history))
        assert bench.build() == 0, (SEED, number, history)
        assert exports(bench.home) == after.exports, (SEED, number, history)
        assert content(bench.home) == after.content, (SEED, number, history)
        assert os.listdir(bench.home / "published") == ["marts.duckdb"]
        tried("builds after killed ones that converged")
    for outcome, times in outcomes.items():
        tried(f"builds killed {outcome}", times)


def check_published(home: Path, complete: Sequence[Step | None], history: object) -> None:
    """The published file is one of the complete versions, and its figures add up.

    None among them stands for a home in which nothing is published.
    """
    steps = [step for step in complete if step is not None]
    if published_file(home).exists():
        assert content(home) in [step.content for step in steps], history
        assert broken_identities(published_file(home), steps[-1].home) == {}, history
    else:
        assert None in complete, history


def test_the_check_of_a_published_file_sees_what_is_wrong(bench: Bench, tmp_path: Path) -> None:
    step = bench.steps[-1]
    losses = {
        "ledger.fct_credit_entries": "no_money_is_lost",
        "reports.credit_balance": "balances_roll_forward",
        "ledger.fct_revenue_entries": "revenue_reports_agree",
        "ledger.fct_revenue_daily": "days_are_the_entries",
        "ledger.fct_credit_daily": "no_money_is_lost",
        "reports.rejected_rows": "every_row_of_a_file",
        "ledger.event_voids": "every_row_of_a_file",
    }
    for number, (table, identity) in enumerate(losses.items()):
        home = tmp_path / str(number)
        (home / "published").mkdir(parents=True)
        shutil.copyfile(published_file(step.home), published_file(home))
        with duckdb.connect(str(published_file(home))) as connection:
            lost = connection.execute(f"delete from {table}").fetchall()[0][0]
        assert lost > 0, f"choose another PARTNER_REPORTS_SEED: {table} is empty"
        assert content(home) != step.content
        broken = broken_identities(published_file(home), step.home)
        assert any(identity in name for name in broken), (table, broken)


@pytest.mark.proof
def test_a_full_refresh_that_is_killed_while_it_forgets_leaves_nothing_to_mix(
    bench: Bench,
) -> None:
    """It forgets all of the old ledger or nothing, and the next build goes on from there.

    Batches have gone from the landing folder, which only a full refresh takes note of.
    """
    rng = Random(SEED)
    less, more = bench.steps[:2]
    for number in range(cases(1, 4)):
        bench.lay(more, less)
        # Tables that are dropped are the first that a full refresh does to the ledger.
        aim = Aim("tables", rng.randrange(1, 50) if number else 25, 0)
        outcome = kill(bench, aim, "--full-refresh", "--forget-missing")
        check_published(bench.home, [less, more], (SEED, number, outcome))
        assert bench.build() == 0, (SEED, number, aim, outcome)
        check_published(bench.home, [less, more], (SEED, number, outcome))
        tried("full refreshes killed that left nothing to mix")


# --- builds that are interrupted -----------------------------------------------------------

# The command without dbt, which comes to publishing at once.
PUBLISH = """
import sys
from exporters.cli import app as cli
from exporters.warehouse import build
build._dbt_build = lambda *arguments: None
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.proof
def test_an_interrupted_build_says_so_and_publishes_nothing(bench: Bench) -> None:
    rng = Random(SEED)
    before, after = bench.steps[:2]
    for number in range(cases(4, 30)):
        with_dbt = number % 4 == 0
        bench.lay(before, after)
        if not with_dbt:
            shutil.copyfile(after.home / "warehouse.duckdb", bench.home / "warehouse.duckdb")
        aim = draw_aim(rng, "tables" if with_dbt else "publishing")
        command = [COMMAND] if with_dbt else [sys.executable, "-c", PUBLISH]
        process = subprocess.Popen(
            [*command, *bench.command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        wait_for(aim, bench.home, process)
        process.send_signal(signal.SIGINT)
        message = process.communicate()[1]
        if content(bench.home) == after.content:  # it came too late
            continue
        assert content(bench.home) == before.content, (SEED, number, aim)
        assert process.returncode == 130, (SEED, number, aim, message)
        assert message == "partner-reports: interrupted\n", (SEED, number, aim)
        assert os.listdir(bench.home / "published") == ["marts.duckdb"]
        tried(f"builds interrupted while they {'built' if with_dbt else 'published'}")


# --- exports that are killed ---------------------------------------------------------------


@pytest.mark.proof
def test_a_killed_export_or_pack_leaves_nothing_half_written_under_its_name(
    bench: Bench, tmp_path: Path
) -> None:
    rng = Random(SEED)
    home = bench.steps[-1].home
    partner = busiest_partner(home)
    folder, whole = tmp_path / "killed", tmp_path / "whole"
    requests: list[tuple[str, ...]] = [
        ("export", "revenue-detail", "--partner", partner, *WHOLE, "--output", f"x.{ending}")
        for ending in ("xlsx", "csv", "json", "parquet")
    ]
    requests.append(("pack", *WHOLE, "--output", "packs"))

    def at(base: Path, request: tuple[str, ...]) -> tuple[str, ...]:
        return (*request[:-1], str(base / request[-1]), "--home", str(home))

    for request in requests:
        assert app.main(at(whole, request)) == 0
    expected = files(whole)
    assert len(expected) > len(requests)
    for number in range(cases(5, 30)):
        request = requests[number % len(requests)]
        shutil.rmtree(folder, ignore_errors=True)
        # What is there already: nothing, or an older file that is whole.
        older = {} if rng.random() < 0.5 else {name: b"an older file" for name in expected}
        for name, old in older.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(old)
        changes, seconds = rng.randrange(5), rng.choice([0, rng.uniform(0, 0.02)])
        with started(tmp_path / "log", *at(folder, request)) as process:
            seen = 0
            last = files(folder, hidden=True)
            while seen < changes and not ended(process):
                time.sleep(0.0005)
                now = files(folder, hidden=True)
                seen += now != last
                last = now
            time.sleep(seconds)
        for name, found in files(folder).items():
            assert found in (expected[name], older.get(name)), (SEED, number, name)
        leftovers = [path for path in folder.rglob("*") if path.name.endswith(".tmp")]
        wrote = bool(leftovers)
        for place in {(folder / name).parent for name in expected if name.startswith(request[-1])}:
            place.mkdir(parents=True, exist_ok=True)
            leftovers.append(place / ".0123456789abcdef.tmp")
            leftovers[-1].touch()
            (place / ".fedcba9876543210.tmp").touch()
        for path in leftovers:
            os.utime(path, (1, 1))
        assert app.main(at(folder, request)) == 0
        # What a killed one left goes when it is old enough to be nobody's, and no sooner.
        assert not any(path.exists() for path in leftovers)
        assert len(list(folder.rglob(".fedcba9876543210.tmp"))) > 0
        written = [name for name in expected if name.startswith(request[-1])]
        assert [files(folder)[name] for name in written] == [expected[name] for name in written]
        if process.returncode != 0:
            tried(f"exports killed {'while they wrote' if wrote else 'before or after they wrote'}")


def busiest_partner(home: Path) -> str:
    with duckdb.connect(str(published_file(home)), read_only=True) as connection:
        partner: str = connection.execute(
            "select partner_id from reports.revenue_detail group by all order by count(*) desc, 1"
        ).fetchall()[0][0]
        return partner


def files(folder: Path, hidden: bool = False) -> dict[str, bytes]:
    """The content of every file below a folder, by its path there."""
    found = {}
    for path in folder.rglob("*"):
        # Hidden ones come and go.
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and (hidden or not path.name.startswith(".")):
                found[str(path.relative_to(folder))] = path.read_bytes()
    return found


# --- no space, no right to write -----------------------------------------------------------


MOUNTS = (
    os.geteuid() == 0
    and shutil.which("unshare") is not None
    and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0
)
needs_mount = pytest.mark.skipif(not MOUNTS, reason="only root may mount")


@contextlib.contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[None]:
    """Something mounted at a folder, which is what it was at the end of the block."""
    subprocess.run(["mount", *arguments, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def tiny_disk(folder: Path, free: int) -> Iterator[None]:
    """A folder, its content included, on a file system with so many bytes free."""
    kept = folder.with_name(f"{folder.name}-kept")
    shutil.copytree(folder, kept, symlinks=True)
    with mounted(folder, "-t", "tmpfs", "-o", "size=1g", "none"):
        shutil.copytree(kept, folder, symlinks=True, dirs_exist_ok=True)
        disk = os.statvfs(folder)
        size = (disk.f_blocks - disk.f_bfree) * disk.f_frsize + free
        subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)
        try:
            yield
        finally:
            subprocess.run(["mount", "-o", "remount,size=1g", str(folder)], check=True)
            shutil.rmtree(kept)
            shutil.copytree(folder, kept, symlinks=True)
    shutil.rmtree(folder)
    kept.rename(folder)


@contextlib.contextmanager
def short_files(largest: int) -> Iterator[None]:
    """No file can grow beyond so many bytes, which every system can bring about."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_build_without_space_says_so_and_the_next_one_makes_up_for_it(
    bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    before, after = bench.steps[:2]
    home = bench.home

    def fails(*words: str) -> None:
        status = bench.build()
        message = capfd.readouterr().err
        complaint(status, message, *NO_SPACE)
        assert any(word in message for word in words), message
        assert content(home) == before.content
        assert os.listdir(home / "published") == ["marts.duckdb"]

    bench.lay(before, after)
    if MOUNTS:
        # Logs and compiled models elsewhere, so that it is the ledger that finds no space.
        for name in ("logs", "target"):
            elsewhere = home.with_name(f"other-{name}")
            shutil.rmtree(elsewhere, ignore_errors=True)
            (home / name).rename(elsewhere)
            (home / name).symlink_to(elsewhere)
        with tiny_disk(home, 100_000):
            fails("the build failed; nothing was published")
        with tiny_disk(home / "published", 1_000_000):
            fails("could not be published")
    if SOAK or not MOUNTS:
        for largest in (100_000, published_file(home).stat().st_size // 2):
            with short_files(largest):
                fails("the build failed; nothing was published", "could not be published")
    assert bench.build() == 0
    assert content(home) == after.content
    assert exports(home) == after.exports


@pytest.mark.parametrize("way", [pytest.param("disk", marks=needs_mount), "short files"])
def test_an_export_without_space_says_so_and_leaves_nothing(
    bench: Bench, tmp_path: Path, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    home = bench.steps[-1].home
    partner = busiest_partner(home)
    for ending in ("xlsx", "csv", "json", "parquet"):
        folder = tmp_path / ending
        folder.mkdir()
        output = folder / f"x.{ending}"
        request = ["export", "revenue-detail", f"--partner={partner}", *WHOLE]
        request += [f"--home={home}", f"--output={output}"]
        assert app.main(request) == 0
        expected = output.read_bytes()
        capfd.readouterr()
        half = len(expected) // 2
        for older in (True, False):
            if not older:
                output.unlink()
            with tiny_disk(folder, half) if way == "disk" else short_files(half):
                status = app.main(request)
                left = files(folder, hidden=True)
            complaint(status, capfd.readouterr().err, *NO_SPACE)
            assert left == ({output.name: expected} if older else {})
        assert app.main(request) == 0
        assert output.read_bytes() == expected
    request = ["pack", f"--partner={partner}", *WHOLE, f"--home={home}"]
    with short_files(5_000):
        status = app.main([*request, f"--output={tmp_path / 'packs'}"])
    complaint(status, capfd.readouterr().err, *NO_SPACE)
    assert files(tmp_path / "packs", hidden=True) == {}


@contextlib.contextmanager
def mounted_read_only(folder: Path) -> Iterator[tuple[str, ...]]:
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield ()


@contextlib.contextmanager
def without_rights(folder: Path) -> Iterator[tuple[str, ...]]:
    """Access rights that allow only reading; what makes root heed them too."""
    modes = {path: path.stat().st_mode for path in [folder, *folder.rglob("*")]}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        root = os.geteuid() == 0
        yield ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if root else ()
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@pytest.mark.parametrize(
    "read_only",
    [
        pytest.param(mounted_read_only, marks=needs_mount),
        pytest.param(
            without_rights,
            marks=pytest.mark.skipif(
                os.geteuid() == 0 and shutil.which("setpriv") is None,
                reason="nothing at hand that makes root heed access rights",
            ),
        ),
    ],
)
def test_a_read_only_home_can_be_read_and_says_so_where_it_must_write(
    bench: Bench,
    tmp_path: Path,
    read_only: Callable[[Path], contextlib.AbstractContextManager[tuple[str, ...]]],
) -> None:
    step = bench.steps[-1]
    bench.lay(step, step)
    home, output = bench.home, tmp_path / "elsewhere"
    request = ("revenue-detail", f"--partner={busiest_partner(home)}", *WHOLE)
    assert app.main(["export", *request, f"--home={home}", f"--output={output / 'x.csv'}"]) == 0
    expected = (output / "x.csv").read_bytes()
    before = files(home, hidden=True)
    with read_only(home) as through:

        def ask(*arguments: str, of: Path = home) -> subprocess.CompletedProcess[str]:
            return run(*arguments, f"--home={of}", through=through)

        for refused in (
            ask("build", f"--landing={bench.landing}"),
            ask("build", f"--landing={bench.landing}", of=home / "no" / "home" / "yet"),
            ask("export", *request),
            ask("pack", *WHOLE),
        ):
            complaint(refused.returncode, refused.stderr, *NO_RIGHT)
            assert str(home) in refused.stderr
        for done in (
            ask("status"),
            ask("show", *request),
            ask("export", *request, f"--output={output / 'y.csv'}"),
            ask("pack", *WHOLE, f"--output={output / 'packs'}"),
        ):
            assert done.returncode == 0, done.stderr
    assert (output / "y.csv").read_bytes() == expected
    assert list((output / "packs").rglob("*.xlsx"))
    assert files(home, hidden=True) == before


# --- two at a time -------------------------------------------------------------------------

READER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
cursor = connection.cursor()
cursor.execute("select feed, batch_id from reports.batches, range(10000)")
rows = 0
while True:
    version, batches = connection.execute(
        "select version, (select count(*) from reports.batches) from reports.build_info").fetchone()
    figures = connection.execute(
        "select count(*), sum(net_amount), sum(hash(revenue_detail)::hugeint) "
        "from reports.revenue_detail").fetchone()
    part = cursor.fetchmany(1000)
    rows += len(part)
    print(version, batches, *figures, len(part), flush=True)
    if not sys.stdin.readline().strip():
        break
while part := cursor.fetchmany(100000):
    rows += len(part)
print(rows == 10000 * batches)
"""


def test_a_second_build_is_refused_and_a_reader_keeps_its_version_through_publishes(
    bench: Bench,
) -> None:
    before, after = bench.steps[:2]
    home = bench.home
    bench.lay(before, after)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(published_file(home))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reader.stdin is not None and reader.stdout is not None
    said = reader.stdout.readline()
    assert said.endswith(" 1000\n")

    def reads_the_same() -> None:
        assert reader.stdin is not None and reader.stdout is not None
        print("again", file=reader.stdin, flush=True)
        assert reader.stdout.readline() == said

    with started(bench.log, *bench.command) as first:
        # It has the lock as soon as its process id stands there; then it is held up, so that it
        # is at work for as long as the second one may take.
        while (home / "build.lock").read_text("utf-8") != str(first.pid):
            assert not ended(first), bench.log.read_text("utf-8")
            time.sleep(0.001)
        os.killpg(first.pid, signal.SIGSTOP)
        second = run(*bench.command)
        third = run(*bench.command, "--full-refresh")
        os.killpg(first.pid, signal.SIGCONT)
        for refused in (second, third):
            complaint(refused.returncode, refused.stderr, f"(process {first.pid})")
            assert "another build of" in refused.stderr and refused.stdout == ""
        reads_the_same()
        while not ended(first):
            time.sleep(0.01)
    assert first.returncode == 0, bench.log.read_text("utf-8")
    assert content(home) == after.content
    reads_the_same()
    # More publishes, of more batches where there are some.
    for step in bench.steps[2:]:
        shutil.rmtree(bench.landing)
        shutil.copytree(step.landing, bench.landing)
        assert bench.build() == 0
        assert content(home) == step.content
        reads_the_same()
    for _ in range(3):
        inode = published_file(home).stat().st_ino
        publish(home / "warehouse.duckdb", published_file(home))
        assert published_file(home).stat().st_ino != inode
        assert content(home) == bench.steps[-1].content
        reads_the_same()
    assert reader.communicate("\n")[0] == "True\n"
