"""What is a line of a statement, and what is a title, a total, a note or blank."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from exporters.escaping import short
from exporters.reconciliation.reconcile.statement.cells import (
    Record,
    currency_word,
    is_number,
    plain_name,
    text,
)
from exporters.reconciliation.reconcile.statement.columns import Header, Seen
from exporters.reconciliation.reconcile.statement.labels import ROLES

_TOTALS = frozenset(
    "total totals subtotal grandtotal sum leftout tong tongcong tongso tongtien cong khongtinh "
    "loaitruchuyennoibo congphatsinh congnhom congtrang luyke summe gesamt gesamtsumme "
    "gesamtbetrag zwischensumme endsumme ubertrag".split()
)
# How the label of a total begins, where more follows: "Cộng tháng 9", "Total VND".
_TOTAL = re.compile(
    r"(grand\s+|sub[\s-]?)?totals?\b(?!-)|t[ổo]ng(\s+c[ộo]ng|\s+s[ốo])?\s|c[ộo]ng\s"
    r"|(zwischen|end|gesamt)?summe\b|gesamt\s",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"[-–—*._/\\…]+")
_DIGIT = re.compile("[0-9]")
_DAY = re.compile(r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}")
# What numbers the columns of a form, below their names: "(1)", "A", "3=1+2".
_COLUMN_NUMBER = re.compile(r"\(?([A-Z]|[0-9]{1,2})\)?(\s*=.*)?")


class Line(NamedTuple):
    """A row of a statement, in the order of the columns of `statement_text`."""

    id: int
    row: int
    key: str | None
    account: str | None
    date: str | None
    currency: str | None
    amount: str | None
    is_number: bool
    is_day: bool
    not_a_line: str | None
    shape: str | None


class Lines:
    """The rows of a list, to be iterated once; blank ones are left out.

    A row that is no line has its text as `not_a_line`: a title above the header, a line of totals,
    a note, a signature. It names no key and no day, or, in a list that has columns for neither, no
    account. A row of CSV with more or fewer fields than the header keeps nothing but its currency,
    since it is not known which field is which; `shape` says so.
    """

    def __init__(
        self,
        header: Header,
        records: Iterator[Record],
        is_workbook: bool,
        currencies: Mapping[str, str],
        seen: Seen,
    ) -> None:
        self._header, self._records, self._is_workbook = header, records, is_workbook
        self._currencies, self._seen = currencies, seen
        places = header.places
        self._places = [places.get(role) for role in ROLES]
        self._unnamed = [place for place, name in enumerate(header.names) if not name]
        self._labels = {place: header.names[place] for place in places.values()}
        # What a line must name.
        identity = [role for role in ("key", "date") if role in places]
        self._identity = [ROLES.index(role) for role in identity or ["account"] if role in places]
        self._after_gap, self._is_first = False, True

    def __iter__(self) -> Iterator[Line]:
        header, width = self._header, len(self._header.names)
        amount_place = header.places["amount"]
        count = 0
        in_summary = False
        for number, cells in self._records:
            if header.first <= number <= header.row:
                continue
            texts = [self._stated(cells, place) for place in self._places]
            is_above = number < header.first
            # Most rows need no second look.
            if is_above or in_summary or self._is_first or not self._is_plain(texts):
                filled = [found for cell in cells if (found := text(cell)) is not None]
                if not filled:
                    if header.is_own and not is_above and not in_summary and count:
                        in_summary = True
                        self._seen.below = number + 1
                    self._after_gap = True
                    continue
                if header.is_own and (is_above or in_summary):
                    continue
                again = texts[4] == self._labels[amount_place] and self._repeats_header(cells)
                in_summary = in_summary or again == "in part"
                if is_above or in_summary or again or self._is_no_line(cells, filled, texts):
                    count += 1
                    self._after_gap, self._is_first = True, self._is_first and is_above
                    yield self._no_line(count, number, cells, filled, texts, is_above)
                    continue
            self._after_gap = self._is_first = False
            count += 1
            for place in self._unnamed:
                if place < len(cells) and text(cells[place]) is not None:
                    self._seen.unnamed.add(place)
            shape = None
            if not self._is_workbook and _fields(cells, width) != width:
                shape = f"the row has {len(cells)} fields under a header of {width}"
                texts = [None, None, None, texts[3], None]
            key, account, day, currency, amount = texts
            yield Line(
                *(count, number, key, account, day, currency, amount),
                *self._kinds(cells),
                None,
                shape,
            )

    def _stated(self, cells: Sequence[object], place: int | None) -> str | None:
        return None if place is None or place >= len(cells) else text(cells[place])

    def _kinds(self, cells: Sequence[object]) -> tuple[bool, bool]:
        """Whether the amount is a number of a workbook, and the date a day of one."""
        if not self._is_workbook:
            return False, False
        day, amount = self._places[2], self._places[4]
        return (
            amount is not None and amount < len(cells) and is_number(cells[amount]),
            day is not None and day < len(cells) and isinstance(cells[day], date),
        )

    def _is_plain(self, texts: Sequence[str | None]) -> bool:
        """Whether a row is a line at first sight: it names what it must, and has an amount."""
        if texts[4] is None or not _DIGIT.search(texts[4]):
            return False
        named = [
            found
            for place in self._identity
            if (found := texts[place]) is not None and (place != 2 or _DIGIT.search(found))
        ]
        if not named and self._identity:
            return False
        return not any(
            _TOTAL.match(each)
            or _NO_NAME.fullmatch(each)
            or (not _DIGIT.search(each) and plain_name(each) in _TOTALS)
            for each in (texts[0], texts[1], texts[2])
            if each is not None
        )

    def _repeats_header(self, cells: Sequence[object]) -> str | None:
        """Whether a row has the labels of the header again, `in full` or `in part`.

        In full they are those of a further page; below a part of them sums of the rows stand.
        """
        again = {place: self._stated(cells, place) for place in self._labels}
        if any(label not in (None, self._labels[place]) for place, label in again.items()):
            return None
        return "in part" if None in again.values() else "in full"

    def _is_no_line(
        self, cells: Sequence[object], filled: Sequence[str], texts: Sequence[str | None]
    ) -> bool:
        key, account, day, currency, amount = texts
        first = filled[0]
        if plain_name(first) in _TOTALS and {key, account, day} <= {None, first}:
            return True
        if any(each is not None and plain_name(each) in _TOTALS for each in (key, account)):
            return True
        if self._is_first and len(filled) > 2 and all(map(_COLUMN_NUMBER.fullmatch, filled)):
            return True
        has_day = self._kinds(cells)[1] or (day is not None and _DAY.search(day) is not None)
        has_amount = amount is not None and _DIGIT.search(amount) is not None
        named = [
            found
            for place in self._identity
            if (found := texts[place]) is not None
            and not _TOTAL.match(found)
            and not _NO_NAME.fullmatch(found)
            # A signature may stand in the column of days, or the name of a sum.
            and (place != 2 or has_day or _DIGIT.search(found) or (has_amount and account))
        ]
        if self._identity and not named:
            return True
        if has_amount or has_day:
            return False
        if currency is not None and currency_word(currency) in self._currencies:
            return False
        # A note or a heading, or the signatures below: they stand apart, or are one text of words.
        return self._after_gap or (len(filled) == 1 and " " in first and amount is None)

    def _no_line(
        self,
        count: int,
        number: int,
        cells: Sequence[object],
        filled: Sequence[str],
        texts: Sequence[str | None],
        is_above: bool,
    ) -> Line:
        """The row as what it is; its amount still shows how numbers are written."""
        amount = None if is_above else texts[4]
        day = None if is_above else texts[2]
        said = short(" | ".join(filled))
        return Line(count, number, None, None, day, None, amount, *self._kinds(cells), said, None)


def _fields(cells: Sequence[object], width: int) -> int:
    """How many fields a row of CSV has; empty ones beyond the header do not count."""
    count = len(cells)
    while count > width and not cells[count - 1]:
        count -= 1
    return count
