"""A line of a bridge: a measure as posted, the four steps, and as restated."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exporters.catalogue.types import Column, Kind

AS_POSTED = Column(
    "as_posted", "As posted", Kind.MONEY, "What was posted in the month: what the reports said."
)
STEPS = (
    Column(
        "late_events",
        "Late events",
        Kind.MONEY,
        "Events that belong to the month and were posted later; they are added.",
    ),
    Column(
        "late_corrections",
        "Late corrections",
        Kind.MONEY,
        "Corrections and voids of events of the month, posted later; they are added.",
    ),
    Column(
        "earlier_events",
        "Earlier events",
        Kind.MONEY,
        "Events of earlier months, posted in this one; they are taken out.",
    ),
    Column(
        "earlier_corrections",
        "Earlier corrections",
        Kind.MONEY,
        "Corrections and voids of events of earlier months, posted in this one; taken out.",
    ),
)
RESTATED = Column(
    "restated", "Restated", Kind.MONEY, "The month as it is now: the five columns before, added up."
)

AMOUNTS = (AS_POSTED, *STEPS, RESTATED)


@dataclass(frozen=True)
class Line:
    """The bridge of one measure over all accounts: one line of the summary.

    Attributes:
        ledger: `credits` or `revenue`.
        currency: ISO 4217 code.
        measure: the column of the reports.
        amounts: as posted, the four steps and restated, exact.
    """

    ledger: str
    currency: str
    measure: Column
    amounts: tuple[Decimal, ...]
