"""What commands say beside their results: complaints, warnings, progress, where a file is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def progress(total: int, what: str, unit: str) -> Iterator[Callable[[str | None], None]]:
    """Yields what is called for each of `total` things done, with a line to print, if any.

    Where somebody is looking, a bar moves on with it.
    """
    if not sys.stderr.isatty():
        yield lambda line: None if line is None else print(line)
        return
    from tqdm import tqdm

    with tqdm(total=total, desc=what, unit=unit) as bar:

        def step(line: str | None) -> None:
            if line is not None:
                bar.write(line)
            bar.update()

        yield step
