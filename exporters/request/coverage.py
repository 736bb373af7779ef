"""Which days have data, and warnings about periods that reach beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from exporters.catalogue.conditions import BASES
from exporters.catalogue.types import Basis
from exporters.i18n.language import ENGLISH, Language
from exporters.request.report_request import Request
from exporters.warehouse import published

if TYPE_CHECKING:
    import duckdb


def first_day(
    connection: duckdb.DuckDBPyConnection,
    partners: Sequence[str],
    basis: Basis = BASES["event"],
) -> date | None:
    """The day of the first entry of any of the partners; None when they have none."""
    day = basis.blanks["date"]
    row = connection.execute(
        f"""
        select least(
            (select min({day}) from reports.credit_movements where partner_id in $partners),
            (select min({day}) from reports.revenue_by_service where partner_id in $partners)
        ) as first_day
        """,
        {"partners": list(partners)},
    ).fetchone()
    return None if row is None else row[0]


def outside(
    connection: duckdb.DuckDBPyConnection, reports: Sequence[tuple[Request, int]]
) -> str | None:
    """A warning if the period lies wholly before or after the data, else None.

    `reports` are requests of one partner and period with the number of their rows.
    """
    request, _ = reports[0]
    # When the data begins takes a moment to look up, and rows show that it has begun; but a
    # discount is listed without any entry.
    has_begun = any(rows and "subject" not in each.report.conditions for each, rows in reports)
    return outside_of_all(
        connection,
        () if has_begun else [request.partner],
        (request.from_date, request.to_date),
        request.basis,
        request.language,
    )


def outside_of_all(
    connection: duckdb.DuckDBPyConnection,
    partners: Sequence[str],
    period: tuple[date, date],
    basis: Basis = BASES["event"],
    language: Language = ENGLISH,
) -> str | None:
    """The same warning for a period of several partners."""
    from_date, to_date = period
    _, version_at = published.version(connection)
    if from_date > version_at.date():
        return language.say(
            "The period begins after the data, which is as of {day}.",
            day=language.day(version_at.date()),
        )
    first = first_day(connection, partners, basis) if partners else None
    if first is not None and to_date < first:
        return language.say(
            "The period ends before the first entry, which is of {day}.", day=language.day(first)
        )
    return None


def before_first_entry(language: Language, since: date) -> str:
    """A warning for a comparison with days before the partner's first entry, on day `since`."""
    return language.say(
        "The first entry of the partner is of {day}: nothing is known of the days before it, and "
        "they count as 0.",
        day=language.day(since),
    )


def notes(connection: duckdb.DuckDBPyConnection, request: Request) -> list[str]:
    """Warnings about the earlier period of a compared request."""
    if request.earlier is None:
        return []
    since = first_day(connection, [request.partner], request.basis)
    if since is None or request.earlier[0] >= since:
        return []
    return [before_first_entry(request.language, since)]
