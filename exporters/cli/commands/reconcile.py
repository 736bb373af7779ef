"""`reconcile`: a partner's own statement against the ledger."""

from __future__ import annotations

import argparse

from exporters.catalogue.conditions import CONDITIONS
from exporters.cli.exit_status import DIFFERENCES, DONE
from exporters.cli.options import add_output, add_partner, add_period, days_of, path
from exporters.escaping import printed


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_partner(parser)
    add_period(parser)
    parser.add_argument(
        "--report",
        required=True,
        metavar="REPORT",
        help="what the statement lists: credit-topups, credit-usage or revenue-detail",
    )
    parser.add_argument(
        "--statement",
        required=True,
        type=path,
        metavar="FILE",
        help="the partner's statement, a file that ends in .csv or .xlsx",
    )
    for flag, role, meaning in (
        ("--key", "key", "event, transaction or order ids"),
        ("--statement-account", "account", "service accounts"),
        ("--date", "date", "dates"),
        ("--currency", "currency", "currencies"),
        ("--amount", "amount", "amounts"),
    ):
        parser.add_argument(
            flag,
            dest=f"{role}_column",
            metavar="COLUMN",
            help=f"its column of {meaning} (default: found by its name"
            + (")" if role == "amount" else "; - for none)"),
        )
    parser.add_argument(
        "--date-format",
        default="yyyy-mm-dd",
        metavar="yyyy-mm-dd|dd/mm/yyyy|mm/dd/yyyy",
        help="how its dates are written (default: yyyy-mm-dd)",
    )
    basis = CONDITIONS["basis"]
    parser.add_argument(
        basis.flag, default="event", metavar="|".join(basis.allowed), help=basis.description
    )
    add_output(parser, "reconcile_REPORT_FROM_TO")


def run(arguments: argparse.Namespace) -> int:
    """Compare, write the result and print a summary."""
    from exporters.output.formats import check_output
    from exporters.reconciliation.reconcile import reconcile
    from exporters.reconciliation.reconcile.result.summary import lines
    from exporters.reconciliation.reconcile.statement.labels import ROLES
    from exporters.reconciliation.reconcile.statement.load import check_request

    request = reconcile.parse_request(
        arguments.report, arguments.partner, *days_of(arguments), arguments.basis
    )
    if arguments.output is not None:
        check_output(arguments.output)
    given = {role: getattr(arguments, f"{role}_column") for role in ROLES}
    columns = {role: name for role, name in given.items() if name is not None}
    check_request(arguments.statement, columns, arguments.date_format)
    from exporters.warehouse.published import open_published

    with open_published(arguments.home) as connection:
        written, result = reconcile.write(
            connection,
            arguments.home,
            request,
            arguments.statement,
            columns,
            arguments.date_format,
            arguments.output,
        )
    for line in lines(result):
        print(line)
    print(printed(written))
    return DONE if result.all_matches else DIFFERENCES
