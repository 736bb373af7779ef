"""`bridge`: from what was reported for a month to what is true of it now."""

from __future__ import annotations

import argparse

from exporters.cli.console import say_written
from exporters.cli.exit_status import DONE
from exporters.cli.options import add_conditions, add_language, add_output, add_partner


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_partner(parser)
    parser.add_argument("--month", required=True, metavar="YYYY-MM", help="the month")
    add_conditions(parser, "account_type", "account")
    add_output(parser, "bridge_MONTH")
    add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the bridge to a file, say where that is, and print the totals."""
    from exporters.output.formats import check_output
    from exporters.reconciliation.bridge import bridge

    request = bridge.parse_request(
        arguments.partner,
        arguments.month,
        arguments.account_type,
        arguments.account,
        arguments.lang,
    )
    if arguments.output is not None:
        check_output(arguments.output)
    from exporters.warehouse.published import open_published

    with open_published(arguments.home) as connection:
        written = bridge.write(connection, arguments.home, request, arguments.output)
    say_written(written.path, written.rows)
    if written.lines:
        print(bridge.totals_table(written, request.language))
    return DONE
