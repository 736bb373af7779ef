"""`reports`: every report with its conditions and columns."""

from __future__ import annotations

import argparse

from exporters.catalogue.conditions import CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.cli.exit_status import DONE


def add_options(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(_: argparse.Namespace) -> int:
    """Print what the catalogue says."""
    for report in REPORTS.values():
        print(f"{report.id}: {report.title}")
        print(f"    {report.answers}")
        for name in report.conditions:
            condition = CONDITIONS[name]
            value = "|".join(condition.allowed) or "ID"
            print(f"    {condition.flag} {value}: {condition.description}")
        print(f"    columns: {', '.join(column.name for column in report.columns)}")
        print()
    print(
        "Every report has --partner P, and --from YYYY-MM-DD and --to YYYY-MM-DD (both included) "
        "or --month YYYY-MM."
    )
    return DONE
