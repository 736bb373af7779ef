"""Reading a sheet that was written: is every row there, and do its values add up?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import IO
from xml.parsers import expat

from openpyxl.utils import get_column_letter

from exporters.catalogue import Report
from exporters.errors import ReportError
from exporters.query import DIGITS

_CHUNK = 1 << 20
_ROW_END = b"</row>"


def check_rows(
    part: IO[bytes], report: Report, first_row: int, rows: int, sums: dict[str, list[Decimal]]
) -> None:
    """Read `rows` rows from `first_row` on and add their amounts to `sums`, by currency.

    The part is parsed as XML from end to end.

    Raises:
        ReportError: the part is not well formed, or a row is missing or out of place.
    """
    names = [column.name for column in report.columns]
    letters = {
        get_column_letter(names.index(column.name) + 1): index
        for index, column in enumerate(report.totals)
    }
    currency_letter = get_column_letter(names.index("currency") + 1)
    wanted = "|".join([currency_letter, *letters])
    find = re.compile(
        rf'<c r="({wanted})[0-9]+"[^>]*>(?:<is><t[^>]*>|<v>)([^<]*)<'.encode()
    ).findall
    keys = {letter.encode(): index for letter, index in letters.items()}
    currency_key = currency_letter.encode()
    expected = first_row
    with localcontext(prec=DIGITS):
        for row in _rows(part):
            if expected == first_row + rows or not row.startswith(b'<row r="%d">' % expected):
                continue
            expected += 1
            found = dict(find(row))
            currency = found.pop(currency_key, None)
            if currency is None:
                continue
            into = sums.setdefault(currency.decode(), [Decimal(0)] * len(keys))
            for key, text in found.items():
                into[keys[key]] += Decimal(text.decode())
    if expected != first_row + rows:
        raise ReportError(f"row {expected} of the workbook that was written is not there")


def check_part(part: IO[bytes]) -> None:
    """Parse a part without rows.

    Raises:
        ReportError: it is not well formed.
    """
    for _ in _rows(part):
        pass


def _rows(part: IO[bytes]) -> Iterator[bytes]:
    """The `<row>` elements of a part, each from its beginning to its end tag."""
    parser = expat.ParserCreate()
    rest = b""
    try:
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk, False)
            *rows, rest = (rest + chunk).split(_ROW_END)
            for row in rows:
                yield row[row.find(b"<row ") :]
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ReportError(f"the workbook that was written is not well formed: {error}") from error
