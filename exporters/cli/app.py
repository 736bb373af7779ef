"""The command line: words to requests, and every outcome to a message and an exit status.

Nothing heavy is imported before the command that needs it, so that answers come at once.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from exporters.catalogue.conditions import CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Condition
from exporters.errors import ReportError, RequestError
from exporters.escaping import explained, in_message, printed, short, visible
from exporters.i18n.language import ENGLISH, LANGUAGES
from exporters.request.conditions import Request, parse

DONE, FAILED, WRONG_REQUEST = 0, 1, 2
# What a shell reports for a program that SIGINT or SIGPIPE ended.
INTERRUPTED, PIPE_CLOSED = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. `argv` is without the program's name."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a name must not stop the report.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        arguments = _parse(sys.argv[1:] if argv is None else argv)
        status: int = arguments.run(arguments)
        sys.stdout.flush()
        return status
    except SystemExit as stop:  # argparse: 0 after --help, 2 after a mistake
        return stop.code if isinstance(stop.code, int) else WRONG_REQUEST
    except RequestError as error:
        return _complain(error, WRONG_REQUEST)
    except ReportError as error:
        return _complain(error, FAILED)
    except BrokenPipeError:
        # The reader has seen enough; what is still buffered must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except UnicodeEncodeError as error:
        return _complain(f"not valid text: {short(error.object)!r}", WRONG_REQUEST)
    except OSError as error:
        return _complain(f"could not read or write: {explained(error)}", FAILED)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except Exception as error:
        if _is_database_error(error):
            return _complain(f"could not read or write: {error}", FAILED)
        raise


def _complain(message: object, status: int) -> int:
    print("partner-reports:", visible(str(message), keep="\n"), file=sys.stderr)
    return status


def _is_database_error(error: Exception) -> bool:
    duckdb = sys.modules.get("duckdb")
    return duckdb is not None and isinstance(error, duckdb.Error)


# -- commands ----------------------------------------------------------------------------------


def _build(arguments: argparse.Namespace) -> int:
    from exporters.warehouse import build

    return build.run(
        arguments.home, arguments.landing, arguments.full_refresh, arguments.prove_everything
    )


def _export(arguments: argparse.Namespace) -> int:
    from exporters.output import export
    from exporters.request import coverage

    request = _request(arguments)
    if arguments.output is not None:
        export.check_output(arguments.output)
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
    _say_written(written.path, written.rows)
    _warn(*warnings)
    return DONE


def _warn(*sentences: str | None) -> None:
    """Say what the user should know of a request that was answered."""
    for sentence in sentences:
        if sentence is not None:
            print(f"partner-reports: warning: {sentence}", file=sys.stderr)


def _say_written(path: Path, rows: int) -> None:
    """Say where a file is; that it has no rows is no part of what a program reads."""
    if rows == 0:
        print("no rows for these conditions", file=sys.stderr)
    print(printed(path))


def _pack(arguments: argparse.Namespace) -> int:
    from exporters.output import pack
    from exporters.request import coverage
    from exporters.request.conditions import (
        all_partners,
        parse_compare,
        parse_language,
        parse_period,
    )

    from_date, to_date = parse_period(arguments.from_date, arguments.to_date)
    compare = parse_compare(arguments.compare, from_date, to_date)
    language = parse_language(arguments.lang)
    from exporters.warehouse.published import open_published

    with open_published(arguments.home) as connection:
        output = arguments.output or arguments.home / "exports"
        status = pack.run(
            connection,
            arguments.home,
            output,
            from_date,
            to_date,
            arguments.partner,
            compare,
            language,
        )
        partners = arguments.partner or all_partners(connection)
        _warn(coverage.outside_of_all(connection, partners, (from_date, to_date)))
    return status


def _show(arguments: argparse.Namespace) -> int:
    request = _request(arguments)
    from exporters.cli import console
    from exporters.request import coverage
    from exporters.request.conditions import check_known
    from exporters.warehouse.published import open_published

    with open_published(arguments.home) as connection:
        check_known(connection, request)
        rows = console.show(connection, request)
        spoken = replace(request, language=ENGLISH)
        _warn(coverage.outside(connection, [(spoken, rows)]))
    return DONE


def _bridge(arguments: argparse.Namespace) -> int:
    from exporters.output import export
    from exporters.reconciliation.bridge import bridge

    request = bridge.parse_request(
        arguments.partner,
        arguments.month,
        arguments.account_type,
        arguments.account,
        arguments.lang,
    )
    if arguments.output is not None:
        export.check_output(arguments.output)
    from exporters.warehouse.published import open_published

    with open_published(arguments.home) as connection:
        written = bridge.write(connection, arguments.home, request, arguments.output)
    _say_written(written.path, written.rows)
    bridge.show(written, request.language)
    return DONE


def _reconcile(arguments: argparse.Namespace) -> int:
    from exporters.output import export
    from exporters.reconciliation.reconcile import reconcile, statement

    request = reconcile.parse_request(
        arguments.report,
        arguments.partner,
        arguments.from_date,
        arguments.to_date,
        arguments.basis,
    )
    if arguments.output is not None:
        export.check_output(arguments.output)
    given = {role: getattr(arguments, f"{role}_column") for role in statement.ROLES}
    columns = {role: name for role, name in given.items() if name is not None}
    statement.check_request(arguments.statement, columns, arguments.date_format)
    from exporters.warehouse.published import open_published

    with open_published(arguments.home) as connection:
        return reconcile.run(
            connection,
            arguments.home,
            request,
            arguments.statement,
            columns,
            arguments.date_format,
            arguments.output,
        )


def _trace(arguments: argparse.Namespace) -> int:
    of_account = (arguments.account, arguments.date)
    if (arguments.id is None) == (of_account == (None, None)) or (None in of_account) != (
        of_account == (None, None)
    ):
        raise RequestError("trace takes either an ID, or --account with --date")
    if arguments.id is not None:
        return _trace_id(arguments)
    from exporters.reconciliation.trace import account_trace
    from exporters.warehouse.published import open_published

    request = account_trace.parse_request(
        arguments.account, arguments.date, arguments.basis, arguments.wallet, arguments.currency
    )
    with open_published(arguments.home) as connection:
        if arguments.output is None:
            account_trace.show(connection, request)
            return DONE
        if account_trace.write(connection, request, arguments.output) == 0:
            print("no entries up to that day", file=sys.stderr)
    print(printed(arguments.output))
    return DONE


def _trace_id(arguments: argparse.Namespace) -> int:
    for name in ("wallet", "currency", "basis"):
        if getattr(arguments, name) is not None:
            raise RequestError(f"--{name} goes with --account, not with an ID")
    from exporters.reconciliation.trace import presentation, trace
    from exporters.warehouse import last_build
    from exporters.warehouse.published import open_published

    if arguments.output is not None:
        presentation.check_output(arguments.output)
    landing = arguments.landing
    if landing is None:
        build = last_build.read(arguments.home)
        landing = None if build is None else Path(build.landing)
    with open_published(arguments.home) as connection:
        found = trace.trace(connection, arguments.id, landing)
        if arguments.output is None:
            presentation.show(found)
            return DONE
        presentation.write(connection, found, arguments.output)
    print(printed(arguments.output))
    return DONE


def _generate(arguments: argparse.Namespace) -> int:
    from exporters.synthetic.generate import run

    return run(arguments)


def _reports(arguments: argparse.Namespace) -> int:
    from exporters.cli import console

    console.list_reports()
    return DONE


def _status(arguments: argparse.Namespace) -> int:
    from exporters.warehouse import last_build, status
    from exporters.warehouse.published import open_published

    last_build.show(arguments.home)
    with open_published(arguments.home) as connection:
        status.show(connection)
    return DONE


def _request(arguments: argparse.Namespace) -> Request:
    return parse(
        arguments.report,
        arguments.partner,
        arguments.from_date,
        arguments.to_date,
        {name: getattr(arguments, name) for name in CONDITIONS},
        arguments.lang,
    )


# -- words -------------------------------------------------------------------------------------


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = _parser()
    for word in words:
        option, _, value = word.partition("=")
        # argparse takes these dashes away and hands on a list without a value.
        if option.startswith("--") and value == "--":
            parser.error(f"argument {option}: '--' is no value")
    return parser.parse_args(words)


class _Parser(argparse.ArgumentParser):
    """A parser whose messages repeat words of the user visibly, and not at any length."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_REQUEST, f"{self.prog}: error: {in_message(message)}\n")


