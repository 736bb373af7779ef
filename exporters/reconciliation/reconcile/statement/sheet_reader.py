"""The rows of a sheet of somebody else's workbook, as values; a million of them in half a minute.

openpyxl opens the workbook and knows its shared strings and styles, but takes five times as long
for the rows. Sheets whose elements have a prefix are left to it. Why no other library reads them:
docs/decisions/0017-statements-in-workbooks-are-read-here.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel

from exporters.reconciliation.reconcile.statement.cells import Number
from exporters.reconciliation.reconcile.statement.columns import Seen

_CHUNK = 1 << 20
# Bytes of a row: a few kilobytes of a workbook can unpack to one that no memory would hold.
_LONGEST_ROW = 16 << 20
_ROW_NUMBER = re.compile(rb'\sr="([0-9]+)"')
_HIDDEN = re.compile(rb'\shidden="(1|true)"')
_HIDDEN_COLUMNS = re.compile(rb'<col(?=[^>]*\shidden="(?:1|true)")\s[^>]*>')
_FROM, _TO = re.compile(rb'\smin="([0-9]+)"'), re.compile(rb'\smax="([0-9]+)"')
_MOST_HIDDEN = 1000  # hidden rows or columns that are told
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_DIGITS = "0123456789"
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# A double is written with 17 digits at most, and up to 15 are what was meant.
_MEANT, _OF_A_DOUBLE = 15, 17


def rows(
    sheet: Any, width: int, wanted: Collection[int], decisive: int, seen: Seen
) -> Iterator[tuple[int, Sequence[object]]]:
    """Number and cells of each row of a read-only sheet of openpyxl, which are `width` at most.

    Cells at `wanted` places are always read, and the first of a row; the others only where the
    one at `decisive` is empty. One empty row stands for any number of missing ones. What the sheet
    hides is read like the rest, and said to `seen`, as are columns beyond `width`.
    """
    with sheet._get_source() as part:
        head = part.read(_CHUNK)
        if b"<sheetData" in head and b"<row" in head:
            seen.hidden_columns += _hidden_columns(head)
            yield from _parsed(sheet, part, head, width, wanted, decisive, seen)
            return
    yield from enumerate(sheet.iter_rows(values_only=True), start=1)


def _hidden_columns(head: bytes) -> list[int]:
    """The places of hidden columns."""
    hidden: set[int] = set()
    for column in _HIDDEN_COLUMNS.findall(head[: head.index(b"<sheetData")]):
        first, last = _FROM.search(column), _TO.search(column)
        if first is not None and last is not None:
            places = range(int(first[1]) - 1, min(int(last[1]), int(first[1]) + _MOST_HIDDEN))
            hidden.update(places)
    return sorted(hidden)


def _parsed(
    sheet: Any,
    part: Any,
    head: bytes,
    width: int,
    wanted: Collection[int],
    decisive: int,
    seen: Seen,
) -> Iterator[tuple[int, Sequence[object]]]:
    book = sheet.parent
    value = _Values(sheet._shared_strings, book._date_formats, book.epoch)
    last = 0
    rest, chunk = b"", head
    while chunk:
        *found, rest = (rest + chunk).split(b"</row>")
        for row in found:
            start = row.rfind(b"<row")
            end = row.find(b">", start)
            if start < 0 or end < 0:
                raise ValueError(f"row {last + 1} has no beginning")
            numbered = _ROW_NUMBER.search(row, start, end)
            number = int(numbered[1]) if numbered else last + 1
            if number > last + 1:
                yield number - 1, ()
            last = number
            if _HIDDEN.search(row, start, end) and len(seen.hidden_rows) < _MOST_HIDDEN:
                seen.hidden_rows.append(number)
            # Without the row's attributes: their prefixes are declared elsewhere.
            yield (
                number,
                _cells(
                    fromstring(b"<row>" + row[end + 1 :] + b"</row>"),
                    value,
                    width,
                    wanted,
                    decisive,
                    seen,
                ),
            )
        if len(rest) > _LONGEST_ROW:
            raise ValueError(f"a row has more than {_LONGEST_ROW >> 20} MiB")
        chunk = part.read(_CHUNK)


def _cells(
    row: Element, value: _Values, width: int, wanted: Collection[int], decisive: int, seen: Seen
) -> list[object]:
    cells: list[object] = [None] * width
    skipped = []
    place = -1
    first = True
    for cell in row:
        reference = cell.get("r")
        place = place + 1 if reference is None else _place(reference.rstrip(_DIGITS))
        if not len(cell):
            continue
        if place >= width:
            seen.unnamed.add(place)
            continue
        if first or place in wanted:
            cells[place] = value(cell)
            first = cells[place] is None
        else:
            skipped.append((place, cell))
    if cells[decisive] is None:
        for place, cell in skipped:
            cells[place] = value(cell)
    return cells


class _Values:
    """What cells mean, in one workbook."""

    def __init__(self, shared: Sequence[str], dates: Collection[int], epoch: Any) -> None:
        self._shared, self._dates, self._epoch = shared, dates, epoch

    def __call__(self, cell: Element) -> object:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            texts = cell.iterfind("is/t"), cell.iterfind("is/r/t")
            return _unescaped("".join(each.text or "" for found in texts for each in found))
        text = cell.findtext("v")
        if not text:  # a formula whose result was never stored
            return None
        if kind == "s":
            return self._shared[int(text)]
        if kind == "b":
            return text == "1"
        if kind != "n":
            return _unescaped(text)
        if int(cell.get("s", 0)) in self._dates:
            return from_excel(float(text), self._epoch)
        found = number(text)
        return Number(found) if isinstance(found, str) else found


def number(text: str) -> object:
    """The number that a cell holds: a float as it is stored, or the text of an exact decimal.

    A program that calculates with doubles writes 17 digits at most; longer ones were written by
    something more exact.
    """
    digits = sum(map(str.isdigit, text.lstrip("-0.")))
    is_double = _MEANT < digits <= _OF_A_DOUBLE
    if _PLAIN_NUMBER.fullmatch(text) and not is_double:
        return text
    return float(text)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


@cache
def _place(letters: str) -> int:
    return int(column_index_from_string(letters)) - 1
