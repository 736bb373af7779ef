"""`generate`: a synthetic landing folder for trials and benchmarks."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    for number, meaning in (
        ("events", "distinct credit and revenue events, together"),
        ("partners", "partners, each with customers"),
        ("days", "days of events"),
    ):
        parser.add_argument(f"--{number}", required=True, metavar="N", help=meaning)
    parser.add_argument(
        "--seed", default="1", metavar="S", help="another seed, other figures (default: 1)"
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="a new or an empty folder"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the folder and print what it holds."""
    from exporters.synthetic.generate import run as generate

    return generate(arguments)
