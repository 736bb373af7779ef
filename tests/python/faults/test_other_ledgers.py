"""Ledgers of other settings, versions and file formats: refused, or renewed by a full refresh."""

from __future__ import annotations

import shutil

import duckdb
import pytest
from support.homes import (
    CREDITS,
    LandingAndHome,
    amounts,
    build,
    dbt,
    put,
    query,
    top_up,
)

from exporters.warehouse.publish import STORAGE_VERSION, storage_version


def test_settings_that_stored_rows_depend_on_may_not_change(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    landing, home = small
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(
            "update intake.build_settings set value = 'UTC' where setting = 'business_time_zone'"
        )
    assert build(home, landing) == 1
    message = capsys.readouterr().err
    assert "business_time_zone was UTC and is now Asia/Ho_Chi_Minh" in message
    assert "--full-refresh" in message
    assert build(home, landing, "--full-refresh") == 0


def test_part_of_the_ledger_cannot_be_refreshed(small: LandingAndHome) -> None:
    landing, home = small
    has_succeeded, printed = dbt(home, landing, "run", "--full-refresh", "--select", "partners")
    assert not has_succeeded
    assert "run it without --select" in printed
    assert query(home, "select count(*) from ledger.fct_credit_entries", "warehouse.duckdb") == [
        (1,)
    ]


def test_a_ledger_of_an_older_version_asks_for_a_full_refresh(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    landing, home = small
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("delete from intake.build_settings where setting = 'form of the ledger'")
        connection.execute("alter table ledger.fct_credit_entries drop column is_internal")
    assert build(home, landing) == 1
    said = capsys.readouterr().err
    assert "they are of an older version of the project" in said
    assert "rebuild everything with --full-refresh" in said
    assert "is_internal" not in said
    assert build(home, landing, "--full-refresh") == 0
    assert amounts(home) == [("e1", "original", "1.000000000000")]


def test_a_ledger_from_before_schemas_were_layers_asks_for_a_full_refresh(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    landing, home = small
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        for name in ("build_settings", "landing_files"):
            connection.execute(f"create table ledger.{name} as from intake.{name}")
        connection.execute("drop schema intake cascade")
    capsys.readouterr()
    assert build(home, landing) == 1
    said = capsys.readouterr().err
    assert "they are of an older version of the project" in said
    assert "rebuild everything with --full-refresh" in said
    shutil.move(landing / "accounts", landing.with_name("accounts"))
    assert build(home, landing, "--full-refresh") == 1
    assert "accounts/batch=2024-01-01" in capsys.readouterr().err
    shutil.move(landing.with_name("accounts"), landing / "accounts")
    assert build(home, landing, "--full-refresh") == 0
    assert amounts(home) == [("e1", "original", "1.000000000000")]
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        left = "select 1 from duckdb_tables() where (schema_name, table_name) = (?, ?)"
        assert not connection.execute(left, ["ledger", "landing_files"]).fetchall()


def test_a_file_of_another_format_is_renewed_by_a_full_refresh(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is published is a copy of the warehouse, and 1.x clients must be able to read it."""
    landing, home = small
    warehouse, published = home / "warehouse.duckdb", home / "published/marts.duckdb"
    warehouse.rename(home / "as-it-was.duckdb")
    with duckdb.connect(str(warehouse)) as connection:  # of today's format
        connection.execute(f"attach '{home / 'as-it-was.duckdb'}' as it (read_only)")
        # Where the log of files stood before schemas were layers.
        connection.execute("create schema ledger")
        connection.execute("create table ledger.landing_files as from it.intake.landing_files")
        connection.execute("update ledger.landing_files set batch_id = '2023-01-01'")
    with_old_log = warehouse.read_bytes()
    assert build(home, landing, "--full-refresh") == 1
    assert "credits/batch=2023-01-01" in capsys.readouterr().err
    assert warehouse.read_bytes() == with_old_log
    assert build(home, landing, "--full-refresh", "--forget-missing") == 0
    assert storage_version(warehouse) == storage_version(published) == STORAGE_VERSION
    assert amounts(home) == [("e1", "original", "1.000000000000")]
    warehouse.unlink()
    before = published.read_bytes()
    duckdb.connect(str(warehouse)).close()
    assert build(home, landing) == 1
    assert "rebuild with --full-refresh" in capsys.readouterr().err
    assert published.read_bytes() == before


def test_a_file_in_the_format_of_before_goes_on_until_a_full_refresh(
    small: LandingAndHome,
) -> None:
    landing, home = small
    warehouse, published = home / "warehouse.duckdb", home / "published/marts.duckdb"
    warehouse.rename(home / "as-it-was.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'as-it-was.duckdb'}' as it (read_only)")
        connection.execute(f"attach '{warehouse}' as warehouse (storage_version 'v1.2.0')")
        connection.execute("copy from database it to warehouse")
    put(landing, "credits/batch=2024-01-03/a.csv", CREDITS + top_up("e2"))
    assert build(home, landing) == 0
    assert storage_version(published) == "v1.2.0"
    assert [event for event, *_ in amounts(home)] == ["e1", "e2"]
    assert build(home, landing, "--full-refresh") == 0
    assert storage_version(published) == STORAGE_VERSION
    assert [event for event, *_ in amounts(home)] == ["e1", "e2"]
