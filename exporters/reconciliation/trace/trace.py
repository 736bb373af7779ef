"""Everything about one event or transaction: deliveries, entries, what was applied, report lines.

All of it is worked out in temporary tables beside the published marts, from the events that are to
be traced (`temp.traced`) on, so that nothing but these is ever held in memory. Every published
file can be asked, whatever partner it is about: this is the provider's own tool.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from exporters.catalogue.types import Report
from exporters.errors import RequestError
from exporters.escaping import in_message, short
from exporters.landing.delivered import BLANKS, Place, read_again
from exporters.query import builder
from exporters.reconciliation.trace.tables import DELIVERIES, ENTRIES, REPORT_LINES, prepare
from exporters.request.report_request import Request
from exporters.warehouse import published

if TYPE_CHECKING:
    import duckdb

MOST_EVENTS = 50  # a transaction id that thousands share is not one that says anything
Row: TypeAlias = dict[str, str | None]
TABLES = (DELIVERIES, ENTRIES, REPORT_LINES)

_LOOKED_AT = 10_000  # ids that may be meant, before the nearest are chosen

# -- which events ------------------------------------------------------------------------------

# Ids of a refused row, trimmed as those of others are; its header may be spelled in any case.
_REFUSED = """\
create or replace temp table refused as
with delivered as (
    select
        feed,
        batch_id,
        file,
        row_number,
        raw,
        reasons,
        list_filter(
            json_keys(raw),
            lambda name: lower(name) in ('event_id', 'transaction_id', 'order_id')
        ) as names,
    from reports.rejected_rows
    where feed in ('credits', 'revenue')
),

named as (
    select
        *,
        unnest(names) as name,
        trim(raw ->> name, chr(32) || chr(9) || chr(13) || chr(10)) as id,
    from delivered
)

select
    feed,
    batch_id,
    file,
    row_number,
    any_value(raw) as raw,
    any_value(reasons) as reasons,
    any_value(id) filter (where lower(name) = 'event_id') as event_id,
    bool_or(id = $id) as is_asked,
from named
group by feed, batch_id, file, row_number"""

# The events with that id, those of the transaction or order, and the other sides of transfers.
_TRACED = """\
create or replace temp table traced as
with known as (
    select 'credits' as feed, event_id from ledger.fct_credit_entries
    where event_id = $id or transaction_id = $id
    union
    select feed, event_id from ledger.fct_revenue_entries where event_id = $id or order_id = $id
    union
    select feed, event_id from ledger.event_voids where event_id = $id
    union
    select feed, event_id from reports.ignored_rows
    where event_id = $id and feed in ('credits', 'revenue', 'focus')
    union
    select feed, event_id from temp.refused where is_asked and event_id <> ''
),

transfers as (
    select transaction_id
    from ledger.fct_credit_entries
    where
        event_id in (select event_id from known where feed = 'credits')
        and movement_type in ('transfer_in', 'transfer_out')
        and transaction_id is not null
),

other_sides as (
    select distinct
        'credits' as feed,
        event_id,
    from ledger.fct_credit_entries
    where
        transaction_id in (select transaction_id from transfers)
        and event_id not in (select event_id from known where feed = 'credits')
)

select
    feed,
    event_id,
    row_number() over (order by is_other, feed, event_id) as place,
    count(*) over () as event_count,
from (
    select *, false as is_other from known
    union all
    select *, true as is_other from other_sides
) as found
qualify place <= $most"""


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
    wanted = _find(connection, text)
    prepare(connection)
    _add_values(connection, landing)
    version, version_at = published.version(connection)
    deliveries, entries, lines = (rows(connection, each) for each in TABLES)
    of_event: dict[tuple[str | None, str | None], Event] = {}
    for feed, event_id in connection.execute(
        "select feed, event_id from temp.traced order by place"
    ).fetchall():
        of_event[feed, event_id] = Event(feed, event_id)
    for delivery in deliveries:
        key = delivery["feed"], delivery["event_id"]
        of_event.setdefault(key, Event(*key)).deliveries.append(delivery)
    for entry in entries:
        of_event[entry["feed"], entry["event_id"]].entries.append(entry)
    for line in lines:
        of_event[line["feed"], line["event_id"]].report_lines.append(line)
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
        events=list(of_event.values()),
        transfers=_transfers(connection),
        events_not_shown=events - shown,
        deliveries_not_shown=delivered - len(deliveries),
    )


def _find(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """Fill `temp.traced` and `temp.refused`; the id, trimmed as those of feeds are."""
    wanted = text.strip(BLANKS)
    if not wanted:
        raise RequestError("name the id of an event, a transaction or an order")
    connection.execute(_REFUSED, {"id": wanted})
    connection.execute(_TRACED, {"id": wanted, "most": MOST_EVENTS})
    found = connection.execute(
        "select 1 from temp.traced union all select 1 from temp.refused where is_asked limit 1"
    ).fetchone()
    if found is None:
        raise RequestError(
            f"nothing is known of {short(wanted)!r}: no event, transaction or order that was "
            f"delivered has this id{_nearest(connection, wanted)}"
        )
    return wanted


def request(report: Report) -> Request:
    """A request for a table of a trace; it has no partner and no period."""
    return Request(report, "", date.min, date.max)


def rows(connection: duckdb.DuckDBPyConnection, report: Report) -> list[Row]:
    """The rows of a table of a trace, every value as the text that stands in files."""
    wanted = builder.as_text(request(report))
    cursor = connection.execute(wanted.sql, wanted.parameters)
    names = [column.name for column in report.columns]
    return [
        {
            name: None if value is None else str(value)
            for name, value in zip(names, row, strict=True)
        }
        for row in cursor.fetchall()
    ]


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


# Sums of all entries are those of what stands. A transfer without a transaction id stands alone.
_TRANSFERS = """
with asked as (
    select distinct
        transaction_id,
        case when transaction_id is null then event_id end as event_id,
    from temp.trace_entries
    where feed = 'credits' and entry_kind in ('transfer_in', 'transfer_out')
),

