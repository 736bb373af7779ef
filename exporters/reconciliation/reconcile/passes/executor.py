"""Runs the passes; it knows of no pass in particular."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from exporters import sql
from exporters.reconciliation.reconcile.ledger import Ledger
from exporters.reconciliation.reconcile.passes.passes import PASSES, Pass, Trait

if TYPE_CHECKING:
    import duckdb

# Tables of open rows, and the column of `pairs` that has their ids.
OPEN = {
    "open_statement": "statement_id",
    "open_ledger": "ledger_id",
    "open_elsewhere": "ledger_id",
}


def place_rows(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, traits: Collection[Trait]
) -> None:
    """Make the temporary table `pairs`: the place of each row of `statement` and `ledger_rows`.

    It has a class and the ids of the pair's two rows, or of one; `match`, how a pair was found;
    and `ambiguous`, whether it could have been another. Rows that could not be read are not in it.
    """
    ledger.run(connection, sql.load(__file__, "tables.sql"))
    kinds = _open_kinds(connection)
    for each in PASSES:
        if each.only is not None and each.only not in traits:
            continue
        if each.rows is not None and not each.rows.are_among(kinds):
            continue
        text = text_of(each, ledger, "workbook" in traits)
        # As far as the first statement that makes no row.
        made = all(
            done.fetchone() != (0,) for done in sql.run_each(connection, text, ledger.parameters)
        )
        if made and "pairs" in each.writes:
            _keep(connection, each)
            kinds = _open_kinds(connection)


def text_of(each: Pass, ledger: Ledger, is_workbook: bool) -> str:
    """The SQL of a pass."""
    blanks = {name: ledger.filled(value) for name, value in each.blanks.items()}
    text = sql.load(__file__, each.file)
    return ledger.filled(text, {"is_workbook": str(is_workbook), **blanks})


def _keep(connection: duckdb.DuckDBPyConnection, each: Pass) -> None:
    """Give the new pairs their place."""
    connection.execute("insert into pairs by name from new_pairs")
    close = sql.load(__file__, "close.sql")
    for table in each.writes:
        if table in OPEN:
            connection.execute(close.format(table=table, id=OPEN[table]))


def _open_kinds(connection: duckdb.DuckDBPyConnection) -> set[tuple[bool, bool, bool]]:
    """Which kinds of rows of the statement are open: with key, account, day or without."""
    return set(connection.execute(sql.load(__file__, "open_kinds.sql")).fetchall())
