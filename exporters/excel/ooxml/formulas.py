"""Totals as formulas over the rows of sheets, each beside the value that it has.

openpyxl writes a formula without a value, and a reader that does not calculate would find nothing;
so formulas are put into the finished parts, before the values that stand there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_LONGEST = 8192  # characters of a formula
_NUMBER_CELL = re.compile(rb'(<c r="([A-Z]+[0-9]+)"[^>]*>)(<v>)')


@dataclass(frozen=True)
class Rows:
    """Where rows of a report stand: the other sheet, if on another, first and last row."""

    sheet: str | None
    first: int
    last: int

    def of_column(self, letter: str) -> str:
        """The cells of a column in these rows."""
        return self._on_sheet(f"{letter}{self.first}:{letter}{self.last}")

    def first_of_column(self, letter: str) -> str:
        """The first of these cells."""
        return self._on_sheet(f"{letter}{self.first}")

    def _on_sheet(self, cells: str) -> str:
        if self.sheet is None:
            return cells
        quoted = self.sheet.replace("'", "''")
        return f"'{quoted}'!{cells}"


def sum_of_shown(rows: Sequence[Rows], column: str, where: Mapping[str, str]) -> str:
    """The sum of what a filter leaves of a column, over the rows that `sum_where` takes too."""
    if not where:
        return f"SUBTOTAL(109,{','.join(each.of_column(column) for each in rows)})"
    # Only a sum of single cells can be asked for each row whether a filter leaves it.
    return "+".join(
        f"SUMPRODUCT(SUBTOTAL(109,OFFSET({first},ROW({cells})-ROW({first}),0))"
        + "".join(f"*({each.of_column(key)}={wanted})" for key, wanted in where.items())
        + ")"
        for each in rows
        for cells, first in [(each.of_column(column), each.first_of_column(column))]
    )


def sum_where(rows: Sequence[Rows], column: str, where: Mapping[str, str]) -> str:
    """The sum of a column over the rows in which other columns have what is wanted of them.

    What is wanted is a cell or a text in quotes. It must be a plain word: spreadsheets take `=`,
    `*` and numbers in it for more.
    """
    return "+".join(
        f"SUMIFS({each.of_column(column)}"
        + "".join(f",{each.of_column(key)},{wanted}" for key, wanted in where.items())
        + ")"
        for each in rows
    )


def text(word: str) -> str:
    """A text in a formula."""
    quoted = word.replace('"', '""')
    return f'"{quoted}"'


def put_into(part: bytes, formulas: Mapping[str, str]) -> bytes:
    """A sheet's XML with formulas, by cell, in cells that hold a number."""

    def with_formula(cell: re.Match[bytes]) -> bytes:
        formula = formulas.get(cell[2].decode())
        if formula is None or len(formula) > _LONGEST:
            return cell[0]
        return cell[1] + f"<f>{escape(formula, quote=False)}</f>".encode() + cell[3]

    return _NUMBER_CELL.sub(with_formula, part)
