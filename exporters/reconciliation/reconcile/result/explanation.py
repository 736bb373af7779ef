"""What became of each row, in words: the table `reconciled`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters import sql
from exporters.reconciliation.reconcile.ledger import Ledger

if TYPE_CHECKING:
    import duckdb


def explain(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Make the temporary table `reconciled`: the rows of all classes, each with its reason.

    It has a row for each row of the statement and of the ledger; a pair is one row, but two where
    the currencies differ, since amounts of two currencies have no difference.
    """
    late = "late" if ledger.blanks["date_of_basis"] == "event_date" else "posted later"
    # In steps: a join to each side at a time is as much as fits into memory.
    for file in ("remarks.sql", "placed.sql", "reconciled.sql"):
        text = ledger.filled(sql.load(__file__, file), {"late": late})
        sql.run(connection, text, ledger.parameters)
    connection.execute("drop table placed")
