"""BI tools still ship the drivers of DuckDB 1: they read what is published."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.bi import PERIODS, TEXT, parameters, requests
from support.homes import PROJECT, shared

from exporters.query import builder
from exporters.warehouse.published import open_published, published_path


@pytest.fixture(scope="session")
def python_duckdb_1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the DuckDB of BI tools, in an environment of its own."""
    environment = PROJECT / ".venv-duckdb-1"
    python = environment / "bin" / "python"

    def make(place: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "duckdb==1.5.*"],
            check=True, capture_output=True,
        )  # fmt: skip

    shared(tmp_path_factory, "duckdb-1", make)
    return python


def test_a_1_x_client_reads_the_published_file(sample_home: Path, python_duckdb_1: Path) -> None:
    """BI tools still ship the drivers of DuckDB 1; views and comments work there too."""
    script = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
assert duckdb.__version__.startswith("1.5"), duckdb.__version__
for schema, name in con.execute(
    "select table_schema, table_name from information_schema.tables "
    "where table_schema = 'reports' order by all").fetchall():
    print(name, con.execute(f'select count(*) from {schema}.{name}').fetchone()[0])
print(con.execute("select comment from duckdb_columns() where table_name = 'credit_balance' "
                  "and column_name = 'available'").fetchone()[0])
"""
    run = subprocess.run(
        [str(python_duckdb_1), "-c", script, str(sample_home / "published/marts.duckdb")],
        text=True, capture_output=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    lines = dict(line.split(" ", 1) for line in run.stdout.splitlines())
    assert int(lines["revenue_detail"]) > 1000
    assert int(lines["discounts"]) > 0
    assert "Closing balance less held credit." in run.stdout


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
