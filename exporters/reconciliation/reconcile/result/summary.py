"""The summary of a result on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from exporters.escaping import in_message
from exporters.i18n.language import ENGLISH
from exporters.query.amounts import exact
from exporters.reconciliation.reconcile.classes import LABELS
from exporters.reconciliation.reconcile.result.figures import Result
from exporters.terminal_table import table

# Headings and whether they are right-aligned.
COLUMNS = (
    ("Class", False),
    ("Currency", False),
    ("Rows in statement", True),
    ("Statement", True),
    ("Rows in ledger", True),
    ("Ledger", True),
    ("Difference", True),
    ("Ambiguous", True),
)
_TOTAL_COLUMNS = (
    ("Currency", False),
    ("Statement", True),
    ("Ledger", True),
    ("Differences", True),
)


def lines(result: Result) -> Iterator[str]:
    """The summary, of which a line may be a whole table."""
    yield "Reconciliation"
    for label, value in (("Partner", result.request.partner), *result.facts):
        yield f"{label}: {in_message(value)}"
    yield ""
    if result.lines:
        rows = [
            [
                LABELS[line.class_],
                line.currency or "",
                line.statement_rows,
                _amount(line.statement),
                line.ledger_rows,
                _amount(line.ledger),
                _amount(line.difference),
                line.ambiguous or "",
            ]
            for line in result.lines
        ]
        yield table(COLUMNS, rows)
        yield "\nTotals: statement = ledger + differences"
        totals = [[currency, *map(_amount, values)] for currency, *values in result.totals()]
        yield table(_TOTAL_COLUMNS, totals)
    for note in (result.verdict, *result.notes):
        yield in_message(note)


def _amount(value: Decimal) -> str:
    return ENGLISH.grouped(exact(value))
