"""Statements against the ledger: every row in one class, every damage found, every sum exact."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from openpyxl import Workbook, load_workbook
from support.homes import PROJECT
from support.proof import SEED, cases, tried
from support.published import write_published

from exporters.cli import app
from exporters.i18n.language import ENGLISH, LANGUAGES, language_of
from exporters.reconciliation.reconcile.classes import LABELS, Class
from exporters.reconciliation.reconcile.ledger import SOURCES
from exporters.reconciliation.reconcile.result.sheets import report_of
from exporters.reconciliation.reconcile.statement import labels, sheet_reader
from exporters.reconciliation.reconcile.statement.columns import Wanted, find_header
from exporters.reconciliation.reconcile.statement.reading import Reading
from exporters.request.report_request import find_report

FROM, TO = date(2024, 2, 1), date(2024, 2, 29)
PERIOD = ["--from", str(FROM), "--to", str(TO)]
EXAMPLE = PROJECT / "docs" / "examples" / "september.csv"
REPORTS = ("credit-topups", "credit-usage", "revenue-detail")
ACCOUNTS = ("SA-1", "SA-2")

# Rows of entries that were refused, some of them in a statement.
_LEDGER = """
insert into reports.rejected_rows values
    ('credits', '2024-03-06', 'b.csv', 7,
     '{"Event_ID ": "bad-1", "service_account_id": "SA-1", "transaction_id": "bad-T",
       "occurred_at": "2024-02-10T00:00:00Z", "amount": "1,000"}',
     ['amount "1,000" is not a plain decimal number']),
    ('credits', '2024-03-06', 'b.csv', 8,
     '{"event_id": "bad-2", "service_account_id": "SA-3", "occurred_at": "2024-02-20 00:00:00"}',
     ['amount is missing']),
    ('credits', '2024-03-06', 'b.csv', 9,
     '{"event_id": "bad-3", "service_account_id": "SA-3", "occurred_at": "nonsense"}',
     ['amount is missing']),
    ('credits', '2024-03-06', 'b.csv', 10,
     '{"event_id": "bad-4", "service_account_id": "SA-3", "occurred_at": "2024-02-02 00:00:00"}',
     ['amount is missing']),
    ('revenue', '2024-03-06', 'r.csv', 4,
     '{"event_id": "bad-1", "service_account_id": "SA-2", "order_id": "bad-O",
       "occurred_at": "?"}',
     ['occurred_at "?" is not a time', 'net_amount is missing']);
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small published file. Only to be read, but for its exports."""
    home: Path = tmp_path_factory.mktemp("published")
    write_published(home, _LEDGER)
    return home


Row = dict[str, str]
# Runs `reconcile`: its exit status and the rows of its result.
Reconcile = Callable[..., tuple[int, list[Row]]]


@pytest.fixture
def reconcile(home: Path, tmp_path: Path) -> Reconcile:
    """A function that writes a statement of P-001 as CSV and reconciles it."""

    def run(report: str, statement: str, *options: str, home: Path = home) -> tuple[int, list[Row]]:
        path = tmp_path / "statement.csv"
        path.write_text(statement, encoding="utf-8", newline="")
        return compare(home, path, report, *options)

    return run


def compare(home: Path, path: Path, report: str, *options: str) -> tuple[int, list[Row]]:
    """Reconcile the statement at `path` of P-001 for February, by way of CSV."""
    output = path.with_name("result.csv")
    request = ["reconcile", "--home", str(home), "--partner", "P-001", *PERIOD]
    request += ["--report", report, "--statement", str(path), "--output", str(output), *options]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = app.main(request)
    print(said.getvalue() if len(said.getvalue()) < 4000 else "")
    if status not in (0, 3):
        return status, []
    with output.open(encoding="utf-8", newline="") as file:
        return status, list(csv.DictReader(file))


def compare_example(
    home: Path, folder: Path, text: str | None = None, basis: str = "event"
) -> list[Row]:
    """Reconcile the example of the documents, or `text` in its place, with the sample."""
    path = folder / "september.csv"
    path.write_text(EXAMPLE.read_text(encoding="utf-8") if text is None else text, encoding="utf-8")
    # Later options go before earlier ones.
    options = ["--partner", "000100", "--from", "2024-09-01", "--to", "2024-09-30"]
    options += ["--basis", basis]
    status, rows = compare(home, path, "revenue-detail", *options)
    assert status == 3
    return rows


def places(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Classes of the rows: by row number of the statement, and by event where there is none."""
    found = defaultdict(list)
    for row in rows:
        found[row["statement_row"] or row["event_id"]].append(row["class"])
    return dict(found)


TOPUPS = """\
event_id,service_account_id,date,currency,amount
c13,SA-3,2024-02-02,VND,100000
c2,SA-1,2024-02-03,USD,500.5
c4,SA-2,2024-02-05,USD,200
c5,SA-2,2024-02-06,VND,50000
=1+1,SA-1,2024-02-29,KWD,1.234
"""
SMALLER = TOPUPS.replace("c13,SA-3,2024-02-02,VND,100000\n", "")


def test_a_statement_that_agrees_matches(
    reconcile: Reconcile, capsys: pytest.CaptureFixture[str]
) -> None:
    status, rows = reconcile("credit-topups", TOPUPS)
    assert status == 0
    assert {row["class"] for row in rows} == {"matched"}
    assert [row["event_id"] for row in rows] == [row["statement_key"] for row in rows]
    assert "All rows match." in capsys.readouterr().out


LINE = "c2,SA-1,2024-02-03,USD,500.5"
ONE_LINE = {
    "an amount": ("c2,SA-1,2024-02-03,USD,500.49", "amount differs"),
    "a currency": ("c2,SA-1,2024-02-03,KWD,500.5", "currency differs"),
    "an account": ("c2,SA-2,2024-02-03,USD,500.5", "another account"),
    "a date": ("c2,SA-1,2024-02-10,USD,500.5", "date differs"),
    "a number": ('c2,SA-1,2024-02-03,USD,"1,500.5"', "unreadable"),
    "a key": ("zz,SA-1,2024-02-03,USD,500.5", "only in statement"),
}


@pytest.mark.parametrize("what", ONE_LINE)
def test_one_change_has_its_class_and_the_rest_matches(reconcile: Reconcile, what: str) -> None:
    line, class_ = ONE_LINE[what]
    changed = TOPUPS.replace(LINE, line)
    status, rows = reconcile("credit-topups", changed, "--numbers=1234.56")
    assert status == 3
    found = places(rows)
    expected = {class_}
    assert set(found.pop("3")) == expected
    if class_ in ("unreadable", "only in statement"):
        assert found.pop("c2") == ["only in ledger"]
    assert {each for classes in found.values() for each in classes} == {"matched"}


def test_currencies_of_a_pair_stand_in_their_own_totals(reconcile: Reconcile) -> None:
    _, rows = reconcile("credit-topups", TOPUPS.replace("03,USD,500.5", "03,KWD,500.5"))
    found = [row for row in rows if row["class"] == "currency differs"]
    assert [(row["currency"], row["difference"]) for row in found] == [
        ("KWD", "500.5"),
        ("USD", "-500.5"),
    ]
    assert [row["explanation"] for row in found] == [
        "the ledger has it in USD",
        "row 3 of the statement has it in KWD",
    ]


