"""How a list is read, as its user says it: by options, or by a mapping kept from last month."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exporters.errors import RequestError
from exporters.escaping import explained, in_message, short
from exporters.files import whole_file
from exporters.reconciliation.reconcile.statement.labels import MEASURE_OF, ROLES
from exporters.reconciliation.reconcile.statement.ways import AUTO, DATE_FORMATS, NUMBERS
from exporters.request.names import unknown_name

NO_COLUMN = "-"  # said in place of a column's name: the list has none
ENDINGS = (".csv", ".xlsx")
# What can be said of a list, by the names of the options; all of it is text.
COLUMNS = {f"{role}-column": role for role in ROLES}
SETTINGS = ("sheet", *COLUMNS, "numbers", "date-format", "currency", "amount")
_ALLOWED = {
    "numbers": (AUTO, *NUMBERS),
    "date-format": (AUTO, *DATE_FORMATS),
    "amount": tuple(MEASURE_OF),
}


@dataclass(frozen=True)
class Reading:
    """How a list is read; what is not said is found out.

    Attributes:
        columns: a role's column by name or letter; `NO_COLUMN` where there is none.
        sheet: the title of a workbook's sheet.
        numbers, date_format: a way of `NUMBERS` and of `DATE_FORMATS`, or `AUTO`.
        currency: that of the whole list, as a code or in one of the words for it.
        amount: of revenue, which measure is compared (`MEASURE_OF`).
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    numbers: str = AUTO
    date_format: str = AUTO
    currency: str | None = None
    amount: str | None = None


def flag(role: str) -> str:
    """The option that names the column of a role."""
    return f"--{role}-column"


def reading_of(given: Mapping[str, str | None], mapping: Path | None) -> Reading:
    """What was said on the command line, by names of `SETTINGS`, before what a mapping says.

    Raises:
        RequestError: a value is not allowed, or the mapping cannot be read.
    """
    said = {} if mapping is None else _load(mapping)
    for name, value in given.items():
        if value is not None:
            _check(name, value, f"--{name}")
            said[name] = value
    return Reading(
        columns={role: said[name] for name, role in COLUMNS.items() if name in said},
        sheet=said.get("sheet"),
        numbers=said.get("numbers", AUTO),
        date_format=said.get("date-format", AUTO),
        currency=said.get("currency"),
        amount=said.get("amount"),
    )


def save(reading: Reading, path: Path) -> None:
    """Write a mapping, from which `reading_of` makes the same reading again."""
    said = {
        "sheet": reading.sheet,
        **{name: reading.columns.get(role) for name, role in COLUMNS.items()},
        "numbers": reading.numbers,
        "date-format": reading.date_format,
        "currency": reading.currency,
        "amount": reading.amount,
    }
    lines = [f"{name} = {_quoted(value)}\n" for name, value in said.items() if value is not None]
    with whole_file(path) as temporary:
        temporary.write_text(
            "# How a partner's list is read: partner-reports reconcile --mapping FILE\n"
            + "".join(lines),
            encoding="utf-8",
        )


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def check_file(path: Path) -> None:
    """Check what can be checked of the list's file before it is read.

    Raises:
        RequestError: the file is not there, is a folder or has another ending.
    """
    if path.suffix.lower() not in ENDINGS:
        raise RequestError(
            f"unknown file ending {short(path.suffix)!r} of --statement {short(str(path))!r}: "
            f"allowed are {', '.join(ENDINGS)}"
        )
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise RequestError(f"--statement {short(str(path))!r} {what}; name a file")


def _load(path: Path) -> dict[str, str]:
    """What a mapping says.

    Raises:
        RequestError: it cannot be read, or says something that nobody knows.
    """
    of = f"of the mapping {in_message(path)}"
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RequestError(
            f"--mapping {in_message(path)} cannot be read: {explained(error)}"
        ) from error
    except UnicodeDecodeError as error:
        raise RequestError(f"--mapping {in_message(path)} is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise RequestError(f"--mapping {in_message(path)} is no TOML: {error}") from error
    for name, value in said.items():
        if name not in SETTINGS:
            raise RequestError(unknown_name("key", name, SETTINGS, f" {of}"))
        if not isinstance(value, str) or not value.strip():
            raise RequestError(
                f"{name} {of} is {in_message(value)!r}: it must be a text in quotation marks"
            )
        _check(name, value, f"value {of}, {name}")
    return said


def _check(name: str, value: str, where: str) -> None:
    """Check a value that was said of a list.

    Raises:
        RequestError: it is not allowed; `where` says whose it is.
    """
    if name == "amount-column" and value == NO_COLUMN:
        raise RequestError(f"{where} - is not possible: a statement has amounts")
    allowed = _ALLOWED.get(name)
    if allowed is not None and value not in allowed:
        raise RequestError(unknown_name(where, value, allowed))
    if not value.strip():
        raise RequestError(f"{where} is empty")