class _Version(argparse.Action):
    """Prints the version of the project, which is looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(parser.prog, version("partner-reports"))
        parser.exit()


def _path(text: str) -> Path:
    """A path of the user. An empty one is a variable that was not set, not the present folder."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"{short(text)!r} is not a path")
    return Path(text)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="partner-reports",
        description="Partner reports from raw billing feeds.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say the version and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    build = _command(commands, "build", _build, "build, test and publish the marts")
    build.add_argument(
        "--landing",
        type=_path,
        metavar="DIR",
        help="the landing folder (default: PARTNER_REPORTS_LANDING, else the sample)",
    )
    build.add_argument(
        "--full-refresh", action="store_true", help="forget the ledger and build it anew"
    )
    build.add_argument(
        "--prove-everything",
        action="store_true",
        help="run every test on the whole ledger, not only on the batches that are written",
    )

    export = _command(commands, "export", _export, "write one report to a file")
    _add_conditions(export)
    export.add_argument(
        "--output",
        type=_path,
        metavar="FILE",
        help="a file that ends in .xlsx, .csv, .json or .parquet "
        "(default: HOME/exports/PARTNER/REPORT_FROM_TO.xlsx)",
    )

    pack = _command(commands, "pack", _pack, "write one workbook per partner with all reports")
    _add_period(pack)
    pack.add_argument(
        "--partner", action="append", metavar="P", help="may be repeated (default: all)"
    )
    _add_condition(pack, CONDITIONS["compare"])
    pack.add_argument(
        "--output",
        type=_path,
        metavar="DIR",
        help="the folder for the partners' folders (default: HOME/exports)",
    )
    _add_language(pack)

    show = _command(commands, "show", _show, "show one report in the terminal")
    _add_conditions(show)

    bridge = _command(
        commands, "bridge", _bridge, "say how a month as reported became what it is now"
    )
    bridge.add_argument("--partner", required=True, metavar="P", help="id of the partner")
    bridge.add_argument("--month", required=True, metavar="YYYY-MM", help="the month")
    for name in ("account_type", "account"):
        _add_condition(bridge, CONDITIONS[name])
    bridge.add_argument(
        "--output",
        type=_path,
        metavar="FILE",
        help="a file that ends in .xlsx, .csv, .json or .parquet "
        "(default: HOME/exports/PARTNER/bridge_MONTH.xlsx)",
    )
    _add_language(bridge)

    reconcile = _command(
        commands, "reconcile", _reconcile, "compare a partner's own statement with the ledger"
    )
    _add_reconcile(reconcile)

    trace = _command(
        commands, "trace", _trace, "say everything about one event, transaction or balance"
    )
    trace.add_argument(
        "id", nargs="?", metavar="ID", help="id of an event, a transaction or an order"
    )
    trace.add_argument(
        "--landing",
        type=_path,
        metavar="DIR",
        help="where delivered files are read again (default: that of the last build)",
    )
    trace.add_argument("--account", metavar="SA", help="instead of an ID: a service account")
    trace.add_argument("--date", metavar="YYYY-MM-DD", help="its entries up to the end of this day")
    trace.add_argument("--wallet", metavar="W", help="only this wallet of the account")
    trace.add_argument("--currency", metavar="C", help="only this currency of the account")
    _add_condition(trace, CONDITIONS["basis"])
    trace.add_argument(
        "--output",
        type=_path,
        metavar="FILE",
        help="a file that ends in .xlsx or .json; with --account also .csv or .parquet",
    )

    generate = _command(commands, "generate", _generate, "write a synthetic landing folder")
    for number, meaning in (
        ("events", "distinct credit and revenue events, together"),
        ("partners", "partners, each with customers"),
        ("days", "days of events"),
    ):
        generate.add_argument(f"--{number}", required=True, metavar="N", help=meaning)
    generate.add_argument(
        "--seed", default="1", metavar="S", help="another seed, other figures (default: 1)"
    )
    generate.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="a new or an empty folder"
    )

    _command(commands, "reports", _reports, "list the reports and their conditions")
    _command(commands, "status", _status, "say what is published")
    return parser


