"""The batches that a warehouse has loaded: which, what became of their rows, which are missing."""

from __future__ import annotations

from pathlib import Path

import duckdb

from exporters.errors import ReportError
from exporters.terminal_table import table
from exporters.warehouse import feeds

Batch = tuple[str, str]  # feed, batch id

_COLUMNS = [
    ("Feed", False),
    ("Batches", True),
    ("Rows", True),
    ("Accepted", True),
    ("Rejected", True),
    ("Ignored", True),
    ("Unattributed", True),
]
# Which command lists the rows that a column counts.
_LISTED_BY = ("rejected", "ignored", "unattributed")


def batches(warehouse: Path) -> set[Batch]:
    """The batches that every model of the warehouse has loaded."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        try:
            return set(connection.execute("select feed, batch_id from intake.batch_log").fetchall())
        except duckdb.CatalogException:  # nothing was built yet, or by an older project
            return set()


def summary(published: Path, known: set[Batch]) -> str:
    """What became of the rows of the batches that are not among `known`, per feed, as text."""
    with duckdb.connect(str(published), read_only=True) as connection:
        found = feeds.arrived(connection, known)
    if not found:
        return "No new batches"
    counts = [sum(getattr(feed, name) for feed in found) for name in _LISTED_BY]
    rows = [(feed.feed, feed.batches, *feed[4:]) for feed in found]
    lines = [table(_COLUMNS, rows)]
    lines += [
        f"To list the {name} {'events' if name == 'unattributed' else 'rows'}: "
        f"partner-reports {name}"
        for name, count in zip(_LISTED_BY, counts, strict=True)
        if count
    ]
    return "\n".join(lines)


def check_nothing_is_missing(warehouse: Path, landing: Path) -> None:
    """Stop a full refresh that would lose batches, as macros/start_afresh.sql does.

    Raises:
        ReportError: the warehouse holds batches of which no file is in the landing folder.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for schema in ("intake", "ledger"):  # before schemas were layers it stood in `ledger`
            try:
                logged = connection.execute(
                    f"select distinct feed, batch_id from {schema}.landing_files order by all"
                ).fetchall()
                break
            except duckdb.CatalogException:
                continue
        else:
            return
    missing = [
        f"{feed}/batch={batch_id}"
        for feed, batch_id in logged
        if not any((landing / feed / f"batch={batch_id}").glob("*"))
    ]
    if missing:
        listed = "\n  - ".join(missing)
        raise ReportError(
            "the build failed; nothing was published\n"
            f"A full refresh would lose batches that the ledger holds and that are no longer in "
            f"{landing}:\n  - {listed}\n"
            "Put them back, or let them go with --forget-missing."
        )
