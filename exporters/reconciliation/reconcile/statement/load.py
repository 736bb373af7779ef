"""A statement's file into the table `statement_text`: every row, its columns as text."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_type_hints

from exporters import sql
from exporters.errors import RequestError
from exporters.escaping import in_message
from exporters.reconciliation.reconcile.statement import csv_file
from exporters.reconciliation.reconcile.statement.columns import Header, Opened, Seen, Wanted
from exporters.reconciliation.reconcile.statement.labels import ROLES
from exporters.reconciliation.reconcile.statement.lines import Line, Lines

if TYPE_CHECKING:
    import duckdb

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # how workbooks begin: new ones, old ones
_TYPES = {int: "bigint", bool: "boolean"}


@dataclass(frozen=True)
class Statement:
    """A statement that was read.

    Attributes:
        path: the file.
        sheet: the sheet of a workbook, None for CSV.
        other_sheets: the workbook's sheets that were not read.
        header: its columns.
        seen: what was met in its rows.
        key_was_said: its user named the column of keys.
    """

    path: Path
    sheet: str | None
    other_sheets: tuple[str, ...]
    header: Header
    seen: Seen
    key_was_said: bool

    @property
    def is_workbook(self) -> bool:
        """Whether its numbers are what a spreadsheet can hold."""
        return self.sheet is not None

    @property
    def unread(self) -> list[str]:
        """The columns that are for nothing, by name or letter."""
        header = self.header
        places = {place for place, name in enumerate(header.names) if name} | self.seen.unnamed
        return [header.name_of(place) for place in sorted(places - set(header.places.values()))]

    def column(self, role: str) -> str:
        """The column of a role in a message."""
        return (
            f"column {in_message(self.header.columns[role])} of the statement "
            f"{in_message(self.path)}"
        )


def load(connection: duckdb.DuckDBPyConnection, path: Path, wanted: Wanted) -> Statement:
    """Read the statement at `path` into the temporary table `statement_text`.

    The table has the columns of `lines.Line`: `id` (1, 2, ... in the order of the file), `row` (its
    number in the file or sheet, the first row being 1), a text for each of `ROLES`, whether the
    amount and the date are numbers and days of a workbook, `not_a_line` (what stands in a row that
    is none) and `shape` (what is wrong with a row as a whole). What is not there is null.

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
            is_workbook = opened.sheet is not None
            lines = Lines(
                opened.header, opened.records, is_workbook, wanted.currencies, opened.seen
            )
            writer = csv.writer(file)
            # DuckDB takes the first end of a line for that of all: it must not be in a text.
            writer.writerow(Line._fields)
            writer.writerows(lines)
        kinds = get_type_hints(Line)
        columns = {name: _TYPES.get(kinds[name], "varchar") for name in Line._fields}
        longest = csv_file.FIELD_LIMIT * (len(ROLES) + 2)
        sql.run(
            connection,
            sql.load(__file__, "statement_text.sql").format(columns=columns, longest=longest),
            {"path": str(texts)},
        )
    return Statement(
        path,
        opened.sheet,
        opened.other_sheets,
        opened.header,
        opened.seen,
        "key" in wanted.reading.columns,
    )


@contextmanager
def _opened(path: Path, wanted: Wanted) -> Iterator[Opened]:
    _check_beginning(path)
    if path.suffix.lower() == ".csv":
        if wanted.reading.sheet is not None:
            raise RequestError(f"the statement {in_message(path)} is CSV: --sheet does not apply")
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
    elif not is_csv and beginning != _ZIP:
        what = "is no workbook: if it is CSV, give it the ending .csv"
    else:
        return
    raise RequestError(f"the statement {in_message(path)} {what}")
