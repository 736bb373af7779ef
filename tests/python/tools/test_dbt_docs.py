"""`make docs`: dbt's documentation of every model and column."""

from __future__ import annotations

from pathlib import Path

from support.homes import SAMPLE, copied, dbt


def test_docs_are_made_without_a_warning(sample_home: Path, place: Path) -> None:
    _, home = copied((SAMPLE, sample_home), place)
    has_succeeded, printed = dbt(home, SAMPLE, "docs", "generate")
    assert has_succeeded, printed
    assert "WARN" not in printed.upper().replace("WARN=0", "")
    assert (home / "target" / "catalog.json").exists()
