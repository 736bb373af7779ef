"""docs/bi.md keeps its word: its programs run, and its queries give the reports, row for row."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.bi import QUERIES, parameters, requests
from support.published import write_published

from exporters.catalogue.reports import REPORTS
from exporters.query import builder
from exporters.warehouse.published import open_published


@pytest.fixture(scope="module")
def fixture_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small published file."""
    home: Path = tmp_path_factory.mktemp("published")
    write_published(home)
    return home


def test_there_is_a_query_for_each_report() -> None:
    assert list(QUERIES) == list(REPORTS)


@pytest.fixture(scope="module")
def random_home(random_homes: list[tuple[Path, Path]]) -> Path:
    """A home with whatever can happen to events and accounts."""
    return random_homes[0][1]


@pytest.mark.parametrize("which", ["fixture_home", "random_home"])
def test_the_queries_give_the_reports(which: str, request: pytest.FixtureRequest) -> None:
    """Both bases, all conditions; the same columns, rows and order as an export."""
    home: Path = request.getfixturevalue(which)
    rows = 0
    with open_published(home) as connection:
        for asked, sql in requests(connection):
            export = builder.ordered(asked)
            expected = connection.execute(export.sql, export.parameters).fetchall()
            got = connection.execute(sql, parameters(asked)).fetchall()
            names = [column[0] for column in connection.description or ()]
            assert names == [column.name for column in asked.report.columns]
            assert got == expected, (asked, sql)
            rows += len(got)
    assert rows > 200
