"""Everything about one event or transaction: deliveries, entries, what was applied, report lines.

find.py says which events an id means, tables.py works their rows out, values.py reads the files
again; here it becomes one object. All of it happens in temporary tables beside the published
marts, so only the traced events are held in memory. Events of any partner are shown: this is the
provider's own tool.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import sql
from exporters.query.amounts import exact
from exporters.reconciliation.trace import tables
from exporters.reconciliation.trace.find import find
from exporters.reconciliation.trace.tables import Row
from exporters.reconciliation.trace.values import add_values
from exporters.warehouse import published

if TYPE_CHECKING:
    import duckdb

_TRANSFERS = sql.load(__file__, "transfers.sql")
_MOST_ACCOUNTS = 10  # of a side of a transfer


@dataclass(frozen=True)
class Event:
    """One event: rows of the three tables, every value as text, None for empty."""

    feed: str | None
    event_id: str | None
    deliveries: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    report_lines: list[Row] = field(default_factory=list)

    @property
    def state(self) -> str:
        """What has become of it, in words."""
        for entry in self.entries:
            if entry["is_standing"] == "yes":
                return f"version {entry['version']} stands"
        if self.entries:
            return f"taken back by version {self.entries[-1]['version']}: nothing stands"
        if any(delivery["verdict"] == "accepted" for delivery in self.deliveries):
            return "taken back before it came: nothing stands"
        return "never accepted"


@dataclass(frozen=True)
class Trace:
    """What is known of an id.

    Attributes:
        id: the id.
        version, version_at: of the published file.
        partners: whose it is: id and name.
        events: what has the id, then the other sides of transfers.
        transfers: the two sides of each transfer among them, added up.
        events_not_shown, deliveries_not_shown: how many more there are than are listed.
    """

    id: str
    version: str
    version_at: str
    partners: list[Row]
    events: list[Event]
    transfers: list[Row]
    events_not_shown: int
    deliveries_not_shown: int


def trace(connection: duckdb.DuckDBPyConnection, text: str, landing: Path | None) -> Trace:
    """Everything about the events with an id, of a transaction or an order.

    Other sides of transfers are traced too. Files are read again below `landing`.

    Raises:
        RequestError: nothing that was delivered has the id.
    """
    wanted = find(connection, text)
    tables.prepare(connection)
    add_values(connection, landing)
    version, version_at = published.version(connection)
    deliveries, entries, lines = (tables.rows(connection, each) for each in tables.TABLES)
    ((events, shown, delivered),) = connection.execute(
        """
        select
            (select coalesce(max(event_count), 0) from temp.traced),
            (select count(*) from temp.traced),
            (select coalesce(max(delivery_count), 0) from temp.trace_deliveries)
        """
    ).fetchall()
    return Trace(
        id=wanted,
        version=version,
        version_at=str(version_at),
        partners=_partners(connection),
        events=_events(connection, deliveries, entries, lines),
        transfers=_transfers(connection),
        events_not_shown=events - shown,
        deliveries_not_shown=delivered - len(deliveries),
    )


def _events(
    connection: duckdb.DuckDBPyConnection,
    deliveries: list[Row],
    entries: list[Row],
    lines: list[Row],
) -> list[Event]:
    """The events in their order, each with its rows; last, refused rows that name no event."""
    found: dict[tuple[str | None, str | None], Event] = {}
    for feed, event_id in connection.execute(
        "select feed, event_id from temp.traced order by place"
    ).fetchall():
        found[feed, event_id] = Event(feed, event_id)
    for delivery in deliveries:
        key = delivery["feed"], delivery["event_id"]
        found.setdefault(key, Event(*key)).deliveries.append(delivery)
    for entry in entries:
        found[entry["feed"], entry["event_id"]].entries.append(entry)
    for line in lines:
        found[line["feed"], line["event_id"]].report_lines.append(line)
    return list(found.values())


def _partners(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    found = connection.execute(
        """
        select
            partner_id,
            partner_name,
        from reports.partners
        where partner_id in (select partner_id from temp.trace_entries)
        order by partner_id
        """
    ).fetchall()
    return [{"partner_id": partner, "partner_name": name} for partner, name in found]


def _transfers(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The two sides of each transfer, every value as text; of many accounts the first ten."""
    sides = []
    for transaction, event, currency, *amounts, out_of, in_to in sql.run(
        connection, _TRANSFERS
    ).fetchall():
        out, taken, difference = map(exact, amounts)
        sides.append(
            {
                "transaction_id": transaction,
                "event_id": event,
                "currency": currency,
                "transferred_out": out,
                "transferred_in": taken,
                "difference": difference,
                "from_accounts": _listed(out_of),
                "to_accounts": _listed(in_to),
            }
        )
    return sides


def _listed(accounts: list[str] | None) -> str | None:
    return None if accounts is None else ", ".join(accounts[:_MOST_ACCOUNTS])
