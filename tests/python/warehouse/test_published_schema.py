"""The fixture of the tests has the tables and columns of a real build, and no schema of its own."""

from __future__ import annotations

import os
from pathlib import Path

from support.published import SCHEMA, schema_of


def test_the_fixture_has_the_tables_that_a_build_publishes(sample_home: Path) -> None:
    """After a change of a mart: PARTNER_REPORTS_GOLDEN=write, and read the difference."""
    published = schema_of(sample_home / "published" / "marts.duckdb")
    if os.environ.get("PARTNER_REPORTS_GOLDEN") == "write":
        SCHEMA.write_text(published, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == published
