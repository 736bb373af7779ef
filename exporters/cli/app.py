"""The command line: words to a command, and every outcome to a message and an exit status."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from exporters.cli.console import complain
from exporters.cli.exit_status import FAILED, INTERRUPTED, PIPE_CLOSED, WRONG_REQUEST
from exporters.cli.parser import parse
from exporters.errors import ReportError, RequestError
from exporters.escaping import explained, short


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. `argv` is without the program's name."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a name must not stop the report.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
        status: int = arguments.run(arguments)
        sys.stdout.flush()
        return status
    except SystemExit as stop:  # argparse: 0 after --help, 2 after a mistake
        return stop.code if isinstance(stop.code, int) else WRONG_REQUEST
    except RequestError as error:
        return complain(error, WRONG_REQUEST)
    except ReportError as error:
        return complain(error, FAILED)
    except BrokenPipeError:
        # The reader has seen enough; what is still buffered must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except UnicodeEncodeError as error:
        return complain(f"not valid text: {short(error.object)!r}", WRONG_REQUEST)
    except OSError as error:
        return complain(f"could not read or write: {explained(error)}", FAILED)
    except KeyboardInterrupt:
        return complain("interrupted", INTERRUPTED)
    except Exception as error:
        if _is_database_error(error):
            return complain(f"could not read or write: {error}", FAILED)
        raise


def _is_database_error(error: Exception) -> bool:
    duckdb = sys.modules.get("duckdb")
    return duckdb is not None and isinstance(error, duckdb.Error)


if __name__ == "__main__":
    sys.exit(main())
