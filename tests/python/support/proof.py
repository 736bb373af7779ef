"""How much the proofs try: a bounded number in `make test`, many more in `make soak`.

Every proof counts what it tried; the run ends with one summary of these figures.
"""

from __future__ import annotations

import os
from collections import Counter
from random import SystemRandom

# 0 in `make test`; in `make soak` 1, or how many times as many cases.
SOAK = int(os.environ.get("PARTNER_REPORTS_SOAK") or 0)
# `make test` tries the same every time; `make soak` something new, or what it is told to repeat.
SEED = int(
    os.environ.get("PARTNER_REPORTS_SEED") or (SystemRandom().randrange(10**9) if SOAK else 0)
)
# Processes that share the work of one run share its seed.
os.environ["PARTNER_REPORTS_SEED"] = str(SEED)

_tried: Counter[str] = Counter()


def amount(test: int, soak: int) -> int:
    """The number of cases to try: `test` in `make test`, `soak` in `make soak`."""
    return soak if SOAK else test


def cases(test: int, soak: int) -> int:
    """The same for cases that there can be any number of: more in a longer soak."""
    return soak * SOAK if SOAK else test


def tried(what: str, number: int = 1) -> None:
    """Count `number` cases of a kind, such as "builds killed", that were tried and checked."""
    _tried[what] += number


def counts() -> dict[str, int]:
    """What this process has tried."""
    return dict(_tried)


def summary(failures: int) -> list[str]:
    """The lines of the summary; none when no proof has run."""
    if not _tried:
        return []
    lines = [f"{what}: {number:,}" for what, number in sorted(_tried.items())]
    return [f"seed: {SEED}", *lines, f"failures: {failures}"]
