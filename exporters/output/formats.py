"""File formats, known by the ending of the file's name."""

from __future__ import annotations

from pathlib import Path

from exporters.errors import RequestError
from exporters.escaping import short
from exporters.output import columnar

ENDINGS = (".xlsx", *columnar.OPTIONS)


def check_output(output: Path) -> str:
    """Check a path to write to; its ending, which says the format.

    Raises:
        RequestError: the ending is unknown, or a folder has that name.
    """
    ending = output.suffix.lower()
    if ending not in ENDINGS:
        raise RequestError(
            f"unknown file ending {short(output.suffix)!r} of --output {short(str(output))!r}: "
            f"allowed are {', '.join(ENDINGS)}"
        )
    if output.is_dir():
        raise RequestError(f"--output {short(str(output))!r} is a folder; name a file")
    return ending
