"""From the warehouse, after its tests have passed, to the file that everybody reads.

The next published file is made beside the present one and takes its place in one rename: whoever
has the old one open keeps it whole. Where the present file holds the beginning of the same ledger
only the new batches' rows are appended to a copy of it, and batches whose attribution has changed
are replaced in it; otherwise it is written anew.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb

from exporters.errors import ReportError
from exporters.files import whole_file

# `ledger` holds what the views of `reports` stand on, `reference` what exporters need for display.
SCHEMAS = ("reference", "ledger", "reports")
# 1.x drivers, which BI tools still ship, cannot read the file format of DuckDB 2.
STORAGE_VERSION = "v1.2.0"


def publish(warehouse: Path, published: Path, manifest: Path) -> None:
    """Put the tested content of `warehouse` in place as `published`.

    `manifest` is dbt's manifest.json of the build: it says which tables are append-only. Raises
    ReportError when the result does not hold what the warehouse holds; OSError and duckdb.Error
    pass through. In every such case the present published file stays as it was.
    """
    # What a killed build left: only one build of a home is at work, so nobody writes these.
    for leftover in published.parent.glob(".*.tmp*"):
        leftover.unlink()
    growing = _growing_tables(manifest)
    with whole_file(published) as draft:
        if not (published.exists() and _write(warehouse, draft, growing, published)):
            _write(warehouse, draft, growing, None)
        draft.chmod(0o444)


def is_all_published(warehouse: Path, published: Path) -> bool:
    """Whether every batch that the warehouse has taken in is in the published file.

    It is not after dbt has been run by itself: what that wrote may not have been tested.
    """
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {_text(warehouse)} as warehouse (read_only)")
            connection.execute(f"attach {_text(published)} as draft (read_only)")
            row = connection.execute(
                "select not exists "
                "(from warehouse.reports.batches except from draft.reports.batches)"
            ).fetchone()
        except duckdb.Error:  # one of them is not there, or of an older project
            return False
        return bool(row and row[0]) and _same_ledger(connection)


def _growing_tables(manifest: Path) -> dict[str, bool]:
    """The tables to which builds only add batches, and whether batches may be written again."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    return {
        f"{node['schema']}.{node['alias']}": bool(node["config"]["unique_key"])
        for node in nodes
        if node["resource_type"] == "model" and node["config"]["materialized"] == "incremental"
    }


def _write(warehouse: Path, draft: Path, growing: dict[str, bool], base: Path | None) -> bool:
    """Write the draft from the warehouse, on top of a copy of `base` if there is one.

    Returns False, with the draft to be written over, when `base` is not a beginning of this ledger.
    """
    draft.unlink(missing_ok=True)
    if base is not None:
        shutil.copyfile(base, draft)
        draft.chmod(0o644)
    connection = duckdb.connect(config={"threads": os.cpu_count() or 1})
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {_text(warehouse)} as warehouse (read_only)")
        try:
            connection.execute(
                f"attach {_text(draft)} as draft (storage_version '{STORAGE_VERSION}')"
            )
        except duckdb.Error:
            if base is None:
                raise
            return False
        if base is not None and not _same_ledger(connection):
            return False
        for schema in SCHEMAS:
            connection.execute(f"create schema if not exists draft.{schema}")
        connection.execute("use draft")
        _drop(connection, "view")
        if base is not None:
            connection.execute(_REWRITTEN)
        for table in _names(connection, "table", "warehouse"):
            if base is not None and table in growing and _append(connection, table):
                if growing[table]:
                    _replace(connection, table)
                continue
            connection.execute(f"drop table if exists draft.{table}")
            connection.execute(f"create table draft.{table} as from warehouse.{table}")
        _drop(connection, "table", keep=set(_names(connection, "table", "warehouse")))
        _create_views(connection)
        _copy_comments(connection)
        _compare(connection)
        connection.execute("use memory")
        connection.execute("checkpoint draft")
        connection.execute("detach draft")
    finally:
        connection.close()
    return True


def _same_ledger(connection: duckdb.DuckDBPyConnection) -> bool:
    """True when the draft's rows are a beginning of the warehouse's, made by the same rebuild."""
    try:
        row = connection.execute(
            """
            select
                not exists (
                    from draft.ledger.build_settings except from warehouse.ledger.build_settings
                )
                and not exists (
                    from warehouse.ledger.build_settings except from draft.ledger.build_settings
                )
                and not exists (
                    select feed, batch_id, file, sha256 from draft.ledger.landing_files
                    except
                    select feed, batch_id, file, sha256 from warehouse.ledger.landing_files
                )
                and (select project_version from draft.reports.build_info)
                    = (select project_version from warehouse.reports.build_info)
            """
        ).fetchone()
    except duckdb.Error:  # an older project's file, with other tables
        return False
    return bool(row and row[0])


