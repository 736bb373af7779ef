"""`pack`: one workbook per partner with all its reports."""

from __future__ import annotations

import argparse

from exporters.cli.console import warn
from exporters.cli.options import add_conditions, add_language, add_period, path
from exporters.request.partners import all_partners
from exporters.request.periods import parse_period
from exporters.request.report_request import parse_compare, parse_language


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_period(parser)
    parser.add_argument(
        "--partner", action="append", metavar="P", help="may be repeated (default: all)"
    )
    add_conditions(parser, "compare")
    parser.add_argument(
        "--output",
        type=path,
        metavar="DIR",
        help="the folder for the partners' folders (default: HOME/exports)",
    )
    add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the packs; 1 when one of them failed."""
    from_date, to_date = parse_period(arguments.from_date, arguments.to_date)
    compare = parse_compare(arguments.compare, from_date, to_date)
    language = parse_language(arguments.lang)
    from exporters.output import pack
    from exporters.request import coverage
    from exporters.warehouse.published import open_published

    with open_published(arguments.home) as connection:
        output = arguments.output or arguments.home / "exports"
        status = pack.run(
            connection,
            arguments.home,
            output,
            from_date,
            to_date,
            arguments.partner,
            compare,
            language,
        )
        partners = arguments.partner or all_partners(connection)
        warn(coverage.outside_of_all(connection, partners, (from_date, to_date)))
    return status
