"""What was checked between the totals of reports."""

from __future__ import annotations

from collections.abc import Sequence

from exporters.excel.control_sheet import Section
from exporters.i18n.language import Language
from exporters.query.identities import Checked


def section(language: Language, checked: Sequence[Checked]) -> Section:
    """A line for each equation between totals, those that do not hold as alerts."""
    say = language.say
    return Section(
        say("Checked"),
        (
            say(
                "Every sheet was read again after it was written: its rows and their sums are "
                "those of the ledger."
            ),
            *((say("These totals of all rows must be equal:"),) if checked else ()),
        ),
        {
            "A": say("Result"),
            "C": say("Currency"),
            "E": say("Left side"),
            "F": say("Right side"),
            "G": say("Difference"),
            "H": say("What must be equal"),
        },
        [
            {
                "A": say("differs") if each.difference else say("equal"),
                "C": each.currency,
                "E": each.left,
                "F": each.right,
                "G": each.difference,
                "H": say(each.words),
            }
            for each in checked
        ],
        frozenset(place for place, each in enumerate(checked) if each.difference),
    )
