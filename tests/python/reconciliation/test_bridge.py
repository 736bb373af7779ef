"""The bridge from what was reported for a month to what is true now: it adds up, and opens."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from support.bridges import NOTHING, ZERO, Amounts, check_bridge
from support.comparing import REFERENCE
from support.homes import PROJECT, LandingAndHome
from support.oracle import Entry, Oracle

from exporters.cli import app
from exporters.errors import ReportError
from exporters.reconciliation.bridge import bridge
from exporters.reconciliation.bridge.lines import AMOUNTS, STEPS
from exporters.warehouse.published import open_published


def run(home: Path, output: Path, *words: str) -> int:
    """The command; its exit status."""
    return app.main(["bridge", "--home", str(home), "--output", str(output), *words])


def rows_of(home: Path, output: Path, *words: str) -> dict[tuple[str, ...], Amounts]:
    """The rows of an exported bridge by ledger, service account, wallet, currency and measure."""
    assert run(home, output, *words) == 0
    with output.open(encoding="utf-8", newline="") as file:
        return {
            (row["ledger"], row["service_account_id"], row["wallet"], row["currency"],
             row["measure"]): tuple(Decimal(row[column.name]) for column in AMOUNTS)
            for row in csv.DictReader(file)
        }  # fmt: skip


def amounts(*texts: str | int) -> Amounts:
    """The six amounts of a row."""
    return tuple(Decimal(text) for text in texts)


# --- by hand, on the sample (docs/sample.md) ----------------------------------------------------


def test_september_of_the_sample(sample_home: Path, tmp_path: Path) -> None:
    """A late event, a correction in a later month, an event of August posted in September."""
    found = rows_of(sample_home, tmp_path / "b.csv", "--partner=000100", "--month=2024-09")
    # CR-0060 came late; CR-0033 was 3,600,000 and is 4,050,000.
    own = ("credits", "010001", "main", "VND")
    assert found[*own, "used"] == amounts(9300000, 350000, 450000, 0, 0, 10100000)
    assert found[*own, "net_movement"] == amounts(-2850000, -350000, -450000, 0, 0, -3650000)
    assert found[*own, "held"] == amounts(-2000000, 0, 0, 0, 0, -2000000)
    # RV-0027 came late, RV-0010 was corrected, RV-0007 is of August.
    own = ("revenue", "010001", "", "VND")
    expected = {
        "list_amount": (14169999.5, 350000, 500000, -250000, 0, 14769999.5),
        "discount_amount": (1250000, 0, 50000, 0, 0, 1300000),
        "net_amount": (12919999.5, 350000, 450000, -250000, 0, 13469999.5),
        "tax_amount": (1310000, 35000, 45000, -25000, 0, 1365000),
        "partner_cost_amount": (
            Decimal("10469999.5"),
            350000,
            375000,
            -250000,
            0,
            Decimal("10944999.5"),
        ),
        "partner_margin_amount": (2450000, 0, 75000, 0, 0, 2525000),
        "event_count": (11, 1, 0, -1, 0, 11),
    }
    assert {key[-1]: found[key] for key in found if key[:-1] == own} == {
        measure: amounts(*map(str, values)) for measure, values in expected.items()
    }


def test_october_of_the_sample(sample_home: Path, tmp_path: Path) -> None:
    """A void and what was corrected and late in September, all posted in October."""
    found = rows_of(sample_home, tmp_path / "b.csv", "--partner=000100", "--month=2024-10")
    assert found["credits", "000101", "main", "VND", "used"] == amounts(
        -2500000, 0, 0, 0, 2500000, 0
    )
    assert found["credits", "010001", "main", "VND", "used"] == amounts(
        "2034567.125", 0, 0, -350000, -450000, "1234567.125"
    )
    assert found["revenue", "000101", "", "VND", "list_amount"] == amounts(
        -2500000, 0, 0, 0, 2500000, 0
    )


def test_conditions_choose_accounts(sample_home: Path, tmp_path: Path) -> None:
    """By account and by account type, rows are those of the whole."""
    month = ("--partner=000100", "--month=2024-10")
    whole = rows_of(sample_home, tmp_path / "b.csv", *month)
    one = rows_of(sample_home, tmp_path / "b.csv", *month, "--account=000101")
    own = rows_of(sample_home, tmp_path / "b.csv", *month, "--account-type=partner")
    rest = rows_of(sample_home, tmp_path / "b.csv", *month, "--account-type=customer")
    assert one == own == {key: row for key, row in whole.items() if key[1] == "000101"}
    assert own and rest and own | rest == whole
    customer = rows_of(sample_home, tmp_path / "b.csv", *month, "--account=010000")
    accounts = ("010001", "010002")
    assert customer == {key: row for key, row in whole.items() if key[1] in accounts}


# --- the workbook -------------------------------------------------------------------------------


def test_the_workbook_opens_every_amount(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Summary = sums of the rows, rows = sums of the entries, and it says as of when."""
    path = tmp_path / "b.xlsx"
    assert run(sample_home, path, "--partner=000100", "--month=2024-09") == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{path}\n")
    book = openpyxl.load_workbook(path, data_only=False)
    assert book.sheetnames == ["Summary", "Bridge", "Credit entries", "Revenue entries", "Control"]

    def table(title: str) -> list[dict[str, object]]:
        lines = list(book[title].iter_rows(min_row=7, values_only=True))
        body = lines[1 : lines.index((None,) * len(lines[0]))]
        return [dict(zip(map(str, lines[0]), line, strict=True)) for line in body]

    def number(value: object) -> Decimal:
        assert isinstance(value, int | float)
        return Decimal(str(value))

    rows = table("Bridge")
    entries = {"Credits": table("Credit entries"), "Revenue": table("Revenue entries")}
    opened = 0
    for row in rows:
        for step in STEPS:
            own = str(row["Measure"])
            behind = [
                number(entry[own] if own in entry else entry["Amount"])
                for entry in entries[str(row["Ledger"])]
                if entry["Step"] == step.label
                and all(entry[key] == row[key] for key in ("Service account", "Currency"))
                and entry.get("Wallet") == row["Wallet"]
                and (own in entry or entry["Measure"] == own)
            ]
            assert sum(behind, ZERO) == number(row[step.label]), (row, step.name)
            opened += sum(behind, ZERO) != 0
    assert opened == 5 + 16  # of credits and of revenue

    sums: dict[tuple[object, ...], list[Decimal]] = defaultdict(lambda: list(NOTHING))
    for row in rows:
        total = sums[row["Ledger"], row["Currency"], row["Measure"]]
        for place, column in enumerate(AMOUNTS):
            total[place] += number(row[column.label])
    lines = [line for line in book["Summary"].iter_rows(values_only=True) if len(line) == 9]
    summary = {line[:3]: [number(value) for value in line[3:]] for line in lines
               if line[0] in ("Credits", "Revenue")}  # fmt: skip
    assert summary == dict(sums)
    for ledger, currency, measure in summary:
        found = [line.split() for line in printed.splitlines()]
        assert any(line[:2] == [ledger, currency] for line in found), measure
    said = [cell for line in lines for cell in line if isinstance(cell, str)]
    assert any(
        "accounts as known on 2024-10-08, discounts as known on 2024-10-28" in text for text in said
    )
    hostile = [row for row in rows if row["Service account"] == "020001"]
    assert {row["Service account name"] for row in hostile} == {"=1+1 web"}


