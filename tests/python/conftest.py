"""Fixtures: warehouses built by the real command, once per session where tests only read them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from support import proof
from support.homes import PROJECT, Export, LandingAndHome, build
from support.published import write_published
from support.scenarios import write_landing

from exporters.cli import app
from exporters.excel.ooxml import cell_xml


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A run of an hour says at once what failed."""
    if proof.SOAK and report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        said = f"\nPARTNER_REPORTS_SEED={proof.SEED}: {report.nodeid}\n{report.longreprtext}"
        print(said, file=sys.stderr, flush=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that does a share of the tests hands its figures over."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tried"] = proof.counts()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the figures of such a process to those of the run."""
    for what, number in getattr(node, "workeroutput", {}).get("tried", {}).items():
        proof.tried(what, number)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One summary of what the proofs have tried."""
    stats = terminalreporter.stats
    lines = proof.summary(len(stats.get("failed", [])) + len(stats.get("error", [])))
    if lines:
        terminalreporter.section("proofs")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="module")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small published file, for the tests of one module, which may export to it."""
    home: Path = tmp_path_factory.mktemp("published")
    write_published(home)
    return home


@pytest.fixture(scope="module")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that knows the macros of cells."""
    connection = duckdb.connect()
    connection.execute(cell_xml.text_macros())
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home built from the sample landing folder. Only to be read."""
    home: Path = tmp_path_factory.mktemp("sample")
    assert build(home, PROJECT / "seeds" / "landing") == 0
    return home


@pytest.fixture(scope="session")
def random_homes(tmp_path_factory: pytest.TempPathFactory) -> list[LandingAndHome]:
    """Random landing folders, each with the home built from it. Only to be read."""
    homes = []
    for number in range(proof.amount(test=1, soak=5)):
        folder = tmp_path_factory.mktemp("random")
        landing, home = folder / "landing", folder / "home"
        write_landing(Random(f"{proof.SEED} {number}"), landing, batches=7, events=60)
        assert build(home, landing) == 0
        homes.append((landing, home))
    return homes


@pytest.fixture(scope="session")
def python_duckdb_1() -> Path:
    """A Python that has the DuckDB of BI tools, in an environment of its own."""
    environment = PROJECT / ".venv-duckdb-1"
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    subprocess.run(
        [str(python), "-m", "pip", "install", "-q", "duckdb==1.5.*"],
        check=True, capture_output=True,
    )  # fmt: skip
    return python


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """A function that exports a report as CSV (or what `ending` says) and returns its text."""

    def run(
        home: Path,
        report: str,
        partner: str,
        from_: str,
        to: str,
        *,
        ending: str = "csv",
        **conditions: str | list[str],
    ) -> str:
        output = tmp_path / f"export.{ending}"
        options = [f"--{name.replace('_', '-')}" for name in conditions]
        arguments = []
        for option, value in zip(options, conditions.values(), strict=True):
            for single in [value] if isinstance(value, str) else value:
                arguments += [option, single]
        request = ["--partner", partner, "--from", from_, "--to", to, *arguments]
        status = app.main(
            ["export", report, "--home", str(home), "--output", str(output), *request]
        )
        assert status == 0
        return output.read_text(encoding="utf-8")

    return run
