"""A statement in CSV: its delimiter and header found, its rows as a spreadsheet numbers them.

It is UTF-8, or UTF-16 as spreadsheets write "Unicode text". Other code pages are refused: nothing
in a file says which it has.
"""

from __future__ import annotations

import csv
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TextIO

from exporters.errors import RequestError
from exporters.escaping import in_message
from exporters.reconciliation.reconcile.statement.cells import Record
from exporters.reconciliation.reconcile.statement.columns import (
    HEADER_WITHIN,
    Opened,
    Wanted,
    find_header,
    no_header,
    width,
)

FIELD_LIMIT = 1 << 20  # characters of a CSV field: an open quote must not swallow a whole file


@contextmanager
def opened(path: Path, wanted: Wanted) -> Iterator[Opened]:
    """The file at `path`, with commas, semicolons or tabs.

    Raises:
        RequestError: it is broken or in another encoding, or has no header; also while rows are
            read.
    """
    tops = []
    for delimiter in ",;\t":
        with _text_file(path) as file:
            tops.append(list(islice(_records(path, file, delimiter), HEADER_WITHIN)))
        header = find_header(tops[-1], wanted)
        if header is not None:
            break
    else:
        raise no_header(path, max(tops, key=width), wanted)
    with _text_file(path) as file:
        yield Opened(header, _records(path, file, delimiter))


def _text_file(path: Path) -> TextIO:
    with path.open("rb") as file:
        is_utf16 = file.read(2) in (BOM_UTF16_LE, BOM_UTF16_BE)
    return path.open(encoding="utf-16" if is_utf16 else "utf-8-sig", newline="")


def _records(path: Path, file: Iterator[str], delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    try:
        yield from enumerate(reader, start=1)
    except csv.Error as error:
        raise RequestError(
            f"the statement {in_message(path)} is broken in line {reader.line_num}: {error}"
        ) from error
    except UnicodeError as error:
        if isinstance(error, UnicodeDecodeError) and error.encoding.startswith("utf-16"):
            raise RequestError(
                f"the statement {in_message(path)} begins as UTF-16 and is broken: save it as "
                "CSV UTF-8"
            ) from error
        raise RequestError(
            f"the statement {in_message(path)} is not UTF-8 in line {_bad_line(path)}: "
            "save it as CSV UTF-8"
        ) from error


def _bad_line(path: Path) -> int:
    """The number of the first line that is not UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1