def test_default_place_and_other_formats(sample_home: Path, tmp_path: Path) -> None:
    """Beside the other exports of the partner; JSON and Parquet have the rows of the CSV."""
    words = ["bridge", "--home", str(sample_home), "--partner=000100", "--month=2024-10"]
    assert app.main(words) == 0
    path = sample_home / "exports" / "000100" / "bridge_2024-10.xlsx"
    first = path.read_bytes()
    assert app.main(words) == 0
    assert path.read_bytes() == first
    # With conditions it has a name of its own.
    assert app.main([*words, "--account", "010001", "--account-type", "customer"]) == 0
    assert path.read_bytes() == first
    assert path.with_name("bridge_2024-10_account-type-customer_account-010001.xlsx").exists()
    found = rows_of(sample_home, tmp_path / "b.csv", *words[3:])
    assert run(sample_home, tmp_path / "b.json", *words[3:]) == 0
    assert run(sample_home, tmp_path / "b.parquet", *words[3:]) == 0
    from_json = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert [Decimal(row["restated"]) for row in from_json] == [row[-1] for row in found.values()]
    restated = duckdb.execute(
        "select restated from read_parquet(?)", [str(tmp_path / "b.parquet")]
    ).fetchall()
    assert [row[0] for row in restated] == [row[-1] for row in found.values()]