def test_surplus_rows_are_duplicates_whichever_of_them_fits(reconcile: Reconcile) -> None:
    again = "c2,SA-1,2024-02-03,USD,499\n"
    status, rows = reconcile("credit-topups", TOPUPS.replace("c2,", again + "c2,"))
    assert status == 3
    assert places(rows)["3"] == ["duplicate in statement"]
    assert places(rows)["4"] == ["matched"]
    unknown = "u,SA-1,2024-02-03,USD,1\n"
    _, rows = reconcile("credit-topups", TOPUPS + unknown + unknown)
    assert places(rows)["7"] == ["only in statement"]
    assert places(rows)["8"] == ["duplicate in statement"]
    assert rows[-1]["explanation"] or rows[0]["explanation"]


def test_another_period_says_which_and_why(reconcile: Reconcile) -> None:
    january = "c1,SA-1,2024-01-20,USD,1000\n"
    _, rows = reconcile("credit-topups", TOPUPS + january)
    (row,) = [row for row in rows if row["class"] == "another period"]
    assert (row["event_id"], row["reason"], row["difference"]) == ("c1", "other period", "1000")
    assert row["explanation"] == "the ledger has it in 2024-01, on 2024-01-20"
    # r4 came in March for February, and so was posted in March.
    revenue = "event,account,date,currency,net\nr4,SA-1,2024-02-04,USD,7\n"
    _, rows = reconcile("revenue-detail", revenue, "--basis", "posted")
    (row,) = [row for row in rows if row["class"] == "another period"]
    assert row["reason"] == "posted later"
    assert "posted on 2024-03-01" in row["explanation"]
    # c10 of January came in February.
    usage = "event,account,date,currency,amount\nc10,SA-2,2024-01-25,USD,30\n"
    _, rows = reconcile("credit-usage", usage)
    (row,) = [row for row in rows if row["class"] == "another period"]
    assert row["reason"] == "late"


def test_a_day_in_utc_is_a_matter_of_the_time_zone(reconcile: Reconcile) -> None:
    # c5 happened at midnight in Vietnam, which is the day before in UTC.
    _, rows = reconcile("credit-topups", TOPUPS.replace("2024-02-06", "2024-02-05"))
    (row,) = [row for row in rows if row["class"] == "date differs"]
    assert (row["event_id"], row["reason"]) == ("c5", "time zone")
    stamped = TOPUPS.replace("2024-02-06", "2024-02-05T17:00:00Z")
    assert reconcile("credit-topups", stamped)[0] == 0


def test_the_day_of_an_event_that_was_posted_late_is_no_matter_of_the_time_zone(
    sample_home: Path, tmp_path: Path
) -> None:
    rows = compare_example(sample_home, tmp_path, basis="posted")
    found = {row["event_id"]: row for row in rows if row["class"] == "date differs"}
    assert {event: row["reason"] for event, row in found.items()} == {
        "RV-0007": "event date",
        "RV-0015": "time zone",
    }


def test_rejected_rows_are_told_to_their_partner_only(reconcile: Reconcile) -> None:
    keys = [f"bad-{number},SA-1,2024-02-10,USD,5\n" for number in (1, 2, 3, 4)]
    _, rows = reconcile("credit-topups", TOPUPS + "".join(keys))
    by_key = {row["statement_key"]: row for row in rows}
    assert by_key["bad-1"]["class"] == by_key["bad-4"]["class"] == "rejected"
    assert by_key["bad-1"]["explanation"] == 'amount "1,000" is not a plain decimal number'
    assert [by_key["bad-1"][name] for name in ("batch_id", "file", "row_number")] == [
        *("2024-03-06", "b.csv", "7")
    ]
    # On that day SA-3 was another partner's; a row without a day could be anybody's.
    for key in ("bad-2", "bad-3"):
        assert by_key[key]["class"] == "only in statement"
        assert by_key[key]["batch_id"] == ""


def test_an_amount_that_was_corrected_says_by_which_batch(
    sample_home: Path, tmp_path: Path
) -> None:
    rows = compare_example(sample_home, tmp_path)
    (row,) = [row for row in rows if row["class"] == "amount differs"]
    assert (row["event_id"], row["reason"]) == ("RV-0010", "corrected")
    assert row["explanation"] == (
        "the ledger has it with 4050000 in place of 3600000; batch 2024-10-07 took 3600000 back"
    )
    # Any other amount was never the ledger's.
    text = EXAMPLE.read_text(encoding="utf-8").replace("VND,3600000", "VND,3600001")
    rows = compare_example(sample_home, tmp_path, text)
    (row,) = [row for row in rows if row["class"] == "amount differs"]
    assert row["explanation"] == "the ledger has it with 4050000 in place of 3600001"
    assert row["reason"] == ""


def test_what_is_only_in_the_ledger_names_the_row_that_could_not_be_read(
    sample_home: Path, tmp_path: Path
) -> None:
    rows = compare_example(sample_home, tmp_path)
    found = {row["event_id"]: row for row in rows if row["class"] == "only in ledger"}
    assert set(found) == {"RV-0023", "RV-0027"}
    assert found["RV-0023"]["reason"] == "unreadable"
    assert found["RV-0023"]["explanation"] == (
        "row 16 of the statement has its key, but could not be read"
    )
    assert found["RV-0027"]["reason"] == "late"


