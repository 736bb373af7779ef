"""Files of a landing folder: what stops a build by name, what is read, and how."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from pathlib import Path

import duckdb
import pytest
from support.homes import (
    ACCOUNTS,
    CREDITS,
    amounts,
    build,
    put,
    query,
    top_up,
)

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


def test_files_are_read_whole_and_their_names_are_only_names(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No wildcard, quote or template in a path means anything.

    BOM, CRLF, blank lines, both line ends in one file, quoted line breaks, any column order.
    """
    home, landing = place / "home 'x'", place / "land[i]ng '*' {{ 7 }}"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    put(landing, "credits/batch=2024-01-02/a[1].csv", CREDITS + top_up("e1"))
    put(landing, "credits/batch=2024-01-02/a1.csv", CREDITS + top_up("e2"))
    put(landing, "credits/batch=2024-01-02/it's * {{ x }}.csv", CREDITS + top_up("e3"))
    put(landing, "credits/batch=2024-01-02/.hidden.csv", CREDITS + top_up("e4"))
    put(landing, "credits/batch=2024-01-02/notes.txt", "not a feed")
    put(landing, "credits/batch=2024-01-02/A.CSV", "passed over\n")
    put(landing, "revenues/batch=2024-01-02/a.csv", "event_id\n")
    put(
        landing,
        "credits/batch=2024-01-03/odd.csv",
        "\ufeff Amount ,EVENT_ID,service_account_id,movement_type,currency,occurred_at,"
        "description\r\n"
        "\r\n"
        '1,e5,s1,top_up,usd,2024-01-02 00:00:00,"two\r\nlines, and a "" quote"\r\n'
        "\n"
        "2,e6,s1,TOP_UP,USD,2024-01-02T00:00:00.123456+07:00,\n"
        "3,e7,s1,top_up,USD,2024-01-02T00:00:00Z\n"
        "4,e8,s1,top_up,USD,2024-01-02T00:00:00Z,,surplus",
    )
    put(landing, "credits/batch=2024-01-03/empty.csv", "")
    put(landing, "credits/batch=2024-01-03/header.csv", CREDITS)
    put(landing, "credits/batch=2024-01-03/lacks.csv", "event_id,amount\ne9,1\n")
    assert build(home, landing) == 0
    said = capsys.readouterr().out
    assert "credits/batch=2024-01-02/A.CSV is passed over" in said
    assert "revenues/ is passed over: the feeds are accounts, credits" in said
    files = query(home, "select file, row_number from reports.credit_topups order by event_id")
    assert files == [
        *[("a[1].csv", 1), ("a1.csv", 1), ("it's * {{ x }}.csv", 1), (".hidden.csv", 1)],
        *[("odd.csv", 1), ("odd.csv", 2)],
    ]
    assert query(
        home, "select description from ledger.fct_credit_entries where event_id = 'e5'"
    ) == [('two\r\nlines, and a " quote',)]
    rejected = query(
        home, "select file, row_number, reasons from reports.rejected_rows order by all"
    )
    assert [row[:2] for row in rejected] == [("lacks.csv", 1), ("odd.csv", 3), ("odd.csv", 4)]
    assert rejected[1][2] == ["the row has 6 field(s), the header has 7"]
    assert rejected[2][2] == ["the row has 8 field(s), the header has 7"]
    assert "the required column currency is missing from the file" in str(rejected[0][2])
