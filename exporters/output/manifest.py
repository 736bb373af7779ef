"""The manifest beside a pack, for programs: its hash, the rows and totals of its sheets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from exporters.catalogue.types import Kind
from exporters.excel.content import About, Content
from exporters.query.amounts import exact

_CHUNK = 1 << 20


def path_of(workbook: Path) -> Path:
    """Where the manifest of a workbook is: beside it, under its name."""
    return workbook.with_suffix(".json")


def text_of(name: str, written: Path, about: About, contents: Sequence[Content]) -> str:
    """The manifest, as JSON, of the workbook at `written` whose name will be `name`.

    Amounts are exact and text, as in JSON exports. It has no clock in it: the same request to the
    same data gives the same manifest.
    """
    request = contents[0].request
    manifest = {
        "file": name,
        "bytes": written.stat().st_size,
        "sha256": _sha256(written),
        "partner": about.partner,
        "from": str(request.from_date),
        "to": str(request.to_date),
        "basis": request.basis.name,
        "compare": next(filter(None, (content.request.compare for content in contents)), None),
        "language": about.language.code,
        "version": about.version,
        "data_as_of": f"{about.version_at:%Y-%m-%d %H:%M:%S}",
        "rows": sum(content.totals.rows for content in contents),
        "sheets": [
            {
                "sheet": about.language.say(content.request.report.title),
                "report": content.request.report.id,
                "rows": content.totals.rows,
                "totals": _totals(content),
            }
            for content in contents
        ],
    }
    return json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"


def _totals(content: Content) -> dict[str, Any]:
    """The totals by currency; where parts are not added, those of each part."""
    report = content.request.report
    found: dict[str, Any] = {}
    for total in content.totals.lines(report):
        of = found if total.part is None else found.setdefault(total.part, {})
        of[total.currency] = {
            column.name: int(value) if column.kind is Kind.COUNT else exact(value)
            for column, value in zip(report.totals, total.sums, strict=True)
        }
    return found


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
