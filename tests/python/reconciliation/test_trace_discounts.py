"""Everything about a discount and about an order: complete, and what the reports say."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from support import proof
from support.comparing import REFERENCE
from support.homes import PROJECT, LandingAndHome, build, put_csv
from support.oracle import Oracle, RevenueEntry, exact

from exporters.catalogue.conditions import BASES
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import DATE_BASES
from exporters.cli import app
from exporters.escaping import visible
from exporters.query import builder
from exporters.reconciliation.trace import discounts, tables, text, trace
from exporters.request.periods import parse_month
from exporters.request.report_request import Request
from exporters.warehouse.published import open_published

SAMPLE = PROJECT / "seeds" / "landing"


def traced(home: Path, output: Path, wanted: str, *words: str) -> Any:
    """The object of a JSON trace."""
    command = ["trace", "--home", str(home), wanted, "--output", str(output), *words]
    assert app.main(command) == 0
    return json.loads(output.read_text(encoding="utf-8"))


# --- by hand, on the sample (docs/sample.md) ----------------------------------------------------


def test_a_partner_discount(sample_home: Path, tmp_path: Path) -> None:
    """D-002: RV-0010 counts with both its versions, as reported each in its own month."""
    found = traced(sample_home, tmp_path / "t.json", "D-002")
    assert (found["events"], found["orders"]) == ([], [])
    assert found["partners"] == [{"partner_id": "000100", "partner_name": "Sông Hồng Cloud"}]
    discount = found["discount"]
    assert discount["state"] == "active"
    record = discount["record"]
    assert [record[name] for name in ("subject", "rate_percent", "service_code", "starts_on")] == [
        "partner", "25", "compute-vm", "2024-09-15",
    ]  # fmt: skip
    assert [
        (span["from_date"], span["to_date"], span["status"]) for span in discount["statuses"]
    ] == [
        (None, "2024-09-09", "awaiting_approval"),
        ("2024-09-10", "2024-09-14", "awaiting_active"),
        ("2024-09-15", None, "active"),
    ]
    assert [
        (one["event_id"], one["entry_type"], one["version"], one["is_standing"],
         one["posted_date"], one["list_amount"], one["discount_amount"])
        for one in discount["charges"]
    ] == [
        ("RV-0010", "original", "1", "no", "2024-09-15", "4000000", "1000000"),
        ("RV-0010", "reversal", "2", "no", "2024-10-01", "-4000000", "-1000000"),
        ("RV-0010", "original", "2", "yes", "2024-10-01", "4500000", "1125000"),
        ("RV-0034", "original", "1", "yes", "2024-10-12", "2000000", "500000"),
    ]  # fmt: skip
    assert [
        (one["basis"], one["month"], one["event_count"], one["list_amount"], one["discount_amount"])
        for one in discount["worth"]
    ] == [
        ("event", "2024-09-01", "1", "4500000", "1125000"),
        ("event", "2024-10-01", "1", "2000000", "500000"),
        ("event", None, "2", "6500000", "1625000"),
        ("posted", "2024-09-01", "1", "4000000", "1000000"),
        ("posted", "2024-10-01", "1", "2500000", "625000"),
        ("posted", None, "2", "6500000", "1625000"),
    ]


def test_a_customer_discount(sample_home: Path, tmp_path: Path) -> None:
    """D-103: a charge names it that is another partner's since that day, and has no worth."""
    discount = traced(sample_home, tmp_path / "t.json", "D-103")["discount"]
    record = discount["record"]
    assert [record[name] for name in ("partner_id", "service_account_id", "account_id")] == [
        "000100", "020001", "020000",
    ]  # fmt: skip
    charges = [
        (one["event_id"], one["discount_amount"], one["note"]) for one in discount["charges"]
    ]
    why = "of partner 000200: a discount has its worth in charges of its own partner"
    assert charges == [
        ("RV-0003", "100000", None),
        ("RV-0020", "80000", None),
        ("RV-0021", None, why),
    ]
    assert {one["discount_amount"] for one in discount["worth"] if one["month"] is None} == {
        "180000"
    }


