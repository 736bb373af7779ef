"""Formulas of a workbook."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from openpyxl import load_workbook

from exporters.cli import app

_FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"[^>]*><f>([^<]*)</f><v>([^<]*)</v></c>')


def export(home: Path, output: Path, report: str, *options: str) -> Path:
    arguments = ["export", report, "--home", str(home), "--partner", "P-001", *PERIOD]
    assert app.main([*arguments, "--output", str(output), *options]) == 0
    return output


def found(path: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Formula and value by sheet and cell."""
    titles = load_workbook(path, read_only=True).sheetnames
    with zipfile.ZipFile(path) as archive:
        return {
            (title, cell): (formula, value)
            for number, title in enumerate(titles, start=1)
            for cell, formula, value in _FORMULA.findall(
                archive.read(f"xl/worksheets/sheet{number}.xml").decode()
            )
        }


PERIOD = ["--from", "2024-02-01", "--to", "2024-02-29"]
