"""Text from feeds and users on its way to a terminal."""

from __future__ import annotations


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
