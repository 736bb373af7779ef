"""`pack`: one workbook per partner with all its reports."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from exporters.catalogue.types import DATE_BASES
from exporters.cli.console import complain, progress, warn
from exporters.cli.exit_status import DONE, FAILED
from exporters.cli.options import add_conditions, add_language, add_period, days_of, path
from exporters.errors import ReportError
from exporters.escaping import explained, in_message, printed
from exporters.request.periods import parse_period
from exporters.request.report_request import parse_basis, parse_compare, parse_language
from exporters.terminal_table import counted

if TYPE_CHECKING:
    from exporters.output.pack import Job


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_period(parser)
    parser.add_argument(
        "--partner", action="append", metavar="P", help="may be repeated (default: all)"
    )
    add_conditions(parser, "compare", "basis")
    parser.add_argument(
        "--output",
        type=path,
        metavar="DIR",
        help="the folder for the partners' folders (default: HOME/exports)",
    )
    add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the packs; 1 when one of them failed."""
    period = parse_period(*days_of(arguments))
    compare = parse_compare(arguments.compare, *period)
    basis = parse_basis(arguments.basis or "event", DATE_BASES, "pack")
    language = parse_language(arguments.lang)
    from exporters.output import pack
    from exporters.request import coverage
    from exporters.warehouse.published import open_published

    output = arguments.output or arguments.home / "exports"
    with open_published(arguments.home) as connection:
        jobs = pack.jobs(connection, output, period, arguments.partner, compare, basis, language)
        if not jobs:
            print("no account names a partner yet: there is nothing to pack", file=sys.stderr)
        failed = _say_each(pack.written(connection, arguments.home, jobs), len(jobs))
        for partner, reason in failed.items():
            why = explained(reason)
            complain(f"no pack for partner {in_message(partner)}: {why}", FAILED)
        if failed:
            raise ReportError(f"{len(failed)} of {counted(len(jobs), 'pack', 'packs')} failed")
        partners = [job.partner for job in jobs]
        warn(coverage.outside_of_all(connection, partners, period, basis))
    return DONE


def _say_each(written: Iterable[tuple[Job, Exception | None]], count: int) -> dict[str, Exception]:
    """Print the path of each pack as it is there; the partners of which there is none, and why."""
    failed: dict[str, Exception] = {}
    with progress(count, "packs", "partner") as step:
        for job, error in written:
            if error is None:
                step(printed(job.path))
            else:
                failed[job.partner] = error
                step(None)
    return failed
