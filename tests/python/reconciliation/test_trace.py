"""Everything about one event, and every entry of a balance: complete, and what the reports say."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from support import proof
from support.comparing import FOCUS_ID, REFERENCE
from support.homes import PROJECT, LandingAndHome, build, put_csv
from support.oracle import CreditEntry, Oracle, RevenueEntry, exact, find_batches

from exporters.catalogue.conditions import BASES
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import DATE_BASES
from exporters.cli import app
from exporters.escaping import visible
from exporters.landing.delivered import Place, read_again
from exporters.reconciliation.trace import account_trace, find, tables, trace
from exporters.reconciliation.trace import text as text_of_trace
from exporters.warehouse.published import open_published

SAMPLE = PROJECT / "seeds" / "landing"
ALL_TIME = (date(1, 1, 1), date(9999, 12, 31))


def run(home: Path, *words: str) -> int:
    """The command; its exit status."""
    return app.main(["trace", "--home", str(home), *words])


def traced(home: Path, output: Path, text: str, *words: str) -> Any:
    """The object of a JSON trace."""
    assert run(home, text, "--output", str(output), *words) == 0
    return json.loads(output.read_text(encoding="utf-8"))


def only_event(found: Any) -> Any:
    """The one event of a trace."""
    (event,) = found["events"]
    return event


# --- by hand, on the sample (docs/sample.md) ----------------------------------------------------


def test_a_corrected_event(sample_home: Path, tmp_path: Path) -> None:
    """CR-0033: both versions, a repeat and a stale one; its entries; where it stands."""
    found = traced(sample_home, tmp_path / "t.json", "CR-0033")
    assert found["partners"] == [{"partner_id": "000100", "partner_name": "Sông Hồng Cloud"}]
    event = only_event(found)
    assert event["state"] == "version 2 stands"
    assert [
        (one["batch_id"], one["file"], one["row_number"], one["version"], one["verdict"],
         one["reason"], one["raw_values"]["amount"])
        for one in event["deliveries"]
    ] == [
        ("2024-10-01", "credits.csv.gz", "4", "1", "accepted", "posted", "3600000"),
        ("2024-10-07", "corrections.csv", "1", "2", "accepted", "posted in place of version 1",
         "4050000"),
        ("2024-10-07", "corrections.csv", "5", "2", "repeated", "version 2 was already delivered",
         "4050000"),
        ("2024-11-01", "credits.csv", "2", "1", "stale", "version 2 was already delivered",
         "3600000"),
    ]  # fmt: skip
    assert {one["raw_source"] for one in event["deliveries"]} == {
        "as delivered, read again from the file"
    }
    assert [
        (one["entry_type"], one["version"], one["event_date"], one["recorded_date"],
         one["posted_date"], one["amount"], one["is_standing"])
        for one in event["entries"]
    ] == [
        ("original", "1", "2024-09-15", "2024-10-01", "2024-09-15", "3600000", "no"),
        ("reversal", "2", "2024-09-15", "2024-10-07", "2024-10-01", "-3600000", "no"),
        ("original", "2", "2024-09-15", "2024-10-07", "2024-10-01", "4050000", "yes"),
    ]  # fmt: skip
    assert {one["account_record"] for one in event["entries"]} == {
        "accounts batch 2024-08-01 accounts.csv row 3, state of 2024-07-26 02:00:00 UTC"
    }
    lines = [
        (one["basis"], one["report"], one["report_date"], one["measure"], one["amount"])
        for one in event["report_lines"]
    ]
    assert lines == [
        ("event", "credit-balance", "2024-09-15", "used", "4050000"),
        ("event", "credit-statement", "2024-09-15", "balance_effect", "-4050000"),
        ("event", "credit-usage", "2024-09-15", "amount", "4050000"),
        ("event", None, None, None, None),
        ("posted", "credit-balance", "2024-09-15", "used", "3600000"),
        ("posted", "credit-balance", "2024-10-01", "used", "-3600000"),
        ("posted", "credit-balance", "2024-10-01", "used", "4050000"),
        ("posted", "credit-statement", "2024-09-15", "balance_effect", "-3600000"),
        ("posted", "credit-statement", "2024-10-01", "balance_effect", "3600000"),
        ("posted", "credit-statement", "2024-10-01", "balance_effect", "-4050000"),
        ("posted", "credit-usage", "2024-09-15", "amount", "3600000"),
        ("posted", "credit-usage", "2024-10-01", "amount", "-3600000"),
        ("posted", "credit-usage", "2024-10-01", "amount", "4050000"),
    ]
    assert event["report_lines"][3]["note"] == "in no report: version 2 takes it back"


def test_what_was_applied_to_a_charge(sample_home: Path, tmp_path: Path) -> None:
    """RV-0021: another partner since that day, its discount, and one that is not its own."""
    event = only_event(traced(sample_home, tmp_path / "t.json", "RV-0021"))
    (entry,) = event["entries"]
    assert entry["partner_id"] == "000200"
    assert entry["account_record"].startswith("accounts batch 2024-09-20T180000 accounts.csv.gz ")
    assert entry["partner_discount_id"] == "D-020"
    assert entry["partner_discount_record"].startswith("22 %, from 2024-08-01; discounts batch ")
    assert entry["partner_discount_rate"] == "22"
    assert entry["partner_cost_amount"] == "312000"
    (delivery,) = event["deliveries"]
    assert delivery["file"] == "part-2.parquet"
    assert delivery["raw_values"]["occurred_at"] == "2024-09-20 01:00:00Z"
    discounts = [
        (line["discount_id"], line["amount"], line["note"])
        for line in event["report_lines"]
        if line["report"] == "discounts" and line["basis"] != "posted"
    ]
    assert discounts == [
        ("D-020", "88000", "partner discount"),
        ("D-103", None,
         "the discount that it names is not one of its partner for customers: no worth"),
    ]  # fmt: skip


def test_both_sides_of_a_transfer(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the transaction or by either side; one that is open says so."""
    for text in ("T-0031", "CR-0031", "CR-0032", " T-0031\t"):
        found = traced(sample_home, tmp_path / "t.json", text)
        assert {event["event_id"] for event in found["events"]} == {"CR-0031", "CR-0032"}
        assert found["events"][0]["event_id"] in (text, "CR-0031")
        for event in found["events"]:
            notes = {line["note"] for line in event["report_lines"]}
            assert (
                "totals over all accounts leave it out: both sides are accounts of the partner"
                in notes
            )
    capsys.readouterr()
    assert run(sample_home, "T-0031") == 0
    text = capsys.readouterr().out
    assert (
        "Transfer T-0031: 6,000,000 VND out of 000101, 6,000,000 VND in to 010001: both sides "
        "agree\n"
    ) in text
    assert run(sample_home, "T-0050") == 0
    text = capsys.readouterr().out
    assert (
        "Transfer T-0050: 700,000 VND out of 000201, nothing in to any account: open, 700,000 VND "
        "differ\n"
    ) in text


