"""Whether what is compared in speed says the same: counts and sums of entries and of days."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

REFERENCE = Path(__file__).resolve().parent.parent / "seeds" / "reference"
# Figures by what they are of: groups with their counts and sums, in order.
Digest = Mapping[str, list[tuple[Any, ...]]]

_DAYS_FROM_EPOCH = "sum(date_diff('day', date '2000-01-01', {0}_date))"
_DATES = ", ".join(_DAYS_FROM_EPOCH.format(name) for name in ("event", "recorded", "posted"))
_CREDIT_ENTRIES = f"""
    select entry_type, currency, movement_type, count(*), sum(version), sum(amount), {_DATES}
    from {{}} group by all order by all
"""
_REVENUE_ENTRIES = f"""
    select
        feed, entry_type, currency, charge_type, count(*), sum(version), sum(quantity),
        sum(list_amount), sum(discount_amount), sum(net_amount), sum(tax_amount), {_DATES}
    from {{}} group by all order by all
"""
_CREDIT_DAYS = """
    select
        currency, sum(event_count), sum(topped_up), sum(transferred_in), sum(accrued), sum(used),
        sum(transferred_out), sum(expired), sum(adjusted), count(*)
    from {} group by all order by all
"""
_CREDIT_SUMS = """
    select currency, sum(event_count), sum(net_movement), sum(held) from {}
    group by all order by all
"""
_REVENUE_DAYS = """
    select
        currency, sum(event_count), sum(list_amount), sum(discount_amount), sum(net_amount),
        sum(tax_amount), sum(partner_cost_amount), sum(partner_margin_amount)
    from {} group by all order by all
"""


class Disagreement(Exception):
    """Two sides of a line do not say the same; the message says where."""


def of_published(path: Path) -> Digest:
    """The figures of a published file."""
    return _figures(
        path,
        {
            "credit entries": _CREDIT_ENTRIES.format("ledger.fct_credit_entries"),
            "revenue entries": _REVENUE_ENTRIES.format("ledger.fct_revenue_entries"),
            "credit days": _CREDIT_DAYS.format("reports.credit_movements"),
            "credit sums": _CREDIT_SUMS.format("reports.credit_movements"),
            "revenue days": _REVENUE_DAYS.format("reports.revenue_by_account"),
        },
    )


def of_floor(path: Path) -> Digest:
    """The figures of what the hand-written script made."""
    return _figures(
        path,
        {
            "credit entries": _CREDIT_ENTRIES.format("credits_entries"),
            "revenue entries": _REVENUE_ENTRIES.format("revenue_entries"),
            "credit days": _CREDIT_DAYS.format("credit_days"),
            "credit sums": _CREDIT_SUMS.format("credit_days"),
            "revenue days": _REVENUE_DAYS.format("revenue_days"),
        },
    )


def of_frames(folder: Path) -> Digest:
    """The figures of what a data frame library made; amounts are floats."""
    effects = f"""
        (
            select
                currency, event_count, amount * balance_effect as net_movement,
                amount * held_effect as held
            from '{folder}/credit_days.parquet'
            inner join read_csv('{REFERENCE}/movement_types.csv') using (movement_type)
        )
    """
    return _figures(
        Path(":memory:"),
        {
            "credit sums": _CREDIT_SUMS.format(effects),
            "revenue days": _REVENUE_DAYS.format(f"'{folder}/revenue_days.parquet'"),
        },
    )


def same(expected: Digest, got: Digest, who: str) -> None:
    """Raise Disagreement unless all figures are the same."""
    for what, rows in expected.items():
        if rows != got[what]:
            raise Disagreement(f"{who} has other {what}: {_first(rows, got[what])}")


def close(expected: Digest, got: Digest, who: str) -> None:
    """Raise Disagreement unless the figures that `got` has are the same but for float error."""
    for what, rows in got.items():
        for ours, theirs in zip(expected[what], rows, strict=True):
            for left, right in zip(ours, theirs, strict=True):
                if isinstance(left, str):
                    agree = left == right
                else:
                    agree = math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-3)
                if not agree:
                    raise Disagreement(f"{who} has other {what}: {theirs} and not {ours}")


def write_raw_parquet(landing: Path, folder: Path) -> None:
    """Every delivered row of a landing folder, in its order, as Parquet (zstd).

    One file for the rows of a feed that came as Parquet and one for those that came as CSV, whose
    fields are text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for feed in sorted(path for path in landing.iterdir() if path.is_dir()):
            batches = sorted(path for path in feed.glob("batch=*/*") if path.is_file())
            for reader, options, kind in (
                ("read_parquet", "", ".parquet"),
                ("read_csv", ", header = true, all_varchar = true", ".csv"),
            ):
                paths = [str(path) for path in batches if kind in path.name]
                if paths:
                    connection.execute(
                        f"""
                        copy (
                            from {reader}(
                                {paths}, union_by_name = true, hive_partitioning = false{options}
                            )
                        )
                        to '{folder / feed.name}{kind}.parquet' (format parquet, compression zstd)
                        """
                    )


def _figures(path: Path, queries: Mapping[str, str]) -> Digest:
    with duckdb.connect(str(path), read_only=str(path) != ":memory:") as connection:
        return {what: connection.execute(sql).fetchall() for what, sql in queries.items()}


def _first(expected: list[tuple[Any, ...]], got: list[tuple[Any, ...]]) -> str:
    for left, right in zip(expected, got, strict=False):
        if left != right:
            return f"{right} and not {left}"
    return f"{len(got)} groups and not {len(expected)}"
