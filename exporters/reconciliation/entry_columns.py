"""What the sheets that list single entries of the ledger have in common."""

from __future__ import annotations

from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Column, Kind

VERSION = Column("version", "Version", Kind.ID, "The version of the event that made the entry.")
DATES = (
    Column("event_date", "Event date", Kind.DATE, "The day to which the event belongs."),
    Column("posted_date", "Posted date", Kind.DATE, "The day on which the entry was posted."),
)
SOURCE = (
    Column("batch_id", "Recorded in batch", Kind.ID, "The batch that brought the entry."),
    Column("file", "File", Kind.ID, "Its file; empty for a FOCUS line that is gone."),
    Column("row_number", "Row", Kind.COUNT, "The data row of the file, from 1."),
)


def columns_of(report: str, *names: str) -> tuple[Column, ...]:
    """Columns of a report of the catalogue, by name."""
    columns = {column.name: column for column in REPORTS[report].columns}
    return tuple(columns[name] for name in names)