def _command(
    commands: argparse._SubParsersAction[_Parser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    does: str,
) -> argparse.ArgumentParser:
    """A command with what all commands have; later commands are added in the same way."""
    command = commands.add_parser(
        name, help=does, description=does[0].upper() + does[1:] + ".", allow_abbrev=False
    )
    command.set_defaults(run=run)
    command.add_argument(
        "--home",
        type=_path,
        metavar="DIR",
        default=Path(os.environ.get("PARTNER_REPORTS_HOME") or "var"),
        help="where warehouse, published marts and exports are "
        "(default: PARTNER_REPORTS_HOME, else var)",
    )
    return command


def _add_period(command: argparse.ArgumentParser) -> None:
    for flag, name, meaning in (("--from", "from_date", "first"), ("--to", "to_date", "last")):
        command.add_argument(
            flag,
            dest=name,
            required=True,
            metavar="YYYY-MM-DD",
            help=f"{meaning} day of the period, included",
        )


def _add_reconcile(command: argparse.ArgumentParser) -> None:
    command.add_argument("--partner", required=True, metavar="P", help="id of the partner")
    _add_period(command)
    command.add_argument(
        "--report",
        required=True,
        metavar="REPORT",
        help="what the statement lists: credit-topups, credit-usage or revenue-detail",
    )
    command.add_argument(
        "--statement",
        required=True,
        type=_path,
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
        command.add_argument(
            flag,
            dest=f"{role}_column",
            metavar="COLUMN",
            help=f"its column of {meaning} (default: found by its name"
            + (")" if role == "amount" else "; - for none)"),
        )
    command.add_argument(
        "--date-format",
        default="yyyy-mm-dd",
        metavar="yyyy-mm-dd|dd/mm/yyyy|mm/dd/yyyy",
        help="how its dates are written (default: yyyy-mm-dd)",
    )
    basis = CONDITIONS["basis"]
    command.add_argument(
        basis.flag, default="event", metavar="|".join(basis.allowed), help=basis.description
    )
    command.add_argument(
        "--output",
        type=_path,
        metavar="FILE",
        help="a file that ends in .xlsx, .csv, .json or .parquet "
        "(default: HOME/exports/PARTNER/reconcile_REPORT_FROM_TO.xlsx)",
    )


def _add_conditions(command: argparse.ArgumentParser) -> None:
    command.add_argument("report", metavar="REPORT", help=f"one of {', '.join(REPORTS)}")
    command.add_argument("--partner", required=True, metavar="P", help="id of the partner")
    _add_period(command)
    for condition in CONDITIONS.values():
        _add_condition(command, condition)
    _add_language(command)


def _add_condition(command: argparse.ArgumentParser, condition: Condition) -> None:
    # What is allowed is checked with the rest of the request, which can suggest the nearest.
    command.add_argument(
        condition.flag,
        action="append" if condition.many else "store",
        metavar="|".join(condition.allowed) or "ID",
        help=condition.description,
    )


def _add_language(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--lang",
        default=ENGLISH.code,
        metavar="|".join(LANGUAGES),
        help="language of workbooks and of the terminal: en (default) or vi; "
        "CSV, JSON and Parquet are the same in both",
    )


if __name__ == "__main__":
    sys.exit(main())
