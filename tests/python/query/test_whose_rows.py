"""The exports of all partners together are the ledger; one account at a time gives them too."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import localcontext
from pathlib import Path
from random import Random

import pytest
from support.comparing import REFERENCE
from support.homes import LandingAndHome
from support.hostile import ALWAYS
from support.oracle import Oracle
from support.proof import SEED, amount
from support.whose import assert_accounts_stay_apart, assert_exports_are_the_ledger


@pytest.mark.proof
def test_exports_of_any_ledger_together_are_that_ledger(
    random_homes: list[LandingAndHome], tmp_path: Path
) -> None:
    """Accounts that move between partners, late and tied records, corrections, voids."""
    for number, (landing, home) in enumerate(random_homes):
        rng = Random(SEED * 1_000 + 500 + number)
        reference = Oracle(landing, **REFERENCE)
        start = date(2024, 1, 28) + timedelta(rng.randrange(60))
        periods = [ALWAYS, (start, start + timedelta(rng.randrange(40)))]
        partners = sorted(reference.partners())
        with localcontext(prec=60):
            assert_exports_are_the_ledger(home, reference, tmp_path / "o.csv", periods, partners)
            some = rng.sample(partners, amount(1, len(partners)))
            assert_accounts_stay_apart(home, reference, tmp_path / "o.csv", some, rng)
