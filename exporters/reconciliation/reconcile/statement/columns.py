"""The header of a statement, and the columns that are needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from exporters.catalogue.types import Report
from exporters.errors import RequestError
from exporters.escaping import in_message, short
from exporters.reconciliation.reconcile.statement import own
from exporters.reconciliation.reconcile.statement.cells import (
    SPACE,
    Record,
    currency_word,
    letters,
    plain_name,
    text,
    without_unit,
)
from exporters.reconciliation.reconcile.statement.labels import (
    MEASURE_OF,
    ROLES,
    measure_of,
    names_of_measure,
)
from exporters.reconciliation.reconcile.statement.reading import NO_COLUMN, Reading, flag

HEADER_WITHIN = 20  # rows: lists have a title and conditions above their header
LISTED = 40  # columns or sheets named in a message
_LETTERS = re.compile("[A-Z]{1,3}")
# Where a title says the currency of the whole list: "Đơn vị tính: VND".
_UNIT = re.compile(
    r".*\b(đơn vị(\s+tính)?|đvt|loại tiền|currency|währung)\s*:?\s*(?P<unit>[^\s()]+)\W*",
    re.IGNORECASE,
)


# The names of all columns: in full, as they stand in the last row of the header, in the first.
_Names: TypeAlias = tuple[list[str], list[str], list[str]]


@dataclass(frozen=True)
class Wanted:
    """What is looked for in a statement.

    Attributes:
        reading: what its user says of it.
        report: the report with which it is compared.
        names: for each role but the amount the names by which its column is known, best first;
            what `plain_name` leaves out does not count.
        measures: the amounts of the ledger that it may state, first the one meant by default.
        needed: the roles without which it cannot be compared.
        currencies: the code of each word for a currency.
        is_workbook: the statement is one.
    """

    reading: Reading
    report: Report
    names: Mapping[str, Sequence[str]]
    measures: tuple[str, ...]
    needed: tuple[str, ...]
    currencies: Mapping[str, str]
    is_workbook: bool

    @property
    def measure(self) -> str | None:
        """The measure that was said."""
        return None if self.reading.amount is None else MEASURE_OF[self.reading.amount]


@dataclass(frozen=True)
class Header:
    """The row that names the columns, or the two rows.

    Attributes:
        first: the number of its first row.
        row: the number of its last row.
        names: the names of all columns, empty where a column has none.
        places: the place of the column of each role that has one.
        measure: which amount of the ledger the amounts are.
        currency: the currency that stands beside the name of the amounts, or above.
        is_own: it is that of an export of ours.
    """

    first: int
    row: int
    names: list[str]
    places: dict[str, int]
    measure: str
    currency: str | None = None
    is_own: bool = False

    @property
    def columns(self) -> dict[str, str]:
        """The column of each role that has one, by its name; by its letter where that is not."""
        return {role: self.name_of(place) for role, place in self.places.items()}

    def name_of(self, place: int) -> str:
        """What a column can be named by."""
        name = self.names[place] if place < len(self.names) else ""
        return name if name and self.names.count(name) == 1 else letters(place)


@dataclass
class Seen:
    """What was met while rows were read, and is told.

    Attributes:
        hidden_columns, hidden_rows: places and numbers of what a sheet hides; it is read.
        unnamed: places of columns without a name in which something stands.
        below: the row from which on an export of ours has its totals.
    """

    hidden_columns: list[int] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    unnamed: set[int] = field(default_factory=set)
    below: int | None = None


@dataclass(frozen=True)
class Opened:
    """A file of which the header was found.

    Attributes:
        header: the header.
        records: all rows of the file or sheet, those above the header too.
        sheet: the sheet of a workbook, None for CSV.
        other_sheets: the workbook's sheets that are not read.
        seen: what is met while `records` are read.
    """

    header: Header
    records: Iterator[Record]
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    seen: Seen = field(default_factory=Seen)


def find_header(top: Sequence[Record], wanted: Wanted) -> Header | None:
    """The first of these rows, alone or with the next one, that can be the header.

    Raises:
        RequestError: two columns of it have the name of one role.
    """
    for place, (number, cells) in enumerate(top):
        names = [text(cell) or "" for cell in cells]
        if sum(map(bool, names)) < 2:
            continue
        second = top[place + 1] if place + 1 < len(top) else None
        if second is not None and _goes_on(names, second[1]):
            header = _header((number, second[0]), _joined(names, second[1]), wanted)
            if header is not None:
                return _with_currency(header, top[:place], wanted)
        header = _header((number, number), (names, names, names), wanted)
        if header is not None:
            return _with_currency(header, top[:place], wanted)
    return None


def _with_currency(header: Header, above: Sequence[Record], wanted: Wanted) -> Header:
    """The header with the currency that a title says, where its amounts have none."""
    if header.currency is not None:
        return header
    for _, cells in above:
        for cell in cells:
            found = _UNIT.fullmatch(text(cell) or "")
            currency = wanted.currencies.get(currency_word(found["unit"])) if found else None
            if currency is not None:
                return replace(header, currency=currency)
    return header


def _goes_on(names: Sequence[str], cells: Sequence[object]) -> bool:
    """Whether a row names columns below a row with `names`: parts of what stands over several."""
    filled = [place for place, cell in enumerate(cells) if text(cell) is not None]
    under_empty = [place for place in filled if place >= len(names) or not names[place]]
    left = [place for place, name in enumerate(names) if name and place not in filled]
    words = [isinstance(cells[place], str) and _is_words(str(cells[place])) for place in filled]
    return bool(under_empty and left) and all(words)


def _is_words(cell: str) -> bool:
    return not re.search("[0-9]", cell) and any(map(str.isalpha, cell))


def _joined(names: Sequence[str], cells: Sequence[object]) -> _Names:
    """The names of columns over two rows."""
    full, lower, above = [], [], []
    over = ""
    for place in range(max(len(names), len(cells))):
        upper = names[place] if place < len(names) else ""
        own_name = (text(cells[place]) if place < len(cells) else None) or ""
        over = upper or (over if own_name else "")
        full.append(f"{over} {own_name}".strip())
        lower.append(own_name or upper)
        above.append(over)
    return full, lower, above


def _header(rows: tuple[int, int], spelled: _Names, wanted: Wanted) -> Header | None:
    """The header with these names, if it has the columns that are needed.

    Raises:
        RequestError: two columns have the name of one role.
    """
    names, lower, _ = spelled
    given = wanted.reading.columns
    default = wanted.measure or wanted.measures[0]
    of_export = own.places(wanted.report, names, default, wanted.is_workbook)
    places: dict[str, int] = {}
    for role in ROLES[:-1]:
        if given.get(role) == NO_COLUMN:
            continue
        if of_export is not None and role not in given:
            place = of_export.get(role)
        else:
            known = wanted.names[role] if role not in given else [given[role]]
            place = _place(role, known, names, lower, wanted)
        if place is not None:
            places[role] = place
    if of_export is not None and "amount" not in given:
        amount: tuple[int, str] | None = (of_export["amount"], default)
    else:
        amount = _amount(names, lower, wanted)
    said = {role for role, name in given.items() if name != NO_COLUMN}
    if amount is None or not said <= {*places, "amount"}:
        return None
    places["amount"], measure = amount
    if not set(wanted.needed) <= places.keys():
        return None
    units = [without_unit(each[places["amount"]], wanted.currencies)[1] for each in spelled]
    currency = next(filter(None, units), None)
    return Header(*rows, names, places, measure, currency, of_export is not None)


def _amount(names: list[str], lower: list[str], wanted: Wanted) -> tuple[int, str] | None:
    """The place of the amounts, and which of the ledger's they are.

    Raises:
        RequestError: two columns can be that.
    """

    def place_of(known: Sequence[str]) -> int | None:
        return _place("amount", known, names, lower, wanted)

    given = wanted.reading.columns.get("amount")
    if given is not None:
        place = place_of([given])
        if place is None:
            return None
        label, _ = without_unit(lower[place], wanted.currencies)
        return place, wanted.measure or measure_of(label, wanted.measures)
    if wanted.measure is not None:
        place = place_of([*names_of_measure(wanted.measure), *names_of_measure("amount")])
        return None if place is None else (place, wanted.measure)
    found = []
    for measure in wanted.measures:
        place = place_of(names_of_measure(measure))
        if place is not None:
            found.append((place, measure))
            if measure == wanted.measures[0]:
                break
    if len(found) > 1 and found[-1][1] != wanted.measures[0] and found[0][1] != wanted.measures[0]:
        columns = ", ".join(repr(short(names[place])) for place, _ in found)
        raise RequestError(
            f"the statement has several amounts, and none of them is known to be "
            f"{wanted.measures[0].replace('_', ' ')}: {columns}; say what is compared with "
            f"--amount {'|'.join(MEASURE_OF)} or name the column with {flag('amount')}"
        )
    return found[0] if found else None


def _place(
    role: str, known: Sequence[str], names: list[str], lower: list[str], wanted: Wanted
) -> int | None:
    """The place of the column of a role, which has one of the `known` names.

    Raises:
        RequestError: two columns have the same one.
    """
    is_given = role in wanted.reading.columns
    if is_given:
        exactly = [place for place, name in enumerate(names) if name == known[0].strip(SPACE)]
        if len(exactly) == 1:
            return exactly[0]
    spellings = [names, lower]
    if role == "amount":
        spellings += [
            [without_unit(name, wanted.currencies)[0] for name in each] for each in spellings
        ]
    for name in map(plain_name, known):
        found = next(filter(None, (_places_of(name, each) for each in spellings)), [])
        if len(found) > 1 and name:
            columns = ", ".join(f"{short(names[place])!r} ({letters(place)})" for place in found)
            ways = " or ".join(f"{flag(role)} {letters(place)}" for place in found)
            raise RequestError(
                f"two columns of the statement can be the {role} column: {columns}; "
                f"say which it is with {ways}"
            )
        if found and name:
            return found[0]
    if is_given and _LETTERS.fullmatch(known[0]):
        return next((place for place in range(len(names)) if letters(place) == known[0]), None)
    return None


def _places_of(name: str, names: Sequence[str]) -> list[int]:
    """The places where a plain name stands."""
    return [place for place, each in enumerate(names) if each and plain_name(each) == name]


def width(top: Sequence[Record]) -> int:
    """How many columns a file seems to have."""
    return max((sum(text(cell) is not None for cell in cells) for _, cells in top), default=0)


def no_header(path: Path, top: Sequence[Record], wanted: Wanted) -> RequestError:
    """What is said when none of these rows can be the header."""
    if not any(plain_name(text(cell) or "") for _, cells in top for cell in cells):
        return RequestError(f"the statement {in_message(path)} has no rows")
    columns = width(top)
    names = next(
        [name for cell in cells if (name := text(cell))]
        for _, cells in top
        if sum(text(cell) is not None for cell in cells) == columns
    )
    present = {plain_name(name) for name in names}
    given = wanted.reading.columns
    lacking = [
        f"{flag(role)} {short(name)!r}"
        for role, name in given.items()
        if name != NO_COLUMN and name not in names and plain_name(name) not in present
    ]
    if lacking:
        what = f"no column {', '.join(lacking)}"
    else:
        what = " and ".join(
            f"no column for the {role} (known are {', '.join(dict.fromkeys(known))}; name another "
            f"with {flag(role)})"
            for role in wanted.needed
            if role not in given and (known := _known(role, wanted))
        )
    hint = ""
    if columns == 1 and path.suffix.lower() == ".csv":
        hint = "; columns are separated by a comma, a semicolon or a tab"
    return RequestError(
        f"the statement {in_message(path)} has {what or 'no header'} in its first "
        f"{HEADER_WITHIN} rows; its columns are "
        f"{', '.join(in_message(name) for name in names[:LISTED])}{hint}"
    )


def _known(role: str, wanted: Wanted) -> list[str]:
    """The names by which the column of a role is known."""
    if role != "amount":
        return list(wanted.names[role])
    measures = wanted.measures if wanted.measure is None else (wanted.measure,)
    return [name for measure in measures for name in names_of_measure(measure)]
