"""Values as SpreadsheetML cells: text as it is, exact numbers, dates as serial numbers.

The same rules stand twice, in SQL for the rows of a report and in Python for the little text
around them; a test holds them together. Text is always an inline string, so nothing that a feed
contains can become a formula, a link or a macro.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from openpyxl.utils import get_column_letter

from exporters import sql
from exporters.catalogue.types import Column, Kind
from exporters.query import builder

TEXT_LIMIT = 32_767  # characters of a cell, in UTF-16 as spreadsheets count them
CUT_MARK = " [cut: longer than a cell can hold]"
_KEPT = TEXT_LIMIT - len(CUT_MARK)

# XML cannot carry these, and a reader would turn a carriage return into a line feed.
_CONTROLS = [chr(code) for code in (*range(0x09), 0x0B, 0x0C, *range(0x0D, 0x20), 0xFFFE, 0xFFFF)]
_CONTROL_CLASS = r"\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}"
_ESCAPE_LIKE = "_x[0-9A-Fa-f]{4}_"
_PYTHON_NEEDS_ESCAPE = re.compile(f"[\\x00-\\x08\\x0b-\\x1f\ufffe\uffff]|{_ESCAPE_LIKE}")

# Day 1 of a spreadsheet is 1900-01-01, but it also counts a 29 February 1900 that never was:
# from 1 March on, days since 1899-12-30 are right.
_EPOCH = "date '1899-12-30'"
_FIRST_DATE, _LAST_DATE = "date '1900-03-01'", "date '9999-12-31'"


def text_macros() -> str:
    """SQL that defines what turns text into cells: `cell_text.sql`."""
    controls = "replace(xml, '_x', '_x005F_x')"
    for character in _CONTROLS:
        controls = f"replace({controls}, chr({ord(character)}), '{_escape(character)}')"
    return sql.load(__file__, "cell_text.sql").format(
        limit=TEXT_LIMIT,
        kept=_KEPT,
        cut_mark=CUT_MARK,
        controls=controls,
        control_class=_CONTROL_CLASS,
        escape_like=_ESCAPE_LIKE,
        no_astral=r"[^\x{10000}-\x{10ffff}]",
    )


def plain_text(text: str) -> str:
    """Text for a cell that openpyxl writes: cut and with control characters escaped."""
    text = _cut(text)
    if _PYTHON_NEEDS_ESCAPE.search(text):
        text = text.replace("_x", "_x005F_x")
        for character in _CONTROLS:
            text = text.replace(character, _escape(character))
    return text


def rows(columns: Sequence[Column], styles: Mapping[Kind, str], report: str) -> str:
    """SQL for the `<row>` elements `row_xml` of the rows of `report`, as blobs of UTF-8.

    `styles` gives SQL for the number of the style, as text, by kind; `_row` is a column with the
    number of the row, as text.
    """
    texts = [column.name for column in columns if column.kind in (Kind.ID, Kind.TEXT)]
    # `concat` copies its arguments once; a chain of `||` copies them again at every step.
    cells = ", ".join(
        f"""'<c r="{get_column_letter(number)}', _row, {_rest_of_cell(column, styles, texts)}"""
        for number, column in enumerate(columns, start=1)
    )
    return sql.load(__file__, "row_xml.sql").format(
        cells=cells, texts=", ".join(texts), report=report
    )


def _rest_of_cell(column: Column, styles: Mapping[Kind, str], texts: Sequence[str]) -> str:
    """SQL for a `<c>` element from the end of its reference on; an empty cell for no value.

    `texts` are the columns of which `_elements` has the elements.
    """
    name, kind = column.name, column.kind

    def cell(end: str, of: Kind = kind) -> str:
        return f"""concat('" s="', {styles[of]}, '"', {end})"""

    def number(sql: str) -> str:
        return cell(f"'><v>', {sql}, '</v></c>'")

    def text(element: str, of: Kind = kind) -> str:
        return cell(f"' t=\"inlineStr\"><is>', {element}, '</is></c>'", of)

    match kind:
        case Kind.ID | Kind.TEXT:
            plain = text(f"'<t>', {name}, '</t>'")
            element = f"_elements[{texts.index(name) + 1}]"
            value = f"when _is_plain then {plain} else {text(element)}"
        case Kind.DATE | Kind.TIMESTAMP:
            is_known = f"cast({name} as date) between {_FIRST_DATE} and {_LAST_DATE}"
            iso = text(f"'<t>', {builder.text_of(column)}, '</t>'", Kind.TEXT)
            value = f"when {is_known} then {number(_serial(column))} else {iso}"
        case _:
            value = f"else {number(builder.text_of(column))}"
    return f"""case when {name} is null then {cell("'/>'")} {value} end"""


def _serial(column: Column) -> str:
    days = f"cast(date_diff('day', {_EPOCH}, cast({column.name} as date)) as varchar)"
    if column.kind is Kind.DATE:
        return days
    # A 12th of a decimal is far below a second, and integers keep the clock exact.
    seconds = f"date_diff('second', date_trunc('day', {column.name}), {column.name})"
    fraction = f"({seconds} * 1000000000000 + 43200) // 86400"
    return f"{days} || '.' || lpad(cast({fraction} as varchar), 12, '0')"


def _escape(character: str) -> str:
    return f"_x{ord(character):04X}_"


def _cut(text: str) -> str:
    if len(text) + _astral(text[: TEXT_LIMIT + 1]) <= TEXT_LIMIT:
        return text
    return text[: _KEPT - _astral(text[:_KEPT])] + CUT_MARK


def _astral(text: str) -> int:
    """Characters that take two units of UTF-16."""
    return sum(character > "\uffff" for character in text)
