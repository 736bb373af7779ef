"""What commands say beside their results: complaints, warnings, and where a file is."""

from __future__ import annotations

import sys
from pathlib import Path

from exporters.escaping import printed, visible


def complain(message: object, status: int) -> int:
    """Say why a command ends with `status`, which is returned."""
    print("partner-reports:", visible(str(message), keep="\n"), file=sys.stderr)
    return status


def warn(*sentences: str | None) -> None:
    """Say what the user should know of a request that was answered."""
    for sentence in sentences:
        if sentence is not None:
            print(f"partner-reports: warning: {sentence}", file=sys.stderr)


def say_written(path: Path, rows: int, empty: str = "no rows for these conditions") -> None:
    """Say where a file is; that it has no rows is no part of what a program reads."""
    if rows == 0:
        print(empty, file=sys.stderr)
    print(printed(path))
