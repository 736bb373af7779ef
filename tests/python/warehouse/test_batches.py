"""Batches as producers deliver them: in portions, again, late."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support import proof
from support.comparing import all_exports, in_steps
from support.homes import (
    CREDITS,
    SAMPLE,
    LandingAndHome,
    amounts,
    build,
    published_rows,
    put,
    query,
    top_up,
)

from exporters.cli import app
from exporters.errors import ReportError
from exporters.warehouse import build as warehouse_build
from exporters.warehouse import last_build


@pytest.mark.proof
def test_batch_by_batch_and_in_one_go_give_the_same_bytes(
    sample_home: Path, place: Path, tmp_path: Path
) -> None:
    """Exports, workbooks and published rows: appended to in one home, written anew in the other."""
    home, landing = place / "home", place / "landing"
    # Two portions, or each batch id by itself.
    steps = proof.amount(test=2, soak=len({path.name for path in SAMPLE.glob("*/batch=*")}))
    for _ in in_steps(SAMPLE, landing, steps):
        assert build(home, landing) == 0
    partners = [str(row[0]) for row in query(home, "select partner_id from reports.partners")]
    periods = [(date(2024, 8, 1), date(2024, 10, 31))]
    one = all_exports(sample_home, tmp_path / "one.csv", partners, periods)
    many = all_exports(home, tmp_path / "many.csv", partners, periods)
    assert one == many
    packs: list[dict[Path, bytes]] = []
    for base in (sample_home, home):
        output = tmp_path / f"packs-{len(packs)}"
        some = [f"--partner={partner}" for partner in partners[: proof.amount(test=2, soak=99)]]
        assert app.main(["pack", "--home", str(base), "--from", "2024-08-01", "--to",
                         "2024-10-31", "--output", str(output), *some]) == 0  # fmt: skip
        packs.append(
            {path.relative_to(output): path.read_bytes() for path in output.rglob("*.xlsx")}
        )
    assert packs[0] and packs[0] == packs[1]
    assert published_rows(home) == published_rows(sample_home)


def test_a_batch_that_was_built_stays_as_it_is(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    """What else may become of it: tests/python/faults/test_deliveries.py."""
    landing, home = small
    before = amounts(home)
    put(landing, "credits/batch=2024-01-02/a.csv", CREDITS + top_up("e1", "2"))
    assert build(home, landing) == 1
    assert "credits/batch=2024-01-02 changed" in capsys.readouterr().err
    assert amounts(home) == before


def test_a_build_that_finds_nothing_new_does_not_start_dbt(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that finds anything else than the last build left does start it."""
    landing, home = small
    assert build(home, landing) == 0  # the copied home is of another place
    capsys.readouterr()
    record = last_build.read(home)
    assert record is not None

    def stop(*_: object) -> None:
        raise ReportError("about to start dbt")

    def does_start(*options: str) -> bool:
        has_started = build(home, landing, *options) == 1
        assert not has_started or "about to start dbt" in capsys.readouterr().err
        record.write(home)
        return has_started

    monkeypatch.setattr(warehouse_build, "_prepare", stop)

    assert not does_start()
    assert f"Nothing new in {landing}" in capsys.readouterr().out
    assert does_start("--prove-everything")
    assert not does_start()
    path = next(landing.glob("credits/*/*"))
    before = path.stat()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert does_start()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not does_start()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("delete from ledger.event_voids")
        connection.execute("force checkpoint")
    os.utime(home / "warehouse.duckdb")
    assert does_start()


def test_a_build_ends_with_what_became_of_the_rows(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    landing, home = small
    semicolons = (CREDITS + top_up("e7")).replace(",", ";")
    put(landing, "credits/batch=2024-01-03/a.csv", semicolons)
    capsys.readouterr()
    assert build(home, landing) == 0
    said = capsys.readouterr().out
    assert re.search(r"^credits +1 +1 +0 +1 +0 +0$", said, re.MULTILINE)
    assert "To list the rejected rows: partner-reports rejected" in said
    assert "partner-reports ignored" not in said
    reasons = query(home, "select unnest(reasons) from reports.rejected_rows")
    fits = "the header would fit if its fields were separated by semicolons"
    assert (f"{fits}: write the file with commas",) in reasons


def test_the_sample_is_not_added_to_somebodys_home(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who forgets --landing would otherwise mix the sample's partners into their own."""
    landing, home = small
    monkeypatch.delenv("PARTNER_REPORTS_LANDING", raising=False)
    before = (home / "published/marts.duckdb").read_bytes()
    assert app.main(["build", "--home", str(home)]) == 2
    assert f"{home} was last built from {landing}" in capsys.readouterr().err
    assert (home / "published/marts.duckdb").read_bytes() == before
    monkeypatch.setenv("PARTNER_REPORTS_LANDING", str(landing))
    assert app.main(["build", "--home", str(home)]) == 0
