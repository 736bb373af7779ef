"""Builds by the real command, and files of landing folders to build from."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from exporters.cli import app

PROJECT = Path(__file__).resolve().parents[3]

LandingAndHome = tuple[Path, Path]
Export = Callable[..., str]


def build(home: Path, landing: Path, *options: str) -> int:
    """Run `partner-reports build`; the exit status."""
    return app.main(["build", "--home", str(home), "--landing", str(landing), *options])


def put(landing: Path, place: str, content: str | bytes) -> Path:
    """Write a file of a landing folder, such as `credits/batch=2024-01-02/a.csv`."""
    path = landing / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def put_csv(
    landing: Path,
    place: str,
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[str] | None = None,
) -> None:
    """Write rows as a CSV of a landing folder, every field in quotes.

    The columns are those of the rows, `columns` what they are called.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(columns or names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    put(landing, place, text.getvalue())