def test_an_account_that_lost_its_zeros_is_said_to_have(sample_home: Path, tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for account, reason in (("10001", "leading zeros"), ("10002", ""), ("010002", "")):
        changed = text.replace("RV-0019,010002", f"RV-0019,{account}")
        rows = compare_example(sample_home, tmp_path, changed)
        (row,) = [row for row in rows if row["class"] == "another account"]
        assert (row["statement_account"], row["reason"]) == (account, reason)
        assert row["explanation"] == "the ledger has it under service account 010001"


def test_what_was_taken_back_is_said_to_be(reconcile: Reconcile) -> None:
    _, rows = reconcile("credit-topups", TOPUPS + "c8,SA-1,2024-02-08,USD,77\n")
    (row,) = [row for row in rows if row["class"] == "only in statement"]
    assert row["reason"] == "taken back"
    _, rows = reconcile("credit-topups", TOPUPS + "c8,SA-1,2024-02-08,USD,77\n", "--basis=posted")
    assert {row["class"] for row in rows} == {"matched"}


def test_rows_of_another_partner_are_rows_that_do_not_exist(
    reconcile: Reconcile, capsys: pytest.CaptureFixture[str]
) -> None:
    # r8 and c14 are of SA-3 when it was P-002's.
    for report, row in (
        ("revenue-detail", "r8,SA-3,2024-02-20,USD,3"),
        ("credit-usage", "c14,SA-3,2024-02-20,VND,30000"),
    ):
        header = "event id,account,date,currency,amount\n"
        _, rows = reconcile(report, header + row + "\n")
        (found,) = [each for each in rows if each["statement_row"]]
        assert found["class"] == "only in statement"
        for name in ("event_id", "service_account_id", "event_date", "batch_id", "explanation"):
            assert found[name] == ""
        (found,) = [
            each for each in reconcile(report, header.replace("event id", "x") + row + "\n")[1]
            if each["statement_row"]
        ]  # fmt: skip
        assert found["class"] == "only in statement"


def test_a_transaction_that_stands_twice_in_the_ledger_is_said_to(tmp_path: Path) -> None:
    twice = """insert into fixture.credits values
        ('c2b', 'original', true, '2024-02-04 10:11:12', '2024-02-04', 'T2', 'SA-1', 'main',
         'top_up', null, 'card', null, 'USD', 500.5);"""
    write_published(tmp_path, _LEDGER + twice)
    path = tmp_path / "statement.csv"
    path.write_text(TOPUPS)
    status, rows = compare(tmp_path, path, "credit-topups")
    assert status == 3
    assert places(rows)["c2b"] == ["duplicate in ledger"]


def test_orders_with_several_charges_pair_one_to_one(reconcile: Reconcile) -> None:
    # O-1 has r1 with 90 and r2 with 10.25.
    statement = "order,account,date,currency,net\n{}"
    right = "O-1,SA-2,2024-02-01,USD,90\nO-1,SA-2,2024-02-20,USD,10.25\n"
    _, rows = reconcile("revenue-detail", statement.format(right))
    assert places(rows)["2"] == places(rows)["3"] == ["matched"]
    _, rows = reconcile("revenue-detail", statement.format(right + right))
    assert [places(rows)[str(row)] for row in (4, 5)] == [["duplicate in statement"]] * 2
    # Both are wrong, so which of them is which is not known.
    wrong = "O-1,SA-2,2024-02-01,USD,91\nO-1,SA-2,2024-02-20,USD,11\n"
    _, rows = reconcile("revenue-detail", statement.format(wrong))
    found = [row for row in rows if row["class"] == "amount differs"]
    assert [row["ambiguous"] for row in found] == ["yes", "yes"]


def test_the_column_says_which_amount_is_compared(reconcile: Reconcile) -> None:
    for column, value in (("List amount", "100"), ("NET_AMOUNT", "90"), ("Thuế", "9")):
        statement = (
            f"mã sự kiện,Tài khoản,Ngày,Loại tiền,{column}\nr1,SA-2,2024-02-01,USD,{value}\n"
        )
        _, rows = reconcile("revenue-detail", statement)
        assert places(rows)["2"] == ["matched"], column


def test_without_a_key_the_nearest_day_within_one_is_taken(reconcile: Reconcile) -> None:
    statement = "account,date,currency,amount\n{}"
    near = [
        "SA-3,2024-02-03,VND,100000", "SA-1,2024-02-03,USD,500.5", "SA-2,2024-02-04,USD,200",
        "SA-2,2024-02-08,VND,50000", "SA-2,2024-02-29,KWD,1.234",
    ]  # fmt: skip
    status, rows = reconcile("credit-topups", statement.format("\n".join(near)))
    assert status == 3
    by_row = {row["statement_row"]: row for row in rows if row["statement_row"]}
    assert [(by_row[str(n)]["class"], by_row[str(n)]["match"]) for n in range(2, 7)] == [
        ("matched", "nearest date"),
        ("matched", "date"),
        ("matched", "nearest date"),
        ("only in statement", ""),
        ("another account", "date"),
    ]
    assert [row["event_id"] for row in rows if row["class"] == "only in ledger"] == ["c5"]
    assert reconcile("credit-topups", statement.format("\n".join(near[:3])))[0] == 3


def test_what_is_alike_is_ambiguous_where_days_could_be_swapped(tmp_path: Path) -> None:
    alike = "insert into fixture.credits values " + ",".join(
        f"('a{day}', 'original', true, '2024-02-{day} 09:00:00', '2024-02-{day}', null, 'SA-1', "
        "'main', 'top_up', null, null, null, 'USD', 42)"
        for day in (11, 13)
    )
    write_published(tmp_path, _LEDGER + alike + ";")
    path = tmp_path / "statement.csv"
    path.write_text("date,currency,amount,account\n2024-02-12,USD,42,SA-1\n")
    _, rows = compare(tmp_path, path, "credit-topups")
    (row,) = [row for row in rows if row["class"] == "matched"]
    assert (row["match"], row["ambiguous"], row["event_id"]) == ("nearest date", "yes", "a11")
    # A chain of days is paired from its beginning, so that nothing is left over.
    path.write_text(
        "date,currency,amount,account\n2024-02-12,USD,42,SA-1\n2024-02-10,USD,42,SA-1\n"
    )
    _, rows = compare(tmp_path, path, "credit-topups")
    pairs = {row["statement_date"]: row["event_id"] for row in rows if row["class"] == "matched"}
    assert pairs == {"2024-02-10": "a11", "2024-02-12": "a13"}


def test_daily_sums_are_compared_with_daily_sums(home: Path, tmp_path: Path) -> None:
    for basis in ("event", "posted"):
        for ending in ("csv", "xlsx"):
            output = tmp_path / f"usage.{ending}"
            request = ["--home", str(home), "--partner", "P-001", *PERIOD, "--basis", basis]
            assert app.main(["export", "credit-usage", *request, "--output", str(output)]) == 0
            status, rows = compare(home, output, "credit-usage", "--basis", basis)
            assert (status, {row["class"] for row in rows}) == (0, {"matched"})


@pytest.mark.parametrize("report", REPORTS)
def test_an_export_handed_back_matches(sample_home: Path, tmp_path: Path, report: str) -> None:
    compared = 0
    for partner in ("000100", "000200", "P-SUNBIRD"):
        for basis in ("event", "posted"):
            for ending in ("csv", "xlsx"):
                request = ["--home", str(sample_home), "--partner", partner, "--basis", basis]
                request += ["--from", "2024-08-01", "--to", "2024-10-31"]
                export, result = tmp_path / f"export.{ending}", tmp_path / "result.csv"
                assert app.main(["export", report, *request, "--output", str(export)]) == 0
                request += ["--report", report, "--statement", str(export)]
                assert app.main(["reconcile", *request, "--output", str(result)]) == 0
                with result.open(encoding="utf-8") as file:
                    compared += len(list(csv.DictReader(file)))
    assert compared > {"credit-topups": 30, "credit-usage": 60, "revenue-detail": 900}[report]


def test_the_workbook_has_a_summary_and_a_sheet_per_class(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "statement.csv"
    path.write_text(SMALLER.replace("500.5", "500.49") + "=HYPERLINK(),SA-1,2024-02-03,USD,7\n")
    request = ["reconcile", "--home", str(home), "--partner", "P-001", *PERIOD]
    status = app.main([*request, "--report", "credit-topups", "--statement", str(path)])
    assert status == 3
    printed = capsys.readouterr().out.splitlines()
    written = home / "exports" / "P-001" / "reconcile_credit-topups_2024-02-01_2024-02-29.xlsx"
    assert printed[-1] == str(written)
    book = load_workbook(written)
    assert book.sheetnames == [
        *("Summary", "Matched", "Amount differs", "Only in the statement", "Only in the ledger"),
        "Control",
    ]
    cells = [[cell for cell in row if cell is not None] for row in book["Summary"].values]
    assert ["Amount differs", "USD", 1, 500.49, 1, 500.5, -0.01] in cells
    assert ["Only in the ledger", "VND", 0, 0, 1, 100000, -100000] in cells
    assert ["Total", "USD", 3, 707.49, 2, 700.5, 6.99] in cells
    only = book["Only in the statement"]
    assert [cell.value for cell in only[8]][:4] == [6, "=HYPERLINK()", "SA-1", only["D8"].value]
    assert only["B8"].data_type == "s"


def test_the_sheets_say_what_the_flat_file_says(sample_home: Path, tmp_path: Path) -> None:
    """Every value of the example stands on the sheet of its class, and none is rounded."""
    request = ["reconcile", "--home", str(sample_home), "--partner", "000100"]
    request += ["--from", "2024-09-01", "--to", "2024-09-30", "--report", "revenue-detail"]
    request += ["--statement", str(EXAMPLE), "--output"]
    for ending in ("csv", "xlsx"):
        assert app.main([*request, str(tmp_path / f"result.{ending}")]) == 3
    with (tmp_path / "result.csv").open(encoding="utf-8", newline="") as file:
        flat = list(csv.DictReader(file))
    book = load_workbook(tmp_path / "result.xlsx")
    flat_report = report_of(find_report("revenue-detail"), "order_id")
    columns = {column.label: column.name for column in flat_report.columns}
    seen = 0
    for class_, title in LABELS.items():
        expected = [row for row in flat if row["class"] == class_]
        if not expected:
            assert title not in book.sheetnames
            continue
        header, *rows = list(book[title].iter_rows(min_row=7))
        names = [columns[str(cell.value)] for cell in header]
        shown = [
            {name: cell for name, cell in zip(names, row, strict=True)}
            for row in rows[: len(expected)]
        ]
        assert len(names) >= 8 or class_ is Class.NOT_A_LINE
        for row, cells in zip(expected, shown, strict=True):
            for name, cell in cells.items():
                value = cell.value
                text = "" if value is None else str(value).removesuffix(" 00:00:00")
                if name.endswith("amount") or name == "difference":
                    assert (Decimal(text) if text else None) == (
                        Decimal(row[name]) if row[name] else None
                    )
                    assert cell.number_format.startswith(
                        {"VND": "#,##0.0;", "USD": "#,##0.000;"}[row["currency"]]
                        if class_ is not Class.UNREADABLE
                        else "#,##0.00##########;"
                    )
                else:
                    assert text == ENGLISH.word(name, row[name])
                seen += 1
            left_out = [name for name in row if name not in cells and row[name]]
            if class_ is Class.MATCHED:
                assert row["statement_key"] == row["event_id"]
                assert row["statement_account"] == row["service_account_id"]
                assert row["statement_amount"] == row["ledger_amount"]
            else:
                assert left_out == ["class"]
    assert seen > 200


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "xlsx"])
def test_every_format_has_every_row(home: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / "statement.csv"
    path.write_text(SMALLER)
    output = tmp_path / f"result.{ending}"
    request = ["reconcile", "--home", str(home), "--partner", "P-001", *PERIOD]
    request += ["--report", "credit-topups", "--statement", str(path), "--output", str(output)]
    assert app.main(request) == 3
    if ending == "xlsx":
        assert load_workbook(output)["Matched"].max_row >= 7 + 4
    elif ending == "json":
        assert len(json.loads(output.read_text(encoding="utf-8"))) == 5
    else:
        rows = duckdb.execute(f"from read_{ending}($path)", {"path": str(output)}).fetchall()
        assert len(rows) == 5


# -- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "Statement of account\n\nFebruary,2024\n" + text,
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text + "\nTotal,,,USD,700.5\nTỔNG CỘNG,,,VND,150000\n\nMade by hand.\n",
        lambda text: text.replace("event_id", "Event ID").replace("amount", "SỐ TIỀN"),
        lambda text: text.replace("USD", "usd").replace(",200\n", ", 200.000 \n"),
        lambda text: text.replace("2024-02-03", "2024-02-03 23:59:59.999999"),
        lambda text: text.replace("2024-02-03", "2024-02-03T00:00:00+07:00"),
        lambda text: text.replace("date", "day of it"),
        lambda text: text.replace("service_account_id", "who"),
    ],
)
def test_what_is_written_in_another_way_is_the_same(
    reconcile: Reconcile, change: Callable[[str], str]
) -> None:
    status, rows = reconcile("credit-topups", change(TOPUPS))
    classes = Counter(row["class"] for row in rows)
    assert (status, classes.pop("matched")) == (0, 5)
    assert set(classes) <= {"not a line"}


