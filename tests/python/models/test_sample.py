"""The sample's reports hold the figures that docs/sample.md works out by hand."""

from __future__ import annotations

import csv
import json
import shutil
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.homes import PROJECT, Export, build

EXPECTED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "sample_expected.json").read_text(encoding="utf-8")
)
FOCUS_FILE = PROJECT / "seeds/landing/focus/batch=2024-10-07/focus_sample_1.0.csv"


def published(home: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(home / "published" / "marts.duckdb"), read_only=True)


@pytest.mark.parametrize("case", EXPECTED["exports"], ids=lambda case: case["name"])
def test_an_export_holds_the_rows_worked_out_by_hand(
    sample_home: Path, export: Export, case: dict[str, Any]
) -> None:
    text = export(
        sample_home, case["report"], case["partner"], case["from"], case["to"],
        **({"basis": case["basis"]} if case["basis"] else {}), **case["conditions"],
    )  # fmt: skip
    assert text.splitlines() == [EXPECTED["headers"][case["report"]], *case["rows"]]


def test_batches_count_every_row(sample_home: Path) -> None:
    rows = published(sample_home).execute(
        "select feed, batch_id, row_count, accepted, rejected, ignored from reports.batches"
    )
    assert sorted(map(list, rows.fetchall())) == sorted(EXPECTED["quality"]["batches"])


def test_rejected_rows_name_every_field_that_is_wrong(sample_home: Path) -> None:
    rows = published(sample_home).execute(
        "select feed, batch_id, file, row_number, reasons from reports.rejected_rows"
    )
    got = {tuple(row[:4]): row[4] for row in rows.fetchall()}
    expected = {tuple(row[:4]): row[4] for row in EXPECTED["quality"]["rejected_rows"]}
    assert set(got) == set(expected)
    for key, fields in expected.items():
        reasons = got[key]
        assert len(reasons) == max(len(fields), 1), (key, reasons)
        for field in fields:
            assert any(field in reason for reason in reasons), (key, field, reasons)


def test_rejected_rows_are_kept_as_delivered(sample_home: Path) -> None:
    rows = published(sample_home).execute(
        "select raw from reports.rejected_rows where file = 'corrections.csv' order by row_number"
    )
    broken, surplus = (json.loads(row[0]) for row in rows.fetchall())
    assert broken["list_amount"] == "1e3"
    assert broken["service_code"] == ""
    assert surplus["_extra"] == ["one field too many"]


@pytest.mark.parametrize(
    ("mart", "columns"),
    [
        ("ignored_rows", "feed, batch_id, file, row_number, event_id, cast(version as bigint)"),
        ("unattributed_events", "feed, event_id, service_account_id"),
        ("open_transfers", "transaction_id, currency, transferred_out, transferred_in"),
        (
            "balances_left_behind",
            "partner_id, service_account_id, wallet, currency, balance",
        ),
        (
            "balance_differences",
            "service_account_id, wallet, currency, event_id, stated_balance, our_balance, "
            "difference",
        ),
        (
            "service_periods_ignored",
            "event_id, service_account_id, period_start, period_end, why",
        ),
    ],
)
def test_quality_marts_hold_the_rows_worked_out_by_hand(
    sample_home: Path, mart: str, columns: str
) -> None:
    def plain(row: Any) -> list[str]:
        return [
            str(value.normalize() + 0) if isinstance(value, Decimal) else str(value)
            for value in row
        ]

    rows = published(sample_home).execute(f"select {columns} from reports.{mart}").fetchall()
    expected = [
        [
            Decimal(value)
            if isinstance(value, str)
            and index >= 2
            and mart in ("open_transfers", "balances_left_behind")
            and value.replace(".", "").isdigit()
            and columns.split(", ")[index] in ("transferred_out", "transferred_in", "balance")
            else value
            for index, value in enumerate(row)
        ]
        for row in EXPECTED["quality"][mart]
    ]
    assert sorted(map(plain, rows)) == sorted(map(plain, expected))


