"""The summary of a result on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from exporters.escaping import in_message
from exporters.i18n.language import N_
from exporters.query.amounts import exact
from exporters.reconciliation.reconcile.classes import LABELS
from exporters.reconciliation.reconcile.result.figures import Result
from exporters.terminal_table import table

# Headings and whether they are right-aligned.
COLUMNS = (
    (N_("Class"), False),
    (N_("Currency"), False),
    (N_("Rows in statement"), True),
    (N_("Statement"), True),
    (N_("Rows in ledger"), True),
    (N_("Ledger"), True),
    (N_("Difference"), True),
    (N_("Ambiguous"), True),
)
_TOTAL_COLUMNS = (
    (N_("Currency"), False),
    (N_("Statement"), True),
    (N_("Ledger"), True),
    (N_("Differences"), True),
)


def lines(result: Result) -> Iterator[str]:
    """The summary in the request's language, of which a line may be a whole table."""
    language = result.request.language
    say = language.say

    def said(columns: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
        return [(say(label), right) for label, right in columns]

    def shown(amount: Decimal) -> str:
        return language.grouped(exact(amount))

    yield say("Reconciliation")
    for label, value in ((say("Partner"), result.request.partner), *result.facts):
        yield f"{label}: {in_message(value)}"
    yield ""
    if result.lines:
        rows = [
            [
                say(LABELS[line.class_]),
                line.currency or "",
                line.statement_rows,
                shown(line.statement),
                line.ledger_rows,
                shown(line.ledger),
                shown(line.difference),
                line.ambiguous or "",
            ]
            for line in result.lines
        ]
        yield table(said(COLUMNS), rows)
        yield "\n" + say("Totals: statement = ledger + differences")
        totals = [[currency, *map(shown, values)] for currency, *values in result.totals()]
        yield table(said(_TOTAL_COLUMNS), totals)
    for note in (result.verdict, *result.notes):
        yield in_message(note)
