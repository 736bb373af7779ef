"""The project's own SQL, as dbt compiles it, run on an in-memory DuckDB without dbt.

dbt takes seconds for a run of any size; the statements themselves take a tenth of one. Here they
are compiled twice, as for a first build and as for one on top of others, and run in dbt's order
for as many landing folders as a test likes. Only reading files is left out: rows are handed in as
the `base_<feed>__rows` models would give them, and `landing_files` counts them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from support.homes import run_dbt

FEEDS = ("accounts", "credits", "discounts", "revenue", "focus")
SCHEMAS = ("reference", "intake", "staging", "dimensions", "ledger", "reports")
# What takes the place of these is `take`.
READING = {"landing_scan", "landing_files"}

Row = dict[str, str | None]  # column -> text as it stands in a file; None: an empty field
Batch = dict[str, list[Row]]  # feed -> rows of one file


@dataclass(frozen=True)
class Node:
    """A model: `schema.name`, how it is materialized, its compiled query.

    `unique_key` are the columns by which an incremental model replaces rows; `lasts` is whether it
    is a table that the next build finds.
    """

    relation: str
    materialized: str
    sql: str
    unique_key: tuple[str, ...]
    lasts: bool


@dataclass(frozen=True)
class Compiled:
    """The models in an order in which each follows its parents, and the identities."""

    first: tuple[Node, ...]
    later: tuple[Node, ...]
    identities: dict[str, str]
    fields: dict[str, dict[str, str]]
    seeds: Path


def compile_models(home: Path) -> Compiled:
    """Compile the project twice: without any earlier run, and with the one that made `home`."""
    first, later = (_compile(home, target) for target in ("memory", "home"))
    fields = {}
    with duckdb.connect() as connection:
        for node in later:
            for feed, read in _reading(node).items():
                columns = connection.execute(
                    f"describe with {read} select * from __dbt__cte__base_{feed}__rows"
                ).fetchall()
                fields[feed] = {name: kind for name, kind, *_ in columns}
    return Compiled(
        first=tuple(_models(first)),
        later=tuple(_models(later)),
        identities={
            node.name: _in_one_file(node)
            for node in later
            # The scan is not there.
            if node.name.startswith("assert_") and node.name != "assert_keys_of_intake"
        },
        fields=fields,
        seeds=home / "warehouse.duckdb",
    )


def _compile(home: Path, target: str) -> list[Any]:
    """The compiled nodes, each after its parents."""
    outcome = run_dbt(
        home, home / "no-landing-folder", "compile", "--target", target, "--log-level", "none",
        target=f"target-{target}",
    )  # fmt: skip
    assert outcome.success, outcome.exception
    waiting = {result.node.unique_id: result.node for result in outcome.result}
    path = home / f"target-{target}" / "manifest.json"
    nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"]
    ordered = []
    while waiting:
        ready = [
            node
            for node in waiting.values()
            if not any(parent in waiting for parent in _parents(nodes, node.unique_id))
        ]
        for node in ready:
            ordered.append(waiting.pop(node.unique_id))
    return ordered


def _parents(nodes: dict[str, Any], name: str) -> set[str]:
    """What a node stands on, also by way of models that are only part of its query."""
    found = set()
    for parent in nodes[name]["depends_on"].get("nodes", []):
        found.add(parent)
        if nodes.get(parent, {}).get("config", {}).get("materialized") == "ephemeral":
            found |= _parents(nodes, parent)
    return found


def _reading(node: Any) -> dict[str, str]:
    """The parts of a compiled query that read files, by feed: empty, since no batch is new."""
    found = {}
    for part in node.extra_ctes:
        name = re.search(r"\.base_(\w+)__rows$", part.id)
        if name is not None:
            found[name[1]] = part.sql
    return found


def _in_one_file(node: Any) -> str:
    """The compiled query without the names of the files in which relations stand.

    What reads files becomes a table of the rows that are handed in.
    """
    sql = str(node.compiled_code)
    for feed, read in _reading(node).items():
        name = f"base_{feed}__rows"
        assert read in sql
        sql = sql.replace(read, f" __dbt__cte__{name} as (select * from staging.{name})")
    return re.sub(r'"(memory|warehouse|work)"\.', "", sql)


def _models(nodes: Iterable[Any]) -> Iterator[Node]:
    for node in nodes:
        if (
            node.resource_type == "model"
            and node.name not in READING
            and node.config.materialized != "ephemeral"
        ):
            sql = _in_one_file(node)
            key = tuple(node.config.unique_key or ())
            lasts = node.database != "work" and node.config.materialized != "view"
            yield Node(f"{node.schema}.{node.alias}", node.config.materialized, sql, key, lasts)


@cache
def functions_of(file: Path) -> tuple[str, ...]:
    """The statements that make the SQL functions of a warehouse, which are in `reports`."""
    with duckdb.connect(str(file), read_only=True) as connection:
        # One that calls another is longer than it.
        return tuple(
            f"create macro reports.{name}({parameters}) as {body}"
            for name, parameters, body in connection.execute(
                "select function_name, array_to_string(parameters, ', '), macro_definition "
                "from duckdb_functions() where not internal and function_type = 'macro' "
                "order by length(macro_definition)"
            ).fetchall()
        )


class Warehouse:
    """A ledger in memory to which batches are delivered; `connection` may query it."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("set TimeZone = 'UTC'")
        self.connection.execute(f"attach '{compiled.seeds}' as built (read_only)")
        for schema in SCHEMAS:
            self.connection.execute(f"create schema {schema}")
        for (name,) in self.connection.execute(
            "select table_name from duckdb_tables() "
            "where database_name = 'built' and schema_name = 'reference'"
        ).fetchall():
            self.connection.execute(f"create table reference.{name} as from built.reference.{name}")
        self.connection.execute(
            "create table intake.landing_files as from built.intake.landing_files limit 0"
        )
        self.connection.execute(
            "create table intake.batch_log as from built.intake.batch_log limit 0"
        )
        self.connection.execute("detach built")
        for function in functions_of(compiled.seeds):
            self.connection.execute(function)
        self.is_new = True

    def close(self) -> None:
        """Forget everything."""
        self.connection.close()

    def take(self, batches: dict[str, Batch]) -> None:
        """One build with these new batches: batch id -> feed -> rows of one file, `a.csv`."""
        for feed in FEEDS:
            rows = [
                self._as_read(feed, batch_id, number, row)
                for batch_id, batch in sorted(batches.items())
                for number, row in enumerate(batch.get(feed, []), start=1)
            ]
            self._fill(feed, rows)
            for batch_id, batch in batches.items():
                if feed in batch:
                    self.connection.execute(
                        "insert into intake.landing_files by name select ? as feed, "
                        "? as batch_id, 'a.csv' as file, ? as row_count, '' as sha256",
                        [feed, batch_id, len(batch[feed])],
                    )
        for node in self.compiled.first if self.is_new else self.compiled.later:
            self._run(node)
        # Not proven, so that every identity is asked of everything each time.
        self.connection.execute(
            "insert into intake.batch_log select distinct feed, batch_id, false "
            "from intake.landing_files anti join intake.batch_log using (feed, batch_id)"
        )
        self.is_new = False

    def broken_identities(self) -> dict[str, list[tuple[Any, ...]]]:
        """The identities that do not hold, with the rows that show it."""
        found = {
            name: self.connection.execute(sql).fetchall()
            for name, sql in self.compiled.identities.items()
        }
        return {name: rows for name, rows in found.items() if rows}

    def _as_read(self, feed: str, batch_id: str, number: int, row: Row) -> list[Any]:
        known = {name.lower(): value for name, value in row.items()}
        values: dict[str, Any] = {
            "batch_id": batch_id,
            "file": "a.csv",
            "row_number": number,
            "file_reasons": None,
            "raw_names": list(row),
            "raw_values": [value or "" for value in row.values()],
        }
        for field in self.compiled.fields[feed]:
            text = (known.get(field) or "").strip(" \t\r\n")
            null = feed == "focus" and text == "NULL"
            values.setdefault(field, None if null else text or None)
        return [values[field] for field in self.compiled.fields[feed]]

    def _fill(self, feed: str, rows: list[list[Any]]) -> None:
        columns = [f"{field} {kind}" for field, kind in self.compiled.fields[feed].items()]
        table = f"staging.base_{feed}__rows"
        self.connection.execute(f"create or replace table {table} ({', '.join(columns)})")
        if rows:
            marks = ", ".join("?" for _ in columns)
            self.connection.executemany(f"insert into {table} values ({marks})", rows)

    def _run(self, node: Node) -> None:
        if node.materialized == "view":
            statement = f"create or replace view {node.relation} as\n{node.sql}"
        elif node.materialized == "table" or self.is_new:
            statement = f"create or replace table {node.relation} as\n{node.sql}"
        else:
            # As dbt does it: what reads its own table must not read what it is adding.
            self.connection.execute(f"create or replace temp table new_rows as\n{node.sql}")
            if node.unique_key:
                key = ", ".join(node.unique_key)
                self.connection.execute(
                    f"delete from {node.relation} "
                    f"where ({key}) in (select ({key}) from new_rows as replacing)"
                )
            statement = f"insert into {node.relation} by name select * from new_rows"
        self.connection.execute(statement)


@contextmanager
def warehouse(compiled: Compiled) -> Iterator[Warehouse]:
    """A new warehouse, closed at the end."""
    made = Warehouse(compiled)
    try:
        yield made
    finally:
        made.close()
