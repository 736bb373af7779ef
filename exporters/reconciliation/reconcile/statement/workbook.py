"""A statement in a workbook: the one sheet that can be it, and its rows."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from exporters.errors import RequestError
from exporters.escaping import in_message, short
from exporters.reconciliation.reconcile.statement import own, sheet_reader
from exporters.reconciliation.reconcile.statement.cells import Record, plain_name
from exporters.reconciliation.reconcile.statement.columns import (
    HEADER_WITHIN,
    LISTED,
    Header,
    Opened,
    Seen,
    Wanted,
    find_header,
    no_header,
    width,
)
from exporters.request.names import unknown_name

# What a broken workbook raises, wherever in openpyxl, zipfile or the XML parser it is found out.
_BROKEN = (
    *(zipfile.BadZipFile, InvalidFileException, ParseError, EOFError, zlib.error),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError),
)


@contextmanager
def opened(path: Path, wanted: Wanted) -> Iterator[Opened]:
    """The sheet of the workbook at `path` that is the statement.

    Raises:
        RequestError: it cannot be read, also while rows are read; or none or several of its
            sheets can be the statement.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts of a workbook that nobody asked for
        with _broken_is_said(path):
            book = load_workbook(path, read_only=True, data_only=True)
        try:
            sheet, header = _statement_sheet(path, book, wanted)
            others = tuple(title for title in book.sheetnames if title != sheet.title)
            if f"{sheet.title} (2)" in others:
                raise RequestError(
                    f"the statement {in_message(path)} goes on in sheet "
                    f"{sheet.title + ' (2)'!r}: give it as CSV"
                )
            seen = Seen()
            yield Opened(header, _records(path, sheet, header, seen), sheet.title, others, seen)
        finally:
            book.close()


@contextmanager
def _broken_is_said(path: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise RequestError(
            f"the statement {in_message(path)} cannot be read as a workbook: "
            f"{in_message(error) or type(error).__name__}"
        ) from error


def _statement_sheet(path: Path, book: Any, wanted: Wanted) -> tuple[Any, Header]:
    """The sheet that is the statement, with its header.

    It is the one that was named, else the only one that is an export of ours, else the only one
    that can be it.

    Raises:
        RequestError: there is none, or there are several.
    """
    tops: list[list[Record]] = []
    fitting = []
    refused = []
    with _broken_is_said(path):
        for sheet in _named(path, book.worksheets, wanted.reading.sheet):
            sheet.reset_dimensions()  # what a file says of its size need not be so
            rows = sheet.iter_rows(max_row=HEADER_WITHIN, values_only=True)
            tops.append(list(enumerate(rows, start=1)))
            try:
                header = find_header(tops[-1], wanted)
            except RequestError as error:
                refused.append(error)
                continue
            if header is not None:
                fitting.append((sheet, header))
    if not tops:
        raise RequestError(f"the statement {in_message(path)} has no sheet with cells")
    if not fitting:
        raise refused[0] if refused else no_header(path, max(tops, key=width), wanted)
    titles = own.titles(wanted.report)
    for is_ours in (lambda found: found[1].is_own, lambda found: found[0].title in titles):
        ours = [found for found in fitting if is_ours(found)]
        if len(ours) == 1:
            return ours[0]
    if len(fitting) > 1:
        listed = ", ".join(repr(short(sheet.title)) for sheet, _ in fitting[:LISTED])
        raise RequestError(
            f"several sheets of {in_message(path)} can be the statement: {listed}; "
            "say which it is with --sheet"
        )
    return fitting[0]


def _named(path: Path, sheets: Sequence[Any], title: str | None) -> Sequence[Any]:
    """The sheet of that title, or all sheets where none was named.

    Raises:
        RequestError: there is no such sheet.
    """
    if title is None:
        return sheets
    for is_it in (
        lambda name: name == title,
        lambda name: plain_name(name) == plain_name(title),
    ):
        found = [sheet for sheet in sheets if is_it(sheet.title)]
        if len(found) == 1:
            return found
    raise RequestError(
        unknown_name("--sheet", title, [sheet.title for sheet in sheets], f" of {in_message(path)}")
    )


def _records(path: Path, sheet: Any, header: Header, seen: Seen) -> Iterator[Record]:
    places = header.places
    unnamed = {place for place, name in enumerate(header.names) if not name}
    with _broken_is_said(path):
        yield from sheet_reader.rows(
            sheet, len(header.names), {*places.values(), *unnamed}, places["amount"], seen
        )
