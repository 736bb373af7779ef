"""LibreOffice, for what only a spreadsheet can say of a workbook."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from support.proof import tried

_Test = TypeVar("_Test", bound=Callable[..., Any])


def needs_libreoffice(test: _Test) -> _Test:
    """A test that is skipped where LibreOffice is missing, and that `make soak` runs too."""
    is_missing = shutil.which("soffice") is None
    skipped = pytest.mark.skipif(is_missing, reason="LibreOffice is not installed")(test)
    marked: _Test = pytest.mark.proof(skipped)
    return marked


def converted(path: Path, folder: Path, filter_name: str) -> Path:
    """`path` as LibreOffice writes it to `folder`: `csv`, or an ending with options behind `:`."""
    subprocess.run(
        [
            *["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile"],
            *["--convert-to", filter_name, "--outdir", str(folder / "out"), str(path)],
        ],
        check=True,
        capture_output=True,
    )
    tried("workbooks opened and calculated by LibreOffice")
    return folder / "out" / f"{path.stem}.{filter_name.partition(':')[0]}"
