"""Files that are whole when they are there: written under another name, synced, renamed."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENOTDIR
from pathlib import Path

from exporters.errors import ReportError
from exporters.escaping import short

# What a killed process leaves behind is removed by the next one, when nobody can be writing it.
_STALE_SECONDS = 24 * 60 * 60


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A new file in the folder of `target`, which takes its place when the block ends well.

    The folder is created when it is missing. When the block fails nothing is left behind, and
    what was at `target` stays as it was. Where no file can be made, an OSError names `target` or
    the folder that is in the way.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), error.filename) from None
    _remove_stale(target.parent)
    temporary = target.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        temporary.touch()
        temporary.unlink()  # a database is made where nothing is
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None
    try:
        yield temporary
        _sync(temporary)
        os.replace(temporary, target)
    finally:
        # DuckDB writes a log beside a database.
        for path in (temporary, temporary.with_name(f"{temporary.name}.wal")):
            path.unlink(missing_ok=True)
    # The rename itself lasts only once the folder is on disk.
    _sync(target.parent)


def _remove_stale(folder: Path) -> None:
    for path in folder.glob(f".{'[0-9a-f]' * 16}.tmp"):
        # Another process may be removing it too, or may have finished it.
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - _STALE_SECONDS:
                path.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def for_database(path: Path) -> str:
    """A path that DuckDB takes for nothing else, whatever it begins with (`~`, `file:`).

    Raises:
        ReportError: the path is not valid text, which DuckDB needs and file systems do not.
    """
    plain = os.path.join(os.curdir, path)
    try:
        plain.encode()
    except UnicodeEncodeError:
        raise ReportError(
            f"{short(str(path.parent))!r} is not valid text: only workbooks can be written to, and "
            "nothing can be read from, a folder whose name is not UTF-8"
        ) from None
    return plain
