"""The header of a statement, and the columns that are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exporters.errors import RequestError
from exporters.escaping import in_message, short
from exporters.reconciliation.reconcile.statement.cells import SPACE, Record, plain_name, text
from exporters.reconciliation.reconcile.statement.labels import ROLES

NO_COLUMN = "-"  # said in place of a column's name: the statement has none
HEADER_WITHIN = 20  # rows: exports have a title and conditions above their header
LISTED = 40  # columns or sheets named in a message


@dataclass(frozen=True)
class Wanted:
    """Which columns of a statement are looked for.

    Attributes:
        given: a role's column by name; `NO_COLUMN` where the statement is said to have none.
        names: for each other role the names by which its column is known, best first; what
            `plain_name` leaves out does not count.
        sheet: the title of the sheet that is looked at before the others.
    """

    given: Mapping[str, str]
    names: Mapping[str, Sequence[str]]
    sheet: str


@dataclass(frozen=True)
class Header:
    """The row that names the columns.

    Attributes:
        row: its number.
        names: the names of all columns, empty where a column has none.
        places: the place of the column of each role that has one.
    """

    row: int
    names: list[str]
    places: dict[str, int]

    @property
    def columns(self) -> dict[str, str]:
        """The name of the column of each role that has one."""
        return {role: self.names[place] for role, place in self.places.items()}


@dataclass(frozen=True)
class Opened:
    """A file of which the header was found.

    Attributes:
        header: the header.
        records: all rows of the file or sheet, those above the header too.
        sheet: the sheet of a workbook, None for CSV.
        other_sheets: the workbook's sheets that are not read.
    """

    header: Header
    records: Iterator[Record]
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()


def flag(role: str) -> str:
    """The option that names the column of a role."""
    return "--statement-account" if role == "account" else f"--{role}"


def find_header(top: list[Record], wanted: Wanted) -> Header | None:
    """The first of these rows that can be the header.

    Raises:
        RequestError: two columns of it have the name of one role.
    """
    given = {role for role, name in wanted.given.items() if name != NO_COLUMN}
    for number, cells in top:
        names = [text(cell) or "" for cell in cells]
        if sum(map(bool, names)) < 2:
            continue
        places = {
            role: place for role in ROLES if (place := _place(role, names, wanted)) is not None
        }
        if "amount" in places and given <= set(places):
            return Header(number, names, places)
    return None


def _place(role: str, names: list[str], wanted: Wanted) -> int | None:
    """The place of a role's column.

    Raises:
        RequestError: two columns have its name.
    """
    given = wanted.given.get(role)
    if given == NO_COLUMN:
        return None
    if given is not None:
        exactly = [place for place, name in enumerate(names) if name == given.strip(SPACE)]
        if len(exactly) == 1:
            return exactly[0]
    for known in wanted.names[role] if given is None else [given]:
        found = [place for place, name in enumerate(names) if plain_name(name) == plain_name(known)]
        if len(found) > 1:
            raise RequestError(
                f"two columns of the statement can be the {role} column: "
                f"{', '.join(repr(short(names[place])) for place in found)}; "
                f"name the right one with {flag(role)}, by a name that stands once"
            )
        if found:
            return found[0]
    return None


def width(top: list[Record]) -> int:
    """How many columns a file seems to have."""
    return max((sum(text(cell) is not None for cell in cells) for _, cells in top), default=0)


def no_header(path: Path, top: list[Record], wanted: Wanted) -> RequestError:
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
    lacking = [
        f"{flag(role)} {short(name)!r}"
        for role, name in wanted.given.items()
        if name != NO_COLUMN and name not in names and plain_name(name) not in present
    ]
    if lacking:
        what = f"no column {', '.join(lacking)}"
    else:
        what = (
            "no column for the amount (known are "
            f"{', '.join(dict.fromkeys(wanted.names['amount']))}; name another with --amount)"
        )
    hint = ""
    if columns == 1 and path.suffix.lower() == ".csv":
        hint = "; columns are separated by a comma, a semicolon or a tab"
    return RequestError(
        f"the statement {in_message(path)} has {what} in its first {HEADER_WITHIN} rows; "
        f"its columns are {', '.join(in_message(name) for name in names[:LISTED])}{hint}"
    )
