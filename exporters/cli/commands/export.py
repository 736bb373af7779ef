"""`export`: one report to one file."""

from __future__ import annotations

import argparse
from dataclasses import replace

from exporters.cli.console import say_written, warn
from exporters.cli.exit_status import DONE
from exporters.cli.options import add_output, add_report_request, request_of
from exporters.i18n.language import ENGLISH


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_report_request(parser)
    add_output(parser, "REPORT_FROM_TO")


def run(arguments: argparse.Namespace) -> int:
    """Write the report and say where it is."""
    from exporters.output import export
    from exporters.output.formats import check_output

    request = request_of(arguments)
    if arguments.output is not None:
        check_output(arguments.output)
    from exporters.request import coverage
    from exporters.warehouse.published import open_published

    loading = export.load_writer(arguments.output)
    with open_published(arguments.home) as connection:
        loading.join()
        written = export.export(connection, arguments.home, request, arguments.output)
        spoken = replace(request, language=ENGLISH)
        warnings = [
            coverage.outside(connection, [(spoken, written.rows)]),
            *coverage.notes(connection, spoken),
        ]
    say_written(written.path, written.rows)
    warn(*warnings)
    return DONE
