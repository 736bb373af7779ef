"""Everything about an id: deliveries, entries, what was applied, report lines, a discount's worth.

find.py says which events or discount an id means, tables.py and discounts.py work their rows out,
values.py reads the files again; here it becomes one object. All of it happens in temporary tables
beside the published marts, so only what is traced is held in memory. Events and discounts of any
partner are shown: this is the provider's own tool.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import sql
from exporters.i18n.language import ENGLISH
from exporters.query.amounts import exact
from exporters.reconciliation.trace import discounts, tables
from exporters.reconciliation.trace.find import find
from exporters.reconciliation.trace.tables import Row
from exporters.reconciliation.trace.values import add_values
from exporters.warehouse import published

if TYPE_CHECKING:
    import duckdb

_ORDERS = sql.load(__file__, "orders.sql")
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
class Discount:
    """One discount: rows of its tables, every value as text, None for empty.

    Attributes:
        discount_id: its id.
        record: its latest record as it applies, empty but for the id where none was accepted.
        deliveries: every row that delivered it.
        statuses: spans of days with one status.
        charges: the entries in which it has its worth, then those that only name it.
        worth: what the discounts report says, per month and over all time, on both bases.
    """

    discount_id: str
    record: Row
    deliveries: list[Row]
    statuses: list[Row]
    charges: list[Row]
    worth: list[Row]

    @property
    def state(self) -> str:
        """What it is on the day of the data, in words."""
        status = self.record["status"]
        return "no accepted record" if status is None else ENGLISH.word("status", status).lower()


@dataclass(frozen=True)
class Trace:
    """What is known of an id.

    Attributes:
        id: the id.
        version, version_at: of the published file.
        partners: whose it is: id and name.
        events: what has the id, then the other sides of transfers.
        transfers: the two sides of each transfer among them, added up.
        orders: what stands of the order with the id, added up per currency.
        discount: the discount with the id, if there is one.
        events_not_shown, deliveries_not_shown, charges_not_shown: how many more there are than
            are listed.
    """

    id: str
    version: str
    version_at: str
    partners: list[Row]
    events: list[Event]
    transfers: list[Row]
    orders: list[Row]
    discount: Discount | None
    events_not_shown: int
    deliveries_not_shown: int
    charges_not_shown: int


def trace(connection: duckdb.DuckDBPyConnection, text: str, landing: Path | None) -> Trace:
    """Everything about the events with an id, of a transaction or an order, and about a discount.

    Other sides of transfers are traced too. Files are read again below `landing`.

    Raises:
        RequestError: nothing that was delivered has the id.
    """
    wanted = find(connection, text)
    tables.prepare(connection)
    add_values(connection, landing)
    version, version_at = published.version(connection)
    deliveries, entries, lines = (tables.rows(connection, each) for each in tables.TABLES)
    discount, charges_not_shown = _discount(connection, wanted, deliveries)
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
        partners=_partners(connection, discount),
        events=_events(connection, deliveries, entries, lines),
        transfers=_transfers(connection),
        orders=_orders(connection, wanted),
        discount=discount,
        events_not_shown=events - shown,
        deliveries_not_shown=delivered - len(deliveries),
        charges_not_shown=charges_not_shown,
    )


def _discount(
    connection: duckdb.DuckDBPyConnection, wanted: str, deliveries: list[Row]
) -> tuple[Discount | None, int]:
    """The discount with the id, if there is one, and how many of its charges are left out."""
    is_one = connection.execute("select 1 from temp.traced where feed = 'discounts'").fetchone()
    if is_one is None:
        return None, 0
    charge_count = discounts.prepare(connection)
    (record,), statuses, charges, worth = (
        tables.rows(connection, table) for table in discounts.TABLES
    )
    own = [delivery for delivery in deliveries if delivery["feed"] == "discounts"]
    return Discount(wanted, record, own, statuses, charges, worth), charge_count - len(charges)


def _events(
    connection: duckdb.DuckDBPyConnection,
    deliveries: list[Row],
    entries: list[Row],
    lines: list[Row],
) -> list[Event]:
    """The events in their order, each with its rows; last, refused rows that name no event."""
    found: dict[tuple[str | None, str | None], Event] = {}
    for feed, event_id in connection.execute(
        "select feed, event_id from temp.traced where feed <> 'discounts' order by place"
    ).fetchall():
        found[feed, event_id] = Event(feed, event_id)
    for delivery in deliveries:
        if delivery["feed"] == "discounts":
            continue
        key = delivery["feed"], delivery["event_id"]
        found.setdefault(key, Event(*key)).deliveries.append(delivery)
    for entry in entries:
        found[entry["feed"], entry["event_id"]].entries.append(entry)
    for line in lines:
        found[line["feed"], line["event_id"]].report_lines.append(line)
    return list(found.values())


def _partners(connection: duckdb.DuckDBPyConnection, discount: Discount | None) -> list[Row]:
    found = connection.execute(
        """
        select
            partner_id,
            partner_name,
        from reports.partners
        where
            partner_id in (select partner_id from temp.trace_entries)
            or partner_id = $of_discount
        order by partner_id
        """,
        {"of_discount": None if discount is None else discount.record["partner_id"]},
    ).fetchall()
    return [{"partner_id": partner, "partner_name": name} for partner, name in found]


def _orders(connection: duckdb.DuckDBPyConnection, order: str) -> list[Row]:
    """What stands of the order, per currency, every value as text."""
    names = ("list_amount", "discount_amount", "net_amount", "tax_amount")
    return [
        {
            "order_id": order_id,
            "currency": currency,
            "event_count": str(count),
            **dict(zip(names, map(exact, amounts), strict=True)),
        }
        for order_id, currency, count, *amounts in sql.run(
            connection, _ORDERS, {"id": order}
        ).fetchall()
    ]


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
