"""What language reports speak: their texts, the words for codes, how days and numbers look.

The texts in the code are English. Every one that can reach a workbook or a terminal's table goes
through `Language.say`; what a language says in their place stands in `locale/`, which
`make messages` brings up to date. CSV, JSON and Parquet are read by programs and are the same in
every language.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from exporters.i18n import english

DOMAIN, LOCALE = "partner_reports", Path(__file__).with_name("locale")


@dataclass(frozen=True)
class Language:
    """One language; that without a catalogue in `locale/` is English.

    Attributes:
        code: the value of `--lang`, and the folder in `locale/`.
        words: what the codes of a column are called, by the column's name.
        day_pattern: how a day is written, with the blanks `{year}`, `{month}` and `{day}`.
        day_format: the same as a number format of a spreadsheet.
        marks: the mark between thousands and the decimal mark.
    """

    code: str
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    day_pattern: str = "{year}-{month}-{day}"
    day_format: str = "yyyy-mm-dd"
    marks: tuple[str, str] = (",", ".")

    @property
    def month_format(self) -> str:
        """How a spreadsheet writes a month: as a day without its day."""
        return self.day_format.replace("-dd", "").replace("dd/", "")

    def say(self, text: str, **blanks: object) -> str:
        """The English `text` in this language, with its `{blanks}` filled."""
        said = _catalogue(self.code).gettext(text)
        return said.format(**blanks) if blanks else said

    def say_count(self, one: str, many: str, number: int, **blanks: object) -> str:
        """`one` or, of another `number` than 1, `many`: in the form that the language has for it.

        How the number itself is written is one of the `blanks`.
        """
        return _catalogue(self.code).ngettext(one, many, number).format(**blanks)

    def word(self, column: str, code: str) -> str:
        """What a code is called in a column; the code itself where no word is known."""
        return self.words.get(column, {}).get(code, code)

    def day(self, day: date | str) -> str:
        """A day, or its ISO text, as text."""
        year, month, day = str(day).split("-")
        return self.day_pattern.format(year=year, month=month, day=day)

    def moment(self, moment: datetime | str) -> str:
        """A day and a time of day, or their ISO text with a space, as text to the second."""
        day, clock = str(moment).split(" ", 1)
        return f"{self.day(day)} {clock[:8]}"

    def grouped(self, number: str | int) -> str:
        """A whole number, or the exact text of any, with marks between thousands."""
        thousands, point = self.marks
        return f"{Decimal(number):,f}".translate({ord(","): thousands, ord("."): point})


ENGLISH = Language("en", english.WORDS)
LANGUAGES = ("en", "vi")


def N_(text: str) -> str:
    """Marks a text that `say` gets under another name (a label), so that it is extracted."""
    return text


@cache
def language_of(code: str) -> Language:
    """The language of a code in `LANGUAGES`."""
    if code == ENGLISH.code:
        return ENGLISH
    return Language(
        "vi",
        _words("vi"),
        day_pattern="{day}/{month}/{year}",
        day_format="dd/mm/yyyy",
        marks=(".", ","),
    )


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == ENGLISH.code:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, [code])


def _words(code: str) -> dict[str, dict[str, str]]:
    """The words for codes, whose context in the catalogue is the name of their column."""
    words: dict[str, dict[str, str]] = {}
    # The documentation of gettext names this attribute, and no other way to all entries.
    texts: dict[object, str] = getattr(_catalogue(code), "_catalog")  # noqa: B009
    for text, said in texts.items():
        column, is_word, value = str(text).partition("\x04")
        if is_word:
            words.setdefault(column, {})[value] = said
    return words
