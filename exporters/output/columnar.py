"""CSV, JSON and Parquet, streamed by DuckDB: memory does not grow with the rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from exporters.files import for_database
from exporters.query import builder
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb

# UTF-8 without a byte order mark and LF; CSV quotes what RFC 4180 asks for, a CR included.
OPTIONS = {
    ".csv": "format csv, header, delimiter ',', quote '\"', escape '\"', nullstr ''",
    ".json": "format json, array",
    ".parquet": "format parquet, compression zstd",
}


def write(connection: duckdb.DuckDBPyConnection, request: Request, ending: str, path: Path) -> int:
    """Write the report of `request` to `path` in the format of `ending`; the number of rows.

    CSV and JSON carry exact decimals without trailing zeros (JSON as strings), Parquet carries
    decimals, dates and timestamps of its own.
    """
    if ending == ".parquet":
        rows = builder.ordered(request)
    else:
        rows = builder.as_text(request)
        # With more, finished pieces of the text wait in memory for those before them, and a
        # million rows do not fit any limit.
        connection.execute("set threads = 1")
    copied = connection.execute(
        f"copy (\n{rows.sql}\n) to $path ({OPTIONS[ending]}, use_tmp_file false)",
        {**rows.parameters, "path": for_database(path)},
    ).fetchone()
    return int(copied[0]) if copied else 0