def test_columns_can_be_named(reconcile: Reconcile) -> None:
    renamed = TOPUPS.replace("event_id,service_account_id,date,currency,amount", "a,b,c,d,e")
    named = ["--key-column=a", "--account-column=b", "--date-column=c"]
    named += ["--currency-column=d", "--amount-column=e"]
    assert reconcile("credit-topups", renamed, *named)[0] == 0
    # A column of which the name does not say what key it is: transactions find more rows.
    by_transaction = renamed.replace("c13,", "T13,").replace("c2,", "T2,").replace("c4,", "T3,")
    status, rows = reconcile("credit-topups", by_transaction, *named)
    assert status == 3
    assert Counter(row["class"] for row in rows)["matched"] == 3
    # A column that is said not to count: c2 one day off is found all the same.
    shifted = TOPUPS.replace("2024-02-03", "2024-02-04")
    assert reconcile("credit-topups", shifted, "--key-column=-")[0] == 0
    assert reconcile("credit-topups", shifted, "--date-column=-")[0] == 0


def test_days_can_be_written_in_another_order(reconcile: Reconcile) -> None:
    other = TOPUPS
    for day in ("02", "03", "05", "06", "29"):
        other = other.replace(f"2024-02-{day}", f"{int(day)}/2/2024")
    assert reconcile("credit-topups", other, "--date-format=dd/mm/yyyy")[0] == 0
    # One that is none in any order leaves the others as they are.
    assert reconcile("credit-topups", other)[0] == 0
    _, rows = reconcile("credit-topups", TOPUPS.replace("2024-02-05", "32/1/2024"))
    found = Counter(row["class"] for row in rows)
    # Of the transfer within P-001 nobody is asked.
    assert found == {"matched": 4, "unreadable": 1}
    (row,) = [row for row in rows if row["class"] == "unreadable"]
    assert row["explanation"] == (
        'the date "32/1/2024" is not a day yyyy-mm-dd, with or without a time'
    )


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("1,23.5", "the amount"), ("1e3", "the amount"), ("(5)", "the amount"),
        ("", "the amount is empty"), ("+5", "the amount"),
        ("9" * 19, "the amount"), ("NaN", "the amount"), ("5 KWT", "the amount"), ("1.2.3", "the"),
        ("0.0000000000001", "the amount"), ("5-", "the amount"), ("USD 5 VND", "the amount"),
    ],
)  # fmt: skip
def test_what_is_no_plain_number_is_unreadable(
    reconcile: Reconcile, cell: str, problem: str
) -> None:
    changed = TOPUPS.replace(",500.5", f',"{cell}"')
    status, rows = reconcile("credit-topups", changed, "--numbers=1234.56")
    assert status == 3
    (row,) = [row for row in rows if row["class"] == "unreadable"]
    assert row["statement_row"] == "3"
    assert problem in row["explanation"]
    assert row["statement_amount"] == ""


def test_other_things_that_cannot_be_read_keep_what_can(reconcile: Reconcile) -> None:
    text = TOPUPS.replace("2024-02-03", "2024-02-30").replace("KWD", "KWT")
    _, rows = reconcile("credit-topups", text + "c9,SA-1,2024-02-03,USD,5,6\n")
    found = {row["statement_row"]: row for row in rows if row["class"] == "unreadable"}
    assert set(found) == {"3", "6", "7"}
    assert (found["3"]["currency"], found["3"]["difference"]) == ("USD", "500.5")
    assert found["6"]["explanation"] == 'the currency "KWT" is not an ISO 4217 code'
    assert "6 fields under a header of 5" in found["7"]["explanation"]


HOSTILE = [
    "a\rb", "a\nb", "a\r\nb", 'a"b', "a,b;c\td", "nul\x00l", "\x1b[31m", "' or 1=1 --", "$key",
    "{conditions}", "\u202eabc", "\U0001f600", "=1+1", "x" * 70_000, "\\N", "NULL", "_x0041_",
]  # fmt: skip


