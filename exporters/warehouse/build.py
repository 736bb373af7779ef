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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from exporters.errors import ReportError, RequestError
from exporters.escaping import visible
from exporters.warehouse import inputs, last_build, loaded
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


@dataclass(frozen=True)
class Wish:
    """What kind of build is wanted.

    Attributes:
        full_refresh: begin with an empty ledger.
        forget_missing: let a full refresh lose batches that are no longer in the landing folder.
        prove_everything: run every test on the whole ledger, not only on what the build writes.
    """

    full_refresh: bool = False
    forget_missing: bool = False
    prove_everything: bool = False


def run(home: Path, landing: Path | None, wish: Wish) -> int:
    """Build the warehouse under `home` from `landing` and publish it.

    The default landing folder is PARTNER_REPORTS_LANDING, else the sample. What earlier builds
    wrote and proved is not tested again, and where nothing has changed dbt is not started.

    Returns 0. Raises RequestError when no landing folder is named for a home that was built from
    one, ReportError, with the published file as it was, when another build is at
    work, a model or test fails, or nothing can be published.
    """
    if wish.forget_missing and not wish.full_refresh:
        raise RequestError("--forget-missing goes with --full-refresh")
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
        last = last_build.read(home)
        found = inputs.of_build(PROJECT, landing)
        if wish == Wish() and _has_nothing_to_do(home, last, found):
            return 0
        _say(f"Building from {landing}")
        proven_at = None if wish.full_refresh or wish.prove_everything else _proven_at(home, last)
        record = LastBuild(str(landing))
        record.write(home)
        try:
            known = _prepare(home / "warehouse.duckdb", landing, wish, proven_at is not None)
            _dbt_build(home, wish, proven_at is not None, record.warnings)
            _publish(home)
        except ReportError as error:
            record.end(str(error))
            record.write(home)
            raise
        record.end()
        record.proven_at = proven_at or record.ended_at
        record.inputs, record.outputs = found, _outputs(home)
        record.write(home)
        _say(loaded.summary(published_path(home), known))
        _say(f"Published {published_path(home)}")
    return 0


def _has_nothing_to_do(home: Path, last: LastBuild | None, found: str) -> bool:
    """Whether the last build was of the same and left what is there; then it is said."""
    if last is None or last.failure or last.inputs != found or last.outputs != _outputs(home):
        return False
    for warning in last.warnings:
        # Others tell of what was new then, and are said once.
        if " is no longer in " in warning:
            _say(f"Warning: {warning}")
    _say(f"Nothing new in {last.landing} since the build of {last.began_at} UTC")
    _say(f"As published: {published_path(home)}")
    return True


def _outputs(home: Path) -> str:
    return inputs.of_files(home / "warehouse.duckdb", home / "work.duckdb", published_path(home))


def _proven_at(home: Path, last: LastBuild | None) -> str | None:
    """When the whole ledger that this build adds to was proven; None if something was not."""
    if last is None or not last.ended_at or last.failure:
        return None
    is_proven = is_all_published(home / "warehouse.duckdb", published_path(home))
    return last.proven_at if is_proven else None


def _prepare(warehouse: Path, landing: Path, wish: Wish, is_proven: bool) -> set[loaded.Batch]:
    """Make the warehouse ready for dbt; the batches that it holds and that stay."""
    try:
        if not warehouse.exists():
            return set()
        if wish.full_refresh and storage_version(warehouse) != STORAGE_VERSION:
            # dbt would say it too, but when the old file has gone.
            if not wish.forget_missing:
                loaded.check_nothing_is_missing(warehouse, landing)
            renew(warehouse)
        pass_over_proven(warehouse, is_proven)
        return set() if wish.full_refresh else loaded.batches(warehouse)
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


def _dbt_build(home: Path, wish: Wish, is_proven: bool, warnings: list[str]) -> None:
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
    if wish.full_refresh:
        arguments.append("--full-refresh")
    if wish.forget_missing:
        arguments += ["--vars", "forget_missing: true"]
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
    # Of the one model in Python dbt tells the whole way to the fault.
    _, is_traceback, rest = text.rpartition("Traceback (most recent call last):\n")
    if is_traceback:
        text = re.sub(r"(?s)^.*\n *(?=[\w.]+(Error|Exception|Interrupt)\b)", "", rest)
    return re.sub(r"^(Compilation|Runtime|Database) Error in \S+ \S+ \(\S+\)\s*", "", text)


def _say(message: str) -> None:
    try:
        # In one piece: dbt's threads warn at the same time.
        print(f"{message}\n", end="", flush=True)
    except BrokenPipeError:
        # Who no longer listens (`build | head`) does not stop a build.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
