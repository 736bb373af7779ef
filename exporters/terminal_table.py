"""Rows as a table in a terminal, or a block per row where the terminal is too narrow."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence

from exporters.escaping import in_message

_LEAST_ROOM = 20  # characters for a value, however narrow a terminal is
TOO_WIDE = "(as blocks: the table is wider than the terminal)"


def table(
    columns: Sequence[tuple[str, bool]],
    rows: Sequence[Sequence[object]],
    too_wide: str = TOO_WIDE,
) -> str:
    """Rows under headings; `columns` are the headings and whether they are right-aligned.

    An integer gets marks between thousands, the English ones; any other language hands in texts.
    On a terminal that is narrower, each row becomes a block with a line per column, after the
    sentence `too_wide`. What is piped is always a table.
    """
    from tabulate import tabulate  # most commands print none, and this import takes its time

    cells = [[_cell(value) for value in row] for row in rows]
    text = tabulate(
        cells,
        headers=[heading for heading, _ in columns],
        tablefmt="simple",
        disable_numparse=True,
        colalign=["right" if is_right else "left" for _, is_right in columns],
    )
    if not rows or not sys.stdout.isatty():
        return text
    width = shutil.get_terminal_size().columns
    _, rule, *_ = text.splitlines()
    if len(rule) <= width:
        return text
    return "\n".join([too_wide, *_blocks([heading for heading, _ in columns], cells, width)])


def counted(number: int, one: str, many: str) -> str:
    """`1 row` or `1,234 rows`, for what is said in English only."""
    return f"{number:,} {one if number == 1 else many}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else in_message(value)


def _blocks(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """The lines of a block per row, as wide as the terminal where there is room for values."""
    indent = max(len(heading) for heading in headings) + 2
    room = max(width - indent, _LEAST_ROOM)
    for number, row in enumerate(rows, start=1):
        yield f"-- {number} / {len(rows)} ".ljust(min(width, indent + _LEAST_ROOM), "-")
        for heading, value in zip(headings, row, strict=True):
            pieces = [value[start : start + room] for start in range(0, len(value), room)]
            yield f"{heading:<{indent}}{''.join(pieces[:1])}".rstrip()
            for piece in pieces[1:]:
                yield " " * indent + piece
