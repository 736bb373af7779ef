"""Rows whose amount is the sum of the rows before them: totals, which are no lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from exporters import sql
from exporters.query.amounts import DIGITS

if TYPE_CHECKING:
    import duckdb

_NOTHING = (Decimal(0), 0)


def has_unnamed(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a line of `statement` lacks its key, day or account, and so may be a total."""
    found = connection.execute(
        "select exists (select 1 from statement where is_line "
        "and (key is null or day is null or account is null))"
    ).fetchone()
    return found == (True,)


def take_out_totals(connection: duckdb.DuckDBPyConnection, roles: Collection[str]) -> None:
    """Let rows of `statement` be no lines that are totals or subtotals of the rows before them.

    `roles` are those for which the list has columns. A row can be a total that lacks its key, day
    or account, or that stands in a list without keys and days; and that has no key of the
    temporary table `known_names`, nor an account of it in place of a key. The sum is that of all
    lines of a currency, or of those since its last total; of two at least, unless the row lacks
    two things.
    """
    rows = sql.run(
        connection,
        sql.load(__file__, "sum_candidates.sql"),
        {f"has_{role}": role in roles for role in ("key", "date", "account")},
    ).fetchall()
    found: list[int] = []
    # Sum and number of candidates that are lines after all, and of the lines before the last total.
    more: dict[str, tuple[Decimal, int]] = defaultdict(lambda: _NOTHING)
    closed: dict[str, tuple[Decimal, int]] = defaultdict(lambda: _NOTHING)
    for id_, currency, amount, lacking, summed, total, count in rows:
        if found and found[-1] == id_:
            continue
        with localcontext(prec=DIGITS):
            all_before = (total + more[summed][0], count + more[summed][1])
            since = (all_before[0] - closed[summed][0], all_before[1] - closed[summed][1])
            least = 1 if lacking > 1 else 2
            if any(of >= least and value == amount for value, of in (all_before, since)):
                found.append(id_)
                closed[summed] = all_before
            elif currency is not None:
                more[summed] = (more[summed][0] + amount, more[summed][1] + 1)
    if found:
        sql.run(connection, sql.load(__file__, "no_lines.sql"), {"found": found})
