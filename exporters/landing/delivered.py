"""Rows of delivered files, read again: only where a file is, byte for byte, what was taken in."""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exporters.files import for_database

if TYPE_CHECKING:
    import duckdb

BLANKS = " \t\r\n"  # what is trimmed off every delivered text
_LONGEST_FIELD = 20_000_001


class Place(NamedTuple):
    """Where a row was delivered; `row_number` counts data rows from 1."""

    feed: str
    batch_id: str
    file: str
    row_number: int


def read_again(
    connection: duckdb.DuckDBPyConnection, landing: Path | None, places: Iterable[Place]
) -> dict[Place, dict[str, str] | str]:
    """Each row as header name -> text, or why it cannot be had.

    `connection` has the published marts, which know size and SHA-256 of every file taken in.
    """
    by_file: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for feed, batch_id, file, row_number in places:
        by_file[feed, batch_id, file].add(row_number)
    found: dict[Place, dict[str, str] | str] = {}
    for file_place, numbers in by_file.items():
        rows: dict[int, dict[str, str]] = {}
        try:
            if landing is None:
                raise _Gone("no landing folder is known: name it with --landing")
            rows = _rows(connection, landing, file_place, numbers)
            why = "the file has no such row"
        except _Gone as gone:
            why = str(gone)
        found |= {Place(*file_place, number): rows.get(number, why) for number in numbers}
    return found


class _Gone(Exception):
    """The file is not there as it was taken in; the message says what is wrong."""


def _rows(
    connection: duckdb.DuckDBPyConnection,
    landing: Path,
    file_place: tuple[str, str, str],
    numbers: set[int],
) -> dict[int, dict[str, str]]:
    feed, batch_id, file = file_place
    path = landing / feed / f"batch={batch_id}" / file
    recorded = connection.execute(
        """
        select size_bytes, sha256, column_names, column_types
        from intake.landing_files
        where feed = $feed and batch_id = $batch_id and file = $file
        """,
        {"feed": feed, "batch_id": batch_id, "file": file},
    ).fetchone()
    size, digest, names, types = recorded or (None, None, None, None)
    try:
        with path.open("rb") as stream:
            is_same = path.stat().st_size == size and (
                hashlib.file_digest(stream, "sha256").hexdigest() == digest
            )
        if not is_same:
            raise _Gone(f"{path} is not as it was when it was taken in")
        if path.name.endswith(".parquet"):
            return _parquet_rows(connection, path, names, types, numbers)
        return _csv_rows(path, numbers)
    except FileNotFoundError:
        raise _Gone(f"{path} is no longer there") from None
    except OSError as error:
        raise _Gone(f"{path} cannot be read: {error.strerror}") from None


def _csv_rows(path: Path, numbers: set[int]) -> dict[int, dict[str, str]]:
    """The build has made sure that quoting is as RFC 4180 says and that all is UTF-8."""
    csv.field_size_limit(_LONGEST_FIELD)
    opened = gzip.open if path.name.endswith(".gz") else open
    rows: dict[int, dict[str, str]] = {}
    with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
        records = (record for record in csv.reader(stream) if record)  # a blank line is no row
        header = [name.strip(BLANKS) for name in next(records, [])]
        for number, record in enumerate(records, start=1):
            if number in numbers:
                rows[number] = dict(zip(header, record, strict=False))
            if len(rows) == len(numbers):
                break
    return rows


def _parquet_rows(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    names: list[str],
    types: list[str],
    numbers: set[int],
) -> dict[int, dict[str, str]]:
    # Nothing in the path may act as a wildcard.
    pattern = re.sub(r"([*?\[])", r"[\1]", for_database(path))
    columns = [f"column_{place}" for place in range(len(names))]
    texts = ", ".join(_spelled(column, kind) for column, kind in zip(columns, types, strict=True))
    rows = connection.execute(
        f"""
        select file_row_number + 1, {texts}
        from read_parquet($path, file_row_number = true, hive_partitioning = false)
            as delivered ({", ".join(columns)}, file_row_number)
        where list_contains($positions, file_row_number)
        """,
        {"path": pattern, "positions": [number - 1 for number in numbers]},
    ).fetchall()
    return {
        number: {
            name.strip(BLANKS): text
            for name, text in zip(names, values, strict=True)
            if text is not None
        }
        for number, *values in rows
    }


def _spelled(column: str, kind: str) -> str:
    """SQL for a native value as a CSV file would spell it."""
    if kind in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"):
        return f"cast(timezone('UTC', {column}) as varchar) || 'Z'"
    if kind.startswith("DECIMAL") and not kind.endswith(",0)"):
        return f"rtrim(rtrim(cast({column} as varchar), '0'), '.')"
    return f"cast({column} as varchar)"
