"""The packs of some partners, one after another in one process: what `pack` is compared with.

python benchmarks/pack_in_turn.py HOME OUTPUT FROM TO PARTNER...
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from exporters.output import pack, paths
from exporters.warehouse.published import open_published


def main(home: Path, output: Path, first: date, last: date, partners: list[str]) -> None:
    """Write a workbook for each partner below `output`."""
    folders = paths.folder_names(partners)
    with open_published(home) as connection:
        for partner in partners:
            path = output / folders[partner] / f"pack_{first}_{last}.xlsx"
            pack.write(connection, pack.Job(partner, first, last, path))


if __name__ == "__main__":
    home, output, first, last, *partners = sys.argv[1:]
    main(Path(home), Path(output), date.fromisoformat(first), date.fromisoformat(last), partners)
