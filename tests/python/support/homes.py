"""Builds by the real command, homes that tests share, and files of landing folders."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from exporters.cli import app
from exporters.warehouse import last_build
from support.proof import tried

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

PROJECT = Path(__file__).resolve().parents[3]
SAMPLE = PROJECT / "seeds" / "landing"

LandingAndHome = tuple[Path, Path]
Export = Callable[..., str]

# What dbt knows of the project, by the home for which it found it out.
_PARSED: dict[Path, bytes] = {}


def build(home: Path, landing: Path, *options: str) -> int:
    """Run `partner-reports build`; the exit status."""
    with _dbt_in_this_process(home):
        return app.main(["build", "--home", str(home), "--landing", str(landing), *options])


def dbt(home: Path, landing: Path, *arguments: str) -> tuple[bool, str]:
    """Plain dbt, as the project's own files set it up: whether it succeeded, what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        outcome = run_dbt(home, landing, *arguments)
    return outcome.success, printed.getvalue() + str(outcome.exception or "")


def run_dbt(home: Path, landing: Path, *arguments: str, target: str = "target") -> dbtRunnerResult:
    """The outcome of plain dbt, which writes its artifacts to the folder `target` of the home."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    folders = [
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(home / target), "--log-path", str(home / "logs")),
    ]
    with pytest.MonkeyPatch.context() as patched, _dbt_in_this_process(home):
        patched.setenv("PARTNER_REPORTS_HOME", str(home))
        patched.setenv("PARTNER_REPORTS_LANDING", str(landing))
        patched.delenv("PARTNER_REPORTS_PROVE", raising=False)
        try:
            return dbtRunner().invoke([*arguments, *folders])
        finally:
            if DuckDBConnectionManager._ENV is not None:
                DuckDBConnectionManager._ENV.close()
            DuckDBConnectionManager.close_all_connections()


@contextlib.contextmanager
def _dbt_in_this_process(home: Path) -> Iterator[None]:
    """Count starts of dbt, and hand on what it knows of the project.

    It parses everything again for a home of another path, which takes seconds.
    """
    _count_starts()
    parsed = home / "target" / "partial_parse.msgpack"
    if home in _PARSED and not parsed.exists():
        parsed.parent.mkdir(parents=True, exist_ok=True)
        parsed.write_bytes(_PARSED[home])
    yield
    if home.parent.name == PLACE and parsed.exists():
        _PARSED[home] = parsed.read_bytes()


@cache
def _count_starts() -> None:
    from dbt.cli.main import dbtRunner

    invoke = dbtRunner.invoke

    def counted(self: dbtRunner, args: list[str], **options: object) -> dbtRunnerResult:
        tried(STARTS)
        return invoke(self, args, **options)

    dbtRunner.invoke = counted


STARTS = "starts of dbt"
PLACE = "place"


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that `make` fills, once for all processes of a run. It is only to be read."""
    own = factory.getbasetemp()
    base = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = base / name
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            # Built where every test of this process builds: see `_dbt_in_this_process`.
            place = own / PLACE
            place.mkdir()
            make(place)
            place.rename(made)
    return made


def copied(made: LandingAndHome, place: Path) -> LandingAndHome:
    """Copies of a shared landing folder and home in `place`, to be changed."""
    landing, home = place / "landing", place / "home"
    shutil.copytree(made[0], landing)
    shutil.copytree(made[1], home, ignore=shutil.ignore_patterns("target"))
    record = last_build.read(home)
    assert record is not None
    record.landing = str(landing)
    record.write(home)
    return landing, home


def put(landing: Path, place: str, content: str | bytes) -> Path:
    """Write a file of a landing folder, such as `credits/batch=2024-01-02/a.csv`."""
    path = landing / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def put_csv(
    landing: Path,
    place: str,
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[str] | None = None,
) -> None:
    """Write rows as a CSV of a landing folder, every field in quotes.

    The columns are those of the rows, `columns` what they are called.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(columns or names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    put(landing, place, text.getvalue())


# The least that makes a ledger: an account, and credits of it.
ACCOUNTS = (
    "service_account_id,account_id,account_type,partner_id,updated_at\n"
    "s1,a1,customer,P1,2024-01-01T00:00:00Z\n"
)
CREDITS = "event_id,service_account_id,movement_type,amount,currency,occurred_at\n"


def top_up(event_id: str, amount: str = "1", day: str = "2024-01-02") -> str:
    """A line below the header CREDITS."""
    return f"{event_id},s1,top_up,{amount},USD,{day}T00:00:00Z\n"


def query(home: Path, sql: str, file: str = "published/marts.duckdb") -> list[tuple[object, ...]]:
    """The rows that a database of a home gives."""
    with duckdb.connect(str(home / file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def amounts(home: Path) -> list[tuple[object, ...]]:
    """Event, entry type and amount of every published top-up."""
    return query(
        home,
        "select event_id, entry_type, cast(amount as varchar) from reports.credit_topups "
        "order by all",
    )


def published_rows(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every published table and view but what tells when it was built and where files lay."""
    own = {"intake.build_settings", "reports.build_info", "intake.landing_files"}
    with duckdb.connect(str(home / "published/marts.duckdb"), read_only=True) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
            ).fetchall()
        ]
        return {
            name: sorted(connection.execute(f"from {name}").fetchall(), key=repr)
            for name in names
            if name not in own
        }
