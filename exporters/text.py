"""Text from feeds and users on its way to a terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence

_LONGEST = 300  # characters of an id or a path that are shown to people
_LEAST_ROOM = 20  # characters for a value, however narrow a terminal is
TOO_WIDE = "(as blocks: the table is wider than the terminal)"


def visible(text: str, keep: str = "") -> str:
    """`text` with every character that a terminal would obey or hide written as an escape.

    Control characters, line breaks, marks of writing direction and lone surrogates appear as
    `\\n`, `\\x1b` or `\\u202e`; characters in `keep` stay.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in keep
        else character.encode("unicode_escape").decode()
        for character in text
    )


def short(text: str) -> str:
    """`text`, or its beginning, length and end where it would flood a terminal."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 100]}... ({len(text):,} characters) ...{text[-50:]}"


def in_message(value: object) -> str:
    """An id, a name or a path within a message: on one line, visible, and not too long."""
    return visible(short(str(value)))


def explained(error: Exception) -> str:
    """What went wrong, with the path that the system names, if it names one."""
    if not isinstance(error, OSError):
        return str(error) or type(error).__name__
    name = error.filename2 or error.filename  # of a rename, what it was to become
    return f"{error.strerror or error}{f': {in_message(name)}' if name else ''}"


def printed(path: object) -> str:
    """A path that was written, for stdout: exact for a program that reads it, else visible."""
    return visible(str(path)) if sys.stdout.isatty() else str(path)


def table(
    columns: Sequence[tuple[str, bool]],
    rows: Sequence[Sequence[object]],
    too_wide: str = TOO_WIDE,
) -> str:
    """Rows under headings; `columns` are the headings and whether they are right-aligned.

    On a terminal that is narrower, each row becomes a block with a line per column, after the
    sentence `too_wide`. What is piped is always a table.
    """
    from tabulate import tabulate  # most commands print none, and this import takes its time

    cells = [["" if value is None else in_message(value) for value in row] for row in rows]
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
