"""Builds that were stopped, that fail, or whose landing folder changed under them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from support import proof
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


def test_a_run_that_was_stopped_between_two_models_is_made_up_for(place: Path) -> None:
    landing = place / "landing"
    for batch in sorted(SAMPLE.glob("*/batch=*")):
        if batch.name < "batch=2024-10-01":
            shutil.copytree(batch, landing / batch.parent.name / batch.name)
    homes = {name: place / name for name in ("whole", "early", "late")}
    assert build(homes["whole"], landing) == 0
    for name in homes:
        if name != "whole":
            shutil.copytree(homes["whole"], homes[name])
    for batch in sorted(SAMPLE.glob("*/batch=*")):
        if batch.name >= "batch=2024-10-01":
            shutil.copytree(batch, landing / batch.parent.name / batch.name)
    stops = {
        "early": "+fct_credit_entries +focus_versions",
        "late": "+ignored_rows +rejected_rows +event_voids +fct_revenue_entries",
    }
    for name, selection in stops.items():
        assert dbt(homes[name], landing, "run", "--select", *selection.split())[0]
    for home in homes.values():
        assert build(home, landing) == 0
    expected = published_rows(homes["whole"])
    for name in stops:
        assert published_rows(homes[name]) == expected, name


def test_a_batch_that_vanishes_half_loaded_stops_the_build(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    landing, home = small
    batch = put(landing, "credits/batch=2024-01-03/a.csv", CREDITS + top_up("e2")).parent
    assert dbt(home, landing, "run", "--select", "+landing_files")[0]
    shutil.move(batch, landing.with_name("kept"))
    capsys.readouterr()
    assert build(home, landing) == 1
    said = capsys.readouterr()
    assert "credits/batch=2024-01-03 has vanished, and the build that loaded it" in said.err
    assert "Put it back as it was" in said.err and "no longer in" not in said.out
    shutil.move(landing.with_name("kept"), batch)
    assert build(home, landing) == 0
    assert [row[0] for row in amounts(home)] == ["e1", "e2"]


@pytest.mark.parametrize("vanishes", [False, True])
def test_a_file_that_changes_while_it_is_read_stops_the_build(
    place: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    vanishes: bool,
) -> None:
    home, landing = place / "home", place / "landing"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    path = put(landing, "credits/batch=2024-01-02/a.csv", CREDITS + top_up("e1"))

    start = dbtRunner.__init__

    def change(event: Any) -> None:
        """Changes the file as soon as its rows have been read."""
        if event.info.name == "LogModelResult" and "stg_credits" in event.data.description:
            path.unlink() if vanishes else path.write_text(CREDITS + top_up("e1", "22"))

    def watched(self: dbtRunner, callbacks: list[Any]) -> None:
        start(self, callbacks=[*callbacks, change])

    with monkeypatch.context() as patched:
        patched.setattr(dbtRunner, "__init__", watched)
        assert build(home, landing) == 1
    message = capsys.readouterr().err
    assert "changed or vanished while they were read" in message
    assert "credits/batch=2024-01-02/a.csv" in message
    assert not (home / "published/marts.duckdb").exists()
    # It stays stopped until everything is rebuilt.
    assert build(home, landing) == 1


def test_a_full_refresh_that_was_stopped_leaves_nothing_of_the_old_ledger(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or the next build would go on with rows made under two sets of settings."""
    landing, home = small
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(
            "update intake.build_settings set value = '7' where setting = 'close_day'"
        )
        connection.execute("update ledger.fct_credit_entries set amount = 99")
    broken = put(landing, "credits/batch=2024-01-03/a.csv", CREDITS + '"')
    assert build(home, landing, "--full-refresh") == 1
    assert "credits/batch=2024-01-03/a.csv" in capsys.readouterr().err
    broken.unlink()
    assert build(home, landing) == 0
    assert amounts(home) == [("e1", "original", "1.000000000000")]


@pytest.mark.parametrize("options", [[], ["--full-refresh"]])
def test_what_dbt_wrote_by_itself_is_proven_before_it_is_published(
    small: LandingAndHome, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`dbt run` tests nothing, so the next build must not take its rows for proven ones."""
    landing, home = small
    put(landing, "credits/batch=2024-01-03/a.csv", CREDITS + top_up("e2", day="2024-01-03"))
    assert dbt(home, landing, "run", *options)[0]
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("update ledger.fct_credit_entries set amount = 99")
    assert build(home, landing) == 1
    assert "assert_days_are_the_entries" in capsys.readouterr().err


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


def test_what_a_failing_test_finds_is_named_and_not_published(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who has the published file open keeps it as it was, also when it is replaced in the end."""
    landing, home = small
    before = (home / "published/marts.duckdb").read_bytes()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("update reports.batches set accepted = 0 where feed = 'credits'")
    put(landing, "credits/batch=2024-01-03/a.csv", CREDITS + top_up("e2"))
    # It was not written by a build, so one that looks at everything finds it; so does the next.
    assert build(home, landing, "--prove-everything") == 1
    assert "nothing was published" in capsys.readouterr().err
    assert build(home, landing) == 1
    message = capsys.readouterr().err
    name = "assert_every_row_of_a_file_is_accounted_for"
    assert f"test {name} failed with a row" in message
    command = next(line for line in message.splitlines() if "dbt show" in line and name in line)
    assert command.split()[0] == f"PARTNER_REPORTS_HOME={home}"
    has_succeeded, shown = dbt(home, landing, *command.split()[2:])
    assert has_succeeded and "credits" in shown and "2024-01-02" in shown
    assert (home / "published/marts.duckdb").read_bytes() == before
    count = "select count(*) from reports.credit_topups"
    with reader(home / "published/marts.duckdb", count) as answer:
        assert answer() == "1"
        assert build(home, landing, "--full-refresh") == 0
        assert answer() == "1"
    assert query(home, count) == [(2,)]


@contextmanager
def reader(file: Path, sql: str) -> Iterator[Callable[[], str]]:
    """Another process that has the file open; what the query gives it, each time it is asked."""
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True)\n"
        "for _ in sys.stdin: print(c.execute(sys.argv[2]).fetchone()[0], flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(file), sql],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def answer() -> str:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield answer
