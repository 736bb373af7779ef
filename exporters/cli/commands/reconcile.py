"""`reconcile`: a partner's own statement against the ledger."""

from __future__ import annotations

import argparse

from exporters.cli.exit_status import DIFFERENCES, DONE
from exporters.cli.options import (
    add_conditions,
    add_language,
    add_output,
    add_partner,
    add_period,
    days_of,
    path,
)
from exporters.escaping import printed

_CONDITIONS = ("account_type", "account", "basis")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_partner(parser)
    add_period(parser)
    parser.add_argument(
        "--report",
        required=True,
        metavar="REPORT",
        help="what the statement lists: credit-topups, credit-usage or revenue-detail; "
        "or, by service account, credit-balance or revenue-by-account",
    )
    parser.add_argument(
        "--statement",
        required=True,
        type=path,
        metavar="FILE",
        help="the partner's statement, a file that ends in .csv or .xlsx",
    )
    _add_reading(parser)
    add_conditions(parser, *_CONDITIONS)
    add_language(parser)
    add_output(parser, "reconcile_REPORT_FROM_TO")


def _add_reading(parser: argparse.ArgumentParser) -> None:
    """How the statement is read; an option that was not given is None."""
    parser.add_argument(
        "--sheet", metavar="NAME", help="its sheet (default: the only one that can be it, or ours)"
    )
    for role, meaning in (
        ("key", "event, transaction or order ids"),
        ("account", "service accounts"),
        ("date", "dates"),
        ("currency", "currencies"),
        ("amount", "amounts"),
    ):
        parser.add_argument(
            f"--{role}-column",
            metavar="COLUMN",
            help=f"its column of {meaning}, by name or letter (default: found by its name"
            + (")" if role == "amount" else "; - for none)"),
        )
    parser.add_argument(
        "--numbers",
        metavar="auto|1234.56|1.234,56|1,234.56|1 234,56",
        help="how its amounts are written (default: auto, the one way that reads most of them)",
    )
    parser.add_argument(
        "--date-format",
        metavar="auto|yyyy-mm-dd|dd/mm/yyyy|mm/dd/yyyy|dd.mm.yyyy",
        help="how its dates are written (default: auto, likewise)",
    )
    parser.add_argument(
        "--currency",
        metavar="CODE",
        help="the currency of the whole list (default: as each row or the list says)",
    )
    parser.add_argument(
        "--amount",
        metavar="net|list|cost|tax|margin",
        help="for revenue, which measure is compared (default: as the column's name says, else "
        "net)",
    )
    parser.add_argument(
        "--mapping",
        type=path,
        metavar="FILE",
        help="how the list is read, as --save-mapping wrote it; options go before it",
    )
    parser.add_argument(
        "--save-mapping",
        type=path,
        metavar="FILE",
        help="write how the list was read to a TOML file, for next month",
    )


def run(arguments: argparse.Namespace) -> int:
    """Compare, write the result and print a summary."""
    from exporters.output.formats import check_output
    from exporters.reconciliation.reconcile import reconcile
    from exporters.reconciliation.reconcile.result.summary import lines
    from exporters.reconciliation.reconcile.statement import reading

    request = reconcile.parse_request(
        arguments.report,
        arguments.partner,
        *days_of(arguments),
        {name: getattr(arguments, name) for name in _CONDITIONS},
        arguments.lang,
    )
    if arguments.output is not None:
        check_output(arguments.output)
    said = {name: getattr(arguments, name.replace("-", "_")) for name in reading.SETTINGS}
    how = reading.reading_of(said, arguments.mapping)
    reconcile.check_reading(request, how)
    reading.check_file(arguments.statement)
    if arguments.save_mapping is not None:
        reconcile.check_not_statement(arguments.save_mapping, arguments.statement, "--save-mapping")
    from exporters.warehouse.published import open_published

    with open_published(arguments.home) as connection:
        written, result = reconcile.write(
            connection, arguments.home, request, arguments.statement, how, arguments.output
        )
    for line in lines(result):
        print(line)
    if arguments.save_mapping is not None:
        reading.save(result.reading, arguments.save_mapping)
    print(printed(written))
    return DONE if result.all_matches else DIFFERENCES
