"""What an id means: the events or the discount that have it, and the refused rows.

Both are left in temporary tables beside the published marts, from which the tables of a trace are
worked out: `temp.traced` (feed, event_id, place, event_count) and `temp.refused`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters import sql
from exporters.errors import RequestError
from exporters.escaping import in_message, short
from exporters.landing.delivered import BLANKS

if TYPE_CHECKING:
    import duckdb

MOST_EVENTS = 50  # of a transaction that thousands share nobody reads more
REFUSED = sql.load(__file__, "refused.sql")
_EVENTS = sql.load(__file__, "events.sql")
_NEAREST = sql.load(__file__, "nearest.sql")
_MOST_CANDIDATES = 10_000  # of each kind of id, from which the nearest are chosen


def find(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """Fill `temp.traced` and `temp.refused`; the id, trimmed as those of feeds are.

    Raises:
        RequestError: nothing that was delivered has the id.
    """
    wanted = text.strip(BLANKS)
    if not wanted:
        raise RequestError("name the id of an event, a transaction, an order or a discount")
    for statement in (REFUSED, _EVENTS):
        sql.run(connection, statement, {"id": wanted, "most_events": MOST_EVENTS})
    found = connection.execute(
        "select 1 from temp.traced union all select 1 from temp.refused where is_asked limit 1"
    ).fetchone()
    if found is None:
        raise RequestError(
            f"nothing is known of {short(wanted)!r}: no event, transaction, order or discount that "
            f"was delivered has this id{_nearest(connection, wanted)}"
        )
    return wanted


def _nearest(connection: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """Ids that a slip at either end would lead to, among the first that begin or end like it."""
    folded = wanted.lower()
    kept = max(1, len(folded) - 2)
    found = sql.run(
        connection,
        _NEAREST,
        {
            "folded": folded,
            "beginning": folded[:kept],
            "ending": folded[-kept:],
            "most_candidates": _MOST_CANDIDATES,
        },
    ).fetchall()
    names = ", ".join(repr(in_message(row[0])) for row in found)
    return f"; did you mean {names}?" if names else ""
