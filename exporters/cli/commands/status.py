"""`status`: what is published, and what the last build came to."""

from __future__ import annotations

import argparse

from exporters.cli.exit_status import DONE


def add_options(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(arguments: argparse.Namespace) -> int:
    """Print the last build, then what is published."""
    from exporters.warehouse import last_build, status
    from exporters.warehouse.published import open_published

    last_build.show(arguments.home)
    with open_published(arguments.home) as connection:
        status.show(connection)
    return DONE
