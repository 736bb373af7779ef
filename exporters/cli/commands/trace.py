"""`trace`: everything about one id, or every entry of the balances of an account."""

from __future__ import annotations

import argparse
from pathlib import Path

from exporters.cli.console import say_written
from exporters.cli.exit_status import DONE
from exporters.cli.options import add_conditions, path
from exporters.errors import RequestError
from exporters.escaping import printed


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "id",
        nargs="?",
        metavar="ID",
        help="id of an event, a transaction, an order or a discount",
    )
    parser.add_argument(
        "--landing",
        type=path,
        metavar="DIR",
        help="where delivered files are read again (default: that of the last build)",
    )
    parser.add_argument(
        "--account",
        metavar="ID",
        help="instead of an ID: a service account, or all those of an account",
    )
    parser.add_argument(
        "--date", metavar="YYYY-MM-DD", help="its entries up to the end of this day"
    )
    parser.add_argument("--wallet", metavar="W", help="only this wallet of the account")
    parser.add_argument("--currency", metavar="C", help="only this currency of the account")
    add_conditions(parser, "basis")
    parser.add_argument(
        "--output",
        type=path,
        metavar="FILE",
        help="a file that ends in .xlsx or .json; with --account also .csv or .parquet",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the trace, or write it to a file and say where that is."""
    of_account = (arguments.account, arguments.date)
    if (arguments.id is None) == (of_account == (None, None)) or (None in of_account) != (
        of_account == (None, None)
    ):
        raise RequestError("trace takes either an ID, or --account with --date")
    if arguments.id is not None:
        return _of_id(arguments)
    return _of_account(arguments)


def _of_account(arguments: argparse.Namespace) -> int:
    from exporters.reconciliation.trace import account_trace
    from exporters.warehouse.published import open_published

    request = account_trace.parse_request(
        arguments.account, arguments.date, arguments.basis, arguments.wallet, arguments.currency
    )
    with open_published(arguments.home) as connection:
        if arguments.output is None:
            for line in account_trace.lines(connection, request):
                print(line)
            return DONE
        rows = account_trace.write(connection, request, arguments.output)
    say_written(arguments.output, rows, empty="no entries up to that day")
    return DONE


def _of_id(arguments: argparse.Namespace) -> int:
    for name in ("wallet", "currency", "basis"):
        if getattr(arguments, name) is not None:
            raise RequestError(f"--{name} goes with --account, not with an ID")
    from exporters.reconciliation.trace import output, text, trace
    from exporters.warehouse import last_build
    from exporters.warehouse.published import open_published

    if arguments.output is not None:
        output.check_output(arguments.output)
    landing = arguments.landing
    if landing is None:
        build = last_build.read(arguments.home)
        landing = None if build is None else Path(build.landing)
    with open_published(arguments.home) as connection:
        found = trace.trace(connection, arguments.id, landing)
        if arguments.output is None:
            for line in text.lines(found):
                print(line)
            return DONE
        output.write(connection, found, arguments.output)
    print(printed(arguments.output))
    return DONE
