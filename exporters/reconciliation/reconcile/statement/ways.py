"""The ways in which numbers and days are written, and which of them a column is written in."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING

from exporters import sql
from exporters.errors import RequestError
from exporters.escaping import in_message

if TYPE_CHECKING:
    import duckdb

AUTO = "auto"

_DECIMALS = "[0-9]{1,12}0*"  # further digits would be rounded away


def _grouped(mark: str, point: str) -> str:
    return f"([1-9][0-9]{{0,2}}([{mark}][0-9]{{3}})+|[0-9]+)([{point}]{_DECIMALS})?"


def _number(pattern: str, mark: str, point: str) -> str:
    """SQL for an amount of `statement_amounts`, null where it is not written so."""
    return (
        f"case when regexp_full_match(digits, '{pattern}') then cast(try_cast("
        f"sign || replace(replace(digits, '{mark}', ''), '{point}', '.') as decimal(30, 12)) "
        "as decimal(38, 12)) end"
    )


# By name, SQL that reads the columns `sign` and `digits`; an earlier one is taken before others
# that say the same.
NUMBERS = {
    "1234.56": _number(f"[0-9]+([.]{_DECIMALS})?", "", "."),
    "1.234,56": _number(_grouped(".", ","), ".", ","),
    "1,234.56": _number(_grouped(",", "."), ",", "."),
    "1 234,56": _number(_grouped(" ", ","), " ", ","),
}
# What reads all that another way reads, and the same.
_COVERS = {"1,234.56": {"1,234.56", "1234.56"}}
# Likewise the column `date`; the macros are those of macros.sql.
DATE_FORMATS = {
    "yyyy-mm-dd": "iso_day(date, $zone)",
    "dd/mm/yyyy": r"numeric_day(date, '[/-]', '\3-\2-\1')",
    "mm/dd/yyyy": r"numeric_day(date, '[/-]', '\3-\1-\2')",
    "dd.mm.yyyy": r"numeric_day(date, '[.]', '\3-\2-\1')",
}


def choose(
    connection: duckdb.DuckDBPyConnection,
    texts: str,
    ways: Mapping[str, str],
    parameters: Mapping[str, object],
    column: str,
    flag: str,
) -> tuple[str, str]:
    """The one of `ways` that reads most values of a column; and what reads next month's likewise.

    The latter is `AUTO` where several ways say the same of all values.

    `texts` is a relation with `id`, `row`, `text` and what the ways read, a row for each value.
    `column` says in a message which column of what it is, and `flag` how to say the way.

    Raises:
        RequestError: two ways read equally many values, and one of them differently.
    """
    places = {name: f"way_{place}" for place, name in enumerate(ways)}
    readings = ", ".join(f"{ways[name]} as {place}" for name, place in places.items())
    sql.run(
        connection,
        f"create or replace temp table readings as select id, row, text, {readings} from {texts}",
        parameters,
    )
    counts = connection.execute(
        f"select {', '.join(f'count({place})' for place in places.values())} from readings"
    ).fetchone()
    assert counts is not None
    most = max(counts)
    best = [name for name, count in zip(ways, counts, strict=True) if count == most]
    for one, other in combinations(best, 2) if most else ():
        found = connection.execute(
            f"""
            select row, left(text, 60), {places[one]}, {places[other]}
            from readings
            where {places[one]} is distinct from {places[other]}
            order by id
            limit 1
            """
        ).fetchone()
        if found is None:
            continue
        row, text, *read = found
        as_text = [_shown(value) for value in read]
        said = [f"{flag} {shlex.quote(name)}" for name in (one, other)]
        raise RequestError(
            f"{column}, row {row}: '{in_message(text)}' is {as_text[0]} where it is written "
            f"{one}, and {as_text[1]} where it is written {other}; as many values of the column "
            f"can be read in either way. Say which it is with {said[0]} or {said[1]}"
        )
    connection.execute("drop table readings")
    if not most:
        return best[0], AUTO
    kept = next((name for name in best if set(best) <= _COVERS.get(name, {name})), AUTO)
    return best[0], kept


def _shown(value: object) -> str:
    """A reading in a message."""
    if value is None:
        return "unreadable"
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
