"""CPU seconds of each model and each test of a build, one statement after another.

Where the time of a build goes, without dbt around it: every statement that the build has run is run
again on its warehouse, models into a scratch file beside it.

    python benchmarks/models.py HOME

HOME was built in one go (`build --full-refresh`), so that the statements are those of all rows.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import duckdb

SHOWN = 25


def run(home: Path) -> list[tuple[float, str]]:
    """CPU seconds and name of each statement, the most costly first."""
    nodes = json.loads((home / "target" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((home / "target" / "run_results.json").read_text(encoding="utf-8"))
    taken = []
    with tempfile.TemporaryDirectory(dir=home) as scratch, duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name in ("warehouse", "work"):
            connection.execute(f"attach '{home / name}.duckdb' as {name} (read_only)")
        connection.execute(f"attach '{Path(scratch) / 'scratch.duckdb'}' as scratch")
        connection.execute("use warehouse")
        for result in results["results"]:
            node = nodes.get(result["unique_id"])
            sql = result.get("compiled_code")
            if not sql or node is None or node["language"] != "sql":
                continue
            is_test = node["resource_type"] == "test"
            if not is_test and node["config"]["materialized"] == "view":
                continue
            began = time.process_time()
            if is_test:
                connection.execute(sql).fetchall()
            else:
                connection.execute(f"create or replace table scratch.written as {sql}")
            taken.append((time.process_time() - began, f"{node['resource_type']} {node['name']}"))
    return sorted(taken, reverse=True)


if __name__ == "__main__":
    statements = run(Path(sys.argv[1]))
    for kind in ("model", "test"):
        seconds = sum(one for one, name in statements if name.startswith(kind))
        print(f"{seconds:8.2f} s  all of kind {kind}")
    for seconds, name in statements[:SHOWN]:
        print(f"{seconds:8.2f} s  {name[:100]}")
