"""The expected outcome of a build, counted while rows are written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """The rows of a feed by what a build makes of them, and its events by their case."""

    accepted: int = 0
    rejected: int = 0
    ignored: int = 0
    unattributed: int = 0
    cases: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """All rows of the files."""
        return self.accepted + self.rejected + self.ignored


def count_remainder(first: int, last: int, remainder: int, divisor: int) -> int:
    """How many numbers from `first` to before `last` leave the remainder."""
    return (last - remainder - 1) // divisor - (first - remainder - 1) // divisor
