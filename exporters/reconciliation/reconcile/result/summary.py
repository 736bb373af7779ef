"""The summary of a result on a terminal."""

from __future__ import annotations

from exporters.escaping import in_message
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


def show(result: Result) -> None:
    """Print the summary."""
    print("Reconciliation")
    for label, value in (("Partner", result.request.partner), *result.facts):
        print(f"{label}: {in_message(value)}")
    print()
    if result.lines:
        lines = [
            [
                LABELS[line.class_],
                line.currency or "",
                str(line.statement_rows),
                exact(line.statement),
                str(line.ledger_rows),
                exact(line.ledger),
                exact(line.difference),
                str(line.ambiguous or ""),
            ]
            for line in result.lines
        ]
        print(table(COLUMNS, lines))
        print("\nTotals: statement = ledger + differences")
        print(
            table(
                (("Currency", False), ("Statement", True), ("Ledger", True), ("Differences", True)),
                [[currency, *map(exact, values)] for currency, *values in result.totals()],
            )
        )
    for note in (result.verdict, *result.notes):
        print(in_message(note))
