"""`build`: dbt over the landing folder, then publish."""

from __future__ import annotations

import argparse

from exporters.cli.options import path


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--landing",
        type=path,
        metavar="DIR",
        help="the landing folder (default: PARTNER_REPORTS_LANDING, else the sample)",
    )
    parser.add_argument(
        "--full-refresh", action="store_true", help="forget the ledger and build it anew"
    )
    parser.add_argument(
        "--forget-missing",
        action="store_true",
        help="with --full-refresh: lose batches that are no longer in the landing folder",
    )
    parser.add_argument(
        "--prove-everything",
        action="store_true",
        help="run every test on the whole ledger, not only on the batches that are written",
    )


def run(arguments: argparse.Namespace) -> int:
    """Build and publish."""
    from exporters.warehouse import build

    wish = build.Wish(arguments.full_refresh, arguments.forget_missing, arguments.prove_everything)
    return build.run(arguments.home, arguments.landing, wish)