def test_what_never_stood(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused, void before its post, taken back, of an unknown account."""
    event = only_event(traced(sample_home, tmp_path / "t.json", "CR-0091"))
    assert (event["state"], event["entries"], event["report_lines"]) == ("never accepted", [], [])
    (delivery,) = event["deliveries"]
    assert delivery["verdict"] == "rejected"
    assert 'amount "1,000,000" is not a plain decimal number' in delivery["reason"]
    assert delivery["raw_values"]["amount"] == "1,000,000"

    event = only_event(traced(sample_home, tmp_path / "t.json", "CR-0070"))
    assert event["state"] == "taken back before it came: nothing stands"
    assert [one["verdict"] for one in event["deliveries"]] == ["accepted", "stale"]

    event = only_event(traced(sample_home, tmp_path / "t.json", "CR-0010"))
    assert event["state"] == "taken back by version 2: nothing stands"
    assert [one["reason"] for one in event["deliveries"]] == [
        "posted",
        "void: version 1 is taken back",
    ]

    assert run(sample_home, "CR-0049") == 0
    text = capsys.readouterr().out
    assert "Partner: none (no entry of a known service account)\n" in text
    assert "in no report: no account record knows its service account" in text


def test_the_days_for_which_a_charge_was_sold(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An order for a year; what is of its event date alone says nothing."""
    event = only_event(traced(sample_home, tmp_path / "t.json", "RV-0101"))
    (entry,) = event["entries"]
    assert (entry["service_start"], entry["service_end"]) == ("2024-11-05", "2025-11-04")
    capsys.readouterr()
    assert run(sample_home, "RV-0101") == 0
    assert "sold for 2024-11-05 to 2025-11-04" in capsys.readouterr().out
    assert run(sample_home, "RV-0010") == 0
    assert "sold for" not in capsys.readouterr().out


def test_an_order_leads_to_its_charges(sample_home: Path, tmp_path: Path) -> None:
    """O-500 has two, months apart."""
    found = traced(sample_home, tmp_path / "t.json", "O-500")
    assert [event["event_id"] for event in found["events"]] == ["RV-0013", "RV-0030"]


def test_text_to_paste(sample_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Narrow, with every part."""
    assert run(sample_home, "RV-0010") == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    for part in (
        "RV-0010\nPartner: 000100 Sông Hồng Cloud\nData as of 2024-12-01 00:00:00, version ",
        "Event RV-0010 of revenue: version 2 stands\n\n  Deliveries\n",
        "  2. batch 2024-10-07, corrections.csv, row 1, version 2\n"
        "     accepted: posted in place of version 1\n"
        "     event_id=RV-0010, version=2, operation=post, service_account_id=010001,\n",
        "  3. original, version 2: event date 2024-09-15, recorded 2024-10-07, posted 2024-10-01\n"
        "     service account 010001, usage, service compute-vm: list amount 4,500,000, discount "
        "450,000, net\n     amount 4,050,000, tax 405,000, partner cost 3,375,000, partner margin "
        "675,000 VND\n",
        "     partner discount D-002: 25 %, from 2024-09-15; discounts batch ",
        "  by event date\n     discounts of 000100, 2024-09-15: D-002: discount_amount 1,125,000 ",
        "  by posted date\n",
    ):
        assert part in text


def test_a_workbook(sample_home: Path, tmp_path: Path) -> None:
    """A sheet for each table."""
    path = tmp_path / "t.xlsx"
    assert run(sample_home, "T-0031", "--output", str(path)) == 0
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Deliveries", "Entries", "Report lines", "Control"]
    for title, rows in (("Deliveries", 2), ("Entries", 2), ("Report lines", 12)):
        lines = list(book[title].iter_rows(min_row=7, values_only=True))
        assert lines[0][:3] == ("No.", "Feed", "Event")
        assert [line[0] for line in lines[1 : rows + 1]] == list(range(1, rows + 1))
        assert all(line[0] is None for line in lines[rows + 1 :])
        assert book[title]["A2"].value == "T-0031 - Partner: 000100 Sông Hồng Cloud"


# --- files that have gone or changed -----------------------------------------------------------


def test_values_when_the_file_is_not_what_it_was(sample_home: Path, tmp_path: Path) -> None:
    """What is stored instead, and why; what was refused is kept."""
    landing = tmp_path / "landing"
    shutil.copytree(SAMPLE, landing)
    changed = landing / "credits" / "batch=2024-10-07" / "corrections.csv"
    changed.write_bytes(changed.read_bytes().replace(b"4050000", b"4060000"))
    (landing / "credits" / "batch=2024-11-01" / "credits.csv").unlink()
    words = ("--landing", str(landing))
    event = only_event(traced(sample_home, tmp_path / "t.json", "CR-0033", *words))
    first, second, third, fourth = event["deliveries"]
    assert first["raw_source"] == "as delivered, read again from the file"
    why = f"{changed} is not as it was when it was taken in"
    assert second["raw_source"] == f"as stored in the ledger: {why}"
    assert second["raw_values"]["amount"] == "4050000"
    assert (third["raw_source"], third["raw_values"]) == (f"not kept: {why}", None)
    assert fourth["raw_source"].endswith("credits.csv is no longer there")
    event = only_event(traced(sample_home, tmp_path / "t.json", "CR-0091", *words))
    assert event["deliveries"][0]["raw_source"] == "as delivered, kept with the reasons"


def test_no_landing_folder_is_known(sample_home: Path, tmp_path: Path) -> None:
    """A home that was copied without the note of its last build."""
    shutil.copytree(sample_home / "published", tmp_path / "home" / "published")
    event = only_event(traced(tmp_path / "home", tmp_path / "t.json", "CR-0001"))
    assert event["deliveries"][0]["raw_source"] == (
        "as stored in the ledger: no landing folder is known: name it with --landing"
    )


# --- wrong requests -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "trace takes either an ID, or --account with --date"),
        (["CR-0001", "--account=010001"], "trace takes either an ID, or --account with --date"),
        (["--account=010001"], "trace takes either an ID, or --account with --date"),
        (["--date=2024-09-30"], "trace takes either an ID, or --account with --date"),
        (["CR-0001", "--wallet=main"], "--wallet goes with --account, not with an ID"),
        (["CR-0001", "--basis=event"], "--basis goes with --account, not with an ID"),
        ([" "], "name the id of an event, a transaction, an order or a discount"),
        (["CR-9933"], "nothing is known of 'CR-9933': no event, transaction, order or disc"),
        (["cr-0033"], "did you mean 'CR-0033'"),
        (["CR-033"], "did you mean 'CR-0033'"),
        (["R-0033"], "did you mean 'CR-0033'"),
        (["010001"], "nothing is known of '010001'"),
        (["CR-0001", "--output=t.csv"], "allowed endings are .xlsx, .json"),
        (["CR-0001", "--output=t.ods"], "unknown file ending '.ods'"),
        (["--account=01001", "--date=2024-09-30"], "unknown account '01001'"),
        (["--account=010001", "--date=2024-09-31"], "--date '2024-09-31' is not a day of the"),
        (["--account=010001", "--date=30/09/2024"], "--date '30/09/2024' is not a date"),
        (["--account=010001", "--date=2024-09-30", "--wallet=Poc"], "did you mean 'poc'?"),
        (["--account=010001", "--date=2024-09-30", "--currency=USD"], "allowed are VND"),
        (["--account=010001", "--date=2024-09-30", "--basis=batch"], "allowed are event, posted"),
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
    assert run(sample_home, *words) == 2
    captured = capsys.readouterr()
    assert message in captured.err and captured.out == ""
    assert list(tmp_path.iterdir()) == []


# --- all entries of a balance -------------------------------------------------------------------


def test_a_balance_by_hand(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """010001 main up to September (docs/sample.md), on both bases."""
    words = ("--account=010001", "--date=2024-09-30", "--wallet=main", "--currency=vnd")
    path = tmp_path / "t.csv"
    balances = {}
    for basis in DATE_BASES:
        assert run(sample_home, *words, f"--basis={basis}", "--output", str(path)) == 0
        with path.open(encoding="utf-8", newline="") as file:
            balances[basis] = [
                (row["event_id"], row["entry_type"], row["effect"], row["balance"])
                for row in csv.DictReader(file)
                if row["report_date"] >= "2024-09-10"
            ]
    assert balances["event"] == [
        ("CR-0033", "original", "-3600000", "5250000"),
        ("CR-0033", "reversal", "3600000", "8850000"),
        ("CR-0033", "original", "-4050000", "4800000"),
        ("CR-0036", "original", "450000", "5250000"),
        ("CR-0060", "original", "-350000", "4900000"),
    ]
    assert balances["posted"] == [
        ("CR-0033", "original", "-3600000", "5250000"),
        ("CR-0036", "original", "450000", "5700000"),
    ]
    capsys.readouterr()
    assert run(sample_home, *words) == 0
    text = capsys.readouterr().out
    assert text.startswith("Service account 010001 Phố Cổ bán hàng\nUp to the end of 2024-09-30; ")
    assert text.endswith("\nClosing balance 4,900,000 VND\n")


def test_an_account_that_changed_hands(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """020001: one balance with each partner."""
    assert run(sample_home, "--account=020001", "--date=2024-09-30") == 0
    text = capsys.readouterr().out
    assert text.index("partner 000100, wallet main, VND") < text.index("partner 000200, wallet")
    assert "\nClosing balance 2,930,000 VND\n" in text
    assert text.endswith("\nClosing balance 632,000 VND\n")
    path = tmp_path / "t.xlsx"
    assert run(sample_home, "--account=020001", "--date=2024-09-30", "--output", str(path)) == 0
    sheet = openpyxl.load_workbook(path)["Account entries"]
    assert sheet["A2"].value == "Service account 020001 =1+1 web"
    assert [sheet[cell].value for cell in ("A8", "B8", "E8")] == ["000100", "020001", 1]


def test_all_balances_of_a_customer(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """010000 has two service accounts; each balance is told with its own."""
    words = ("--account=010000", "--date=2024-09-30")
    assert run(sample_home, *words) == 0
    text = capsys.readouterr().out
    assert text.startswith("Account 010000 Phố Cổ Coffee\n")
    for whose, closing in (
        ("service account 010001 Phố Cổ bán hàng, wallet main, VND", "4,900,000 VND"),
        ("service account 010001 Phố Cổ bán hàng, wallet poc, VND", "0 VND"),
        ("service account 010002 Phố Cổ, kho dữ liệu, wallet main, USD", "200 USD"),
    ):
        _, _, rest = text.partition(f"\npartner 000100, {whose}\n")
        assert rest.partition("\nClosing balance ")[2].startswith(f"{closing}\n")
    path = tmp_path / "t.csv"
    assert run(sample_home, *words, "--currency=USD", f"--output={path}") == 0
    with path.open(encoding="utf-8", newline="") as file:
        assert {row["service_account_id"] for row in csv.DictReader(file)} == {"010002"}


def test_accounts_without_entries_or_partner(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No error: there is nothing yet, or nobody to whom it belongs."""
    assert run(sample_home, "--account=010001", "--date=2020-01-01") == 0
    assert capsys.readouterr().out.endswith("\n\nNo entries.\n")
    path = tmp_path / "t.json"
    assert run(sample_home, "--account=010001", "--date=2020-01-01", f"--output={path}") == 0
    assert capsys.readouterr().err == "no entries up to that day\n"
    assert run(sample_home, "--account=099999", "--date=2024-12-31") == 0
    assert "\nno partner yet, wallet main, VND\n" in capsys.readouterr().out


def test_the_record_of_two_with_one_time(tmp_path: Path) -> None:
    """What is named is what decides: of one batch, focus after accounts, whatever the files."""
    landing, home = tmp_path / "landing", tmp_path / "home"
    account = {"service_account_id": "s1", "account_id": "a1", "account_type": "customer",
               "partner_id": "P1", "updated_at": "2024-02-01T00:00:00+07:00"}  # fmt: skip
    line = {"ProviderName": "AWS", "BillingAccountId": "b1", "SubAccountId": "s1",
            "BillingPeriodStart": "2024-01-01T00:00:00Z", "BillingCurrency": "USD",
            "ChargeCategory": "Usage", "ChargePeriodStart": "2024-01-15T00:00:00Z",
            "ServiceName": "vm", "ListCost": "1", "BilledCost": "1"}  # fmt: skip
    event = {"event_id": "e1", "service_account_id": "s1", "movement_type": "top_up",
             "amount": "1", "currency": "USD", "occurred_at": "2024-02-01T12:00:00Z"}  # fmt: skip
    put_csv(landing, "accounts/batch=2024-02-01/z.csv", [account])
    put_csv(landing, "focus/batch=2024-02-01/a.csv", [line])
    put_csv(landing, "credits/batch=2024-02-02/a.csv", [event])
    assert build(home, landing) == 0
    (entry,) = only_event(traced(home, tmp_path / "t.json", "e1"))["entries"]
    assert (entry["partner_id"], entry["account_record"]) == (
        "b1", "focus batch 2024-02-01 a.csv row 1, state of 2024-01-31 17:00:00 UTC",
    )  # fmt: skip


def test_a_balance_that_is_not_that_of_the_report_is_not_shown(
    sample_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report stands on other tables than the ledger."""
    monkeypatch.setattr(
        account_trace,
        "_ACCOUNT_ENTRIES",
        account_trace._ACCOUNT_ENTRIES.replace("sum(balance_effect)", "sum(amount)", 1),
    )
    assert run(sample_home, "--account=010002", "--date=2024-12-31") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "the entries of 010002, wallet main, USD with partner 000100 make 600 " in captured.err
    assert "and the balance report has 200 (0)" in captured.err


# --- identities: all events at once --------------------------------------------------------------


def trace_all(connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of a trace of everything that was ever delivered."""
    monkeypatch.setattr(tables, "MOST_DELIVERIES", 10**9)
    connection.execute(find.REFUSED, {"id": ""})
    connection.execute("update temp.refused set is_asked = true")
    connection.execute(
        """
        create or replace temp table traced as
        select feed, event_id, row_number() over () as place, 1 as event_count
        from (
            select 'credits' as feed, event_id from ledger.fct_credit_entries
            union
            select feed, event_id from ledger.fct_revenue_entries
            union
            select feed, event_id from ledger.event_voids
            union
            select 'discounts' as feed, discount_id as event_id from dimensions.discount_periods
        ) as events
        """
    )
    tables.prepare(connection)


def deliveries_are_complete(connection: duckdb.DuckDBPyConnection, reference: Oracle) -> None:
    """Every row of the files stands once, with the verdict of the reference."""
    feeds = ("credits", "revenue", "discounts", "focus")
    of_event = {"event_id", "transaction_id", "order_id"}
    ids = {"credits": of_event, "revenue": of_event, "discounts": {"discount_id"}}
    expected = Counter(
        (one.feed, one.batch_id, one.file, one.row_number, one.why)
        for one in reference.ignored()
        if one.feed in feeds
    )
    # A line of a bill has no id of its own, nor has a row that ends before the first of these.
    expected.update(
        (one.feed, one.batch_id, one.file, one.row_number, "rejected")
        for one in reference.rejected()
        if ids.get(one.feed, set()) & {name.lower() for name in one.raw}
    )
    got = Counter(
        connection.execute(
            "select feed, batch_id, file, row_number, verdict from temp.trace_deliveries "
            "where verdict <> 'accepted'"
        ).fetchall()
    )
    assert got == expected
    accepted = connection.execute(
        "select feed, batch_id, count(*) from temp.trace_deliveries "
        "where verdict = 'accepted' and file is not null group by all order by all"
    ).fetchall()
    assert accepted == sorted(
        (one.feed, one.batch_id, one.accepted)
        for one in reference.batches()
        if one.feed in feeds and one.accepted
    )
    proof.tried("deliveries found again by a trace", got.total() + sum(row[2] for row in accepted))


@exact
def lines_make_the_reports(connection: duckdb.DuckDBPyConnection, reference: Oracle) -> None:
    """The report lines of all events add up to all reports, row by row, on both bases."""
    keys = ("service_account_id", "account_id", "account_type", "wallet", "entry_kind",
            "service_code", "discount_id")  # fmt: skip
    got: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    dated = ("credit-topups", "credit-usage", "credit-statement", "revenue-detail")
    for basis, report, partner, day, currency, measure, amount, *shown in connection.execute(
        "select basis, report, partner_id, report_date, currency, measure, amount, "
        f"{', '.join(keys)} from temp.trace_lines where amount is not null"
    ).fetchall():
        when = day if report in dated else None
        got[basis, report, partner, when, currency, measure, *shown] += amount
    expected: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    names = {"movement_type": "entry_kind", "charge_type": "entry_kind"}
    balance = ("topped_up", "transferred_in", "accrued", "used", "transferred_out", "expired",
               "adjusted", "held")  # fmt: skip
    measures = {
        "credit-topups": ("amount",),
        "credit-usage": ("amount",),
        "credit-balance": balance,
        "credit-statement": ("balance_effect",),
        "discounts": ("discount_amount",),
        "revenue-detail": ("net_amount",),
        "revenue-by-service": ("net_amount",),
        "revenue-by-account": ("net_amount",),
        "margins": ("net_amount",),
    }
    for partner in reference.partners():
        for basis in DATE_BASES:
            for name, columns in measures.items():
                header = [column.name for column in REPORTS[name].columns]
                for row in reference.report(name, partner, *ALL_TIME, basis=basis):
                    cells = dict(zip(header, row, strict=True))
                    cells |= {names[key]: cells[key] for key in names if key in cells}
                    if name == "credit-balance":  # the account shown there is another
                        cells |= {"account_id": None, "account_type": None}
                    if name == "discounts":
                        cells |= {"service_account_id": None, "service_code": None}
                    for measure in columns:
                        amount = cells[measure]
                        assert isinstance(amount, Decimal)
                        expected[
                            basis, name, partner, cells.get("report_date"), cells["currency"],
                            measure, *(cells.get(key) for key in keys),
                        ] += amount  # fmt: skip
    assert {key: amount for key, amount in got.items() if amount} == {
        key: amount for key, amount in expected.items() if amount
    }
    listed = {
        (basis, report): times
        for basis, report, times in connection.execute(
            "select basis, report, count(*) from temp.trace_lines "
            "where report in ('credit-balance', 'credit-statement', 'revenue-detail') group by all"
        ).fetchall()
    }
    known = [
        entry for entry in reference.entries() if entry.service_account_id in reference.history
    ]
    for basis in DATE_BASES:
        entries = [entry for entry in known if basis == "posted" or entry.is_standing]
        credit_entries = sum(isinstance(entry, CreditEntry) for entry in entries)
        assert listed[basis, "credit-balance"] == credit_entries
        assert listed[basis, "credit-statement"] == credit_entries
        assert listed[basis, "revenue-detail"] == len(entries) - credit_entries
    proof.tried("lines of reports made of traced events", len(expected))


def records_are_those_applied(connection: duckdb.DuckDBPyConnection, reference: Oracle) -> None:
    """Partner, account and discount of every entry are those of the records that are named."""
    entries = defaultdict(list)
    for entry in reference.entries():
        if not FOCUS_ID.fullmatch(entry.event_id) and entry.feed != "focus":
            entries[entry.feed, entry.event_id, entry.entry_type, str(entry.version)].append(entry)
    found = connection.execute(
        "select feed, event_id, entry_type, version, partner_id, account_id, account_type, "
        "account_record, partner_discount_id, partner_discount_rate, is_internal "
        "from temp.trace_entries where feed <> 'focus'"
    ).fetchall()
    assert len(found) == sum(map(len, entries.values()))
    for *key, partner, account, kind, record, discount, rate, is_internal in found:
        (entry,) = entries[tuple(key)]
        owner = reference.account_at(entry.service_account_id, entry.event_date)
        if owner is None:
            assert (partner, record, discount, rate) == (None, None, None, None)
            continue
        assert (partner, account, kind) == (owner.partner_id, owner.account_id, owner.account_type)
        batch_id, feed, file, row_number = owner.order
        assert record.startswith(f"{feed} batch {batch_id} {file} row {row_number}, state of ")
        if isinstance(entry, RevenueEntry):
            applying = reference.partner_discount(entry)
            assert discount == (applying.discount_id if applying else None)
            assert rate == reference.pricing(entry)[0]
        elif isinstance(entry, CreditEntry) and entry.movement_type.startswith("transfer"):
            other = reference.account_at(entry.counterparty_service_account_id, entry.event_date)
            assert is_internal == (other is not None and other.partner_id == partner)
    proof.tried("entries with the records that were applied", len(found))


def balances_are_those_of_the_report(
    connection: duckdb.DuckDBPyConnection, reference: Oracle
) -> None:
    """Every account, basis and a day of each month: entries in order, ending in the closing."""
    accounts = {
        entry.service_account_id for entry in reference.entries() if isinstance(entry, CreditEntry)
    }
    days = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2025, 12, 31)]
    for account in sorted(accounts):
        for basis in DATE_BASES:
            for day in days[:: 1 if len(accounts) < 30 else 3]:
                request = account_trace.AccountRequest(account, day, BASES[basis])
                account_trace.prepare(connection, request)  # holds it against the report
                rows = connection.execute(
                    "select partner_id, wallet, currency, number, effect, balance, held_effect, "
                    "held, report_date, batch_id from temp.account_entries "
                    "order by partner_id, wallet, currency, number"
                ).fetchall()
                before: tuple[Any, ...] = (None, None, None, 0, 0, Decimal(0), 0, Decimal(0))
                for row in rows:
                    if row[:3] != before[:3]:
                        before = (*row[:3], 0, 0, Decimal(0), 0, Decimal(0), date.min, "")
                    assert row[3] == before[3] + 1
                    assert row[5] == before[5] + row[4] and row[7] == before[7] + row[6]
                    assert row[8:10] >= before[8:10] and row[8] <= day
                    before = row
                assert len(rows) == sum(
                    (entry.event_date if basis == "event" else entry.posted_date) <= day
                    for entry in reference.entries()
                    if isinstance(entry, CreditEntry) and entry.service_account_id == account
                )
                proof.tried("balances with their entries")


def accounts_have_the_balances_of_the_report(
    connection: duckdb.DuckDBPyConnection, reference: Oracle
) -> None:
    """By account id: the balances that the balance report has with that --account, and no other."""
    columns = [column.name for column in REPORTS["credit-balance"].columns]
    keys = [columns.index(name) for name in ("service_account_id", "wallet", "currency")]
    amounts = [columns.index(name) for name in ("closing_balance", "held")]
    partners = reference.partners()
    service_accounts = {one for partner in partners for one in reference.service_accounts(partner)}
    accounts = {one for partner in partners for one in reference.accounts(partner)}
    for account in sorted(accounts - service_accounts)[:: 1 if proof.SOAK else 3]:
        for basis in DATE_BASES:
            for day in (date(2024, 2, 29), date(2025, 12, 31)):
                request = account_trace.AccountRequest(account, day, BASES[basis])
                account_trace.prepare(connection, request)
                got = {
                    tuple(key): tuple(closing)
                    for *key, balance, held in connection.execute(
                        "select partner_id, service_account_id, wallet, currency, "
                        "max_by(balance, number), max_by(held, number) "
                        "from temp.account_entries group by all"
                    ).fetchall()
                    for closing in [(balance, held)]
                    if any(closing)
                }
                expected = {
                    (partner, *(row[place] for place in keys)): closing
                    for partner in partners
                    if account in reference.accounts(partner)
                    for row in reference.report(
                        "credit-balance", partner, day, day, basis=basis, account=account
                    )
                    for closing in [tuple(row[place] for place in amounts)]
                    if any(closing)
                }
                assert got == expected
                proof.tried("balances of accounts", len(expected))


@exact
def check_home(home: Path, landing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All identities of a home."""
    reference = Oracle(landing, **REFERENCE)
    with open_published(home) as connection:
        trace_all(connection, monkeypatch)
        deliveries_are_complete(connection, reference)
        lines_make_the_reports(connection, reference)
        records_are_those_applied(connection, reference)
        balances_are_those_of_the_report(connection, reference)
        accounts_have_the_balances_of_the_report(connection, reference)


def test_all_events_of_the_sample(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries, report lines, records and balances against the reference."""
    check_home(sample_home, SAMPLE, monkeypatch)


@pytest.mark.proof
def test_all_events_of_random_folders(
    random_homes: list[LandingAndHome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same where everything is late, corrected, moved, broken and hostile."""
    for landing, home in random_homes:
        check_home(home, landing, monkeypatch)


@pytest.mark.proof
def test_any_event_can_be_shown(
    random_homes: list[LandingAndHome], capsys: pytest.CaptureFixture[str]
) -> None:
    """One by one, as text that no terminal obeys; values are those of the files."""
    for landing, home in random_homes:
        reference = Oracle(landing, **REFERENCE)
        delivered = {
            Place(feed, batch_id, path.name, row.row_number): row
            for feed in ("credits", "revenue", "focus")
            for batch_id, paths in find_batches(landing, feed)
            for path in paths
            for row in reference._read_file(feed, batch_id, path)
            if not row.faults
        }
        with open_published(home) as connection:
            read = read_again(connection, landing, delivered)
            for place, row in delivered.items():
                values = read[place]
                assert isinstance(values, dict), (place, values)
                if place.file.endswith(".parquet"):
                    assert values.keys() == row.raw.keys()
                else:
                    assert values == row.raw
            proof.tried("rows read again from their files", len(delivered))
            feeds = defaultdict(set)
            for feed, text in connection.execute(
                "select 'credits', event_id from ledger.fct_credit_entries union all "
                "select 'credits', transaction_id from ledger.fct_credit_entries union all "
                "select feed, event_id from ledger.fct_revenue_entries union all "
                "select feed, order_id from ledger.fct_revenue_entries"
            ).fetchall():
                feeds[text].add(feed)
            del feeds[None]
            for text in sorted(feeds)[:: 1 if proof.SOAK else 5]:
                found = trace.trace(connection, text, landing)
                assert {event.feed for event in found.events} >= feeds[text]
                print(*text_of_trace.lines(found), sep="\n")
                printed = capsys.readouterr().out
                assert visible(printed, keep="\n") == printed
                assert printed.startswith(visible(text))
                proof.tried("ids traced and shown")
            assert any(len(of) > 1 for of in feeds.values()), "no id is in two feeds"
