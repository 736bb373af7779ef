"""docs/bi.md keeps its word: its programs run, and its queries give the reports, row for row."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.homes import PROJECT
from support.published import write_published

from exporters.catalogue.conditions import BASES, CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.query import builder
from exporters.request.partners import all_partners
from exporters.request.report_request import Request
from exporters.warehouse.published import open_published, published_path

TEXT = (PROJECT / "docs" / "bi.md").read_text(encoding="utf-8")
QUERIES = dict(
    re.findall(r"^### ([a-z-]+)\n[^#]*?```sql\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
)
PERIODS = [
    (date(2024, 2, 1), date(2024, 2, 29)),
    (date(2024, 2, 7), date(2024, 3, 1)),
    (date(2024, 10, 1), date(2024, 10, 31)),
    # And this one with all conditions.
    (date(2024, 2, 5), date(2024, 10, 31)),
]


@pytest.fixture(scope="module")
def fixture_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small published file."""
    home: Path = tmp_path_factory.mktemp("published")
    write_published(home)
    return home


def on_page(report: str, basis: str, conditions: dict[str, str]) -> str:
    """A query of the page, changed as the page says."""
    sql = QUERIES[report]
    if basis == "posted":
        lines = [line for line in sql.splitlines() if not line.endswith("-- by event date only")]
        sql = "\n".join(lines).replace("event_date", "posted_date")
    head, last_where, tail = sql.rpartition("\nwhere\n")
    assert last_where
    columns = {"account": "service_account_id", "status": "statuses.status"}
    more = "".join(
        f"{columns.get(name, name)} = '{value}' and " for name, value in conditions.items()
    )
    return f"{head}{last_where}    {more}{tail.lstrip()}"


def requests(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Request, str]]:
    """Requests for all reports of all partners, each with the query of the page."""
    for report in REPORTS.values():
        choices: list[dict[str, str]] = [{}]
        for name in ("account_type", "subject", "status"):
            if name in report.conditions:
                values = [value for value in CONDITIONS[name].allowed if value != "both"]
                choices += [{name: value} for value in values]
        for partner in all_partners(connection):
            accounts = connection.execute(
                "select distinct service_account_id from ledger.partner_accounts "
                "where partner_id = ? order by all limit 2",
                [partner],
            ).fetchall()
            own = [{"account": account} for (account,) in accounts]
            if "account" not in report.conditions or report.id == "revenue-by-service":
                own = []
            for period in PERIODS:
                for basis in BASES.values():
                    for chosen in [*choices, *own] if period == PERIODS[-1] else [{}]:
                        typed = {
                            name: (value,) if CONDITIONS[name].many else value
                            for name, value in chosen.items()
                        }
                        request = Request(report, partner, *period, basis=basis, **typed)  # type: ignore[arg-type]
                        yield request, on_page(report.id, basis.name, chosen)


def test_there_is_a_query_for_each_report() -> None:
    assert list(QUERIES) == list(REPORTS)


@pytest.fixture(scope="module")
def random_home(random_homes: list[tuple[Path, Path]]) -> Path:
    """A home with whatever can happen to events and accounts."""
    return random_homes[0][1]


@pytest.mark.parametrize("which", ["fixture_home", "sample_home", "random_home"])
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


def test_the_queries_give_the_reports_in_a_1_x_client(
    sample_home: Path, python_duckdb_1: Path
) -> None:
    asked = []
    expected = []
    with open_published(sample_home) as connection:
        for request, sql in requests(connection):
            if (request.from_date, request.to_date) != PERIODS[-1]:
                continue
            export = builder.ordered(request)
            rows = connection.execute(export.sql, export.parameters).fetchall()
            expected.append([[None if cell is None else str(cell) for cell in row] for row in rows])
            asked.append((sql, {name: str(value) for name, value in parameters(request).items()}))
    script = """
import datetime, duckdb, json, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
found = []
for sql, given in json.load(sys.stdin):
    for name in given.keys() - {"partner"}:
        given[name] = datetime.date.fromisoformat(given[name])
    rows = connection.execute(sql, given).fetchall()
    found.append([[None if cell is None else str(cell) for cell in row] for row in rows])
json.dump({"version": duckdb.__version__, "found": found}, sys.stdout)
"""
    run = subprocess.run(
        [str(python_duckdb_1), "-c", script, str(published_path(sample_home))],
        input=json.dumps(asked), text=True, capture_output=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said["version"].startswith("1.5")
    for (sql, given), ours, theirs in zip(asked, expected, said["found"], strict=True):
        assert theirs == ours, (sql, given)
    assert sum(map(len, expected)) > 50


def parameters(request: Request) -> dict[str, object]:
    """What the queries of the page ask for."""
    return {
        "partner": request.partner,
        "from_date": request.from_date,
        "to_date": request.to_date,
    }


def test_the_programs_and_statements_run_in_both(
    sample_home: Path, python_duckdb_1: Path, tmp_path: Path
) -> None:
    (tmp_path / "var").symlink_to(sample_home)
    (program,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)
    statements = re.findall(r"```sql\n(.*?)```", TEXT.split("## A query for")[0], re.DOTALL)
    assert len(statements) == 3
    script = """
import duckdb, sys
attached, *comments = sys.argv[1:]
with duckdb.connect() as connection:
    assert len(connection.execute(attached).fetchall()) == 1
with duckdb.connect("var/published/marts.duckdb", read_only=True) as connection:
    for sql in comments:
        rows = connection.execute(sql).fetchall()
        assert len(rows) > 15 and all(all(row) for row in rows), rows
"""
    for python in (Path(sys.executable), python_duckdb_1):
        for source, words in ((program, []), (script, statements)):
            run = subprocess.run(
                [str(python), "-c", source, *words],
                cwd=tmp_path, text=True, capture_output=True,
            )  # fmt: skip
            assert run.returncode == 0, run.stderr
            assert run.stdout == (printed if source == program else "")
