"""The size of a landing folder: events, partners, days; and its dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from exporters.errors import RequestError

FEEDS = ("accounts", "credits", "discounts", "revenue", "focus")
LARGEST = {"events": 1_000_000_000, "partners": 100_000, "days": 3_660, "seed": 2**63 - 1}

# A Monday near the end of a month, so that even 20 days reach over its close.
FIRST_DAY = date(2024, 1, 22)
CUSTOMERS_PER_PARTNER = 20


@dataclass(frozen=True)
class Size:
    """How large a landing folder is to be, and the seed of its values."""

    events: int
    partners: int
    days: int
    seed: int

    @property
    def credits(self) -> int:
        """Distinct events of the credits feed."""
        return self.events // 5

    @property
    def revenue(self) -> int:
        """Distinct events of the revenue feed."""
        return self.events - self.credits

    @property
    def customers(self) -> int:
        """Service accounts of customers."""
        return self.partners * CUSTOMERS_PER_PARTNER

    @property
    def blanks(self) -> dict[str, int]:
        """Values for the blanks of queries."""
        return {
            "partners": self.partners,
            "customers": self.customers,
            "days": self.days,
            "seed": self.seed,
        }


def whole_number(name: str, text: str) -> int:
    """The value of an option of `LARGEST`, from its text.

    Raises:
        RequestError: it is not a whole number within its bounds.
    """
    smallest, largest = 0 if name == "seed" else 1, LARGEST[name]
    if re.fullmatch("[0-9]{1,19}", text) and smallest <= int(text) <= largest:
        return int(text)
    raise RequestError(f"--{name} {text!r} is not a whole number from {smallest} to {largest:,}")


def date_of(day: int) -> date:
    """The date of a day, counted from 0."""
    return FIRST_DAY + timedelta(days=day)
