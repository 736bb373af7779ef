"""SQL that stands in a file beside the module that runs it: loaded, its blanks filled, run.

`{name}` in such a file is a blank, which code fills with SQL of its own: an expression, a
relation. `$name` is a parameter. What a user typed reaches a query as a bound parameter and in no
other way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@cache
def load(module: str, name: str) -> str:
    """The text of the file `name`, with its blanks, beside the module whose `__file__` is given."""
    return Path(module).with_name(name).read_text(encoding="utf-8")


def run(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object] | None = None
) -> duckdb.DuckDBPyConnection:
    """Run the statements of `sql`, each with those of `parameters` that it names.

    Returns the connection, which holds the result of the last one. Raises KeyError when a
    statement names a parameter that is not there.
    """
    for _ in run_each(connection, sql, parameters):
        pass
    return connection


def run_each(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same, a statement at a time: the connection holds its result until the next one runs."""
    given = parameters or {}
    for statement in connection.extract_statements(sql):
        yield connection.execute(
            statement, {name: given[name] for name in statement.named_parameters}
        )
