"""The workbook of a bridge: summary, rows, and every entry behind the steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.catalogue.types import Column
from exporters.excel import workbook
from exporters.i18n.language import N_, Language
from exporters.reconciliation.bridge import summary
from exporters.reconciliation.bridge.lines import STEPS, Line
from exporters.reconciliation.bridge.tables import (
    BRIDGE,
    CREDIT_ENTRIES,
    CREDIT_MEASURES,
    REVENUE_ENTRIES,
    REVENUE_MEASURES,
)
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb
    from openpyxl.worksheet.worksheet import Worksheet

    from exporters.excel.content import About, Content

_BOTH_LATEST = N_(
    "Accounts, names, rates, cost and margin follow the latest records in every column: "
    "accounts as known on {accounts}, discounts as known on {discounts}."
)
_OPENING = N_(
    "To open an amount of the bridge, filter by step, account, currency and, for credits, wallet "
    "and measure. Amounts have the sign with which they count there."
)
_NOTES = {
    BRIDGE: N_("Totals per currency and measure are on sheet Summary."),
    CREDIT_ENTRIES: N_("Totals are what the month is now less what was posted in it."),
    REVENUE_ENTRIES: N_("Totals are what the month is now less what was posted in it."),
}


def write(
    connection: duckdb.DuckDBPyConnection, request: Request, lines: Sequence[Line], path: Path
) -> int:
    """Write the workbook of a prepared bridge, whose totals are `lines`; its number of rows."""
    language = request.language
    request = replace(request, language=_labelled(language))
    month = "; ".join(f"{label}: {value}" for label, value in request.in_words())
    latest = language.say(_BOTH_LATEST, **known_on(connection, language))
    contents = [
        workbook.content_of(
            connection,
            replace(request, report=report),
            words=[month, latest if report is BRIDGE else language.say(_OPENING)],
            notes=[language.say(note)],
        )
        for report, note in _NOTES.items()
    ]

    def fill(sheet: Worksheet, about: About, contents: Sequence[Content]) -> None:
        summary.write(sheet, about, [month, latest], lines, contents)

    about = workbook.about_partner(connection, request.partner, language)
    workbook.write_contents(connection, about, contents, path, first=(N_("Summary"), fill))
    return contents[0].totals.rows


def _labelled(language: Language) -> Language:
    """The language with the labels of steps and measures, which rows have by name, as words."""

    def labels(columns: Iterable[Column]) -> dict[str, str]:
        return {column.name: language.say(column.label) for column in columns}

    measures = labels((*CREDIT_MEASURES, *REVENUE_MEASURES))
    words = {**language.words, "step": labels(STEPS), "measure": measures}
    return replace(language, words=words)


def known_on(connection: duckdb.DuckDBPyConnection, language: Language) -> dict[str, object]:
    """The days of the latest records that decide whose an entry is and what it costs."""
    row = connection.execute(
        """
        select
            max(recorded_date) filter (where feed in ('accounts', 'focus')) as accounts,
            max(recorded_date) filter (where feed = 'discounts') as discounts
        from reports.batches
        """
    ).fetchone()
    days = zip(("accounts", "discounts"), row or (None, None), strict=True)
    return {feed: language.day(day) if day else language.say("no day yet") for feed, day in days}
