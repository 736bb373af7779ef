"""The database engine that makes the rows: its functions, queries and files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import sql
from exporters.synthetic.reference import BLANKS
from exporters.synthetic.size import FIRST_DAY, Size

if TYPE_CHECKING:
    import duckdb

# What writes files with an engine.
Job = Callable[["duckdb.DuckDBPyConnection"], None]
PARQUET = "format parquet, compression zstd"
CSV = "format csv, header"
CSV_GZ = "format csv, header, compression gzip"


def connect(size: Size) -> duckdb.DuckDBPyConnection:
    """An engine with one thread and the functions that the queries of all feeds share."""
    import duckdb

    # With one thread the rows of a file come in one order, and its bytes are always the same.
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set TimeZone = 'UTC'")
    midnight = (FIRST_DAY - date(1970, 1, 1)).days * 86_400
    connection.execute(query("macros.sql", size, first_day=FIRST_DAY, midnight=midnight))
    return connection


def query(name: str, size: Size | None = None, **blanks: object) -> str:
    """The SQL of a file here, with its blanks filled: `blanks`, the size, the reference data."""
    of_size = {} if size is None else size.blanks
    return sql.load(__file__, name).format(**BLANKS, **of_size, **blanks)


def copy(connection: duckdb.DuckDBPyConnection, rows: str, path: Path, form: str) -> None:
    """Write the rows of a query to a file, whose folder is made when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = str(path).replace("'", "''")
    connection.execute(f"copy (\n{rows}\n) to '{target}' ({form})")
