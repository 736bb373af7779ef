"""Fixtures: warehouses built by the real command, once per run where tests only read them."""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import hypothesis
import pytest
from support import proof, published
from support.comparing import REFERENCE
from support.homes import (
    ACCOUNTS,
    CREDITS,
    PLACE,
    SAMPLE,
    Export,
    LandingAndHome,
    build,
    copied,
    put,
    shared,
    top_up,
)
from support.hostile import COLLECTOR, PARTNERS, Hostile, write_hostile
from support.models_in_memory import Compiled, compile_models
from support.oracle import Oracle
from support.scenarios import write_landing

from exporters.cli import app
from exporters.excel.ooxml import cell_xml

# How long a case takes says something of the machine, nothing of the case.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A run of an hour says at once what failed."""
    if proof.SOAK and report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        said = f"\nPARTNER_REPORTS_SEED={proof.SEED}: {report.nodeid}\n{report.longreprtext}"
        print(said, file=sys.stderr, flush=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need no shared home come first: while one process does them another builds it."""

    def needs_shared(item: pytest.Item) -> bool:
        used = set(getattr(item, "fixturenames", ()))
        return bool(SHARED & used) or hasattr(getattr(item, "module", None), "write_published")

    items.sort(key=needs_shared)


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
    """One summary of what the proofs have tried, and of how often dbt was started for it."""
    stats = terminalreporter.stats
    lines = proof.summary(len(stats.get("failed", [])) + len(stats.get("error", [])))
    if lines:
        terminalreporter.section("proofs")
        for line in lines:
            terminalreporter.write_line(line)


# Homes that all processes share; who needs one that is being built waits for it.
SHARED = {"sample_home", "random_homes", "compiled", "hostile"}


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """A build tells dbt by the environment where things are; the next test must not know."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder to build in, of the same path for every test of this process.

    dbt parses the project anew for a home of another path, and that takes seconds.
    """
    folder: Path = tmp_path_factory.getbasetemp() / PLACE
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home built from the sample landing folder. Only to be read."""

    def make(place: Path) -> None:
        assert build(place / "home", SAMPLE) == 0

    return shared(tmp_path_factory, "sample", make) / "home"


@pytest.fixture(scope="session")
def random_homes(tmp_path_factory: pytest.TempPathFactory) -> list[LandingAndHome]:
    """Random landing folders, each with the home built from it. Only to be read."""

    def made(number: int) -> LandingAndHome:
        def make(place: Path) -> None:
            rng = Random(f"{proof.SEED} {number}")
            write_landing(rng, place / "landing", batches=7, events=60)
            assert build(place / "home", place / "landing") == 0

        folder = shared(tmp_path_factory, f"random-{number}", make)
        return folder / "landing", folder / "home"

    return [made(number) for number in range(proof.amount(test=1, soak=5))]


@pytest.fixture(scope="session")
def _small(tmp_path_factory: pytest.TempPathFactory) -> LandingAndHome:
    def make(place: Path) -> None:
        put(place / "landing", "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
        put(place / "landing", "credits/batch=2024-01-02/a.csv", CREDITS + top_up("e1"))
        assert build(place / "home", place / "landing") == 0

    folder = shared(tmp_path_factory, "small", make)
    return folder / "landing", folder / "home"


@pytest.fixture
def small(_small: LandingAndHome, place: Path) -> LandingAndHome:
    """A landing folder with one account and one top-up, and the home built from it."""
    return copied(_small, place)


@pytest.fixture(scope="session")
def compiled(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The project's SQL as dbt compiles it, to be run in memory."""

    def make(place: Path) -> None:
        # Compiling writes beside the warehouse.
        _, home = copied((SAMPLE, sample_home), place)
        made = replace(compile_models(home), seeds=sample_home / "warehouse.duckdb")
        (place / "compiled").write_bytes(pickle.dumps(made))

    loaded: Compiled = pickle.loads(
        (shared(tmp_path_factory, "compiled", make) / "compiled").read_bytes()
    )
    published.MODELS = loaded
    return loaded


@pytest.fixture(scope="module", autouse=True)
def models_of_published(request: pytest.FixtureRequest) -> None:
    """Have the models at hand in a module that writes published files, before its first test."""
    if hasattr(request.module, "write_published"):
        request.getfixturevalue("compiled")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """A home, in a folder of a hostile name, with hostile ids and names. Only to be read."""
    name = "home'; drop -- ${x} é e\u0301"

    def make(place: Path) -> None:
        write_hostile(Random(proof.SEED), place / "landing")
        assert build(place / name, place / "landing") == 0

    folder = shared(tmp_path_factory, "hostile", make)
    reference = Oracle(folder / "landing", **REFERENCE)
    partners = sorted(reference.partners())
    assert partners == sorted([*PARTNERS, COLLECTOR])
    return Hostile(folder / name, reference, partners)


@pytest.fixture(scope="module")
def published_home(compiled: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small published file, for the tests of one module, which may export to it."""
    home: Path = tmp_path_factory.mktemp("published")
    published.write_published(home)
    return home


@pytest.fixture(scope="module")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that knows the macros of cells."""
    connection = duckdb.connect()
    connection.execute(cell_xml.text_macros())
    yield connection
    connection.close()


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