def test_the_deliveries_of_a_discount(sample_home: Path, tmp_path: Path) -> None:
    """Each state, one that came late, a repeat, and refused rows: with their values."""
    path = tmp_path / "t.json"
    deliveries = traced(sample_home, path, "D-006")["discount"]["deliveries"]
    assert [
        (one["batch_id"], one["file"], one["row_number"], one["verdict"], one["reason"])
        for one in deliveries
    ] == [
        ("2024-08-01", "discounts.csv", "3", "accepted",
         "a later state has taken its place, of 2024-09-16 03:00:00 UTC"),
        ("2024-09-16", "discounts.csv", "4", "accepted", "the latest state: it counts"),
        ("2024-10-28", "discounts.csv", "6", "accepted",
         "an older state than was known, of 2024-09-16 03:00:00 UTC: it changes nothing"),
    ]  # fmt: skip
    assert [one["raw_values"]["revoked_on"] for one in deliveries] == ["", "2024-09-16", ""]
    _, repeated = traced(sample_home, path, "D-101")["discount"]["deliveries"]
    assert (repeated["verdict"], repeated["reason"]) == (
        "repeated", "equals an accepted record in every known column",
    )  # fmt: skip
    discount = traced(sample_home, path, "D-090")["discount"]
    (refused,) = discount["deliveries"]
    assert discount["state"] == "no accepted record"
    assert refused["verdict"] == "rejected" and 'rate_percent "120"' in refused["reason"]
    assert (discount["statuses"], discount["charges"], discount["worth"]) == ([], [], [])


def test_a_discount_whose_file_is_gone(sample_home: Path, tmp_path: Path) -> None:
    """What is stored, and why."""
    path = tmp_path / "t.json"
    found = traced(sample_home, path, "D-002", "--landing", str(tmp_path / "empty"))
    (delivery,) = found["discount"]["deliveries"]
    assert delivery["raw_source"].startswith("as stored in the ledger: ")
    assert delivery["raw_values"] == {
        "discount_id": "D-002", "subject": "partner", "partner_id": "000100",
        "service_code": "compute-vm", "rate_percent": "25", "requested_on": "2024-09-05",
        "approved_on": "2024-09-10", "effective_from": "2024-09-15",
        "updated_at": "2024-09-10 03:00:00",
    }  # fmt: skip


