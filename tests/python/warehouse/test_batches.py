"""Batches as producers deliver them: in portions, again, late."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

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
    dbt,
    published_rows,
    put,
    query,
    top_up,
)

from exporters.cli import app
from exporters.warehouse import build as warehouse_build


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
    starts = []
    run_dbt = warehouse_build._dbt_build

    def counted(*arguments: Any) -> None:
        starts.append(arguments)
        run_dbt(*arguments)

    monkeypatch.setattr(warehouse_build, "_dbt_build", counted)
    assert build(home, landing) == 0  # the copied home is of another place
    starts.clear()
    capsys.readouterr()
    assert build(home, landing) == 0
    assert not starts
    assert f"Nothing new in {landing}" in capsys.readouterr().out
    assert build(home, landing, "--prove-everything") == 0
    assert len(starts) == 1
    path = next(landing.glob("credits/*/*"))
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1))
    assert build(home, landing) == 0
    assert len(starts) == 2
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("delete from ledger.event_voids")
        connection.execute("force checkpoint")
    os.utime(home / "warehouse.duckdb")
    assert build(home, landing) == 0
    assert len(starts) == 3


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


@pytest.mark.proof
@pytest.mark.parametrize(
    "stopped", ["+fct_revenue_entries", "", "+reattributed_batches"][: proof.amount(test=1, soak=3)]
)
def test_old_entries_follow_late_records_into_the_published_file(
    small: LandingAndHome, stopped: str
) -> None:
    """Even where the build that wrote them again ended without publishing, or half-way."""
    landing, home = small
    charge = "event_id,service_account_id,service_code,charge_type,currency,list_amount,net_amount,"
    put(
        landing,
        "revenue/batch=2024-01-02/a.csv",
        f"{charge}occurred_at\nr1,s1,vm,usage,USD,8,8,2024-01-02T00:00:00Z\n",
    )
    assert build(home, landing) == 0
    detail = "select partner_id, partner_cost_amount from reports.revenue_detail"
    assert query(home, detail) == [("P1", 8)]
    put(
        landing,
        "accounts/batch=2024-01-03/a.csv",
        "service_account_id,account_id,account_type,partner_id,updated_at\n"
        "s1,a1,customer,P2,2024-01-01T12:00:00Z\n",
    )
    put(
        landing,
        "discounts/batch=2024-01-03/a.csv",
        "discount_id,subject,partner_id,service_code,rate_percent,requested_on,approved_on,"
        "effective_from,updated_at\n"
        "d1,partner,P2,vm,25,2024-01-01,2024-01-01,2024-01-01,2024-01-03T00:00:00Z\n",
    )
    select = ["--select", stopped] if stopped else []
    assert dbt(home, landing, "run" if stopped else "build", *select)[0]
    assert query(home, detail) == [("P1", 8)]
    put(landing, "credits/batch=2024-01-04/a.csv", CREDITS + top_up("e2", day="2024-01-04"))
    assert build(home, landing) == 0
    assert query(home, detail) == [("P2", 6)]
    if proof.SOAK:
        fresh = home.with_name("fresh")
        assert build(fresh, landing) == 0
        assert published_rows(home) == published_rows(fresh)


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
