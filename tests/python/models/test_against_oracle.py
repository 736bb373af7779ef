"""Random landing folders through the real command: the plain-Python reference says the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import duckdb
import pytest
from support import proof
from support.comparing import (
    REFERENCE,
    all_exports,
    differences,
    in_steps,
    quality_differences,
)
from support.homes import LandingAndHome, build
from support.oracle import Oracle
from support.scenarios import write_same_rows_twice

PERIODS = [
    (date(2024, 1, 1), date(2024, 1, 31)),
    (date(2024, 2, 1), date(2024, 3, 3)),
    (date(2023, 1, 1), date(2025, 12, 31)),
]


@pytest.mark.proof
def test_reports_equal_the_reference(random_homes: list[LandingAndHome], tmp_path: Path) -> None:
    for landing, home in random_homes:
        reference = Oracle(landing, **REFERENCE)
        periods = PERIODS if proof.SOAK else PERIODS[1:]
        assert differences(home, reference, tmp_path / "x.csv", periods) == []
        proof.tried("landing folders through the real command, in one go")


@pytest.mark.proof
@pytest.mark.parametrize("number", range(proof.cases(test=1, soak=8)))
def test_neither_portions_nor_files_nor_formats_matter(
    place: Path, tmp_path: Path, number: int
) -> None:
    """The same rows in one go, and in other files, formats, columns and order in portions."""
    landings = (place / "one landing", place / "other landing")
    write_same_rows_twice(Random(f"{proof.SEED} {number}"), landings)
    reference = Oracle(landings[1], **REFERENCE)
    partners = sorted(reference.partners())[: proof.amount(test=3, soak=99)]
    one, many = place / "home", place / "portions"
    assert build(one, landings[0]) == 0
    for _ in in_steps(landings[1], place / "landing", proof.amount(test=2, soak=4)):
        assert build(many, place / "landing") == 0
    some = PERIODS if proof.SOAK else PERIODS[1:2]
    exports = [all_exports(home, tmp_path / "x.csv", partners, some) for home in (one, many)]
    assert exports[0] == exports[1]
    if proof.SOAK:
        assert differences(many, reference, tmp_path / "x.csv", some, exports[1]) == []
    with duckdb.connect(str(many / "published" / "marts.duckdb"), read_only=True) as connection:
        assert quality_differences(connection, reference) == []
    proof.tried("landing folders with the same rows in other files and formats, in portions")
