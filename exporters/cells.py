"""Values as SpreadsheetML cells: text that is shown as it is, numbers exact, dates as serials.

The same rules stand twice, in SQL for the rows of a report and in Python for the little text
around them; a test holds them together. Text is always an inline string, so nothing that a feed
contains can become a formula, a link or a macro.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from openpyxl.utils import get_column_letter

from exporters import query
from exporters.catalogue import Column, Kind

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
    """SQL that defines what turns text into cells.

    `cell_text(value)` is a text as a `<t>` element in which control characters still stand as
    they are; `row_text(xml)` escapes those of a whole row, so that the long chain of replacements
    is in a query once. `is_plain(values)` says whether none of the texts of a row, which
    `concat_ws` put together with `|` between them and around them, needs anything of this: nearly
    none does, and one look at a row costs far less than one at each of its cells.
    """
    controls = "replace(xml, '_x', '_x005F_x')"
    for character in _CONTROLS:
        controls = f"replace({controls}, chr({ord(character)}), '{_escape(character)}')"
    astral = r"length(regexp_replace(left(value, {0}), '[^\x{{10000}}-\x{{10ffff}}]', '', 'g'))"
    return f"""
        create or replace temp macro is_plain(texts) as
            strlen(texts) <= {TEXT_LIMIT}
            and not regexp_matches(
                texts, '[&<>\\t\\n{_CONTROL_CLASS}]|  |[|] | [|]|{_ESCAPE_LIKE}'
            );
        create or replace temp macro cell_cut(value) as
        case
            when strlen(value) > {TEXT_LIMIT}
                and length(value) + {astral.format(TEXT_LIMIT + 1)} > {TEXT_LIMIT}
                then left(value, {_KEPT} - {astral.format(_KEPT)}) || '{CUT_MARK}'
            else value
        end;
        create or replace temp macro cell_text(value) as
        case
            when
                regexp_matches(value, '[&<>\\t\\n]|^ |  | $')
                or strlen(value) > {TEXT_LIMIT}
                then concat(
                    '<t xml:space="preserve">',
                    replace(
                        replace(replace(cell_cut(value), '&', '&amp;'), '<', '&lt;'), '>', '&gt;'
                    ),
                    '</t>'
                )
            else '<t>' || value || '</t>'
        end;
        create or replace temp macro row_text(xml) as
        case
            when regexp_matches(xml, '[{_CONTROL_CLASS}]|{_ESCAPE_LIKE}') then {controls}
            else xml
        end;
    """


def plain_text(text: str) -> str:
    """Text for a cell that openpyxl writes: cut and with control characters escaped."""
    text = _cut(text)
    if _PYTHON_NEEDS_ESCAPE.search(text):
        text = text.replace("_x", "_x005F_x")
        for character in _CONTROLS:
            text = text.replace(character, _escape(character))
    return text


def row(columns: Sequence[Column], styles: Mapping[Kind, str]) -> str:
    """SQL for the `<row>` element of a row whose number, as text, is `_row`.

    `styles` gives SQL for the number of the style, as text, by kind.
    """
    texts = [column.name for column in columns if not _is_measured(column)]
    # `concat` copies its arguments once; a chain of `||` copies them again at every step.
    plain, escaped = (
        ", ".join(
            piece
            for number, column in enumerate(columns, start=1)
            for piece in _cell(column, get_column_letter(number), styles, is_plain)
        )
        for is_plain in (True, False)
    )
    return f"""
        case
            when is_plain(concat('|', concat_ws('|', {", ".join(texts)}), '|'))
                then concat('<row r="', _row, '">', {plain}, '</row>')
            else row_text(concat('<row r="', _row, '">', {escaped}, '</row>'))
        end"""


def _cell(
    column: Column, letter: str, styles: Mapping[Kind, str], is_plain: bool
) -> tuple[str, ...]:
    """SQL for the pieces of a `<c>` element; an empty cell for no value."""
    name, kind = column.name, column.kind

    def number(sql: str) -> str:
        return f"""concat('" s="', {styles[kind]}, '"><v>', {sql}, '</v></c>')"""

    def text(element: str, of: Kind = kind) -> str:
        start = f"""'" s="', {styles[of]}, '" t="inlineStr"><is>'"""
        return f"concat({start}, {element}, '</is></c>')"

    match kind:
        case Kind.ID | Kind.TEXT:
            value = text(f"'<t>', {name}, '</t>'" if is_plain else f"cell_text({name})")
        case Kind.DATE | Kind.TIMESTAMP:
            value = f"""
                case
                    when cast({name} as date) between {_FIRST_DATE} and {_LAST_DATE}
                        then {number(_serial(column))}
                    else {text(f"'<t>', {query.text_of(column)}, '</t>'", Kind.TEXT)}
                end"""
        case _:
            value = number(query.text_of(column))
    empty = f"""concat('" s="', {styles[kind]}, '"/>')"""
    return f"'<c r=\"{letter}'", "_row", f"case when {name} is null then {empty} else {value} end"


def _is_measured(column: Column) -> bool:
    return column.kind.is_number or column.kind in (Kind.DATE, Kind.TIMESTAMP)


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
