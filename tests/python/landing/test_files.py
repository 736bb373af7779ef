"""Files of a landing folder: what stops a build by name, what is read, and how."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.homes import (
    ACCOUNTS,
    CREDITS,
    build,
    put,
    query,
    top_up,
)


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
