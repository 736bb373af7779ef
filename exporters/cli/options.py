"""Options that several commands have. What they mean to reports comes from the catalogue."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from exporters.catalogue.conditions import CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.errors import RequestError
from exporters.escaping import short
from exporters.i18n.language import ENGLISH, LANGUAGES
from exporters.request.periods import parse_month
from exporters.request.report_request import Request, parse


def path(text: str) -> Path:
    """A path of the user. An empty one is a variable that was not set, not the present folder."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"{short(text)!r} is not a path")
    return Path(text)


def add_home(parser: argparse.ArgumentParser) -> None:
    """`--home`, which every command has."""
    parser.add_argument(
        "--home",
        type=path,
        metavar="DIR",
        default=Path(os.environ.get("PARTNER_REPORTS_HOME") or "var"),
        help="where warehouse, published marts and exports are "
        "(default: PARTNER_REPORTS_HOME, else var)",
    )


def add_report_request(parser: argparse.ArgumentParser) -> None:
    """A report, its partner and period, and all conditions: what `request_of` reads."""
    parser.add_argument("report", metavar="REPORT", help=f"one of {', '.join(REPORTS)}")
    add_partner(parser)
    add_period(parser)
    add_conditions(parser, *CONDITIONS)
    add_language(parser)


def request_of(arguments: argparse.Namespace) -> Request:
    """The request that the options of `add_report_request` make."""
    return parse(
        arguments.report,
        arguments.partner,
        *days_of(arguments),
        {name: getattr(arguments, name) for name in CONDITIONS},
        arguments.lang,
    )


def add_partner(parser: argparse.ArgumentParser) -> None:
    """`--partner`, one and required."""
    parser.add_argument("--partner", required=True, metavar="P", help="id of the partner")


def add_period(parser: argparse.ArgumentParser) -> None:
    """`--from` and `--to`, as `from_date` and `to_date`, or `--month`: what `days_of` reads."""
    for flag, name, meaning in (("--from", "from_date", "first"), ("--to", "to_date", "last")):
        parser.add_argument(
            flag,
            dest=name,
            metavar="YYYY-MM-DD",
            help=f"{meaning} day of the period, included",
        )
    parser.add_argument("--month", metavar="YYYY-MM", help="the same of a whole month")


def days_of(arguments: argparse.Namespace) -> tuple[str, str]:
    """First and last day that the options of `add_period` name, as texts still to be read.

    Raises:
        RequestError: both or neither of the two ways to name a period are used, or the month is
            none.
    """
    days = arguments.from_date, arguments.to_date
    if arguments.month is not None:
        if any(day is not None for day in days):
            raise RequestError("--month says --from and --to in one: give it alone")
        first, last = parse_month(arguments.month)
        return str(first), str(last)
    if None in days:
        raise RequestError("the period is missing: give --from and --to, or --month YYYY-MM")
    return days


def add_conditions(parser: argparse.ArgumentParser, *names: str) -> None:
    """The conditions of those names in the catalogue."""
    for name in names:
        condition = CONDITIONS[name]
        # What is allowed is checked with the rest of the request, which can suggest the nearest.
        parser.add_argument(
            condition.flag,
            action="append" if condition.many else "store",
            metavar="|".join(condition.allowed) or "ID",
            help=condition.description,
        )


def add_language(parser: argparse.ArgumentParser) -> None:
    """`--lang`."""
    parser.add_argument(
        "--lang",
        default=ENGLISH.code,
        metavar="|".join(LANGUAGES),
        help="language of workbooks and of the terminal: en (default) or vi; "
        "CSV, JSON and Parquet are the same in both",
    )


def add_output(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """`--output`, a file of any format; `default` says where it goes when none is named."""
    parser.add_argument(
        "--output",
        type=path,
        metavar="FILE",
        help="a file that ends in .xlsx, .csv, .json or .parquet"
        + (f" (default: HOME/exports/PARTNER/{default}.xlsx)" if default else ""),
    )
