"""The build as users meet it: batches, faults in the landing folder, publishing, restarts."""

from __future__ import annotations

import errno
import fcntl
import gzip
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult
from support import proof
from support.comparing import all_exports
from support.homes import PROJECT, build, put

from exporters.cli import app
from exporters.warehouse import last_build, publish
from exporters.warehouse.last_build import LastBuild
from exporters.warehouse.publish import STORAGE_VERSION, storage_version

SAMPLE = PROJECT / "seeds" / "landing"
HEADER = "event_id,service_account_id,movement_type,amount,currency,occurred_at\n"
ACCOUNTS = (
    "service_account_id,account_id,account_type,partner_id,updated_at\n"
    "s1,a1,customer,P1,2024-01-01T00:00:00Z\n"
)


def top_up(event_id: str, amount: str = "1", day: str = "2024-01-02") -> str:
    return f"{event_id},s1,top_up,{amount},USD,{day}T00:00:00Z\n"


def query(home: Path, sql: str, file: str = "published/marts.duckdb") -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def amounts(home: Path) -> list[tuple[object, ...]]:
    return query(home, "select event_id, entry_type, cast(amount as varchar) from "
                       "reports.credit_topups order by all")  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, Path]:
    """A home and a landing folder with one account and one top-up, built once."""
    home, landing = tmp_path / "home", tmp_path / "landing"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    put(landing, "credits/batch=2024-01-02/a.csv", HEADER + top_up("e1"))
    assert build(home, landing) == 0
    return home, landing


# --- batches -------------------------------------------------------------------------------


def test_batch_by_batch_and_in_one_go_give_the_same_bytes(
    sample_home: Path, tmp_path: Path
) -> None:
    """Exports, workbooks and published rows: appended to in one home, written anew in the other."""
    home, landing = tmp_path / "home", tmp_path / "landing"
    batches = sorted(SAMPLE.glob("*/batch=*"), key=lambda path: path.name)
    for name in sorted({path.name for path in batches}):
        for batch in batches:
            if batch.name == name:
                shutil.copytree(batch, landing / batch.parent.name / name)
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


