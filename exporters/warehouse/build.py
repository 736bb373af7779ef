"""Build and publish: dbt over the landing folder, then the file that everybody reads.

The only module that imports dbt, whose start costs seconds.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from exporters.errors import ReportError, RequestError
from exporters.escaping import visible
from exporters.warehouse import last_build
from exporters.warehouse.last_build import LOCK, LastBuild
from exporters.warehouse.publish import (
    STORAGE_VERSION,
    is_all_published,
    pass_over_proven,
    publish,
    renew,
    storage_version,
)
from exporters.warehouse.published import is_interrupt, published_path

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "seeds" / "landing"


def run(
    home: Path, landing: Path | None, full_refresh: bool, prove_everything: bool = False
) -> int:
    """Build the warehouse under `home` from `landing` and publish it.

    The default landing folder is PARTNER_REPORTS_LANDING, else the sample. What earlier builds
    wrote and proved is not tested again, unless `prove_everything`.

    Returns 0. Raises RequestError when no landing folder is named for a home that was built from
    one, ReportError, with the published file as it was, when another build is at
    work, a model or test fails, or nothing can be published.
    """
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    named = landing or os.environ.get("PARTNER_REPORTS_LANDING")
    landing = Path(named or SAMPLE).resolve()
    before = last_build.read(home)
    # The feeds of two folders in one ledger would be nobody's figures.
    if not named and before is not None and before.landing != str(landing):
        raise RequestError(
            f"{home} was last built from {before.landing}, and without --landing the sample would "
            "be added to it: name the landing folder, or another --home"
        )
    with _only_build(home):
        os.environ["PARTNER_REPORTS_HOME"] = str(home)
        os.environ["PARTNER_REPORTS_LANDING"] = str(landing)
        _say(f"Building from {landing}")
        proven_at = None if full_refresh or prove_everything else _proven_at(home)
        record = LastBuild(str(landing))
        record.write(home)
        try:
            _prepare(home / "warehouse.duckdb", full_refresh, proven_at is not None)
            _dbt_build(home, full_refresh, proven_at is not None, record.warnings)
            _publish(home)
        except ReportError as error:
            record.end(str(error))
            record.write(home)
            raise
        record.end()
        record.proven_at = proven_at or record.ended_at
        record.write(home)
        _say(f"Published {published_path(home)}")
    return 0


def _proven_at(home: Path) -> str | None:
    """When the whole ledger that this build adds to was proven; None if something was not."""
    last = last_build.read(home)
    if last is None or not last.ended_at or last.failure:
        return None
    is_proven = is_all_published(home / "warehouse.duckdb", published_path(home))
    return last.proven_at if is_proven else None


def _prepare(warehouse: Path, full_refresh: bool, is_proven: bool) -> None:
    try:
        if not warehouse.exists():
            return
        if full_refresh and storage_version(warehouse) != STORAGE_VERSION:
            renew(warehouse)
        pass_over_proven(warehouse, is_proven)
    except (duckdb.Error, OSError) as error:
        raise ReportError(f"the build failed; nothing was published: {error}") from error


def _publish(home: Path) -> None:
    warehouse = home / "warehouse.duckdb"
    try:
        pass_over_proven(warehouse, False)
        publish(warehouse, published_path(home))
    except (duckdb.Error, OSError) as error:
        raise ReportError(f"the build passed but could not be published: {error}") from error
    except RuntimeError as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from error
        raise


@contextmanager
def _only_build(home: Path) -> Iterator[None]:
    """Hold the home's build lock; it goes with the process, however that ends."""
    with (home / LOCK).open("a+") as lock:
        # `status` holds it for an instant to see whether it is free.
        for patience in (0.1, 0.1, 0):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(patience)
        else:
            lock.seek(0)
            holder = lock.read().strip()
            raise ReportError(
                f"another build of {home} is at work{f' (process {holder})' if holder else ''}; "
                "wait for it to end"
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _dbt_build(home: Path, full_refresh: bool, is_proven: bool, warnings: list[str]) -> None:
    """Run dbt; what it warns of is said and added to `warnings`.

    `is_proven`: what earlier builds wrote has been proven, so only what this one writes is.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    failures: list[str] = []

    def listen(event: Any) -> None:
        name, data = event.info.name, event.data
        if name == "JinjaLogInfo" and data.msg.startswith("Warning: "):
            # It may name what stands in a header or is the name of a file.
            message = visible(data.msg)
            _say(message)
            warnings.append(message.removeprefix("Warning: "))
        elif name in ("LogModelResult", "LogSeedResult", "LogTestResult") and sys.stderr.isatty():
            print(f"\r\x1b[K{data.index} of {data.total}", end="", file=sys.stderr, flush=True)

    arguments = [
        "build",
        "--project-dir", str(PROJECT),
        "--profiles-dir", str(PROJECT),
        "--target-path", str(home / "target"),
        "--log-path", str(home / "logs"),
        # Unit tests prove the code, not the data: `make test` and plain `dbt build` run them.
        "--exclude-resource-type", "unit_test",
        "--log-level", "none",
        "--log-level-file", "info",
    ]  # fmt: skip
    if full_refresh:
        arguments.append("--full-refresh")
    if is_proven:
        arguments += ["--exclude", "tag:whole_ledger"]
    # What cannot be written to dbt's log (the disk is full) is no traceback on the user's screen.
    logging.raiseExceptions = False
    try:
        outcome = dbtRunner(callbacks=[listen]).invoke(arguments)
    finally:
        # dbt keeps the warehouse open as long as the process lives; publishing reads it.
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    results = getattr(outcome.result, "results", None) or []
    for result in results:
        if result.status in ("error", "fail"):
            failures.append(_describe(result, home))
    if outcome.exception is not None:
        failures.append(_plain(str(outcome.exception)))
    if failures or not outcome.success:
        raise ReportError(
            "\n".join(
                [
                    "the build failed; nothing was published",
                    *(failures or ["dbt ended without a result"]),
                    f"The whole log: {home / 'logs' / 'dbt.log'}",
                ]
            )
        )
    built = [
        result
        for result in results
        if result.status == "success" and result.node.resource_type in ("model", "seed")
    ]
    passed = [result for result in results if result.status == "pass"]
    where = "the batches written" if is_proven else "the whole ledger"
    _say(f"Built {len(built)} models and seeds; {len(passed)} tests passed on {where}")


def _describe(result: Any, home: Path) -> str:
    """What failed, how badly and how to see it."""
    node = result.node
    if result.status == "fail":
        rows = "a row" if result.failures == 1 else f"{result.failures} rows"
        setting = f"PARTNER_REPORTS_HOME={shlex.quote(str(home))}"
        return (
            f"- test {node.name} failed with {rows}. To see them:\n"
            f"    {setting} .venv/bin/dbt show --select {node.name} --limit 100"
        )
    return f"- {node.resource_type} {node.name}: {_plain(result.message or '')}"


def _plain(message: str) -> str:
    """A dbt message without dbt's own trail of macros."""
    lines = [
        line
        for line in message.splitlines()
        if not re.match(r"\s*> (in macro|called by)|\s*compiled code at", line)
    ]
    text = "\n".join(lines).strip()
    return re.sub(r"^(Compilation|Runtime|Database) Error in \S+ \S+ \(\S+\)\s*", "", text)


def _say(message: str) -> None:
    try:
        # In one piece: dbt's threads warn at the same time.
        print(f"{message}\n", end="", flush=True)
    except BrokenPipeError:
        # Who no longer listens (`build | head`) does not stop a build.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
