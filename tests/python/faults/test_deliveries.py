"""Batches that changed, are late, damaged or gone: named, and nothing of them is published."""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support.homes import ACCOUNTS, CREDITS, LandingAndHome, amounts, build, put, top_up

from exporters.cli import app


def assert_status_says(home: Path, capsys: pytest.CaptureFixture[str], *parts: str) -> None:
    """`status` tells of the last build, whatever is published."""
    capsys.readouterr()
    assert app.main(["status", "--home", str(home)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Last build: ")
    for part in parts:
        assert part in said


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


def test_a_full_refresh_does_not_forget_batches_that_are_gone(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    landing, home = small
    put(landing, "credits/batch=2024-01-03/a.csv", CREDITS + top_up("e2"))
    assert build(home, landing) == 0
    before = amounts(home)
    shutil.rmtree(landing / "credits/batch=2024-01-03")
    capsys.readouterr()
    assert build(home, landing, "--full-refresh") == 1
    said = capsys.readouterr().err
    assert "credits/batch=2024-01-03" in said and "--forget-missing" in said
    assert amounts(home) == before
    assert build(home, landing) == 0
    assert amounts(home) == before
    assert build(home, landing, "--forget-missing") == 2
    assert "--forget-missing goes with --full-refresh" in capsys.readouterr().err
    assert build(home, landing, "--full-refresh", "--forget-missing") == 0
    assert [event for event, *_ in amounts(home)] == ["e1"]


def test_an_empty_landing_folder_publishes_nothing(
    small: LandingAndHome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    landing, home = small
    empty = tmp_path / "empty"
    empty.mkdir()
    assert build(tmp_path / "new", empty) == 1
    assert f"{empty} holds no batch" in capsys.readouterr().err
    assert not (tmp_path / "new" / "published").exists()
    before = amounts(home)
    shutil.rmtree(landing)
    landing.mkdir()
    assert build(home, landing, "--full-refresh", "--forget-missing") == 1
    assert f"{landing} holds no batch" in capsys.readouterr().err
    assert build(home, landing) == 0
    assert amounts(home) == before


FAULTS: dict[str, tuple[str, bytes, str]] = {
    "unclosed quote": ("a.csv", (CREDITS + '"e2,s1\n').encode(), "line 2: a quote is opened"),
    "unclosed at the end": ("a.csv", (CREDITS + 'e2,"s1').encode(), "line 2: a quote is opened"),
    "text after a quote": ("a.csv", (CREDITS + '"e2"x,s1\n').encode(), "line 2: text follows"),
    "quote inside a field": ("a.csv", (CREDITS + 'e2,s"1\n').encode(), "line 2: a quote stands"),
    "lone carriage return": (
        "a.csv",
        (CREDITS + "e2,s\r1\n").encode(),
        "line 2: a carriage return",
    ),
    "not UTF-8": ("a.csv", CREDITS.encode() + b"e2,caf\xe9\n", "line 2: the file is not UTF-8"),
    "cut in a character": ("a.csv", CREDITS.encode() + b"e2,caf\xc3", "line 2: the file is not"),
    "truncated gzip": ("a.csv.gz", gzip.compress(CREDITS.encode() * 99)[:-9], "truncated"),
    "no gzip": ("a.csv.gz", CREDITS.encode(), "not a readable gzip file"),
    "no Parquet": ("a.parquet", CREDITS.encode(), "not a readable Parquet file"),
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
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, landing = place / "home", place / "landing"
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
        named = f"{path.relative_to(landing)}: "
        line = next((line for line in message.splitlines() if named in line), "")
        assert FAULTS[fault][2] in line, (fault, message)
    for name in ("batch=2024-02-30", "batch=20240101", "batch=", "batch=2024-01-01T2500"):
        assert f"revenue/{name} is not named" in message
    assert "Traceback" not in message and "macro" not in message
    assert not (home / "published" / "marts.duckdb").exists()
    # Nothing of the batches was taken in, so the sender may put them right under the same ids.
    shutil.rmtree(landing / "revenue")
    for path in broken.values():
        path.unlink()
        put(landing, f"{path.parent.relative_to(landing)}/good.csv", CREDITS + top_up("e1"))
    assert build(home, landing) == 0
    assert len(amounts(home)) == 1
