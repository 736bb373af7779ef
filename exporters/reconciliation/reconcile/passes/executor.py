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
_OPEN = {
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
        if _makes_rows(connection, ledger, each, traits) and "pairs" in each.writes:
            connection.execute("insert into pairs by name from new_pairs")
            close = sql.load(__file__, "close.sql")
            for table in (table for table in each.writes if table in _OPEN):
                connection.execute(close.format(table=table, id=_OPEN[table]))
            kinds = _open_kinds(connection)


def _makes_rows(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, each: Pass, traits: Collection[Trait]
) -> bool:
    """Run the statements of a pass up to one that makes no row; whether all made some."""
    text = ledger.filled(
        sql.load(__file__, each.file),
        {
            "is_workbook": str("workbook" in traits),
            **{name: ledger.filled(value) for name, value in each.blanks.items()},
        },
    )
    statements = sql.run_each(connection, text, ledger.parameters)
    return all(done.fetchone() != (0,) for done in statements)


def _open_kinds(connection: duckdb.DuckDBPyConnection) -> set[tuple[bool, bool, bool]]:
    """Which kinds of rows of the statement are open: with key, account, day or without."""
    return set(connection.execute(sql.load(__file__, "open_kinds.sql")).fetchall())