def _append(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Add the rows of new batches; False when the table must be written anew."""
    schema, name = table.split(".")
    columns = {
        catalog: [
            row[0]
            for row in connection.execute(
                "select column_name || ' ' || data_type from duckdb_columns() "
                "where database_name = ? and schema_name = ? and table_name = ? "
                "order by column_index",
                [catalog, schema, name],
            ).fetchall()
        ]
        for catalog in ("draft", "warehouse")
    }
    names = [column.split(" ")[0] for column in columns["warehouse"]]
    if columns["draft"] != columns["warehouse"] or "batch_id" not in names:
        return False
    taken = (
        f"select feed, max(batch_id) as batch_id from draft.{table} group by feed"
        if "feed" in names
        else f"select max(batch_id) as batch_id from draft.{table}"
    )
    same_feed = "taken.feed = stored.feed and " if "feed" in names else ""
    connection.execute(
        f"""
        insert into draft.{table}
        select stored.*
        from warehouse.{table} as stored
        anti join ({taken}) as taken
            on {same_feed} stored.batch_id <= taken.batch_id
        """
    )
    return True


# Batches whose rows were written again after the draft's newest batches had been taken in.
_REWRITTEN = """
create temp table rewritten as
select distinct
    feed,
    reattributed_batch_id as batch_id,
from warehouse.staging.reattributed_batches
where
    batches_before >= (select count(*) from draft.reports.batches)
"""


def _replace(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Take the rows of rewritten batches from the warehouse."""
    batches = "(feed, batch_id) in (select (feed, batch_id) from temp.rewritten)"
    connection.execute(f"delete from draft.{table} where {batches}")
    connection.execute(f"insert into draft.{table} select * from warehouse.{table} where {batches}")


def _names(connection: duckdb.DuckDBPyConnection, kind: str, catalog: str) -> list[str]:
    """`schema.name` of every published table or view of a catalog, sorted."""
    rows = connection.execute(
        f"select schema_name || '.' || {kind}_name from duckdb_{kind}s() "
        "where database_name = ? and schema_name in (select unnest(?)) and not internal order by 1",
        [catalog, list(SCHEMAS)],
    ).fetchall()
    return [row[0] for row in rows]


def _drop(connection: duckdb.DuckDBPyConnection, kind: str, keep: Iterable[str] = ()) -> None:
    for name in _names(connection, kind, "draft"):
        if name not in keep:
            connection.execute(f"drop {kind} draft.{name}")


def _create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the warehouse's views. They name no catalog, so they work under any alias."""
    waiting = [
        row[0]
        for row in connection.execute(
            "select sql from duckdb_views() where database_name = 'warehouse' "
            "and schema_name in (select unnest(?)) and not internal",
            [list(SCHEMAS)],
        ).fetchall()
    ]
    while waiting:
        postponed = []
        for statement in waiting:
            try:
                connection.execute(statement)
            except duckdb.CatalogException:  # it stands on a view that comes later
                postponed.append(statement)
        if len(postponed) == len(waiting):
            connection.execute(waiting[0])
        waiting = postponed


def _copy_comments(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy the descriptions: neither CREATE TABLE AS nor CREATE VIEW takes them along."""
    for kind in ("table", "view"):
        for name, comment in connection.execute(
            f"select schema_name || '.' || {kind}_name, comment from duckdb_{kind}s() "
            "where database_name = 'warehouse' and schema_name in (select unnest(?)) "
            "and comment is not null",
            [list(SCHEMAS)],
        ).fetchall():
            connection.execute(f"comment on {kind} draft.{name} is {_text(comment)}")
    for name, column, comment in connection.execute(
        "select schema_name || '.' || table_name, column_name, comment from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name in (select unnest(?)) "
        "and comment is not null",
        [list(SCHEMAS)],
    ).fetchall():
        connection.execute(f'comment on column draft.{name}."{column}" is {_text(comment)}')


def _compare(connection: duckdb.DuckDBPyConnection) -> None:
    """Audit the draft: the same tables and views with as many rows as the warehouse has."""
    for kind in ("table", "view"):
        if _names(connection, kind, "draft") != _names(connection, kind, "warehouse"):
            raise ReportError(f"the published file would lack a {kind} of the warehouse")
    for table in _names(connection, "table", "warehouse"):
        counts = connection.execute(
            f"select (select count(*) from draft.{table}), (select count(*) from warehouse.{table})"
        ).fetchone()
        assert counts is not None
        if counts[0] != counts[1]:
            raise ReportError(
                f"nothing was published: {table} would have {counts[0]} rows there, the warehouse "
                f"has {counts[1]}; "
                "rebuild with --full-refresh"
            )


def _text(value: object) -> str:
    """A SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"
