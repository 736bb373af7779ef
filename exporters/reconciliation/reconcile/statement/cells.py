"""Cells of a statement as text, and names as people compare them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from exporters.query.amounts import exact

SPACE = " \t\r\n"

# The number of a row in its file or sheet, the first being 1, and its cells.
Record: TypeAlias = tuple[int, Sequence[object]]


def text(value: object) -> str | None:
    """A cell as text: numbers as plain decimals, dates as ISO, nothing as None."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip(SPACE) or None
    if isinstance(value, float):
        return exact(Decimal(repr(value)))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name without what people write differently: case, blanks, underscores, accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().replace("đ", "d"))
    return "".join(character for character in decomposed if character.isalnum())