def test_hostile_texts_arrive_as_they_are(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "statement.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "event_id", "account", "currency", "amount"])
        writer.writerows(["k", key, key, "USD", "1"] for key in HOSTILE)
    csv.field_size_limit(1 << 20)
    status, rows = compare(home, path, "revenue-detail")
    assert status == 3
    found = [row for row in rows if row["class"] == "only in statement" and row["statement_row"]]
    assert sorted(row["statement_key"] for row in found) == sorted(HOSTILE)
    assert {row["class"] for row in rows} == {"only in statement", "only in ledger"}


ONLY_HEADER = TOPUPS.splitlines()[0] + "\n"
MISTAKES: list[tuple[bytes | str, list[str], list[str]]] = [
    ("a,b\n1,2\n", [], ["no column for the amount", "số tiền", "a, b", "--amount"]),
    ("amount,b\n1,2\n", ["--key-column=c"], ["no column --key-column 'c'", "amount, b"]),
    ("amount,Amount\n1,2\n", [], ["two columns", "amount", "Amount"]),
    ("", [], ["no rows"]),
    ("\n \n,\n", [], ["no rows"]),
    ("amount|key\n1|2\n", [], ["columns are amount|key; columns are separated by a comma"]),
    (b"amount,key\n1,\xff\xfe\n", [], ["not UTF-8 in line 2"]),
    (TOPUPS.encode("utf-16")[:-1], [], ["begins as UTF-16 and is broken", "CSV UTF-8"]),
    (b"PK\x03\x04", [], ["statement.csv is a workbook and no CSV", ".xlsx"]),
    (b"\xd0\xcf\x11\xe0", [], ["old kind, or has a password", ".xlsx"]),
    ('amount,key\n1,"a\n2,b\n', [], ["is broken in line 3"]),
    ('amount,key\n1,"a"b\n', [], ["is broken in line 2"]),
    ("amount,key\n1,a\n", [], ["no column for the currency", "KWD, USD, VND", "--currency"]),
    (
        TOPUPS.replace(",2024-02-", ",5/"),
        [],
        ["no row of the statement", "Row 2", '"5/02"', "dd/mm/yyyy", "date 'date'", "--date"],
    ),
    (
        re.sub("2024-02-0([0-9])", r"0\1/02/2024", f"{ONLY_HEADER}{LINE}\n"),
        [],
        [
            "column date of the statement",
            "row 2: '03/02/2024' is 2024-02-03 where it is written dd/mm/yyyy, and 2024-03-02",
            "--date-format dd/mm/yyyy or --date-format mm/dd/yyyy\n",
        ],
    ),
    (
        re.sub("2024-02-([0-9]+)", r"\1/02/2024", TOPUPS),
        ["--date-format=mm/dd/yyyy"],
        ["'29/02/2024' in row 6 of", "not a day mm/dd/yyyy", "with --date-format dd/mm/yyyy\n"],
    ),
    (
        "event_id,currency,amount\nc2,USD,500.50 \nc4,USD,'200\n".replace("500", "1.500"),
        [],
        ["no row of the statement", '"1.500.50"', "1234567.89", "amount 'amount'", "--amount"],
    ),
    (
        "event_id,currency,amount\nc2,đô la,500.5\n",
        [],
        ['Row 2: the currency "ĐÔ LA" is not an ISO 4217 code', "currency 'currency'"],
    ),
    ("event_id,currency,amount\nc2,USD,1,5\n", [], ["4 fields under a header of 3"]),
    (TOPUPS, ["--date-format=dd.mm.yy"], ["--date-format 'dd.mm.yy'", "dd/mm/yyyy"]),
    (TOPUPS, ["--amount-column=-"], ["--amount"]),
    (TOPUPS, ["--basis=cash"], ["'cash'", "event, posted"]),
    (TOPUPS, ["--report=discounts"], ["credit-topups, credit-usage, revenue-detail"]),
    (TOPUPS, ["--report=credit-balance"], ["no column for the amount", "--amount-column"]),
    (TOPUPS, ["--report=credit-balance", "--key-column=x"], ["by service account: --key-column"]),
    (TOPUPS, ["--amount=net"], ["credit-topups has one amount", "--amount-column"]),
    (TOPUPS, ["--currency=XXX1"], ["unknown --currency value 'XXX1'"]),
    (TOPUPS, ["--numbers=1'234"], ["unknown --numbers", "1.234,56"]),
    (TOPUPS, ["--basis=allocated"], ["allocated", "event, posted"]),
    (TOPUPS, ["--sheet=February"], ["--sheet", "is CSV"]),
    (TOPUPS, ["--mapping=nothing.toml"], ["--mapping nothing.toml cannot be read"]),
    (TOPUPS, ["--partner=nobody"], ["unknown partner 'nobody'"]),
    (TOPUPS, ["--statement=nothing.csv"], ["'nothing.csv' does not exist"]),
    (TOPUPS, ["--statement=setup.py"], ["'.py'", ".csv, .xlsx"]),
    (TOPUPS, ["--output=x.doc"], ["'.doc'"]),
]


@pytest.mark.parametrize(("content", "options", "says"), MISTAKES)
def test_a_mistake_is_said_and_nothing_is_written(
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes | str,
    options: list[str],
    says: list[str],
) -> None:
    path = tmp_path / "statement.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    output = tmp_path / "result.csv"
    request = ["reconcile", "--home", str(home), "--partner", "P-001", *PERIOD]
    request += ["--report", "credit-topups", "--statement", str(path), "--output", str(output)]
    assert app.main([*request, *options]) == 2
    message = capsys.readouterr().err
    for words in says:
        assert words in message
    assert "Traceback" not in message
    assert not output.exists()


def test_the_statement_is_not_written_over(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "statement.csv"
    path.write_text(TOPUPS)
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    request = ["reconcile", "--home", str(home), "--partner", "P-001", *PERIOD]
    request += ["--report", "credit-topups", "--statement", str(path), "--output"]
    for output in (path, link, tmp_path / "." / "statement.csv"):
        assert app.main([*request, str(output)]) == 2
        assert "is the statement itself" in capsys.readouterr().err
    assert path.read_text() == TOPUPS


def workbook_of(path: Path, rows: Iterable[Sequence[Any]], title: str = "Sheet") -> Path:
    """A workbook as a partner would write it."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def test_a_workbook_is_read_by_its_values(home: Path, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Statement"],
        [],
        ["Mã giao dịch", "Tài khoản dịch vụ", "Ngày", "Loại tiền", "Số tiền"],
        ["T13", "SA-3", date(2024, 2, 2), "VND", 100000],
        ["T2", "SA-1", "2024-02-03", "USD", 500.5],
        ["T3", "SA-2", date(2024, 2, 5), "USD", 200.0],
        ["T4", "SA-2", date(2024, 2, 6), "VND", "50000"],
        ["0012", "SA-1", date(2024, 2, 29), "KWD", 1.234],
        [],
        ["Total", None, None, "USD", 700.5],
    ]
    path = workbook_of(tmp_path / "statement.xlsx", rows)
    assert compare(home, path, "credit-topups")[0] == 0
    rows[4][4] = True
    path = workbook_of(tmp_path / "statement.xlsx", rows)
    _, found = compare(home, path, "credit-topups")
    assert places(found)["5"] == ["unreadable"]
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    assert compare(home, tmp_path / "broken.xlsx", "credit-topups")[0] == 2
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    assert compare(home, path, "credit-topups")[0] == 2


def test_a_workbook_is_compared_to_the_digits_that_it_can_hold(tmp_path: Path) -> None:
    long = """insert into fixture.credits values
        ('long', 'original', true, '2024-02-04 10:11:12', '2024-02-04', 'TL', 'SA-1', 'main',
         'top_up', null, 'card', null, 'USD', 123456789012345.678901234567);"""
    write_published(tmp_path, _LEDGER + long)
    export = tmp_path / "export.xlsx"
    request = ["--home", str(tmp_path), "--partner", "P-001", *PERIOD]
    assert app.main(["export", "credit-topups", *request, "--output", str(export)]) == 0
    saved = tmp_path / "saved.xlsx"
    load_workbook(export).save(saved)
    for options in ([], ["--key-column=-"]):
        # As it was written, it has every digit.
        status, rows = compare(tmp_path, export, "credit-topups", *options)
        assert (status, {row["difference"] for row in rows}) == (0, {"0"})
        status, rows = compare(tmp_path, saved, "credit-topups", *options)
        assert status == 0
        (row,) = [row for row in rows if row["event_id"] == "long"]
        assert row["match"].endswith("to 15 digits")
        assert 0 < abs(Decimal(row["difference"])) < Decimal("0.05")


def test_a_workbook_with_two_statements_is_not_chosen_from(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [line.split(",") for line in TOPUPS.splitlines()]
    path = workbook_of(tmp_path / "statement.xlsx", rows, "February")
    book = load_workbook(path)
    cover = book.create_sheet("Cover", 0)
    cover.append(["Statement", "of February"])
    cover.append(["made on", date(2024, 3, 1)])
    # Two columns of one name: it cannot be the statement, whatever it is.
    book.create_sheet("Pivot").append(["amount", "amount"])
    book.save(path)
    assert compare(home, path, "credit-topups")[0] == 0
    january = book.create_sheet("January")
    january.append(rows[0])
    book.save(path)
    capsys.readouterr()
    assert compare(home, path, "credit-topups")[0] == 2
    message = capsys.readouterr().err
    assert f"several sheets of {path} can be the statement: 'February', 'January'" in message
    # The title of the report says which.
    january.title = "Credit top-ups"
    january.append(rows[1])
    book.save(path)
    # The transfer within P-001 is left out where it is not listed.
    status, found = compare(home, path, "credit-topups")
    assert (status, len(found)) == (3, 4)
    # Or the option does.
    status, found = compare(home, path, "credit-topups", "--sheet=february")
    assert (status, len(found)) == (0, 5)


def test_a_file_that_is_no_workbook_is_said_to_be_none(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "statement.xlsx"
    for content, says in (
        (TOPUPS.encode(), "is no workbook: if it is CSV, give it the ending .csv"),
        (b"", "is no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "of an old kind, or has a password"),
    ):
        path.write_bytes(content)
        assert compare(home, path, "credit-topups")[0] == 2
        assert f"the statement {path} {says}" in capsys.readouterr().err.replace(
            "is a workbook of", "of"
        )


def test_a_key_that_the_ledger_does_not_know_is_pointed_out(
    reconcile: Reconcile, capsys: pytest.CaptureFixture[str]
) -> None:
    own = re.sub("(?m)^[^e].*?,", "own-1,", TOPUPS).replace("event_id", "Số giao dịch")
    said = "The ledger has nothing of column Số giao dịch."
    assert reconcile("credit-topups", own)[0] == 3
    assert said in capsys.readouterr().out
    assert reconcile("credit-topups", own, "--key-column=-")[0] == 0
    assert said not in capsys.readouterr().out
    assert reconcile("credit-topups", own.replace("own-1", "T2", 2))[0] == 3
    assert said not in capsys.readouterr().out


def test_a_sheet_is_read_as_openpyxl_reads_it(home: Path, tmp_path: Path) -> None:
    rows = [line.split(",") for line in TOPUPS.splitlines()]
    path = workbook_of(tmp_path / "statement.xlsx", [["A title"], *rows])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()

    def written(changed: str) -> Path:
        assert changed != sheet
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                is_sheet = name == "xl/worksheets/sheet1.xml"
                archive.writestr(name, changed if is_sheet else content)
        return path

    # As spreadsheet programs write them: attributes with a prefix, rows without cells, gaps.
    changed = sheet.replace("<row r=", '<row x14ac:dyDescent="0.25" r=')
    changed = changed.replace("<worksheet ", '<worksheet xmlns:x14ac="urn:x14ac" ')
    changed = changed.replace("</sheetData>", '<row r="900"/><row r="901"></row></sheetData>')
    assert compare(home, written(changed), "credit-topups")[0] == 0
    prefixed = re.sub(r"<(/?)([a-zA-Z]+)", r"<\1x:\2", sheet).replace("xmlns=", "xmlns:x=")
    assert compare(home, written(prefixed), "credit-topups")[0] == 0
    lost = sheet.replace("</c></row><row", "</row><row")
    assert compare(home, written(lost), "credit-topups")[0] == 2


@pytest.mark.parametrize("filling", ["a text", "nothing but blanks"])
def test_a_row_without_end_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], filling: str
) -> None:
    """A few kilobytes that unpack to a row that no memory would hold."""
    path = workbook_of(tmp_path / "statement.xlsx", [line.split(",") for line in TOPUPS.split()])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if filling == "a text":
        text = f"<is><t>{'x' * (17 << 20)}</t></is>"
        more = f'<row r="30"><c r="A30" t="inlineStr">{text}</c><c r="E30"><v>1</v></c></row>'
    else:
        more = " " * (17 << 20)
    sheet = (
        parts["xl/worksheets/sheet1.xml"].decode().replace("</sheetData>", f"{more}</sheetData>")
    )
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert path.stat().st_size < 50_000
    assert compare(home, path, "credit-topups")[0] == 2
    assert "a row has more than 16 MiB" in capsys.readouterr().err


def test_numbers_of_a_cell_are_what_was_meant() -> None:
    for text, meant in {
        "0.10000000000000001": "0.1",
        "4.1000000000000001E-2": "0.041",
        "1234567.89": "1234567.89",
        "123456789012345.678901234567": "123456789012345.678901234567",
        "-7": "-7",
        "1E3": "1000",
    }.items():
        value = sheet_reader.number(text)
        assert Decimal(value if isinstance(value, str) else repr(value)) == Decimal(meant)


def test_the_sheet_of_the_report_goes_first(sample_home: Path, tmp_path: Path) -> None:
    request = ["--home", str(sample_home), "--from", "2024-09-01", "--to", "2024-09-30"]
    assert app.main(["pack", *request, "--partner", "000100", "--output", str(tmp_path)]) == 0
    pack = tmp_path / "000100" / "pack_2024-09-01_2024-09-30.xlsx"
    for report in REPORTS:
        output = tmp_path / "result.csv"
        against = ["--partner", "000100", "--report", report, "--statement", str(pack)]
        assert app.main(["reconcile", *request, *against, "--output", str(output)]) == 0
        assert output.read_text().count("\n") > 1


# -- damage --------------------------------------------------------------------------------------


@dataclass
class Entry:
    """A row of a statement before it is written, and where it must end."""

    key: str
    account: str
    day: date
    currency: str
    amount: str
    expected: str = "matched"
    event: str = ""
    is_internal: bool = False


@dataclass
class Damaged:
    """A statement that was damaged.

    Attributes:
        rows: what it says.
        lost: events of the ledger that must be only there.
        damages: how many there are.
    """

    rows: list[Entry]
    lost: set[str] = field(default_factory=set)
    damages: int = 0


_AMOUNTS = ("1", "42", "42", "99.9", "1000000", "0.000000000001", "12.345678", "-7", "250000")


def _many(random: Random) -> str:
    """SQL that adds entries around February, many of them alike."""
    credits, revenue = [], []
    for number in range(220):
        moment = date(2024, 1, 20) + timedelta(random.randrange(60))
        # Hours on both sides of the one that is another day in UTC.
        time = f"{moment} {random.choice(['03:00:00', '09:30:00', '23:59:59'])}"
        late = random.random() < 0.1
        posted = date(2024, 4, 1) if late else moment
        account, currency = random.choice((*ACCOUNTS, "SA-3")), random.choice(["USD", "VND"])
        value = random.choice(_AMOUNTS)
        movement = random.choice(["top_up", "transfer_in", "usage", "usage", "transfer_out"])
        credits.append(
            f"('m{number}', 'original', true, '{time}', '{posted}', 'MT{number}', '{account}', "
            f"'main', '{movement}', null, null, 'compute', '{currency}', {value.lstrip('-')})"
        )
        revenue.append(
            f"('n{number}', 'original', true, '{time}', '{posted}', 'MO{number // 3}', "
            f"'{account}', 'compute', 'usage', 1, 'hour', '{currency}', {value}, {value}, 0, 0)"
        )
    return (
        f"insert into fixture.credits values {','.join(credits)};"
        f"insert into fixture.revenue values {','.join(revenue)};"
    )


@pytest.fixture(scope="module")
def many_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a few hundred entries."""
    home: Path = tmp_path_factory.mktemp("many")
    write_published(home, _LEDGER + _many(Random(SEED)))
    return home


@dataclass(frozen=True)
class Kind:
    """What is reconciled: a report on a basis, its rows known by `key`."""

    report: str
    basis: str = "event"
    key: str = "event_id"

    @property
    def inside(self) -> str:
        """SQL: what belongs to the period."""
        return f"{self.basis}_date between '{FROM}' and '{TO}'"


def _ledger(home: Path, kind: Kind, where: str) -> list[Entry]:
    """Entries of the report as lines of a statement, as far as they have the key."""
    source = {
        "credit-topups": "select *, amount as value, transaction_id as other_id "
        "from reports.credit_entries where movement_type in ('top_up', 'transfer_in')",
        "credit-usage": "select *, amount as value, transaction_id as other_id "
        "from reports.credit_entries where movement_type in ('usage', 'transfer_out')",
        "revenue-detail": "select *, net_amount as value, order_id as other_id "
        "from reports.revenue_detail where true",
    }[kind.report]
    standing = "is_standing" if kind.basis == "event" else "true"
    with duckdb.connect(str(home / "published" / "marts.duckdb"), read_only=True) as marts:
        rows = marts.execute(
            f"select coalesce({kind.key}, ''), service_account_id, {kind.basis}_date, currency, "
            "rtrim(rtrim(cast(value as varchar), '0'), '.'), 'matched', event_id, "
            f"{'false' if kind.report == 'revenue-detail' else 'is_internal'} "
            f"from ({source}) as entries where {standing} and {where} order by event_id, value"
        ).fetchall()
    return [Entry(*row) for row in rows]


OWN = "partner_id = 'P-001'"


def _damage(home: Path, kind: Kind, random: Random) -> Damaged:
    """A statement of February with up to thirty damages, one to a key at most."""
    rows = _ledger(home, kind, f"{OWN} and {kind.inside}")
    random.shuffle(rows)
    # What has no such key is not in a statement by it.
    result = Damaged([row for row in rows if row.key], {row.event for row in rows if not row.key})
    rows = list(result.rows)
    elsewhere = _ledger(home, kind, f"{OWN} and not {kind.inside}")
    foreign = _ledger(home, kind, f"not {OWN}")
    rejected = {"event_id": "bad-1", "transaction_id": "bad-T", "order_id": "bad-O"}[
        kind.key.replace("other_id", "order_id" if "revenue" in kind.report else "transaction_id")
    ]
    touched: set[str] = set()
    for place, row in enumerate(rows[: random.randrange(31)]):
        if row.key in touched:
            continue
        touched.add(row.key)
        result.damages += 1
        damage = random.choice(
            "drop foreign unknown amount day shift month account duplicate currency unreadable "
            "rejected".split()
        )
        unknown = Entry(f"x{place}", row.account, row.day, row.currency, row.amount)
        match damage:
            case "drop":
                result.rows.remove(row)
                result.lost.add(row.event)
            case "unknown":
                result.rows.append(unknown)
                unknown.expected = "only in statement"
            case "foreign":
                other = random.choice(foreign)
                if not other.key or any(other.key == each.key for each in rows + elsewhere):
                    continue
                if other.key in touched:
                    continue
                touched.add(other.key)
                other.expected = "only in statement"
                result.rows.append(other)
            case "amount":
                change = random.choice(["1", "-1", "0.000000000001", "1000"])
                row.amount = f"{Decimal(row.amount) + Decimal(change):f}"
                row.expected = "amount differs"
            case "day":
                row.day += timedelta(random.choice([-1, 1]))
                row.expected = "date differs"
            case "shift":
                row.day += timedelta(random.choice([-31, -7, 5, 29, 366]))
                row.expected = "date differs"
            case "month":
                other = random.choice(elsewhere)
                if not other.key or other.key in touched:
                    continue
                touched.add(other.key)
                other.expected = "another period"
                result.rows.append(other)
            case "account":
                row.account = random.choice(
                    [each for each in (*ACCOUNTS, "SA-3", "nobody's") if each != row.account]
                )
                row.expected = "another account"
            case "duplicate":
                copy = Entry(row.key, row.account, row.day, row.currency, row.amount)
                copy.expected = "duplicate in statement"
                # The first of the two is the one that is paired.
                result.rows.insert(result.rows.index(row) + 1, copy)
            case "currency":
                row.currency = "USD" if row.currency == "KWD" else "KWD"
                row.expected = "currency differs"
            case "unreadable":
                row.amount = random.choice(["", "1,5", "#REF!", "1.2.3"])
                row.expected = "unreadable"
                result.lost.add(row.event)
            case "rejected":
                if rejected in touched:
                    continue
                touched.add(rejected)
                unknown.key, unknown.expected = rejected, "rejected"
                result.rows.append(unknown)
    return result


def _written(path: Path, rows: Sequence[Entry], key: str | None) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        header = ["account", "date", "currency", "amount"]
        writer.writerow(header if key is None else [key, *header])
        for row in rows:
            cells = [row.account, row.day, row.currency, row.amount]
            writer.writerow(cells if key is None else [row.key, *cells])


def _sums(rows: Iterable[Entry]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.expected != "unreadable":
            sums[row.currency] += Decimal(row.amount)
    return {currency: value for currency, value in sums.items() if value}


def _left_out(original: Iterable[Entry], rows: Iterable[Row]) -> list[Entry]:
    """Transfers within the partner that are not in the result."""
    listed = {row["event_id"] for row in rows}
    return [row for row in original if row.is_internal and row.event not in listed]


def _less(sums: dict[str, Decimal], away: dict[str, Decimal]) -> dict[str, Decimal]:
    less = {currency: value - away.get(currency, Decimal(0)) for currency, value in sums.items()}
    return {currency: value for currency, value in less.items() if value}


def _column_sums(rows: Iterable[Row], column: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["currency"]] += Decimal(row[column] or 0)
    return {currency: value for currency, value in sums.items() if value}


KINDS = [
    *(Kind(report, basis) for report in REPORTS for basis in ("event", "posted")),
    *(Kind(report, "event", "other_id") for report in REPORTS),
]


@pytest.mark.proof
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_damage_is_found_and_nothing_else(
    many_home: Path, tmp_path: Path, kind: Kind
) -> None:
    original = _ledger(many_home, kind, f"{OWN} and {kind.inside}")
    header = "event_id"
    if kind.key == "other_id":
        header = "order" if kind.report == "revenue-detail" else "transaction"
    statements = cases(5, 30)
    for case in range(statements):
        random = Random(f"{SEED} {kind} {case}")
        damaged = _damage(many_home, kind, random)
        path = tmp_path / "statement.csv"
        _written(path, damaged.rows, header)
        status, rows = compare(many_home, path, kind.report, "--basis", kind.basis)
        told = f"PARTNER_REPORTS_SEED={SEED} {kind} case {case}"
        assert status == (0 if _is_clean(damaged, original) else 3), told
        found = places(rows)
        for number, row in enumerate(damaged.rows, start=2):
            classes = set(found.pop(str(number)))
            assert classes == {row.expected}, f"{told}: row {number} {row}"
        assert all(classes == ["only in ledger"] for classes in found.values()), told
        # Of events that are alike in all that a statement says, either may be the one that is left.
        looks = {
            row.event: (row.key, row.account, row.day, row.currency, row.amount) for row in original
        }
        away = _left_out(original, rows)
        assert Counter(looks[event] for event in found) == Counter(
            looks[event] for event in damaged.lost - {row.event for row in away}
        ), told
        assert _column_sums(rows, "statement_amount") == _sums(damaged.rows), told
        assert _column_sums(rows, "ledger_amount") == _less(_sums(original), _sums(away)), told
        tried("damages of statements with keys found and classified", damaged.damages)
    tried("statements damaged and reconciled", statements)


def _is_clean(damaged: Damaged, original: Iterable[Entry]) -> bool:
    internal = {row.event for row in original if row.is_internal}
    return not damaged.lost - internal and all(row.expected == "matched" for row in damaged.rows)


def _pairs(statement: Iterable[Entry], ledger: Iterable[Entry]) -> int:
    """How many rows must match without a key: the exact days, then from the earliest day on."""
    days: dict[tuple[str, str, Decimal], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    matched = 0
    sides: list[Counter[tuple[tuple[str, str, Decimal], date]]] = []
    for rows in (statement, ledger):
        sides.append(
            Counter(
                ((row.account, row.currency, Decimal(row.amount)), row.day)
                for row in rows
                if row.expected != "unreadable"
            )
        )
    for (group, day), count in (sides[0] & sides[1]).items():
        matched += count
        days[group][day] += 0
    for sign, side in ((1, sides[0] - sides[1]), (-1, sides[1] - sides[0])):
        for (group, day), count in side.items():
            days[group][day] += sign * count
    for left in days.values():
        for day in sorted(left):
            before = left.get(day - timedelta(1), 0)
            if before * left[day] < 0:
                pairs = min(abs(before), abs(left[day]))
                matched += pairs
                left[day] -= pairs if left[day] > 0 else -pairs
    return matched


@pytest.mark.proof
@pytest.mark.parametrize("report", REPORTS)
def test_without_keys_every_damage_is_in_the_right_total(
    many_home: Path, tmp_path: Path, report: str
) -> None:
    kind = Kind(report)
    original = _ledger(many_home, kind, f"{OWN} and {kind.inside}")
    statements = cases(8, 60)
    for case in range(statements):
        random = Random(f"{SEED} {report} {case} without")
        damaged = _damage(many_home, kind, random)
        path = tmp_path / "statement.csv"
        _written(path, damaged.rows, None)
        status, rows = compare(many_home, path, report)
        told = f"PARTNER_REPORTS_SEED={SEED} {kind} case {case}"
        classes = Counter(row["class"] for row in rows)
        expected = _pairs(damaged.rows, original)
        assert classes["matched"] == expected, told
        away = _left_out(original, rows)
        all_match = expected == len(damaged.rows) == len(original) - len(away)
        assert status == (0 if all_match else 3), told
        assert classes["unreadable"] == sum(row.expected == "unreadable" for row in damaged.rows), (
            told
        )
        assert _column_sums(rows, "statement_amount") == _sums(damaged.rows), told
        stated, booked = _sums(damaged.rows), _less(_sums(original), _sums(away))
        assert _column_sums(rows, "ledger_amount") == booked, told
        difference = {
            currency: stated.get(currency, Decimal(0)) - booked.get(currency, Decimal(0))
            for currency in stated.keys() | booked.keys()
        }
        assert _column_sums((row for row in rows if row["class"] != "matched"), "difference") == {
            currency: value for currency, value in difference.items() if value
        }, told
        matched = [row for row in rows if row["class"] == "matched"]
        assert all(row["difference"] == "0" for row in matched), told
        for row in matched:
            apart = date.fromisoformat(row["statement_date"]) - date.fromisoformat(
                row["event_date"]
            )
            assert abs(apart.days) <= 1, told
            assert row["statement_account"] == row["service_account_id"], told
        tried("damages of statements without keys in the right totals", damaged.damages)
    tried("statements damaged and reconciled", statements)


REVENUE_LABELS = {
    code: [language_of(code).say(each.label) for each in find_report("revenue-detail").columns]
    for code in LANGUAGES
}
# As former releases had them.
REVENUE_LABELS["former en"] = [
    *["Date", "Time", "Event", "Entry", "Order", "Service account", "Service account name"],
    *["Account", "Account name", "Account type", "Service", "Service name", "Charge", "Quantity"],
    *["Unit", "Currency", "List amount", "Discount", "Net amount", "Tax", "Partner rate %"],
    *["Partner cost", "Partner margin"],
]
REVENUE_LABELS["former vi"] = [
    *["Ngày", "Thời điểm", "Sự kiện", "Loại bút toán", "Đơn hàng", "Tài khoản dịch vụ"],
    *["Tên tài khoản dịch vụ", "Tài khoản", "Tên tài khoản", "Loại tài khoản", "Dịch vụ"],
    *["Tên dịch vụ", "Loại phí", "Số lượng", "Đơn vị tính", "Loại tiền", "Theo giá niêm yết"],
    *["Chiết khấu", "Doanh thu thuần", "Thuế", "Chiết khấu đại lý %", "Giá vốn đại lý"],
    "Lãi gộp đại lý",
]


@pytest.mark.parametrize("whose", REVENUE_LABELS)
def test_the_labels_of_our_own_revenue_workbooks_are_known(whose: str) -> None:
    report = find_report("revenue-detail")
    measures = SOURCES[report.id].measures
    names = labels.names_of("order_id")
    wanted = Wanted(Reading(), report, names, measures, ("amount",), {}, is_workbook=True)
    columns = [each.name for each in report.columns]
    for header in (
        find_header([(1, REVENUE_LABELS[whose])], wanted),
        # With a column of somebody else it is no export of ours, and its labels are known.
        find_header([(1, [*REVENUE_LABELS[whose], "Ghi chú của tôi"])], wanted),
    ):
        assert header is not None
        assert {role: columns[place] for role, place in header.places.items()} == {
            "key": "event_id",
            "account": "service_account_id",
            "date": "report_date",
            "currency": "currency",
            "amount": "net_amount",
        }
    for measure in measures:
        assert labels.measure_of(REVENUE_LABELS[whose][columns.index(measure)], measures) == measure