def test_a_month_without_anything(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No error: an empty bridge, and it says so."""
    words = ["--partner=000100", "--month=2019-02"]
    assert run(sample_home, tmp_path / "b.xlsx", *words) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (
        f"{tmp_path / 'b.xlsx'}\n",
        "no rows for these conditions\n",
    )
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    texts = [row[0] for row in book["Summary"].iter_rows(values_only=True)]
    assert "Nothing was posted in the month, and nothing belongs to it." in texts
    assert run(sample_home, tmp_path / "b.csv", "--partner=000100", "--month=9999-12") == 0
    assert run(sample_home, tmp_path / "b.csv", "--partner=000100", "--month=0001-01") == 0


# --- wrong requests -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--partner=000100", "--month=2024-13"], "'2024-13' is not a month: write YYYY-MM"),
        (["--partner=000100", "--month=2024-9"], "--month '2024-9' is not a month"),
        (["--partner=000100", "--month=0000-01"], "--month '0000-01' is not a month"),
        (["--partner=000100", "--month=2024-09-01"], "--month '2024-09-01' is not a month"),
        (["--partner=000100", "--month=２０２４-09"], "is not a month"),
        (["--partner=00100", "--month=2024-09"], "unknown partner '00100'"),
        (["--partner=00100", "--month=2024-09"], "did you mean '000100'?"),
        (["--partner=000100", "--month=2024-09", "--account=000201"], "unknown account '000201'"),
        (["--partner=000100", "--month=2024-09", "--account-type=own"], "'own': allowed are"),
        (["--partner=000100", "--month=2024-09", "--output=b.ods"], "unknown file ending '.ods'"),
    ],
)  # fmt: skip
def test_wrong_requests(
    sample_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    message: str,
) -> None:
    """Status 2, a message that names the value, and no file."""
    monkeypatch.chdir(tmp_path)
    assert app.main(["bridge", "--home", str(sample_home), *words]) == 2
    captured = capsys.readouterr()
    assert message in captured.err and captured.out == ""
    assert list(tmp_path.iterdir()) == []


# --- identities ---------------------------------------------------------------------------------


def months_of(entries: list[Entry]) -> list[date]:
    """The first day of every month from before the first date to after the last."""
    days = [day for entry in entries for day in (entry.event_date, entry.posted_date)]
    month, last = min(days).replace(day=1) - timedelta(days=1), max(days) + timedelta(days=31)
    months = []
    while month <= last:
        months.append(month.replace(day=1))
        month = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
    return months


def check_all_bridges(home: Path, landing: Path) -> None:
    """Every partner and month of a home, against the reference and as an identity."""
    reference = Oracle(landing, **REFERENCE)
    with open_published(home) as connection:
        for first in months_of(reference.entries()):
            for partner in reference.partners():
                check_bridge(connection, reference, partner, first)


def test_all_bridges_of_the_sample(sample_home: Path) -> None:
    """Rows, steps and entries are what the reference works out, and add up."""
    check_all_bridges(sample_home, PROJECT / "seeds" / "landing")


@pytest.mark.proof
def test_all_bridges_of_random_folders(random_homes: list[LandingAndHome]) -> None:
    """The same where everything is late, corrected, moved and void."""
    for landing, home in random_homes:
        check_all_bridges(home, landing)


# What could be written in the place of a right line.
MISTAKES = [
    ("credits", "sign * balance_effect as net_movement", "sign * amount as net_movement"),
    ("credits", "sign * movement_amount", "sign * balance_effect"),
    ("credits", "event_date between", "posted_date between"),
    ("credits", " <> ", " > "),
    ("credits", "else -1 end", "else 1 end"),
    ("revenue", " <> ", " < "),
    ("revenue", "sign * net_amount", "net_amount"),
]


@pytest.mark.parametrize(("ledger", "right", "wrong"), MISTAKES)
def test_a_bridge_that_does_not_add_up_is_not_written(
    random_homes: list[LandingAndHome],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ledger: str,
    right: str,
    wrong: str,
) -> None:
    """Both ends come from other tables than the steps, so a mistake shows."""
    sql = bridge._ENTRIES_SQL[ledger]
    assert right in sql, "the line is no longer there"
    monkeypatch.setitem(bridge._ENTRIES_SQL, ledger, sql.replace(right, wrong))
    _, home = random_homes[0]
    with open_published(home) as connection:
        partners = connection.execute("select partner_id from reports.partners").fetchall()
        output = tmp_path / "b.csv"
        with pytest.raises(ReportError, match="the bridge does not add up"):
            for (partner,) in partners:
                for month in ("2024-01", "2024-02", "2024-03"):
                    request = bridge.parse_request(partner, month)
                    bridge.write(connection, home, request, output)
                    output.unlink()
    assert list(tmp_path.iterdir()) == []
