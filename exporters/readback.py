"""Reading a sheet that was written: is every row there, and do its values add up?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import IO
from xml.parsers import expat

from openpyxl.utils import get_column_letter

from exporters.catalogue import Column, Kind, Report
from exporters.errors import ReportError
from exporters.query import DIGITS

_CHUNK = 1 << 20
_ROW_END = b"</row>"
# Text as XML has it, without the three characters that stand for something else.
_TEXT = r"[^<&\x00-\x08\x0b-\x1f]*+(?:&(?:amp|lt|gt);[^<&\x00-\x08\x0b-\x1f]*+)*+"


def check_rows(
    part: IO[bytes], report: Report, first_row: int, rows: int, sums: dict[str, list[Decimal]]
) -> None:
    """Read `rows` rows from `first_row` on and add their amounts to `sums`, by currency.

    Each of the rows has to be what a row of the report is: a cell for every column in its place,
    numbers where the column has numbers. The rest of the part is parsed as XML.

    Raises:
        ReportError: the part is not well formed, or a row is missing, out of place or different.
    """
    row = _Row(report)
    others = _Parser()
    left = rows
    for block in _blocks(part, first_row, rows, others):
        found = row.findall(block)
        is_whole = sum(len(each[0]) for each in found) == len(block)
        first = first_row + rows - left
        if not is_whole or not row.numbered(found, first):
            _complain(block, first)
        row.add(found, sums)
        left -= len(found)
    if left:
        raise ReportError(
            f"row {first_row + rows - left} of the workbook that was written is not there"
        )


def check_part(part: IO[bytes]) -> None:
    """Parse a part without rows.

    Raises:
        ReportError: it is not well formed.
    """
    parser = _Parser()
    while chunk := part.read(_CHUNK):
        parser.parse(chunk)
    parser.close()
