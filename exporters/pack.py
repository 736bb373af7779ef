"""One workbook per partner with all its reports."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import naming, workbook
from exporters.catalogue import REPORTS
from exporters.conditions import Request, all_partners, check_partner
from exporters.errors import ReportError
from exporters.files import whole_file
from exporters.published import is_interrupt
from exporters.text import explained, in_message, printed, visible

if TYPE_CHECKING:
    import duckdb
    from tqdm import tqdm


def run(
    connection: duckdb.DuckDBPyConnection,
    output: Path,
    from_date: date,
    to_date: date,
    named: Sequence[str] | None,
) -> int:
    """Write the packs of the `named` partners, or of all, below `output`; the exit status.

    Paths are printed as they are written. A partner whose workbook cannot be made is named on
    stderr, the others are still written, and the status is then 1.

    Raises:
        RequestError: a named partner is unknown; nothing is written.
    """
    everyone = all_partners(connection)
    for partner in named or ():
        check_partner(connection, partner)
    partners = list(dict.fromkeys(named)) if named else everyone
    if not partners:
        print("no account names a partner yet: there is nothing to pack", file=sys.stderr)
    folders = naming.folder_names(everyone)
    failed: dict[str, Exception] = {}
    progress = _progress(partners)
    for partner in partners if progress is None else progress:
        path = output / folders[partner] / f"pack_{from_date}_{to_date}.xlsx"
        try:
            write(connection, partner, from_date, to_date, path)
        except Exception as error:  # whatever it is, the other partners get theirs
            if is_interrupt(error):
                raise
            failed[partner] = error
        else:
            print(printed(path)) if progress is None else progress.write(printed(path))
    for partner, reason in failed.items():
        why = visible(explained(reason), keep="\n")
        print(f"partner-reports: no pack for partner {in_message(partner)}: {why}", file=sys.stderr)
    if failed:
        raise ReportError(f"{len(failed)} of {len(partners)} packs failed")
    return 0


def write(
    connection: duckdb.DuckDBPyConnection,
    partner: str,
    from_date: date,
    to_date: date,
    path: Path,
) -> None:
    """Write the pack of a known partner: a cover, the seven reports, control totals."""
    requests = [Request(report, partner, from_date, to_date) for report in REPORTS.values()]
    with whole_file(path) as temporary:
        workbook.write(connection, requests, temporary, with_cover=True)


def _progress(partners: list[str]) -> tqdm[str] | None:
    """A progress bar over the partners, where somebody is looking."""
    if not sys.stderr.isatty():
        return None
    from tqdm import tqdm

    return tqdm(partners, desc="packs", unit="partner")
