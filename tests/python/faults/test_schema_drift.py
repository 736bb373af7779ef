"""Schema drift: columns that come, go, move, change their type or, in FOCUS, their name."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.comparing import REFERENCE, differences
from support.homes import PROJECT, build, put_csv
from support.oracle import Oracle

FOCUS_SAMPLE = PROJECT / "seeds/landing/focus/batch=2024-10-07/focus_sample_1.0.csv"
PERIODS = [(date(2023, 1, 1), date(2025, 12, 31))]

Row = dict[str, str]


def put_parquet(landing: Path, place: str, rows: list[Row], types: dict[str, str]) -> None:
    """Write rows as Parquet; a column without a type is text, and empty texts are null."""
    path = landing / place
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        columns = ", ".join(f'"{name}" varchar' for name in rows[0])
        connection.execute(f"create table delivered ({columns})")
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(
            f"insert into delivered values ({marks})",
            [[text or None for text in row.values()] for row in rows],
        )
        typed = ", ".join(
            f'cast("{name}" as {types.get(name, "varchar")}) as "{name}"' for name in rows[0]
        )
        connection.execute(f"copy (select {typed} from delivered) to '{path}' (format parquet)")


def query(home: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "published/marts.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def check(home: Path, landing: Path, output: Path) -> None:
    """Every figure, rejected and ignored row is as the reference says."""
    assert differences(home, Oracle(landing, **REFERENCE), output, PERIODS) == []


ACCOUNT: Row = {
    "service_account_id": "7",
    "service_account_name": "Ví 7",
    "account_id": "70",
    "account_name": "",
    "account_type": "customer",
    "partner_id": "P1",
    "partner_name": "",
    "updated_at": "2024-01-01T00:00:00Z",
}
DISCOUNT: Row = {
    "discount_id": "1",
    "subject": "partner",
    "partner_id": "P1",
    "service_code": "cdn",
    "rate_percent": "12.5",
    "requested_on": "2024-01-01",
    "approved_on": "2024-01-02",
    "effective_from": "2024-01-03",
    "effective_to": "",
    "updated_at": "2024-01-01T00:00:00.5Z",
}


def credit(event_id: str, **changes: str) -> Row:
    return {
        "event_id": event_id,
        "service_account_id": "7",
        "movement_type": "top_up",
        "amount": "1200",
        "currency": "VND",
        "occurred_at": "2024-02-01 17:00:00.25",
        "description": "",
        **changes,
    }


def charge(event_id: str, **changes: str) -> Row:
    return {
        "event_id": event_id,
        "service_account_id": "7",
        "service_code": "cdn",
        "charge_type": "usage",
        "currency": "VND",
        "list_amount": "100",
        "discount_amount": "10",
        "net_amount": "90",
        "quantity": "3",
        "occurred_at": "2024-02-01 17:00:00",
        "period_start": "2024-02-01",
        **changes,
    }


# The layouts in which the same facts come, batch by batch. None of them changes a value.
CREDIT_TYPES: dict[str, dict[str, str]] = {
    "2024-02-05": {},
    "2024-02-06": {"amount": "decimal(30, 12)", "occurred_at": "timestamp"},
    "2024-02-07": {"amount": "bigint", "occurred_at": "timestamptz",
                   "service_account_id": "integer"},
    "2024-02-08": {"amount": "decimal(38, 20)", "occurred_at": "timestamp_ns",
                   "description": "json"},
    "2024-02-09": {"amount": "utinyint[]"},
    "2024-02-10": {"amount": "decimal(4, 0)", "occurred_at": "timestamptz_ns",
                   "description": '"NULL"', "service_account_id": "ubigint"},
    "2024-02-11": {"amount": "double"},
    "2024-02-12": {"amount": "decimal(18, 3)", "occurred_at": "timestamp_ms"},
    "2024-02-13": {},
}  # fmt: skip
REFUSED = {"2024-02-09": "utinyint[]", "2024-02-11": "double"}


def test_a_type_that_changes_between_batches_changes_no_value(tmp_path: Path) -> None:
    """The same rows in every layout are repeats, and new ones beside them have equal amounts."""
    landing, home = tmp_path / "landing", tmp_path / "home"
    for number, (batch_id, types) in enumerate(CREDIT_TYPES.items()):
        rows = [credit("always"), credit(f"n{number}")]
        if batch_id in REFUSED:
            for row in rows:
                row["amount"] = "[12]" if "[" in REFUSED[batch_id] else "1200"
        put_parquet(landing, f"credits/batch={batch_id}/a.parquet", rows, types)
        put_csv(landing, f"credits/batch={batch_id}/b.csv", [credit(f"c{number}")])
    instants = ("varchar", "timestamp", "timestamptz", "timestamptz_ns", "varchar")
    days = ("varchar", "date", "varchar", "date", "varchar")
    numbers = ("varchar", "decimal(30, 12)", "decimal(38, 20)", "decimal(3, 1)", "varchar")
    wholes = ("varchar", "decimal(30, 12)", "bigint", "smallint", "hugeint")
    amounts = ("list_amount", "net_amount", "discount_amount", "quantity")
    dates = ("requested_on", "approved_on", "effective_from", "effective_to")
    for number, (instant, day, decimal, whole) in enumerate(
        zip(instants, days, numbers, wholes, strict=True)
    ):
        batch = f"batch=2024-02-0{number + 1}"
        put_parquet(
            landing, f"accounts/{batch}/a.parquet", [ACCOUNT],
            {"updated_at": instant, "account_name": '"NULL"' if number % 2 else "varchar",
             "account_id": "bigint" if number % 2 else "varchar"},
        )  # fmt: skip
        put_parquet(
            landing, f"discounts/{batch}/a.parquet", [DISCOUNT],
            {"updated_at": instant, "rate_percent": decimal, "discount_id": "integer",
             **dict.fromkeys(dates, day)},
        )  # fmt: skip
        if whole != "hugeint":  # Parquet has none: DuckDB writes a double, which is refused
            put_parquet(
                landing, f"revenue/{batch}/a.parquet", [charge("always"), charge(f"r{number}")],
                {**dict.fromkeys(amounts, whole), "occurred_at": instant, "period_start": day},
            )  # fmt: skip
    put_parquet(
        landing, "revenue/batch=2024-02-20/a.parquet", [charge("h")], {"list_amount": "hugeint"}
    )
    assert build(home, landing) == 0
    check(home, landing, tmp_path / "x.csv")

    good = [number for number, batch_id in enumerate(CREDIT_TYPES) if batch_id not in REFUSED]
    topped_up = query(
        home, "select event_id, cast(amount as varchar), cast(occurred_at as varchar) "
        "from reports.credit_topups order by all"
    )  # fmt: skip
    events = ["always", *(f"n{number}" for number in good), *(f"c{n}" for n in range(9))]
    assert topped_up == [
        (event_id, "1200.000000000000", "2024-02-02 00:00:00") for event_id in sorted(events)
    ]
    counts = query(
        home, "select feed, cast(sum(accepted) as integer), cast(sum(rejected) as integer), "
        "cast(sum(ignored) as integer) from reports.batches group by feed order by feed"
    )  # fmt: skip
    assert counts == [
        ("accounts", 1, 0, 4), ("credits", 17, 4, 6), ("discounts", 1, 0, 4), ("revenue", 5, 1, 3)
    ]  # fmt: skip
    reasons = query(
        home, "select distinct batch_id, unnest(reasons) from reports.rejected_rows order by all"
    )
    inexact = "the column {} has the type {}, which cannot carry exact values"
    assert reasons == [
        ("2024-02-09", inexact.format("amount", "UTINYINT[]")),
        ("2024-02-11", inexact.format("amount", "DOUBLE")),
        ("2024-02-20", inexact.format("list_amount", "DOUBLE")),
    ]


def test_columns_that_come_go_and_move(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """New ones are ignored and named once, missing ones refuse their file and nothing else."""
    landing, home = tmp_path / "landing", tmp_path / "home"
    put_csv(landing, "accounts/batch=2024-02-01/a.csv", [ACCOUNT])
    first = credit("e1", wallet="poc", description="kept")
    put_csv(landing, "credits/batch=2024-02-01/a.csv", [first])
    # Order, case and spaces of the names; optional columns away.
    moved = dict(reversed(credit("e2").items()))
    put_csv(
        landing, "credits/batch=2024-02-02/a.csv", [moved],
        [f" {name.title()}\t" for name in moved],
    )  # fmt: skip
    away = {name: text for name, text in credit("e3").items() if name != "description"}
    put_csv(landing, "credits/batch=2024-02-02/b.csv", [away])
    # Two new columns, one of them in two files, and what only looks like a known name.
    new = credit("e4", **{"loyalty_points": "5", "amount\u00a0": "99"})
    put_csv(landing, "credits/batch=2024-02-03/a.csv", [new])
    put_parquet(
        landing, "credits/batch=2024-02-03/b.parquet", [credit("e5", loyalty_points="5")],
        {"loyalty_points": "double"},
    )  # fmt: skip
    # A required column lost or renamed, in each format; a good file and a good batch beside them.
    lost = [{n: t for n, t in credit(e).items() if n != "currency"} for e in ("e6", "e7")]
    put_csv(landing, "credits/batch=2024-02-04/a.csv", lost)
    put_parquet(landing, "credits/batch=2024-02-04/b.parquet", lost, {})
    renamed = credit("e8")
    put_csv(
        landing, "credits/batch=2024-02-04/c.csv", [renamed],
        [{"amount": "credit_amount"}.get(name, name) for name in renamed],
    )  # fmt: skip
    put_csv(landing, "credits/batch=2024-02-04/d.csv", [credit("e9")])
    # The column comes back.
    put_csv(landing, "credits/batch=2024-02-05/a.csv", [credit("e10", description="back")])
    # Each feed without its last required column.
    for feed, rows in (("discounts", [DISCOUNT]), ("revenue", [charge("r1")])):
        name = {"discounts": "updated_at", "revenue": "net_amount"}[feed]
        less = [{n: t for n, t in row.items() if n != name} for row in rows]
        put_csv(landing, f"{feed}/batch=2024-02-01/a.csv", less)
        put_csv(landing, f"{feed}/batch=2024-02-02/a.csv", rows)
    assert build(home, landing) == 0
    said = capsys.readouterr().out
    warnings = [line for line in said.splitlines() if "unknown columns" in line]
    assert warnings == [
        "Warning: credits: unknown columns are ignored (3): "
        "loyalty_points, amount\\xa0, credit_amount"
    ]
    check(home, landing, tmp_path / "x.csv")
    assert query(
        home, "select event_id, wallet, cast(amount as varchar) from reports.credit_topups "
        "order by row_number, batch_id, file"
    ) == [("e1", "poc", "1200.000000000000")] + [
        (event_id, "main", "1200.000000000000") for event_id in "e2 e3 e4 e5 e9 e10".split()
    ]  # fmt: skip
    rejected = query(
        home, "select feed, batch_id, file, reasons, raw from reports.rejected_rows order by all"
    )
    lacking = "the required column {} is missing from the file"
    assert [(*row[:3], row[3]) for row in rejected] == [
        ("credits", "2024-02-04", "a.csv", [lacking.format("currency")]),
        ("credits", "2024-02-04", "a.csv", [lacking.format("currency")]),
        ("credits", "2024-02-04", "b.parquet", [lacking.format("currency")]),
        ("credits", "2024-02-04", "b.parquet", [lacking.format("currency")]),
        ("credits", "2024-02-04", "c.csv", [lacking.format("amount")]),
        ("discounts", "2024-02-01", "a.csv", [lacking.format("updated_at")]),
        ("revenue", "2024-02-01", "a.csv", [lacking.format("net_amount")]),
    ]
    assert json.loads(str(rejected[4][4]))["credit_amount"] == "1200"

    # A later build does not name the columns of old batches again, but those of new ones.
    put_csv(landing, "credits/batch=2024-02-06/a.csv", [credit("e11", loyalty_points="6")])
    assert build(home, landing) == 0
    assert "unknown columns are ignored (1): loyalty_points\n" in capsys.readouterr().out
    assert build(home, landing) == 0
    assert "unknown columns" not in capsys.readouterr().out


# The columns that each version of the standard adds to charges, from its changelog.
ADDED_IN = {
    "1.1": (
        "CapacityReservationId CapacityReservationStatus CommitmentDiscountQuantity "
        "CommitmentDiscountUnit ServiceSubcategory SkuMeter SkuPriceDetails"
    ).split(),
    "1.2": (
        "BillingAccountType InvoiceId PricingCurrency PricingCurrencyContractedUnitPrice "
        "PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice SubAccountType"
    ).split(),
    "1.3": (
        "AllocatedMethodDetails AllocatedMethodId AllocatedResourceId AllocatedResourceName "
        "AllocatedTags ContractApplied HostProviderName ServiceProviderName"
    ).split(),
}


def later_version(rows: list[Row], version: str) -> list[Row]:
    """The same lines with the columns that all versions up to this one have added."""
    added = [name for one, names in ADDED_IN.items() if one <= version for name in names]
    return [
        dict(sorted({**row, **{name: f"{name} {number % 3}" for name in added}}.items()))
        for number, row in enumerate(rows)
    ]


def test_the_versions_of_focus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same bill as 1.0, 1.1, 1.2 and 1.3 is one bill; a name that is gone refuses the file."""
    landing, home = tmp_path / "landing", tmp_path / "home"
    with FOCUS_SAMPLE.open(encoding="utf-8", newline="") as file:
        sample = list(csv.DictReader(file))
    # Every provider, category and frequency, and some hundred lines besides.
    kinds = {(r["ProviderName"], r["ChargeCategory"], r["ChargeFrequency"]): r for r in sample}
    rows = [*sample[:150], *(row for row in kinds.values() if row not in sample[:150])]
    put_csv(landing, "focus/batch=2024-10-07/focus_1.0.csv", rows)
    put_csv(landing, "focus/batch=2024-10-08/focus_1.1.csv", later_version(rows, "1.1"))
    numbers = ("BilledCost", "ListCost", "ConsumedQuantity", "PricingQuantity")
    times = ("BillingPeriodStart", "ChargePeriodStart", "BillingPeriodEnd", "ChargePeriodEnd")
    real_nulls = [
        {name: "" if text == "NULL" else text for name, text in row.items()}
        for row in later_version(rows, "1.2")
    ]
    put_parquet(
        landing, "focus/batch=2024-10-09/focus_1.2.parquet", real_nulls,
        {**dict.fromkeys(numbers, "decimal(38, 15)"), **dict.fromkeys(times, "timestamptz"),
         "EffectiveCost": "double"},
    )  # fmt: skip
    # 1.3 takes ProviderName and PublisherName out of use; while both stand, nothing changes.
    put_csv(landing, "focus/batch=2024-10-10/focus_1.3.csv", later_version(rows, "1.3"))
    assert build(home, landing) == 0
    said = capsys.readouterr().out
    warnings = [line for line in said.splitlines() if "unknown columns" in line]
    assert len(warnings) == 1 and warnings[0].startswith("Warning: focus: unknown columns")
    named = warnings[0].rpartition("): ")[2].split(", ")
    assert len(named) == len(set(named))
    assert set(named) >= {name for names in ADDED_IN.values() for name in names}
    assert "ProviderName" not in named and "BilledCost" not in named
    check(home, landing, tmp_path / "x.csv")
    by_batch = (
        "select batch_id, row_count, accepted, rejected, ignored from reports.batches "
        "where feed = 'focus' order by batch_id"
    )
    count = len(rows)
    unchanged = [
        ("2024-10-07", count, count, 0, 0),
        ("2024-10-08", count, 0, 0, count),
        ("2024-10-09", count, 0, 0, count),
        ("2024-10-10", count, 0, 0, count),
    ]
    assert query(home, by_batch) == unchanged
    entries = "select * from reports.revenue_detail order by all"
    before = query(home, entries)
    assert len(before) == count

    # Without the old names, and with a renamed amount: refused by name, and nothing is voided.
    gone = [
        {n: t for n, t in row.items() if n not in ("ProviderName", "PublisherName")}
        for row in later_version(rows, "1.3")
    ]
    put_csv(landing, "focus/batch=2024-10-11/focus_1.3.csv", gone)
    renamed = later_version(rows, "1.2")
    put_csv(
        landing, "focus/batch=2024-10-12/focus_x.csv", renamed,
        [{"BilledCost": "InvoicedCost"}.get(name, name) for name in renamed[0]],
    )  # fmt: skip
    # One line more and one less in the newest layout: one entry and one reversal.
    changed = later_version([*rows[1:], {**rows[0], "BilledCost": "7.25", "ListCost": "8"}], "1.3")
    put_csv(landing, "focus/batch=2024-10-13/focus_1.3.csv", changed)
    assert build(home, landing) == 0
    check(home, landing, tmp_path / "x.csv")
    assert query(home, by_batch) == [
        *unchanged,
        ("2024-10-11", count, 0, count, 0),
        ("2024-10-12", count, 0, count, 0),
        ("2024-10-13", count, 1, 0, count - 1),
    ]
    assert query(
        home, "select distinct batch_id, unnest(reasons) from reports.rejected_rows order by all"
    ) == [
        ("2024-10-11", "the required column ProviderName is missing from the file"),
        ("2024-10-12", "the required column BilledCost is missing from the file"),
    ]
    assert len(query(home, entries)) == count + 2
