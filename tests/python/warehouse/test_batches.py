"""Batches as producers deliver them: in portions, changed, too old, late, gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from support import proof
from support.comparing import all_exports, in_steps
from support.homes import (
    ACCOUNTS,
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


@pytest.mark.proof
def test_batch_by_batch_and_in_one_go_give_the_same_bytes(
    sample_home: Path, place: Path, tmp_path: Path
) -> None:
    """Exports, workbooks and published rows: appended to in one home, written anew in the other."""
    home, landing = place / "home", place / "landing"
    # Three portions, or each batch id by itself.
    steps = proof.amount(test=3, soak=len({path.name for path in SAMPLE.glob("*/batch=*")}))
    for _ in in_steps(SAMPLE, landing, steps):
        assert build(home, landing) == 0
    partners = [str(row[0]) for row in query(home, "select partner_id from reports.partners")]
    periods = [(date(2024, 8, 1), date(2024, 10, 31)), (date(2024, 9, 1), date(2024, 9, 30))]
    one = all_exports(sample_home, tmp_path / "one.csv", partners, periods)
    many = all_exports(home, tmp_path / "many.csv", partners, periods)
    assert one == many
    packs: list[dict[Path, bytes]] = []
    for base in (sample_home, home):
        output = tmp_path / f"packs-{len(packs)}"
        assert app.main(["pack", "--home", str(base), "--from", "2024-08-01", "--to",
                         "2024-10-31", "--output", str(output)]) == 0  # fmt: skip
        packs.append(
            {path.relative_to(output): path.read_bytes() for path in output.rglob("*.xlsx")}
        )
    assert packs[0] and packs[0] == packs[1]
    assert published_rows(home) == published_rows(sample_home)


def test_batches_are_immutable(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, landing = place / "home", place / "landing"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    changes: dict[str, Callable[[Path], object]] = {
        "2024-01-02": lambda file: file.write_text(CREDITS + top_up("e1", "2")),
        "2024-01-03": lambda file: file.with_name("b.csv").write_text(CREDITS),
        "2024-01-04": lambda file: file.rename(file.with_name("b.csv")),
        "2024-01-05": lambda file: file.unlink(),
        "2024-01-06": lambda file: file.write_text(""),
    }
    for number, batch_id in enumerate(changes, start=1):
        put(landing, f"credits/batch={batch_id}/a.csv", CREDITS + top_up(f"e{number}"))
    assert build(home, landing) == 0
    before = amounts(home)
    shutil.copytree(landing, place / "kept")
    for batch_id, change in changes.items():
        change(landing / f"credits/batch={batch_id}/a.csv")
    assert build(home, landing) == 1
    message = capsys.readouterr().err
    for batch_id in changes:
        assert f"credits/batch={batch_id} changed" in message
    assert "--full-refresh" in message
    assert "Traceback" not in message and "macro" not in message
    assert amounts(home) == before
    assert_status_says(home, capsys, ": FAILED", "credits/batch=2024-01-02 changed")
    shutil.rmtree(landing)
    shutil.copytree(place / "kept", landing)
    # The same bytes with another time are no change.
    os.utime(landing / "credits/batch=2024-01-06/a.csv", (1, 1))

    put(landing, "credits/batch=2024-01-01/a.csv", CREDITS + top_up("e0"))
    assert build(home, landing) == 1
    message = capsys.readouterr().err
    assert "credits/batch=2024-01-01 is older than 2024-01-06" in message
    assert "--full-refresh" in message and "changed" not in message
    assert_status_says(home, capsys, ": FAILED", "credits/batch=2024-01-01 is older")
    # Feeds have an order of their own; and the refresh that was advised helps.
    put(landing, "revenue/batch=2023-12-01/a.csv", "event_id\n")
    assert build(home, landing, "--full-refresh") == 0
    refreshed = amounts(home)
    assert [row[0] for row in refreshed] == ["e0", *(row[0] for row in before)]
    capsys.readouterr()

    shutil.rmtree(landing / "credits/batch=2024-01-02")
    assert build(home, landing) == 0
    assert "credits/batch=2024-01-02 is no longer in" in capsys.readouterr().out
    assert amounts(home) == refreshed
    assert_status_says(
        home, capsys, ": published", "  Warning: credits/batch=2024-01-02 is no longer in"
    )


def assert_status_says(home: Path, capsys: pytest.CaptureFixture[str], *parts: str) -> None:
    """`status` tells of the last build, whatever is published."""
    capsys.readouterr()
    assert app.main(["status", "--home", str(home)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Last build: ")
    for part in parts:
        assert part in said


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