def published_rows(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every published table and view but what tells when it was built and where files lay."""
    own = {"ledger.build_settings", "reports.build_info", "ledger.landing_files"}
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


def test_a_run_that_was_stopped_between_two_models_is_made_up_for(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    for batch in sorted(SAMPLE.glob("*/batch=*")):
        if batch.name < "batch=2024-10-01":
            shutil.copytree(batch, landing / batch.parent.name / batch.name)
    homes = {name: tmp_path / name for name in ("whole", "early", "late")}
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
        assert dbt(homes[name], landing, "run", "--select", *selection.split()).returncode == 0
    for home in homes.values():
        assert build(home, landing) == 0
    expected = published_rows(homes["whole"])
    for name in stops:
        assert published_rows(homes[name]) == expected, name


def test_a_batch_that_vanishes_half_taken_in_stops_the_build(
    small: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    home, landing = small
    batch = put(landing, "credits/batch=2024-01-03/a.csv", HEADER + top_up("e2")).parent
    assert dbt(home, landing, "run", "--select", "+landing_files").returncode == 0
    shutil.move(batch, landing.with_name("kept"))
    capsys.readouterr()
    assert build(home, landing) == 1
    said = capsys.readouterr()
    assert "credits/batch=2024-01-03 has vanished, and the build that took it in" in said.err
    assert "Put it back as it was" in said.err and "no longer in" not in said.out
    shutil.move(landing.with_name("kept"), batch)
    assert build(home, landing) == 0
    assert [row[0] for row in amounts(home)] == ["e1", "e2"]


def dbt(home: Path, landing: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Plain dbt, as the project's own files set it up."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), *arguments,
         "--target-path", str(home / "target"), "--log-path", str(home / "logs")],
        cwd=PROJECT, text=True, capture_output=True,
        env={**os.environ, "PARTNER_REPORTS_HOME": str(home),
             "PARTNER_REPORTS_LANDING": str(landing)},
    )  # fmt: skip


def test_plain_dbt_build_and_docs_work_from_nothing(tmp_path: Path) -> None:
    """Unit tests included; the variables, seeds and tests are those of the command."""
    home = tmp_path / "home"
    home.mkdir()
    run = dbt(home, SAMPLE, "build")
    assert run.returncode == 0, run.stdout
    assert "WARN=0 ERROR=0 SKIP=0" in run.stdout
    docs = dbt(home, SAMPLE, "docs", "generate")
    assert docs.returncode == 0, docs.stdout
    assert "WARN" not in docs.stdout.upper().replace("WARN=0", "")


def test_batches_are_immutable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, landing = tmp_path / "home", tmp_path / "landing"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    changes: dict[str, Callable[[Path], object]] = {
        "2024-01-02": lambda file: file.write_text(HEADER + top_up("e1", "2")),
        "2024-01-03": lambda file: file.with_name("b.csv").write_text(HEADER),
        "2024-01-04": lambda file: file.rename(file.with_name("b.csv")),
        "2024-01-05": lambda file: file.unlink(),
        "2024-01-06": lambda file: file.write_text(""),
    }
    for number, batch_id in enumerate(changes, start=1):
        put(landing, f"credits/batch={batch_id}/a.csv", HEADER + top_up(f"e{number}"))
    assert build(home, landing) == 0
    before = amounts(home)
    shutil.copytree(landing, tmp_path / "kept")
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
    shutil.copytree(tmp_path / "kept", landing)
    # The same bytes with another time are no change.
    os.utime(landing / "credits/batch=2024-01-06/a.csv", (1, 1))
    assert build(home, landing) == 0
    capsys.readouterr()

    put(landing, "credits/batch=2024-01-01/a.csv", HEADER + top_up("e0"))
    assert build(home, landing) == 1
    message = capsys.readouterr().err
    assert "credits/batch=2024-01-01 is older than 2024-01-06" in message
    assert "--full-refresh" in message
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


def test_status_tells_of_builds_that_did_not_end_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(tmp_path, tmp_path / "nowhere") == 1
    capsys.readouterr()
    assert app.main(["status", "--home", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert f"UTC from {tmp_path / 'nowhere'}: FAILED" in said.out
    assert "nowhere does not exist" in said.out
    assert "nothing is published" in said.err
    # Killed, at work, and a file of another version of the project.
    LastBuild("/srv/landing").write(tmp_path)
    last_build.show(tmp_path)
    assert "was stopped before it ended" in capsys.readouterr().out
    with (tmp_path / last_build.LOCK).open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        last_build.show(tmp_path)
    assert "is at work" in capsys.readouterr().out
    (tmp_path / "last_build.json").write_text('{"another": 1}')
    last_build.show(tmp_path)
    assert capsys.readouterr().out == ""


def test_settings_that_stored_rows_depend_on_may_not_change(
    small: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    home, landing = small
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(
            "update ledger.build_settings set value = 'UTC' where setting = 'business_time_zone'"
        )
    assert build(home, landing) == 1
    message = capsys.readouterr().err
    assert "business_time_zone was UTC and is now Asia/Ho_Chi_Minh" in message
    assert "--full-refresh" in message
    assert build(home, landing, "--full-refresh") == 0


def test_part_of_the_ledger_cannot_be_refreshed(small: tuple[Path, Path]) -> None:
    home, landing = small
    run = dbt(home, landing, "run", "--full-refresh", "--select", "partners")
    assert run.returncode != 0
    assert "run it without --select" in run.stdout
    assert query(home, "select count(*) from ledger.fct_credit_entries", "warehouse.duckdb") == [
        (1,)
    ]


def test_senseless_variables_are_refused(tmp_path: Path) -> None:
    variables = "{close_day: 29, business_time_zone: Hanoi}"
    run = dbt(tmp_path, SAMPLE, "build", "--vars", variables, "--select", "+build_settings")
    assert run.returncode == 1
    assert 'close_day is "29"; allowed are the whole numbers 0 to 28' in run.stdout
    assert 'business_time_zone is "Hanoi"; allowed are IANA names' in run.stdout


def test_a_ledger_of_an_older_version_asks_for_a_full_refresh(
    small: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    home, landing = small
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("delete from ledger.build_settings where setting = 'form of the ledger'")
        connection.execute("alter table ledger.fct_credit_entries drop column is_internal")
    assert build(home, landing) == 1
    said = capsys.readouterr().err
    assert "they are of an older version of the project" in said
    assert "rebuild everything with --full-refresh" in said
    assert "is_internal" not in said
    assert build(home, landing, "--full-refresh") == 0
    assert amounts(home) == [("e1", "original", "1.000000000000")]


def test_a_file_of_another_format_is_renewed_by_a_full_refresh(
    small: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is published is a copy of the warehouse, and 1.x clients must be able to read it."""
    home, landing = small
    warehouse, published = home / "warehouse.duckdb", home / "published/marts.duckdb"
    warehouse.rename(home / "as-it-was.duckdb")
    with duckdb.connect(str(warehouse)) as connection:  # of today's format
        connection.execute(f"attach '{home / 'as-it-was.duckdb'}' as it (read_only)")
        connection.execute("create schema ledger")
        connection.execute("create table ledger.landing_files as from it.ledger.landing_files")
        connection.execute("update ledger.landing_files set batch_id = '2023-01-01'")
    assert build(home, landing, "--full-refresh") == 0
    assert "batch=2023-01-01 is no longer in" in capsys.readouterr().out
    assert storage_version(warehouse) == storage_version(published) == STORAGE_VERSION
    assert amounts(home) == [("e1", "original", "1.000000000000")]
    warehouse.unlink()
    before = published.read_bytes()
    duckdb.connect(str(warehouse)).close()
    assert build(home, landing) == 1
    assert "rebuild with --full-refresh" in capsys.readouterr().err
    assert published.read_bytes() == before


def test_a_file_in_the_format_of_before_goes_on_until_a_full_refresh(
    small: tuple[Path, Path],
) -> None:
    home, landing = small
    warehouse, published = home / "warehouse.duckdb", home / "published/marts.duckdb"
    warehouse.rename(home / "as-it-was.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'as-it-was.duckdb'}' as it (read_only)")
        connection.execute(f"attach '{warehouse}' as warehouse (storage_version 'v1.2.0')")
        connection.execute("copy from database it to warehouse")
    put(landing, "credits/batch=2024-01-03/a.csv", HEADER + top_up("e2"))
    assert build(home, landing) == 0
    assert storage_version(published) == "v1.2.0"
    assert [event for event, *_ in amounts(home)] == ["e1", "e2"]
    assert build(home, landing, "--full-refresh") == 0
    assert storage_version(published) == STORAGE_VERSION
    assert [event for event, *_ in amounts(home)] == ["e1", "e2"]


def test_a_full_refresh_that_was_stopped_leaves_nothing_of_the_old_ledger(
    small: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Or the next build would go on with rows made under two sets of settings."""
    home, landing = small
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(
            "update ledger.build_settings set value = '7' where setting = 'close_day'"
        )
        connection.execute("update ledger.fct_credit_entries set amount = 99")
    broken = put(landing, "credits/batch=2024-01-03/a.csv", HEADER + '"')
    shutil.move(landing / "accounts", landing.with_name("accounts"))
    assert build(home, landing, "--full-refresh") == 1
    assert "accounts/batch=2024-01-01 is no longer in" in capsys.readouterr().out
    shutil.move(landing.with_name("accounts"), landing / "accounts")
    broken.unlink()
    assert build(home, landing) == 0
    assert amounts(home) == [("e1", "original", "1.000000000000")]


# --- faults in the landing folder ----------------------------------------------------------

FAULTS: dict[str, tuple[str, bytes, str]] = {
    "unclosed quote": ("a.csv", (HEADER + '"e2,s1\n').encode(), "line 2: a quote is opened"),
    "unclosed at the end": ("a.csv", (HEADER + 'e2,"s1').encode(), "line 2: a quote is opened"),
    "text after a quote": ("a.csv", (HEADER + '"e2"x,s1\n').encode(), "line 2: text follows"),
    "quote inside a field": ("a.csv", (HEADER + 'e2,s"1\n').encode(), "line 2: a quote stands"),
    "lone carriage return": ("a.csv", (HEADER + "e2,s\r1\n").encode(), "line 2: a carriage return"),
    "not UTF-8": ("a.csv", HEADER.encode() + b"e2,caf\xe9\n", "line 2: the file is not UTF-8"),
    "cut in a character": ("a.csv", HEADER.encode() + b"e2,caf\xc3", "line 2: the file is not"),
    "truncated gzip": ("a.csv.gz", gzip.compress(HEADER.encode() * 99)[:-9], "truncated"),
    "no gzip": ("a.csv.gz", HEADER.encode(), "not a readable gzip file"),
    "no Parquet": ("a.parquet", HEADER.encode(), "not a readable Parquet file"),
    "zip as CSV": ("a.csv", b"PK\x03\x04\x14\x00\x08\x08\x08\x00\xff\xfe", "not UTF-8"),
}


def damaged_parquet() -> bytes:
    """A Parquet file with a good footer and spoilt pages."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        duckdb.execute(
            "copy (select 'e' || i as event_id, 's1' as service_account_id from range(1000) t(i)) "
            f"to '{path}' (format parquet, compression zstd)"
        )
        content = bytearray(path.read_bytes())
    content[100:400] = bytes(300)
    return bytes(content)


FAULTS["damaged Parquet"] = ("b.parquet", damaged_parquet(), "not a readable Parquet file")


def test_broken_files_stop_the_build_by_name_and_can_be_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, landing = tmp_path / "home", tmp_path / "landing"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    broken = {
        fault: put(landing, f"credits/batch=2024-01-{day:02}/{name}", content)
        for day, (fault, (name, content, _)) in enumerate(FAULTS.items(), start=1)
    }
    for name in ("batch=2024-02-30", "batch=20240101", "batch=", "batch=2024-01-01T2500"):
        (landing / "revenue" / name).mkdir(parents=True)
    assert build(home, landing) == 1
    message = capsys.readouterr().err
    for fault, path in broken.items():
        place = f"{path.relative_to(landing)}: "
        line = next((line for line in message.splitlines() if place in line), "")
        assert FAULTS[fault][2] in line, (fault, message)
    for name in ("batch=2024-02-30", "batch=20240101", "batch=", "batch=2024-01-01T2500"):
        assert f"revenue/{name} is not named" in message
    assert "Traceback" not in message and "macro" not in message
    assert not (home / "published" / "marts.duckdb").exists()
    # Nothing of the batches was taken in, so the sender may put them right under the same ids.
    shutil.rmtree(landing / "revenue")
    for path in broken.values():
        path.unlink()
        put(landing, f"{path.parent.relative_to(landing)}/good.csv", HEADER + top_up("e1"))
    assert build(home, landing) == 0
    assert len(amounts(home)) == 1


@pytest.mark.parametrize("vanishes", [False, True])
def test_a_file_that_changes_while_it_is_read_stops_the_build(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    vanishes: bool,
) -> None:
    home, landing = tmp_path / "home", tmp_path / "landing"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    path = put(landing, "credits/batch=2024-01-02/a.csv", HEADER + top_up("e1"))

    class ChangingRunner(dbtRunner):  # type: ignore[misc]
        """Changes the file as soon as its rows have been read."""

        def invoke(self, args: list[str], **options: object) -> dbtRunnerResult:
            def change(event: Any) -> None:
                if event.info.name == "LogModelResult" and "stg_credits" in event.data.description:
                    path.unlink() if vanishes else path.write_text(HEADER + top_up("e1", "22"))

            self.callbacks.append(change)
            return super().invoke(args, **options)

    with monkeypatch.context() as patched:
        patched.setattr("dbt.cli.main.dbtRunner", ChangingRunner)
        assert build(home, landing) == 1
    message = capsys.readouterr().err
    assert "changed or vanished while they were read" in message
    assert "credits/batch=2024-01-02/a.csv" in message
    assert not (home / "published/marts.duckdb").exists()
    # It stays stopped until everything is rebuilt.
    assert build(home, landing) == 1


def test_a_missing_landing_folder_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(tmp_path / "home", tmp_path / "nowhere") == 1
    assert f"{tmp_path}/nowhere does not exist" in capsys.readouterr().err


def test_the_sample_is_not_added_to_somebodys_home(
    small: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who forgets --landing would otherwise mix the sample's partners into their own."""
    home, landing = small
    monkeypatch.delenv("PARTNER_REPORTS_LANDING", raising=False)
    before = (home / "published/marts.duckdb").read_bytes()
    assert app.main(["build", "--home", str(home)]) == 2
    assert f"{home} was last built from {landing}" in capsys.readouterr().err
    assert (home / "published/marts.duckdb").read_bytes() == before
    monkeypatch.setenv("PARTNER_REPORTS_LANDING", str(landing))
    assert app.main(["build", "--home", str(home)]) == 0


def test_names_of_files_and_folders_are_only_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No wildcard, quote or template in a path means anything."""
    home, landing = tmp_path / "home 'x'", tmp_path / "land[i]ng '*' {{ 7 }}"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    put(landing, "credits/batch=2024-01-02/a[1].csv", HEADER + top_up("e1"))
    put(landing, "credits/batch=2024-01-02/a1.csv", HEADER + top_up("e2"))
    put(landing, "credits/batch=2024-01-02/it's * {{ x }}.csv", HEADER + top_up("e3"))
    put(landing, "credits/batch=2024-01-02/.hidden.csv", HEADER + top_up("e4"))
    put(landing, "credits/batch=2024-01-02/notes.txt", "not a feed")
    put(landing, "credits/batch=2024-01-02/A.CSV", "passed over\n")
    put(landing, "revenues/batch=2024-01-02/a.csv", "event_id\n")
    assert build(home, landing) == 0
    assert [row[0] for row in amounts(home)] == ["e1", "e2", "e3", "e4"]
    said = capsys.readouterr().out
    assert "credits/batch=2024-01-02/A.CSV is passed over" in said
    assert "revenues/ is passed over: the feeds are accounts, credits" in said
    files = query(home, "select file, row_number from reports.credit_topups order by event_id")
    assert files == [("a[1].csv", 1), ("a1.csv", 1), ("it's * {{ x }}.csv", 1), (".hidden.csv", 1)]


def test_odd_files_are_read_whole(tmp_path: Path) -> None:
    """BOM, CRLF, blank lines, both line ends in one file, quoted line breaks, any column order."""
    home, landing = tmp_path / "home", tmp_path / "landing"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    put(
        landing,
        "credits/batch=2024-01-02/a.csv",
        "\ufeff Amount ,EVENT_ID,service_account_id,movement_type,currency,occurred_at,"
        "description\r\n"
        "\r\n"
        '1,e1,s1,top_up,usd,2024-01-02 00:00:00,"two\r\nlines, and a "" quote"\r\n'
        "\n"
        "2,e2,s1,TOP_UP,USD,2024-01-02T00:00:00.123456+07:00,\n"
        "3,e3,s1,top_up,USD,2024-01-02T00:00:00Z\n"
        "4,e4,s1,top_up,USD,2024-01-02T00:00:00Z,,surplus",
    )
    put(landing, "credits/batch=2024-01-02/empty.csv", "")
    put(landing, "credits/batch=2024-01-02/header.csv", HEADER)
    put(landing, "credits/batch=2024-01-02/lacks.csv", "event_id,amount\ne9,1\n")
    assert build(home, landing) == 0
    assert [row[0] for row in amounts(home)] == ["e1", "e2"]
    assert query(
        home, "select description from ledger.fct_credit_entries where event_id = 'e1'"
    ) == [('two\r\nlines, and a " quote',)]
    rejected = query(
        home, "select file, row_number, reasons from reports.rejected_rows order by all"
    )
    assert [row[:2] for row in rejected] == [("a.csv", 3), ("a.csv", 4), ("lacks.csv", 1)]
    assert rejected[0][2] == ["the row has 6 field(s), the header has 7"]
    assert rejected[1][2] == ["the row has 8 field(s), the header has 7"]
    assert "the required column currency is missing from the file" in str(rejected[2][2])


# --- publishing ----------------------------------------------------------------------------


def test_a_failing_test_leaves_the_published_file_as_it_was(
    small: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    home, landing = small
    before = (home / "published/marts.duckdb").read_bytes()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("delete from ledger.fct_credit_entries")
    put(landing, "credits/batch=2024-01-03/a.csv", HEADER + top_up("e2"))
    assert build(home, landing) == 1
    message = capsys.readouterr().err
    assert "nothing was published" in message
    assert (home / "published/marts.duckdb").read_bytes() == before
    assert build(home, landing, "--full-refresh") == 0
    assert len(amounts(home)) == 2


@pytest.mark.parametrize("options", [[], ["--full-refresh"]])
def test_what_dbt_wrote_by_itself_is_proven_before_it_is_published(
    small: tuple[Path, Path], options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`dbt run` tests nothing, so the next build must not take its rows for proven ones."""
    home, landing = small
    put(landing, "credits/batch=2024-01-03/a.csv", HEADER + top_up("e2", day="2024-01-03"))
    assert dbt(home, landing, "run", *options).returncode == 0
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("update ledger.fct_credit_entries set amount = 99")
    assert build(home, landing) == 1
    assert "assert_days_are_the_entries" in capsys.readouterr().err


def test_a_failing_test_is_named_with_its_rows_and_how_to_see_them(
    small: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    home, landing = small
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("update reports.batches set accepted = 0 where feed = 'credits'")
    # It was not written by a build, so one that looks at everything finds it; so does the next.
    assert build(home, landing, "--prove-everything") == 1
    assert build(home, landing) == 1
    message = capsys.readouterr().err
    assert "test assert_every_row_of_a_file_is_accounted_for failed with a row" in message
    command = next(line for line in message.splitlines() if "dbt show" in line).split()
    assert command[0] == f"PARTNER_REPORTS_HOME={home}"
    shown = dbt(home, landing, *command[2:])
    assert shown.returncode == 0
    assert "credits" in shown.stdout and "2024-01-02" in shown.stdout


@pytest.mark.proof
@pytest.mark.parametrize(
    "stopped", ["", "+fct_revenue_entries", "+reattributed_batches"][: proof.amount(test=2, soak=3)]
)
def test_old_entries_follow_late_records_into_the_published_file(
    small: tuple[Path, Path], stopped: str
) -> None:
    """Even where the build that wrote them again ended without publishing, or half-way."""
    home, landing = small
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
    assert dbt(home, landing, "run" if stopped else "build", *select).returncode == 0
    assert query(home, detail) == [("P1", 8)]
    put(landing, "credits/batch=2024-01-04/a.csv", HEADER + top_up("e2", day="2024-01-04"))
    assert build(home, landing) == 0
    assert query(home, detail) == [("P2", 6)]
    fresh = home.with_name("fresh")
    assert build(fresh, landing) == 0
    assert published_rows(home) == published_rows(fresh)


def test_a_second_build_says_so_and_exits(
    small: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    home, landing = small
    with (home / "build.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert build(home, landing) == 1
    assert "another build" in capsys.readouterr().err
    assert build(home, landing) == 0


@pytest.mark.parametrize("refused", [None, "shared blocks", "shared blocks and direct writes"])
@pytest.mark.parametrize("size", [0, 1, 4096, 8 * 1024 * 1024, 17 * 1024 * 1024 + 3])
def test_a_copy_is_the_same_on_every_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, refused: str | None
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(random.Random(size).randbytes(size))
    target.write_bytes(b"what stood here before, and was longer" * 1_000_000)
    opened = os.open

    def refuse_direct(path: str, flags: int, *more: int) -> int:
        if flags & getattr(os, "O_DIRECT", 0):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
        return opened(path, flags, *more)

    def refuse_sharing(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    if refused:
        monkeypatch.setattr(fcntl, "ioctl", refuse_sharing)
    if refused == "shared blocks and direct writes":
        monkeypatch.setattr(os, "open", refuse_direct)
    publish._copy(source, target)
    assert target.read_bytes() == source.read_bytes()


def test_a_copy_that_shares_its_blocks_stays_when_the_other_is_written(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    content = random.Random(0).randbytes(1024 * 1024)
    source.write_bytes(content)
    if not publish._share_blocks(source, target):
        pytest.skip("the file system of temporary files cannot share blocks (XFS and Btrfs can)")
    with source.open("r+b") as file:
        file.write(b"what the next build writes")
    assert target.read_bytes() == content


def test_a_copy_that_the_disk_refuses_is_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "source").write_bytes(b"x")

    def is_full(path: str, *_: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    monkeypatch.setattr(publish, "_share_blocks", lambda *_: False)
    monkeypatch.setattr(os, "open", is_full)
    with pytest.raises(OSError, match="No space left"):
        publish._copy(tmp_path / "source", tmp_path / "target")


def test_a_reader_keeps_its_version_through_a_publish(small: tuple[Path, Path]) -> None:
    home, landing = small
    count = "select count(*) from reports.credit_topups"
    reader = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); " \
             "print(c.execute(sys.argv[2]).fetchone()[0], flush=True); input(); " \
             "print(c.execute(sys.argv[2]).fetchone()[0])"  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", reader, str(home / "published/marts.duckdb"), count],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    put(landing, "credits/batch=2024-01-03/a.csv", HEADER + top_up("e2"))
    assert build(home, landing) == 0
    assert query(home, count) == [(2,)]
    assert process.communicate("\n")[0] == "1\n"


def test_a_1_x_client_reads_the_published_file(sample_home: Path, python_duckdb_1: Path) -> None:
    """BI tools still ship the drivers of DuckDB 1; views and comments work there too."""
    script = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
assert duckdb.__version__.startswith("1.5"), duckdb.__version__
for schema, name in con.execute(
    "select table_schema, table_name from information_schema.tables "
    "where table_schema = 'reports' order by all").fetchall():
    print(name, con.execute(f'select count(*) from {schema}.{name}').fetchone()[0])
print(con.execute("select comment from duckdb_columns() where table_name = 'credit_balance' "
                  "and column_name = 'available'").fetchone()[0])
"""
    run = subprocess.run(
        [str(python_duckdb_1), "-c", script, str(sample_home / "published/marts.duckdb")],
        text=True, capture_output=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    lines = dict(line.split(" ", 1) for line in run.stdout.splitlines())
    assert int(lines["revenue_detail"]) > 1000
    assert int(lines["discounts"]) > 0
    assert "Closing balance less held credit." in run.stdout
