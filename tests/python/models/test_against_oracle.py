"""Random landing folders through the real command: the plain-Python reference says the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest
from support import proof
from support.comparing import REFERENCE, all_exports, differences, in_steps
from support.homes import build
from support.oracle import Oracle
from support.scenarios import write_landing, write_same_rows_twice

PERIODS = [
    (date(2024, 1, 1), date(2024, 1, 31)),
    (date(2024, 2, 1), date(2024, 3, 3)),
    (date(2023, 1, 1), date(2025, 12, 31)),
]


@pytest.mark.proof
@pytest.mark.parametrize("number", range(proof.cases(test=1, soak=6)))
def test_reports_equal_the_reference(tmp_path: Path, number: int) -> None:
    """However it was built: in one go and batch by batch."""
    landing = tmp_path / "landing"
    write_landing(Random(f"{proof.SEED} {number}"), landing)
    reference = Oracle(landing, **REFERENCE)
    assert build(tmp_path / "one", landing) == 0
    assert differences(tmp_path / "one", reference, tmp_path / "x.csv", PERIODS) == []
    for _ in in_steps(landing, tmp_path / "portions", 3):
        assert build(tmp_path / "many", tmp_path / "portions") == 0
    assert differences(tmp_path / "many", reference, tmp_path / "x.csv", PERIODS) == []
    proof.tried("landing folders through the real command, in one go and in steps")


@pytest.mark.proof
@pytest.mark.parametrize("number", range(proof.cases(test=1, soak=5)))
def test_files_and_formats_do_not_matter(tmp_path: Path, number: int) -> None:
    """The same rows in other files, formats and columns, events in another order."""
    landings = (tmp_path / "landing-1", tmp_path / "landing-2")
    write_same_rows_twice(Random(f"{proof.SEED} {number}"), landings)
    partners = sorted(Oracle(landings[0], **REFERENCE).partners())
    exports = []
    for landing in landings:
        home = landing.with_name(f"home of {landing.name}")
        assert build(home, landing) == 0
        exports.append(all_exports(home, tmp_path / "x.csv", partners, PERIODS))
    assert exports[0] == exports[1]
    proof.tried("landing folders with the same rows in other files and formats")