accounts as (
    select
        asked.transaction_id,
        asked.event_id,
        entries.currency,
        entries.movement_type,
        entries.service_account_id,
        sum(entries.amount) as amount,
    from ledger.fct_credit_entries as entries
    inner join asked
        on
            entries.transaction_id = asked.transaction_id
            or (entries.transaction_id is null and entries.event_id = asked.event_id)
    where entries.movement_type in ('transfer_in', 'transfer_out')
    group by all
    having sum(entries.amount) <> 0
),

sides as (
    select
        transaction_id,
        event_id,
        currency,
        {out_and_in},
    from accounts
    group by transaction_id, event_id, currency
)

select
    transaction_id,
    event_id,
    currency,
    {texts},
from sides
order by all
"""


def _transfers(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    sides = {"transferred_out": "transfer_out", "transferred_in": "transfer_in"}
    amounts = [
        f"coalesce(sum(amount) filter (where movement_type = '{movement}'), 0) as {name}"
        for name, movement in sides.items()
    ]
    accounts = [
        "array_to_string(list_slice(list_sort(list(service_account_id) "
        f"filter (where movement_type = '{movement}')), 1, 10), ', ') as {name}"
        for name, movement in (("from_accounts", "transfer_out"), ("to_accounts", "transfer_in"))
    ]
    names = [*sides, "difference"]
    texts = [f"rtrim(rtrim(cast({name} as varchar), '0'), '.') as {name}" for name in names]
    difference = "transferred_out - transferred_in as difference"
    sql = _TRANSFERS.format(
        out_and_in=", ".join([*amounts, difference, *accounts]),
        texts=", ".join([*texts, "from_accounts", "to_accounts"]),
    )
    columns = ("transaction_id", "event_id", "currency", *names, "from_accounts", "to_accounts")
    return [dict(zip(columns, row, strict=True)) for row in connection.execute(sql).fetchall()]


# -- values as delivered -----------------------------------------------------------------------

# What of an entry its row said, in so many words.
_STORED = (
    "service_account_id", "wallet", "entry_kind", "service_code", "transaction_id",
    "counterparty_service_account_id", "order_id", "discount_id", "currency", "amount",
    "list_amount", "discount_amount", "net_amount", "tax_amount", "event_date",
)  # fmt: skip


def _add_values(connection: duckdb.DuckDBPyConnection, landing: Path | None) -> None:
    """Find the values of each delivery: of `temp.trace_deliveries`, into `temp.trace_values`.

    Refused rows were kept whole; others are read again from the landing folder. Where that is
    not possible, what an accepted row left in the ledger is shown, with the reason.
    """
    deliveries = connection.execute(
        """
        select number, feed, batch_id, file, row_number, event_id, version, verdict, raw
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
    for number, feed, _, file, _, event_id, version, verdict, raw in deliveries:
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


def _nearest(connection: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """Ids that a slip at either end would lead to, among the first that begin or end like it."""
    known = " union ".join(
        f"(select {column} as id from {table} where starts_with(lower({column}), $beginning) "
        f"or ends_with(lower({column}), $end) limit {_LOOKED_AT})"
        for table, column in (
            ("ledger.fct_credit_entries", "event_id"),
            ("ledger.fct_credit_entries", "transaction_id"),
            ("ledger.fct_revenue_entries", "event_id"),
            ("ledger.fct_revenue_entries", "order_id"),
        )
    )
    folded = wanted.lower()
    kept = max(1, len(folded) - 2)
    found = connection.execute(
        f"""
        select id
        from ({known}) as known
        where levenshtein(lower(id), $folded) <= 2
        order by levenshtein(lower(id), $folded), id
        limit 3
        """,
        {"folded": folded, "beginning": folded[:kept], "end": folded[-kept:]},
    ).fetchall()
    names = ", ".join(repr(in_message(row[0])) for row in found)
    return f"; did you mean {names}?" if names else ""
