"""The tests of the identities, as a build runs them, on ledgers with a mistake made on purpose."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

CORRECTED = (
    "select event_id from ledger.fct_{feed}_entries where partner_id is not null "
    "group by event_id having count(*) = 3 and count_if(entry_type = 'reversal') = 1 "
    "order by event_id limit 1"
)
MISTAKES = {
    "a charge was corrected and not reversed": (
        "delete from ledger.fct_revenue_entries "
        f"where entry_type = 'reversal' and event_id = ({CORRECTED.format(feed='revenue')})",
        "assert_entries_equal_the_latest_versions",
    ),
    "a top-up was corrected and not reversed": (
        "delete from ledger.fct_credit_entries "
        f"where entry_type = 'reversal' and event_id = ({CORRECTED.format(feed='credit')})",
        "assert_entries_equal_the_latest_versions",
    ),
    "a reversal is of another amount": (
        "update ledger.fct_revenue_entries "
        "set list_amount = list_amount + 1, discount_amount = discount_amount + 1 "
        f"where entry_type = 'reversal' and event_id = ({CORRECTED.format(feed='revenue')})",
        "assert_entries_equal_the_latest_versions",
    ),
    "a reversal is written twice": (
        "insert into ledger.fct_revenue_entries select * from ledger.fct_revenue_entries "
        f"where entry_type = 'reversal' and event_id = ({CORRECTED.format(feed='revenue')})",
        "assert_entries_equal_the_latest_versions",
    ),
    "a reversal stands without its original": (
        "delete from ledger.fct_revenue_entries "
        f"where entry_type = 'original' and event_id = ({CORRECTED.format(feed='revenue')})",
        "assert_entries_equal_the_latest_versions",
    ),
    "a voided charge has lost its reversal": (
        "delete from ledger.fct_revenue_entries where entry_type = 'reversal' "
        "and (feed, event_id) in (select (feed, event_id) from ledger.event_voids)",
        "assert_entries_equal_the_latest_versions",
    ),
    "an entry is not in the daily sums": (
        "delete from ledger.fct_credit_daily where event_date = "
        "(select min(event_date) from ledger.fct_credit_daily)",
        "assert_days_are_the_entries",
    ),
    "a net amount is not list less discount": (
        "update ledger.fct_revenue_entries set net_amount = net_amount + 0.000000000001",
        "assert_amounts_of_a_charge_add_up",
    ),
    "a month begins with another balance than the last one ended": (
        "update reports.credit_balance set opening_balance = opening_balance + 1 "
        "where month = (select max(month) from reports.credit_balance)",
        "assert_balances_roll_forward",
    ),
    "a row of a file is nowhere": (
        "delete from reports.rejected_rows where batch_id = "
        "(select min(batch_id) from reports.rejected_rows)",
        "assert_every_row_of_a_file_is_accounted_for",
    ),
    "daily sums of a partner are lost": (
        "delete from ledger.fct_revenue_daily where partner_id = "
        "(select min(partner_id) from ledger.fct_revenue_daily)",
        "assert_no_money_is_lost_or_counted_twice",
    ),
    "two services have one code": (
        "insert into reports.services select * from reports.services",
        "assert_revenue_reports_agree",
    ),
    "a month of a service period is lost": (
        "delete from reports.revenue_allocated where month = "
        "(select max(month) from reports.revenue_allocated)",
        "assert_service_periods_add_up",
    ),
    "a month begins with more deferred than the last one ended with": (
        "update reports.deferred_revenue set opening_deferred = opening_deferred + 1 "
        "where month = (select max(month) from reports.deferred_revenue)",
        "assert_service_periods_add_up",
    ),
}


@pytest.fixture(scope="module")
def ledger(
    sample_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The sample's ledger, to be changed in transactions that are rolled back."""
    copy = tmp_path_factory.mktemp("ledger")
    for name in ("warehouse.duckdb", "work.duckdb"):
        shutil.copy(sample_home / name, copy / name)
    with duckdb.connect(str(copy / "warehouse.duckdb")) as connection:
        connection.execute(f"attach '{copy / 'work.duckdb'}' as work (read_only)")
        yield connection


@pytest.fixture(scope="module")
def identities(sample_home: Path) -> dict[str, str]:
    """The statements of the identities: name -> SQL, of which each row is a failure."""
    return {
        path.stem: path.read_text(encoding="utf-8")
        for path in (sample_home / "target" / "compiled").rglob("identities/assert_*.sql")
    }


def failing(ledger: duckdb.DuckDBPyConnection, identities: dict[str, str]) -> set[str]:
    return {name for name, sql in identities.items() if ledger.execute(sql).fetchall()}


def test_a_sound_ledger_fails_no_identity(
    ledger: duckdb.DuckDBPyConnection, identities: dict[str, str]
) -> None:
    assert {identity for _, identity in MISTAKES.values()} == set(identities)
    assert failing(ledger, identities) == set()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_ledger_is_found(
    ledger: duckdb.DuckDBPyConnection, identities: dict[str, str], mistake: str
) -> None:
    statement, identity = MISTAKES[mistake]
    ledger.begin()
    try:
        (changed,) = ledger.execute(statement).fetchone() or (0,)
        assert changed > 0
        assert identity in failing(ledger, identities)
    finally:
        ledger.rollback()