@pytest.fixture(scope="module")
def focus_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose only feed is the real FOCUS file."""
    folder = tmp_path_factory.mktemp("focus")
    batch = folder / "landing" / "focus" / FOCUS_FILE.parent.name
    batch.mkdir(parents=True)
    shutil.copy(FOCUS_FILE, batch)
    assert build(folder / "home", folder / "landing") == 0
    return folder / "home"


@pytest.mark.parametrize("basis", ["event", "posted"])
def test_the_real_focus_bill_as_the_only_feed_adds_up(focus_home: Path, basis: str) -> None:
    """Provider and category stand in the file only, so lines are traced back to it."""
    connection = published(focus_home)
    connection.execute(
        "create temp table lines as select row_number() over () as row_number, "
        '"ProviderName" as provider, "ChargeCategory" as category '
        f"from read_csv('{FOCUS_FILE}', all_varchar = true, parallel = false)"
    )
    rows = connection.execute(
        f"""
        select provider, category, sum(list_amount), sum(net_amount), count(*)
        from reports.revenue_detail join lines using (row_number)
        where {"is_standing" if basis == "event" else "true"}
            and {basis}_date between '2024-08-31' and '2024-10-31'
        group by provider, category
        """
    ).fetchall()
    sums = {(row[0], row[1]): (f"{row[2]:f}", f"{row[3]:f}") for row in rows}
    assert sums == {
        ("AWS", "Usage"): ("20.763017640600", "20.620338618400"),
        ("AWS", "Credit"): ("-2.613700000000", "-2.613700000000"),
        ("Microsoft", "Usage"): ("1.976514185860", "1.976514185860"),
        ("Oracle", "Usage"): ("0.265073924730", "0.265073924730"),
        ("Oracle", "Adjustment"): ("0.000000000000", "0.272000000000"),
    }
    assert sum(row[4] for row in rows) == 1000
    assert connection.execute(
        "select row_count, accepted, rejected, ignored from reports.batches"
    ).fetchall() == [(1000, 1000, 0, 0)]


def test_the_reports_of_the_real_focus_bill_show_its_sums(focus_home: Path, export: Export) -> None:
    partners = published(focus_home).execute("select partner_id from reports.partners").fetchall()
    for report in ("revenue-detail", "revenue-by-service", "revenue-by-account"):
        for basis in ("event", "posted"):
            sums: dict[str, Decimal] = defaultdict(Decimal)
            for (partner,) in partners:
                text = export(focus_home, report, partner, "2024-08-31", "2024-10-31", basis=basis)
                for row in csv.DictReader(text.splitlines()):
                    assert row["currency"] == "USD"
                    sums["list"] += Decimal(row["list_amount"])
                    sums["net"] += Decimal(row["net_amount"])
            assert sums == {
                "list": Decimal("20.390905751190"),
                "net": Decimal("20.520226728990"),
            }


@pytest.mark.parametrize("basis", ["event", "posted"])
def test_the_monthly_balance_mart_equals_the_report_of_each_month(
    sample_home: Path, export: Export, basis: str
) -> None:
    """A mart ends with a wallet's last movement, a report goes on; where both are they agree."""
    connection = published(sample_home)
    months = connection.execute(
        "select distinct partner_id, month, last_day(month) from reports.credit_balance "
        "where basis = ? order by all",
        [basis],
    ).fetchall()
    assert len(months) > 4
    for partner, first, last in months:
        rows = connection.execute(
            "select * exclude (partner_id, basis, month) from reports.credit_balance "
            "where partner_id = ? and basis = ? and month = ?",
            [partner, basis, first],
        ).fetchall()
        mart = [
            [f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, Decimal) else value or ""
             for value in row]
            for row in rows
        ]  # fmt: skip
        text = export(sample_home, "credit-balance", partner, str(first), str(last), basis=basis)
        report = list(csv.reader(text.splitlines()))[1:]
        assert [row for row in mart if row not in report] == []
        moved = [row for row in report if any(value != "0" for value in row[8:16])]
        assert [row for row in moved if row not in mart] == []


@pytest.mark.parametrize("basis", ["event", "posted"])
def test_the_focus_totals_stand_in_the_reports(
    sample_home: Path, export: Export, basis: str
) -> None:
    for partner, currency, list_amount, net_amount in EXPECTED["focus_totals"]:
        text = export(
            sample_home, "revenue-by-service", partner, "2024-08-31", "2024-10-31", basis=basis
        )
        sums: dict[str, Decimal] = defaultdict(Decimal)
        header, *lines = (line for line in text.splitlines())
        names = header.split(",")
        for line in lines:
            values = dict(zip(names[::-1], line.split(",")[::-1], strict=False))
            assert values["currency"] == currency
            for measure in ("list_amount", "net_amount"):
                sums[measure] += Decimal(values[measure])
        assert sums["list_amount"] == Decimal(list_amount)
        assert sums["net_amount"] == Decimal(net_amount)
