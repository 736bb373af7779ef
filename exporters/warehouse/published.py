"""The published marts: where they are, and a connection that can only read them.

The file is replaced as a whole by a build; a connection keeps the version that it opened.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from exporters.errors import ReportError
from exporters.escaping import in_message
from exporters.files import for_database

# What does not fit is spilled to a temporary folder, so that a whole process stays below 400 MB,
# however long a report is.
MEMORY_OF_AN_EXPORT = "150MB"
_MAX_THREADS = 2


def published_path(home: Path) -> Path:
    """Where the published marts of `home` are."""
    return home / "published" / "marts.duckdb"


@contextmanager
def open_published(
    home: Path, memory: str = MEMORY_OF_AN_EXPORT
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which `reports`, `ledger` and `reference` are the published schemas.

    `memory` is what DuckDB may take, such as `1GB`: with more, a process that answers one request
    after another reads less from the file again.

    Raises:
        ReportError: nothing is published yet, or the file cannot be read.
    """
    path = published_path(home)
    if not path.exists():
        raise ReportError(
            f"nothing is published in {in_message(home)} yet ({in_message(path)} does not exist): "
            "run `partner-reports build` first, or name another folder with --home"
        )
    with tempfile.TemporaryDirectory(prefix="partner-reports-") as spill:
        connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "threads": min(_MAX_THREADS, os.cpu_count() or 1),
                "temp_directory": spill,
                "autoinstall_known_extensions": False,
            }
        )
        try:
            try:
                place = {"path": for_database(path)}
                connection.execute("attach $path as marts (read_only)", place)
                connection.execute("use marts.reports")
            except duckdb.Error as error:
                raise ReportError(
                    f"the published marts {in_message(path)} cannot be read "
                    f"(run `partner-reports build --full-refresh` to write them anew): {error}"
                ) from error
            yield connection
        except RuntimeError as error:
            if is_interrupt(error):
                raise KeyboardInterrupt from error
            raise
        finally:
            connection.close()


def is_interrupt(error: Exception) -> bool:
    """Whether DuckDB says by `error` that Ctrl-C ended a query."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"


def version(connection: duckdb.DuckDBPyConnection) -> tuple[str, datetime]:
    """The published version and its time: a function of the data, never of the clock.

    Raises:
        ReportError: the file holds no version.
    """
    row = connection.execute("select version, version_at from reports.build_info").fetchone()
    if row is None:
        raise ReportError("the published marts hold no version (reports.build_info is empty)")
    return row[0], row[1]
