"""Random landing folders: every report equals the plain-Python reference, however it was built."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest
from comparing import REFERENCE, differences, in_steps
from conftest import build
from oracle import Oracle
from scenarios import write_landing

PERIODS = [
    (date(2024, 1, 1), date(2024, 1, 31)),
    (date(2024, 2, 1), date(2024, 3, 3)),
    (date(2023, 1, 1), date(2025, 12, 31)),
]


@pytest.mark.parametrize("seed", [1, 2])
def test_reports_equal_the_reference(tmp_path: Path, seed: int) -> None:
    landing = tmp_path / "landing"
    write_landing(Random(seed), landing)
    reference = Oracle(landing, **REFERENCE)
    assert build(tmp_path / "one", landing) == 0
    assert differences(tmp_path / "one", reference, tmp_path / "x.csv", PERIODS) == []
    for _ in in_steps(landing, tmp_path / "portions", 3):
        assert build(tmp_path / "many", tmp_path / "portions") == 0
    assert differences(tmp_path / "many", reference, tmp_path / "x.csv", PERIODS) == []
