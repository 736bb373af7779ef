"""`rejected`: the rows that were refused, with all reasons.

`ignored` and `unattributed` are the same command with other rows.
"""

from __future__ import annotations

import argparse

from exporters.cli.console import say_written
from exporters.cli.exit_status import DONE
from exporters.cli.options import add_output


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
            not_included.show(connection, wanted)
            return DONE
        rows = not_included.write(connection, wanted, output)
    say_written(output, rows)
    return DONE
