"""A statement's file into the table `statement_text`: every row, its columns as text."""

from __future__ import annotations

import csv
import tempfile
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import sql
from exporters.errors import RequestError
from exporters.escaping import in_message, short
from exporters.reconciliation.reconcile.statement import csv_file
from exporters.reconciliation.reconcile.statement.columns import NO_COLUMN, Opened, Wanted
from exporters.reconciliation.reconcile.statement.labels import ROLES
from exporters.reconciliation.reconcile.statement.lines import Lines
from exporters.reconciliation.reconcile.statement.values import DATE_FORMATS

if TYPE_CHECKING:
    import duckdb

ENDINGS = (".csv", ".xlsx")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # how workbooks begin: new ones, old ones


@dataclass(frozen=True)
class Statement:
    """A statement that was read.

    Attributes:
        path: the file.
        sheet: the sheet of a workbook, None for CSV.
        other_sheets: the workbook's sheets that were not read.
        columns: the name of the column of each role that has one.
        header: the names of all columns.
        passed_over: rows below the header that are lines of totals or notes.
        rows: how many rows there are.
    """

    path: Path
    sheet: str | None
    other_sheets: tuple[str, ...]
    columns: Mapping[str, str]
    header: list[str]
    passed_over: list[int]
    rows: int

    @property
    def is_workbook(self) -> bool:
        """Whether its numbers are what a spreadsheet can hold."""
        return self.sheet is not None


def check_request(path: Path, columns: Mapping[str, str], date_format: str) -> None:
    """Check what can be checked before anything is read.

    Raises:
        RequestError: the file is not there, is a folder or has another ending; the date format
            is unknown; or the amount is said to have no column.
    """
    if date_format not in DATE_FORMATS:
        raise RequestError(
            f"unknown --date-format {short(date_format)!r}: allowed are {', '.join(DATE_FORMATS)}"
        )
    if columns.get("amount") == NO_COLUMN:
        raise RequestError("--amount - is not possible: a statement has amounts")
    if path.suffix.lower() not in ENDINGS:
        raise RequestError(
            f"unknown file ending {short(path.suffix)!r} of --statement {short(str(path))!r}: "
            f"allowed are {', '.join(ENDINGS)}"
        )
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise RequestError(f"--statement {short(str(path))!r} {what}; name a file")


def load(connection: duckdb.DuckDBPyConnection, path: Path, wanted: Wanted) -> Statement:
    """Read the statement at `path` into the temporary table `statement_text`.

    The table has `id` (1, 2, ... in the order of the file), `row` (its number in the file or
    sheet, the first row being 1), a text for each of `ROLES` (null where there is none) and
    `shape` (what is wrong with the row as a whole, or null).

    Raises:
        RequestError: the file cannot be read, or a column that is needed is not in it; the
            message names the file and the line, or the columns and what is looked for.
    """
    # By way of a file: rows handed over as parameters would take three times as long.
    with tempfile.TemporaryDirectory(prefix="partner-reports-") as folder:
        texts = Path(folder) / "texts.csv"
        with (
            _opened(path, wanted) as opened,
            texts.open("w", encoding="utf-8", newline="") as file,
        ):
            lines = Lines(opened.header, opened.records, opened.sheet is not None)
            writer = csv.writer(file)
            # DuckDB takes the first end of a line for that of all: it must not be in a text.
            writer.writerow(("id", "row", *ROLES, "shape"))
            writer.writerows(lines)
        columns = {
            "id": "bigint",
            "row": "bigint",
            **dict.fromkeys((*ROLES, "shape"), "varchar"),
        }
        longest = csv_file.FIELD_LIMIT * (len(ROLES) + 2)
        sql.run(
            connection,
            sql.load(__file__, "statement_text.sql").format(columns=columns, longest=longest),
            {"path": str(texts)},
        )
    header = opened.header
    return Statement(
        path,
        opened.sheet,
        opened.other_sheets,
        header.columns,
        header.names,
        lines.passed_over,
        lines.rows,
    )


@contextmanager
def _opened(path: Path, wanted: Wanted) -> Iterator[Opened]:
    _check_beginning(path)
    if path.suffix.lower() == ".csv":
        with csv_file.opened(path, wanted) as opened:
            yield opened
        return
    from exporters.reconciliation.reconcile.statement import workbook  # loads openpyxl

    with workbook.opened(path, wanted) as opened:
        yield opened


def _check_beginning(path: Path) -> None:
    """Check that the file is what its ending says, as far as its first bytes tell.

    Raises:
        RequestError: it is something else.
    """
    with path.open("rb") as file:
        beginning = file.read(4)
    is_csv = path.suffix.lower() == ".csv"
    if beginning == _OLE:
        what = (
            "is a workbook of an old kind, or has a password: save it as .xlsx without a password, "
            "or as CSV UTF-8"
        )
    elif is_csv and beginning == _ZIP:
        what = "is a workbook and no CSV: give it the ending .xlsx"
    elif is_csv and beginning[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
        what = "is UTF-16: save it as CSV UTF-8"
    elif not is_csv and beginning != _ZIP:
        what = "is no workbook: if it is CSV, give it the ending .csv"
    else:
        return
    raise RequestError(f"the statement {in_message(path)} {what}")
