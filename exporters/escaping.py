"""Text from feeds and users on its way into a message or a table: visible, and not too long."""

from __future__ import annotations

import sys

_LONGEST = 300  # characters of an id or a path that are shown to people


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
