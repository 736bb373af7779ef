"""Reads a written sheet back: every row must be there, and amounts must add up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from typing import Protocol
from xml.parsers import expat

from openpyxl.utils import get_column_letter

from exporters.catalogue.types import Column, Kind, Report
from exporters.errors import ReportError
from exporters.query.amounts import DIGITS

_CHUNK = 1 << 20
_ROW_END = b"</row>"
# What text can be in XML. No pattern here tries again with less: that would only cost time.
_LETTERS = r"[^<&\x00-\x08\x0b-\x1f]*+"
_TEXT = f"{_LETTERS}(?:&(?:amp|lt|gt);{_LETTERS})*+"
_NUMBER = r"-?+[0-9]++(?:\.[0-9]++)?+"


class Part(Protocol):
    """A part of a workbook."""

    def read(self, size: int, /) -> bytes:
        """The next `size` bytes; fewer where the part ends."""


def check_rows(
    part: Part, report: Report, first_row: int, rows: int, sums: dict[str, list[Decimal]]
) -> None:
    """Read `rows` rows from `first_row` on and add their amounts to `sums`, by currency.

    Each of them has to be what a row of the report is: a cell for every column, in its place, and
    a number where the column has numbers. What stands around them is parsed as XML.

    Raises:
        ReportError: the part is not well formed, or a row is missing or something else.
    """
    row = _RowOf(report)
    expected, end = first_row, first_row + rows
    around = _Parser()
    for block in _blocks(part, first_row, rows, around):
        found = row.findall(block)
        if not (_is_text(block) and _are_all(found, block, expected)):
            raise _damage(row, block, expected)
        row.add(found, sums)
        expected += len(found)
    if expected != end:
        raise ReportError(f"row {expected} of the workbook that was written is not there")


def check_part(part: Part) -> None:
    """Parse a part without rows.

    Raises:
        ReportError: it is not well formed.
    """
    parser = _Parser()
    while chunk := part.read(_CHUNK):
        parser.parse(chunk)
    parser.close()


class _RowOf:
    """The pattern of a report's row, and the sums of the rows that match it."""

    def __init__(self, report: Report) -> None:
        columns = report.columns
        wanted = [column for column in columns if column.total or column.name == "currency"]
        cells = "".join(
            _cell(column, get_column_letter(number), column in wanted)
            for number, column in enumerate(columns, start=1)
        )
        pattern = re.compile(f'(<row r="([0-9]++)">{cells}</row>)'.encode())
        self.findall, self.fullmatch = pattern.findall, pattern.fullmatch
        places = {column.name: place for place, column in enumerate(wanted, start=2)}
        self._currency = places.get("currency")
        self._totals = [places[column.name] for column in report.totals]

    def add(self, found: Sequence[tuple[bytes, ...]], sums: dict[str, list[Decimal]]) -> None:
        """Add the amounts of rows to sums by currency; rows without one have no amounts."""
        if self._currency is None:
            return
        by_currency: dict[bytes, list[tuple[bytes, ...]]] = {}
        for each in found:
            by_currency.setdefault(each[self._currency], []).append(each)
        by_currency.pop(b"", None)
        with localcontext(prec=DIGITS):
            for currency, rows in by_currency.items():
                into = sums.setdefault(currency.decode(), [Decimal(0)] * len(self._totals))
                columns = list(zip(*rows, strict=True))
                for index, place in enumerate(self._totals):
                    # An empty cell is no word of these.
                    amounts = b" ".join(columns[place]).decode().split()
                    into[index] = sum(map(Decimal, amounts), into[index])


def _cell(column: Column, letter: str, is_wanted: bool) -> str:
    """A pattern for a cell of a row; its value is a group where it is wanted."""

    def value(pattern: str) -> str:
        return f"({pattern})" if is_wanted else pattern

    text = r' t="inlineStr"><is><t(?: xml:space="preserve")?+>{}</t></is></c>'
    if column.kind.is_number:
        filled = f"><v>{value(_NUMBER)}</v></c>"
    elif column.kind in (Kind.DATE, Kind.TIMESTAMP):
        filled = f"><v>{_NUMBER}</v></c>|{text.format('[-0-9: ]++')}"
    else:
        filled = text.format(value(_TEXT))
    return rf'<c r="{letter}\2" s="[0-9]++"(?:{filled}|/>)'


def _is_text(block: bytes) -> bool:
    """Whether a block is UTF-8 without U+FFFE and U+FFFF, which XML forbids."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return False
    return "\ufffe" not in text and "\uffff" not in text


def _are_all(found: Sequence[tuple[bytes, ...]], block: bytes, first: int) -> bool:
    """Whether the matched rows fill the block and are numbered from `first`."""
    return sum(len(row[0]) for row in found) == len(block) and [row[1] for row in found] == [
        b"%d" % number for number in range(first, first + len(found))
    ]


def _damage(row: _RowOf, block: bytes, first: int) -> ReportError:
    """What is wrong with rows that are numbered from `first`."""
    parser = _Parser()
    try:
        parser.parse(b"<rows>" + block + b"</rows>")
        parser.close()
    except ReportError as error:
        return error
    number = first
    for each in block.split(_ROW_END):
        match = row.fullmatch(each + _ROW_END)
        if match is None or int(match[2]) != number:
            break
        number += 1
    return ReportError(f"row {number} of the workbook that was written is not there or is damaged")


def _blocks(part: Part, first_row: int, rows: int, around: _Parser) -> Iterator[bytes]:
    """The `rows` rows from `first_row` on, many whole ones at a time; all else goes to `around`."""
    rest = part.read(_CHUNK)
    # What stands above the rows is far smaller than a chunk.
    start = rest.find(b'<row r="%d">' % first_row) if rows else -1
    if start >= 0:
        around.parse(rest[:start])
        rest = rest[start:]
        while rows:
            ends = min(rest.count(_ROW_END), rows)
            if ends:
                after = len(rest.split(_ROW_END, ends)[-1])
                yield rest[: len(rest) - after]
                rest = rest[len(rest) - after :]
                rows -= ends
            if rows:
                chunk = part.read(_CHUNK)
                if not chunk:
                    break
                rest += chunk
    around.parse(rest)
    while rest := part.read(_CHUNK):
        around.parse(rest)
    around.close()


class _Parser:
    """XML from the beginning to the end of a part."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()

    def parse(self, data: bytes) -> None:
        self._do(data, False)

    def close(self) -> None:
        self._do(b"", True)

    def _do(self, data: bytes, is_final: bool) -> None:
        try:
            self._parser.Parse(data, is_final)
        except expat.ExpatError as error:
            raise ReportError(
                f"the workbook that was written is not well formed: {error}"
            ) from error
