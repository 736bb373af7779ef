"""The values of each delivery of a trace, as they stood in its file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.landing.delivered import Place, read_again
from exporters.reconciliation.trace.tables import ENTRIES, rows

if TYPE_CHECKING:
    import duckdb

# What of an entry its row said, in so many words.
_STORED = (
    "service_account_id", "wallet", "entry_kind", "service_code", "transaction_id",
    "counterparty_service_account_id", "order_id", "discount_id", "currency", "amount",
    "list_amount", "discount_amount", "net_amount", "tax_amount", "event_date",
)  # fmt: skip


def add_values(connection: duckdb.DuckDBPyConnection, landing: Path | None) -> None:
    """Find the values of each delivery: of `temp.trace_deliveries`, into `temp.trace_values`.

    Refused rows were kept whole; others are read again from the landing folder. Where that is
    not possible, what an accepted row left in the ledger is shown, with the reason.
    """
    deliveries = connection.execute(
        """
        select number, feed, batch_id, file, row_number, event_id, version, verdict, raw, stored
        from temp.trace_deliveries
        order by number
        """
    ).fetchall()
    places = {
        delivery[0]: Place(*delivery[1:5])
        for delivery in deliveries
        if delivery[8] is None and delivery[3] is not None
    }
    read = read_again(connection, landing, places.values())
    stored = {
        (row["feed"], row["event_id"], row["version"]): row
        for row in rows(connection, ENTRIES)
        if row["entry_type"] == "original"
    }
    values = []
    for number, feed, _, file, _, event_id, version, verdict, raw, record in deliveries:
        found = read[places[number]] if number in places else None
        entry = stored.get((feed, event_id, version)) if verdict == "accepted" else None
        if raw is not None:
            values.append((number, raw, "as delivered, kept with the reasons"))
        elif file is None:
            values.append((number, None, "there is no row: the delivery lacks the line"))
        elif isinstance(found, dict):
            values.append((number, _json(found), "as delivered, read again from the file"))
        elif entry is not None:
            kept = {name: entry[name] for name in _STORED if entry[name] is not None}
            values.append((number, _json(kept), f"as stored in the ledger: {found}"))
        elif record is not None:
            kept = {
                name: text
                for name, text in json.loads(record).items()
                if text is not None and name not in Place._fields
            }
            values.append((number, _json(kept), f"as stored in the ledger: {found}"))
        else:
            values.append((number, None, f"not kept: {found}"))
    connection.execute(
        "create or replace temp table trace_values "
        "(number bigint, raw_values varchar, raw_source varchar)"
    )
    if values:
        connection.executemany("insert into temp.trace_values values (?, ?, ?)", values)


def _json(values: object) -> str:
    return json.dumps(values, ensure_ascii=False)
