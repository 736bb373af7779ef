"""`rejected`: the rows that were refused, with all reasons.

`ignored` and `unattributed` are the same command with other rows.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from exporters.cli.console import say_written
from exporters.cli.exit_status import DONE
from exporters.cli.options import add_output
from exporters.escaping import in_message
from exporters.terminal_table import counted, table

if TYPE_CHECKING:
    import duckdb

    from exporters.output.not_included import Wanted

_MOST = 1_000  # rows that are printed


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--feed", metavar="F", help="only this feed (default: all)")
    parser.add_argument("--batch", metavar="B", help="only this batch (default: all)")
    add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the rows, or write them to a file and say where that is."""
    from exporters.output import not_included
    from exporters.output.formats import check_output
    from exporters.warehouse.published import open_published

    wanted = not_included.parse_request(arguments.command, arguments.feed, arguments.batch)
    output = arguments.output
    if output is not None:
        check_output(output)
    with open_published(arguments.home) as connection:
        if output is None:
            _show(connection, wanted)
            return DONE
        rows = not_included.write(connection, wanted, output)
    say_written(output, rows)
    return DONE


def _show(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
    from exporters.output import not_included
    from exporters.warehouse import published

    first = not_included.first_rows(connection, wanted, _MOST)
    version, version_at = published.version(connection)
    print(wanted.report.title)
    print(wanted.in_words())
    print(f"Data as of {version_at}, version {in_message(version)}\n")
    if not first.rows:
        print("No rows.")
        return
    print(table([(column.label, column.kind.is_number) for column in first.columns], first.rows))
    shown, count = len(first.rows), counted(first.count, "row", "rows")
    if shown < first.count:
        print(f"\nThe first {shown:,} of {count}; --output FILE writes all of them.")
    else:
        print(f"\n{count}")
