"""What a build depends on, as one hash: a build that finds the same again has nothing to do."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

# What of the project decides what a build makes.
_PARTS = (
    "dbt_project.yml",
    "profiles.yml",
    "uv.lock",
    "macros",
    "models",
    "seeds/reference",
    "tests/identities",
    "tests/keys",
    "exporters/landing",
    "exporters/warehouse",
)


def of_build(project: Path, landing: Path) -> str:
    """The hash of the project, of settings of the environment and of what the landing folder lists.

    A file of the project counts by its bytes, one of the landing folder by its size and time: as
    long as these are the same, a build does not read it again either.
    """
    return _hash(
        [
            str(landing),
            *(f"{name}={os.environ[name]}" for name in sorted(os.environ) if _is_setting(name)),
            *(
                f"{path.relative_to(project)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
                for part in _PARTS
                for path in _files(project / part)
                if path.suffix != ".pyc"
            ),
            *_stamps(_files(landing)),
        ]
    )


def of_files(*paths: Path) -> str:
    """The hash of which of these files are there, of their sizes and times."""
    return _hash(_stamps(path for path in paths if path.exists()))


def _is_setting(name: str) -> bool:
    return name.startswith(("PARTNER_REPORTS_", "DBT_"))


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        for folder, folders, names in os.walk(path, followlinks=True):
            folders.sort()
            yield from (Path(folder, name) for name in sorted(names))


def _stamps(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        try:
            found = path.stat()
        except OSError as error:  # what is wrong with it, the build says
            yield f"{path} {error.errno}"
        else:
            yield f"{path} {found.st_size} {found.st_mtime_ns}"


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
