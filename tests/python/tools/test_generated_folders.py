"""The warehouse builds what `generate` writes: as it printed, and as the reference says."""

from __future__ import annotations

import contextlib
import io
import re
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from support.comparing import REFERENCE, differences
from support.homes import build
from support.oracle import Oracle

from exporters.cli import parser
from exporters.synthetic import generate
from exporters.synthetic.size import FEEDS, FIRST_DAY


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """A small folder of all feeds, the home built from it, and what the command printed."""
    folder: Path = tmp_path_factory.mktemp("small")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        options = [
            "--events", "2000", "--partners", "3", "--days", "20", "--seed", "3",
            "--output", str(folder / "landing"),
        ]  # fmt: skip
        assert generate.run(parser.parse(["generate", *options])) == 0
    assert build(folder / "home", folder / "landing") == 0
    return folder / "landing", folder / "home", printed.getvalue()


def test_a_build_counts_what_the_command_printed(built: tuple[Path, Path, str]) -> None:
    _, home, printed = built
    said = {
        match[1]: tuple(int(number.replace(",", "")) for number in match[2].split())
        for match in re.finditer(r"^(\w+)((?: +[0-9,]+){5})$", printed, re.MULTILINE)
    }
    with duckdb.connect(str(home / "published" / "marts.duckdb"), read_only=True) as connection:
        counted = {
            row[0]: row[1:]
            for row in connection.execute(
                """
                with unattributed as (
                    select feed, count(*) as events
                    from reports.unattributed_events
                    group by feed
                )

                select
                    batches.feed,
                    sum(row_count),
                    sum(accepted),
                    sum(rejected),
                    sum(ignored),
                    coalesce(any_value(unattributed.events), 0),
                from reports.batches
                left join unattributed on batches.feed = unattributed.feed
                group by batches.feed
                """
            ).fetchall()
        }
        statuses = {
            row[0] for row in connection.execute("select status from reports.discounts").fetchall()
        }
    assert said == counted
    assert set(said) == set(FEEDS)
    assert statuses == {
        "active", "expired", "revoked", "rejected", "awaiting_approval", "awaiting_active",
    }  # fmt: skip
    assert "2,000 distinct events (400 credits, 1,600 revenue)" in printed


def test_a_build_agrees_with_the_independent_reference(
    built: tuple[Path, Path, str], tmp_path: Path
) -> None:
    landing, home, _ = built
    first = FIRST_DAY
    periods = [(first + timedelta(days=9), first + timedelta(days=400))]
    reference = Oracle(landing, **REFERENCE)
    assert differences(home, reference, tmp_path / "export.csv", periods) == []
