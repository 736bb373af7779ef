"""From words to the command that they name and its arguments, by argparse.

Why not by a library with more in it: docs/decisions/0018-argparse-and-tabulate-stay.md.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from exporters.cli.exit_status import WRONG_REQUEST
from exporters.cli.options import add_home
from exporters.escaping import in_message
from exporters.request.names import did_you_mean

# Each is the module of that name in `commands/`, and a line of `--help`.
COMMANDS = {
    "build": "build, test and publish the marts",
    "export": "write one report to a file",
    "pack": "write one workbook per partner with all reports",
    "show": "show one report in the terminal",
    "bridge": "say how a month as reported became what it is now",
    "reconcile": "compare a partner's own statement with the ledger",
    "trace": "say everything about one event, transaction or balance",
    "generate": "write a synthetic landing folder",
    "reports": "list the reports and their conditions",
    "status": "say what is published",
    "rejected": "list the rows that were refused, with all reasons",
    "ignored": "list the valid rows that changed nothing, with why",
    "unattributed": "list the events of service accounts that nobody knows",
}


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The arguments of a command line, with the command's function as `run`.

    Raises SystemExit after `--help`, `--version` and a mistake, which argparse has printed.
    """
    parser = _parser()
    for word in words:
        option, _, value = word.partition("=")
        # argparse takes these dashes away and hands on a list without a value.
        if option.startswith("--") and value == "--":
            parser.error(f"argument {option}: '--' is no value")
    command = next((word for word in words if not word.startswith("-")), None)
    if command is not None and command not in COMMANDS:
        parser.error(
            f"argument COMMAND: invalid choice: {command!r} (choose from "
            f"{', '.join(COMMANDS)}){did_you_mean(command, list(COMMANDS))}"
        )
    return parser.parse_args(words)


class _Parser(argparse.ArgumentParser):
    """A parser whose messages repeat words of the user visibly, and not at any length."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_REQUEST, f"{self.prog}: error: {in_message(message)}\n")


class _CommandParser(_Parser):
    """The parser of one command, which is loaded when words of it are to be read."""

    def __init__(self, module: str, **settings: Any) -> None:
        super().__init__(**settings)
        self._module = module

    def parse_known_args(self, *arguments: Any) -> Any:  # type: ignore[override]
        add_home(self)
        command = import_module(f"exporters.cli.commands.{self._module}")
        command.add_options(self)
        self.set_defaults(run=command.run)
        parsed, unknown = super().parse_known_args(*arguments)
        if unknown:
            known = re.findall(r"--[a-z-]+", self.format_usage())
            options = [word.partition("=")[0] for word in unknown if word.startswith("-")]
            nearest = did_you_mean(options[0], known) if options else ""
            self.error(f"unrecognized arguments: {' '.join(unknown)}{nearest}")
        return parsed, unknown


class _Version(argparse.Action):
    """Prints the version of the project, which is looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(parser.prog, version("partner-reports"))
        parser.exit()


def _parser() -> _Parser:
    parser = _Parser(
        prog="partner-reports",
        description="Partner reports from raw billing feeds.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say the version and exit")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=_CommandParser
    )
    for name, does in COMMANDS.items():
        commands.add_parser(
            name,
            module=name,
            help=does,
            description=does[0].upper() + does[1:] + ".",
            allow_abbrev=False,
        )
    return parser
