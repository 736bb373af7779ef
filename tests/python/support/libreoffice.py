"""LibreOffice, for what only a spreadsheet can say of a workbook."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.proof import tried


def converted(path: Path, folder: Path, filter_name: str) -> Path:
    """`path` as LibreOffice writes it to `folder`: `csv`, or an ending with options behind `:`."""
    if shutil.which("soffice") is None:
        pytest.fail(
            "LibreOffice is missing: apt-get install --no-install-recommends libreoffice-calc-nogui"
        )
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
