"""What has arrived of each feed, by the published marts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from exporters import sql

if TYPE_CHECKING:
    import duckdb


class Arrived(NamedTuple):
    """A feed with its batches, and its rows and standing events by what became of them.

    Attributes:
        newest: id of the newest batch.
        recorded_date: the day of that batch, in business time.
    """

    feed: str
    batches: int
    newest: str
    recorded_date: date
    rows: int
    accepted: int
    rejected: int
    ignored: int
    unattributed: int


def arrived(
    connection: duckdb.DuckDBPyConnection, known: Iterable[tuple[str, str]] = ()
) -> list[Arrived]:
    """Each feed of which there is a batch, in order of its name.

    Batches that are `known`, as feed and id, do not count.
    """
    names = {"known": [f"{feed}/{batch_id}" for feed, batch_id in known]}
    rows = connection.execute(sql.load(__file__, "feeds.sql"), names).fetchall()
    return [Arrived(*row) for row in rows]
