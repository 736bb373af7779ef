"""Cells of a statement as text, and names as people compare them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from exporters.query.amounts import exact

SPACE = " \t\r\n\xa0\u202f"

# The number of a row in its file or sheet, the first being 1, and its cells.
Record: TypeAlias = tuple[int, Sequence[object]]

# A column with its currency: "Amount (VND)", "Betrag in EUR".
_WITH_UNIT = re.compile(
    r"(?P<name>.*?)[\s,/:-]*[(\[]?\s*(in\s+|bằng\s+|(đvt|đơn vị)\s*:?\s*)?"
    r"(?P<unit>[^\s()\[\]]+)\s*[)\]]?",
    re.IGNORECASE,
)


class Number(str):
    """The text of a number that a cell of a workbook holds as a number."""


def is_number(value: object) -> bool:
    """Whether a cell is a number, and no text that looks like one."""
    return isinstance(value, Number | int | float) and not isinstance(value, bool)


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


def currency_word(text: str) -> str:
    """A word for a currency as it stands among the known ones."""
    # In older code pages the letter of Vietnamese looks like the Icelandic one.
    return unicodedata.normalize("NFC", text).strip(SPACE).upper().replace("Ð", "Đ")


def without_unit(name: str, currencies: Mapping[str, str]) -> tuple[str, str | None]:
    """A column's name without the currency that stands in it, and that currency."""
    found = _WITH_UNIT.fullmatch(name)
    if found is None or not found["name"]:
        return name, None
    currency = currencies.get(currency_word(found["unit"]))
    return (found["name"], currency) if currency is not None else (name, None)


def letters(place: int) -> str:
    """The letters of a column in a spreadsheet; the first place is 0."""
    rest, last = divmod(place, 26)
    return (letters(rest - 1) if rest else "") + chr(ord("A") + last)