def test_a_discount_as_text_and_workbook(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every part, in words; a sheet for each table."""
    assert app.main(["trace", "--home", str(sample_home), "D-103"]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 100
    for part in (
        "Discount D-103: active\n"
        "     8 % for service account 020001 =1+1 web (account 020000 =1+1 Studio) of partner ",
        "  Status\n     until 2024-07-27: Awaiting approval\n",
        "list amount 1,250,000,\n     discount 100,000 VND\n",
        "ordered 2024-09-20: no worth: of partner\n     000200: ",
        "  Lines of the discounts report\n  by event date\n",
        " discounts of 000100, all time: 2 events, list amount 2,250,000, discount 180,000 VND\n",
        "     discounts of 000100, 2024-08, active: 1 event, list amount 1,250,000,",
    ):
        assert part in printed
    path = tmp_path / "t.xlsx"
    assert app.main(["trace", "--home", str(sample_home), "D-103", "--output", str(path)]) == 0
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "Deliveries", "Discount", "Status over time", "Charges", "Worth", "Control",
    ]  # fmt: skip
    assert book["Deliveries"]["A3"].value == "Discount D-103: active"


def test_an_id_of_a_discount_that_is_near(
    sample_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip finds discounts too."""
    assert app.main(["trace", "--home", str(sample_home), "D-1033"]) == 2
    assert "did you mean 'D-103'" in capsys.readouterr().err


def test_an_order_is_told_whole(
    tmp_path: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Charges that stand, were corrected, voided, moved to another order and refused; a discount
    that nobody delivered; an id that is an event and a discount at once."""
    landing, home = place / "landing", place / "home"
    account = {"service_account_id": "s1", "account_id": "a1", "account_type": "customer",
               "partner_id": "P1", "updated_at": "2024-01-01T00:00:00+07:00"}  # fmt: skip
    put_csv(landing, "accounts/batch=2024-01-01/a.csv", [account])

    def charge(event_id: str, version: int, amount: str, **other: str) -> dict[str, str]:
        row = {"event_id": event_id, "version": str(version), "operation": "post",
               "service_account_id": "s1", "service_code": "vm", "charge_type": "usage",
               "order_id": "O1", "discount_id": "", "currency": "VND", "list_amount": amount,
               "discount_amount": "0", "net_amount": amount, "tax_amount": "0",
               "occurred_at": "2024-02-01T12:00:00+07:00"}  # fmt: skip
        return row | other

    put_csv(landing, "revenue/batch=2024-02-02/a.csv", [
        charge("e1", 1, "1000"), charge("e2", 1, "200"), charge("e3", 1, "30"),
        charge("e4", 1, "4"), charge("e5", 1, "x"), charge("e6", 1, "60000", currency="USD"),
        charge("dx", 1, "5", discount_id="dx"),
    ])  # fmt: skip
    put_csv(landing, "revenue/batch=2024-02-03/a.csv", [
        charge("e2", 2, "250"), charge("e3", 2, "30", operation="void"),
        charge("e4", 2, "4", order_id="O2"),
    ])  # fmt: skip
    assert build(home, landing) == 0
    found = traced(home, tmp_path / "t.json", "O1")
    assert {event["event_id"]: event["state"] for event in found["events"]} == {
        "dx": "version 1 stands",
        "e1": "version 1 stands",
        "e2": "version 2 stands",
        "e3": "taken back by version 2: nothing stands",
        "e4": "version 2 stands",
        "e5": "never accepted",
        "e6": "version 1 stands",
    }
    assert [
        (order["currency"], order["event_count"], order["net_amount"]) for order in found["orders"]
    ] == [("USD", "1", "60000"), ("VND", "3", "1255")]
    capsys.readouterr()
    assert app.main(["trace", "--home", str(home), "O1"]) == 0
    printed = capsys.readouterr().out
    assert (
        "\n"
        "Order O1: 1 charge stands: list amount 60,000, discount 0, net amount 60,000, tax 0 USD\n"
        "Order O1: 3 charges stand: list amount 1,255, discount 0, net amount 1,255, tax 0 VND\n"
    ) in printed
    assert {event["event_id"] for event in traced(home, tmp_path / "t.json", "O2")["events"]} == {
        "e4"
    }
    found = traced(home, tmp_path / "t.json", "dx")
    assert [event["event_id"] for event in found["events"]] == ["dx"]
    assert found["discount"]["state"] == "no accepted record"
    (named,) = found["discount"]["charges"]
    assert (named["event_id"], named["note"]) == ("dx", "no accepted record has this id")
    path = tmp_path / "t.xlsx"
    assert app.main(["trace", "--home", str(home), "dx", "--output", str(path)]) == 0
    assert len(openpyxl.load_workbook(path).sheetnames) == 8


def test_no_more_charges_than_anybody_reads(
    sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first are shown and the others counted; the worth is that of all."""
    monkeypatch.setattr(discounts, "MOST_CHARGES", 3)
    found = traced(sample_home, tmp_path / "t.json", "D-002")
    assert (len(found["discount"]["charges"]), found["charges_not_shown"]) == (3, 1)
    assert found["discount"]["worth"][-1]["discount_amount"] == "1625000"


# --- identities: all discounts at once -----------------------------------------------------------


def trace_all(connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of a trace of every discount that a record or a charge has."""
    monkeypatch.setattr(discounts, "MOST_CHARGES", 10**9)
    connection.execute(
        """
        create or replace temp table traced as
        select 'discounts' as feed, discount_id as event_id, 1 as place, 1 as event_count
        from (
            select discount_id from dimensions.discount_periods
            union
            select discount_id from ledger.fct_revenue_entries where discount_id is not null
        ) as ids
        """
    )
    tables.prepare_entries(connection)
    discounts.prepare(connection)


def worth_is_that_of_the_report(connection: duckdb.DuckDBPyConnection, reference: Oracle) -> None:
    """Every line of every month and of all time is the report's, and there are no others."""
    got = {
        tuple(key): tuple(worth)
        for *key, status, events, listed, amount in connection.execute(
            "select basis, partner_id, month, discount_id, currency, status, event_count, "
            "list_amount, discount_amount from temp.trace_discount_lines"
        ).fetchall()
        for worth in [(status, events, listed, amount)]
    }
    months = {
        str(day)[:7]
        for entry in reference.entries()
        for day in (entry.event_date, entry.posted_date)
    }
    periods: dict[date | None, tuple[date, date]] = {None: (date.min, date.max)}
    periods |= {first: (first, last) for first, last in map(parse_month, months)}
    expected = {}
    for partner in reference.partners():
        for basis in DATE_BASES:
            for month, period in periods.items():
                request = Request(REPORTS["discounts"], partner, *period, basis=BASES[basis])
                query = builder.typed(request)
                for discount_id, currency, status, *worth in connection.execute(
                    "select discount_id, currency, status, event_count, list_amount, "
                    f"discount_amount from ({query.sql}) as report where currency is not null",
                    query.parameters,
                ).fetchall():
                    key = basis, partner, month, discount_id, currency
                    expected[key] = None if month is None else status, *worth
    assert got == expected
    proof.tried("lines of the discounts report found by a trace", len(expected))


@exact
def charges_make_the_worth(connection: duckdb.DuckDBPyConnection, reference: Oracle) -> None:
    """The charges add up to every line; each that the reference knows stands once."""
    lines = {
        tuple(key): (listed, amount)
        for *key, listed, amount in connection.execute(
            "select basis, month, discount_id, currency, list_amount, discount_amount "
            "from temp.trace_discount_lines where list_amount <> 0 or discount_amount <> 0"
        ).fetchall()
    }
    sums: dict[tuple[object, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    rows = connection.execute(
        "select discount_id, event_date, posted_date, is_standing = 'yes', currency, "
        "list_amount, discount_amount from temp.trace_discount_charges where note is null"
    ).fetchall()
    for discount_id, event_date, posted_date, stands, currency, *amounts in rows:
        for basis, day in (("event", event_date), ("posted", posted_date)):
            if basis == "event" and not stands:
                continue
            for month in (day.replace(day=1), None):
                sums[basis, month, discount_id, currency] = [
                    old + new
                    for old, new in zip(
                        sums[basis, month, discount_id, currency], amounts, strict=True
                    )
                ]
    assert {key: tuple(worth) for key, worth in sums.items() if any(worth)} == lines
    expected: Counter[tuple[str, str, str]] = Counter()
    for entry in reference.entries():
        if isinstance(entry, RevenueEntry):
            applies = reference.partner_discount(entry)
            of_entry = {entry.discount_id, applies.discount_id if applies else None} - {None}
            stands = "yes" if entry.is_standing else "no"
            expected.update((str(one), entry.entry_type, stands) for one in of_entry)
    got = Counter(
        connection.execute(
            "select discount_id, entry_type, is_standing from temp.trace_discount_charges"
        ).fetchall()
    )
    assert got == expected
    proof.tried("charges of traced discounts", got.total())


def statuses_are_those_of_every_day(
    connection: duckdb.DuckDBPyConnection, reference: Oracle
) -> None:
    """Spans follow each other without a gap, and have the reference's status at both ends."""
    spans = defaultdict(list)
    for discount_id, first, last, status in connection.execute(
        "select discount_id, from_date, to_date, status from temp.trace_discount_statuses "
        "order by number"
    ).fetchall():
        spans[discount_id].append((first, last, status))
    assert spans.keys() == {discount.discount_id for discount in reference.discounts}
    for discount in reference.discounts:
        own = spans[discount.discount_id]
        assert own[0][0] is None and own[-1][1] is None
        for (_, last, _), (first, _, _) in pairwise(own):
            assert first == last + timedelta(days=1)
        for first, last, status in own:
            for day in (first or date.min, last or date.max):
                assert reference.discount_status(discount, day) == status
        proof.tried("spans of the status of a discount", len(own))


def check_home(home: Path, landing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All identities of a home; then each discount and order by itself."""
    reference = Oracle(landing, **REFERENCE)
    with open_published(home) as connection:
        trace_all(connection, monkeypatch)
        worth_is_that_of_the_report(connection, reference)
        charges_make_the_worth(connection, reference)
        statuses_are_those_of_every_day(connection, reference)
        for discount in reference.discounts:
            found = trace.trace(connection, discount.discount_id, landing)
            assert found.discount is not None
            record = discount.record
            assert [found.discount.record[name] for name in ("partner_id", "service_code")] == [
                record["partner_id"], record["service_code"],
            ]  # fmt: skip
            assert {one["discount_id"] for one in found.discount.charges} <= {discount.discount_id}
            printed = "\n".join(text.lines(found))
            assert visible(printed, keep="\n") == printed
            proof.tried("discounts traced and shown")


def test_all_discounts_of_the_sample(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worth, charges and status against the report and the reference."""
    check_home(sample_home, SAMPLE, monkeypatch)


@pytest.mark.proof
def test_all_discounts_of_random_folders(
    random_homes: list[LandingAndHome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same where everything is late, corrected, moved, broken and hostile."""
    for landing, home in random_homes:
        check_home(home, landing, monkeypatch)


@exact
def orders_are_whole(home: Path, landing: Path) -> None:
    """Every order leads to all its charges, and what stands of it is the reference's."""
    reference = Oracle(landing, **REFERENCE)
    events: dict[str, set[str]] = defaultdict(set)
    standing: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for entry in reference.entries():
        if isinstance(entry, RevenueEntry) and entry.order_id is not None and entry.feed != "focus":
            events[entry.order_id].add(entry.event_id)
            standing[entry.order_id][entry.currency] += entry.net_amount
    with open_published(home) as connection:
        for order, of_order in events.items():
            found = trace.trace(connection, order, landing)
            assert {event.event_id for event in found.events} >= of_order
            assert {
                str(line["currency"]): Decimal(str(line["net_amount"])) for line in found.orders
            } == standing[order]
            proof.tried("orders told whole")


def test_orders_of_the_sample(sample_home: Path) -> None:
    """Also one whose charge was voided."""
    orders_are_whole(sample_home, SAMPLE)


@pytest.mark.proof
def test_orders_of_random_folders(random_homes: list[LandingAndHome]) -> None:
    """The same where charges are corrected and voided."""
    for landing, home in random_homes:
        orders_are_whole(home, landing)
