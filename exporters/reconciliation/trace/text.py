"""A trace as text to paste into a mail."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import fill

from exporters.escaping import in_message, short, visible
from exporters.reconciliation.trace.tables import ENTRIES, Row
from exporters.reconciliation.trace.trace import Event, Trace

_WIDTH = 100


def lines(trace: Trace) -> Iterator[str]:
    """The lines of a trace, to be printed one below the other."""
    yield in_message(trace.id)
    yield partners_line(trace)
    yield f"Data as of {trace.version_at}, version {in_message(trace.version)}"
    yield from map(transfer_line, trace.transfers)
    for event in trace.events:
        yield f"\n{state_line(event)}"
        yield from _deliveries(event)
        yield from _entries(event.entries)
        yield from _applied(event.entries)
        yield from _report_lines(event.report_lines)
    for more in not_shown(trace):
        yield f"\n{more}"


def partners_line(trace: Trace) -> str:
    """Whose the events are."""
    if not trace.partners:
        return "Partner: none (no entry of a known service account)"
    names = [
        in_message(f"{partner['partner_id']} {partner['partner_name'] or ''}".strip())
        for partner in trace.partners
    ]
    return f"{'Partner' if len(names) == 1 else 'Partners'}: {', '.join(names)}"


def state_line(event: Event) -> str:
    """The event, and what has become of it."""
    if event.event_id is None:
        return f"Rows of {event.feed} without an event id"
    return f"Event {in_message(event.event_id)} of {event.feed}: {event.state}"


def transfer_line(transfer: Row) -> str:
    """What went out of which accounts, what came in, and whether both agree."""
    name = (
        f"Transfer {in_message(transfer['transaction_id'])}"
        if transfer["transaction_id"]
        else f"Transfer of {in_message(transfer['event_id'])}, without a transaction id"
    )
    currency = transfer["currency"]
    sides = [
        f"{transfer[amount]} {currency} {way} {in_message(transfer[accounts])}"
        if transfer[accounts]
        else f"nothing {way} any account"
        for amount, way, accounts in (
            ("transferred_out", "out of", "from_accounts"),
            ("transferred_in", "in to", "to_accounts"),
        )
    ]
    is_open = transfer["difference"] != "0"
    closing = f"open, {transfer['difference']} {currency} differ" if is_open else "both sides agree"
    return f"{name}: {', '.join(sides)}: {closing}"


def not_shown(trace: Trace) -> list[str]:
    """How much more there is than is listed, in a sentence each."""
    more = []
    if trace.events_not_shown:
        more.append(f"{trace.events_not_shown:,} more events have this id and are not shown")
    if trace.deliveries_not_shown:
        more.append(f"{trace.deliveries_not_shown:,} more deliveries are not shown")
    return more


def _deliveries(event: Event) -> Iterator[str]:
    yield "\n  Deliveries"
    for number, delivery in enumerate(event.deliveries, start=1):
        place = [
            f"batch {delivery['batch_id']}",
            in_message(delivery["file"]) if delivery["file"] else "no file",
            *([f"row {delivery['row_number']}"] if delivery["row_number"] else []),
            *([f"version {delivery['version']}"] if delivery["version"] else []),
        ]
        yield f"  {number}. {', '.join(place)}"
        yield _wrapped(f"{delivery['verdict']}: {delivery['reason']}")
        if delivery["raw_values"] is not None:
            yield _wrapped(_values(delivery["raw_values"]))
        yield _wrapped(f"({delivery['raw_source']})")


def _values(raw: str) -> str:
    """The values of a row, without empty ones; those that could be misread in quotes."""
    pairs = []
    for name, value in json.loads(raw).items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if text:
            text = short(text)
            is_plain = not set(text) & set(' ,="') and text.isprintable()
            pairs.append(f"{name}={text if is_plain else json.dumps(text, ensure_ascii=False)}")
    return ", ".join(pairs)


def _applied(entries: Sequence[Row]) -> Iterator[str]:
    lines = []
    for entry in entries:
        day, account = entry["event_date"], entry["service_account_id"]
        if entry["partner_id"] is None:
            lines.append(f"service account {account}: no account record, so no partner yet")
            continue
        lines.append(
            f"service account {account} on {day}: partner {entry['partner_id']}, account "
            f"{entry['account_id']} ({entry['account_type']}), by {entry['account_record']}"
        )
        for whose in ("partner_discount", "discount"):
            if entry[f"{whose}_id"]:
                name = "partner discount" if whose == "partner_discount" else "named discount"
                record = entry[f"{whose}_record"] or "no record has this id"
                lines.append(f"{name} {entry[f'{whose}_id']}: {record}")
        if entry["list_amount"] is not None and not entry["partner_discount_id"]:
            lines.append(f"no partner discount applies to version {entry['version']}")
    if lines:
        yield "\n  Applied"
        for line in dict.fromkeys(lines):
            yield _wrapped(line)


_AMOUNTS = ("amount", "net_movement", "held", "list_amount", "discount_amount", "net_amount",
            "tax_amount", "partner_cost_amount", "partner_margin_amount")  # fmt: skip
_LABELS = {column.name: column.label.lower() for column in ENTRIES.columns}


def _entries(entries: Sequence[Row]) -> Iterator[str]:
    if not entries:
        return
    yield "\n  Entries"
    for number, entry in enumerate(entries, start=1):
        dates = (
            f"event date {entry['event_date']}, recorded {entry['recorded_date']}, "
            f"posted {entry['posted_date']}"
        )
        yield f"  {number}. {entry['entry_type']}, version {entry['version']}: {dates}"
        what = [f"service account {entry['service_account_id']}", *_what(entry)]
        amounts = ", ".join(
            f"{_LABELS[name]} {entry[name]}"
            for name in _AMOUNTS
            if entry[name] is not None and (name != "held" or entry[name] != "0")
        )
        yield _wrapped(f"{', '.join(what)}: {amounts} {entry['currency']}")


def _report_lines(lines: Sequence[Row]) -> Iterator[str]:
    if not lines:
        return
    yield "\n  Report lines"
    for basis, of_basis in groupby(lines, key=lambda line: line["basis"]):
        yield f"  by {basis} date" if basis else "  by either date"
        for line in of_basis:
            yield _wrapped(_report_line(line))


def _report_line(line: Row) -> str:
    entry = f"{line['entry_type']}, version {line['version']}"
    if line["amount"] is None:
        about = [line["report"], line["discount_id"]]
        return ", ".join([*filter(None, about), f"{line['note']} ({entry})"])
    account = line["service_account_id"]
    owner = f" ({line['account_type']} {line['account_id']})" if line["account_id"] else ""
    where = [
        *([f"service account {account}{owner}"] if account else []),
        *_what(line),
        *([str(line["discount_id"])] if line["discount_id"] else []),
    ]
    note = f"; {line['note']}" if line["note"] else ""
    return (
        f"{line['report']} of {line['partner_id']}, {line['report_date']}: {', '.join(where)}: "
        f"{line['measure']} {line['amount']} {line['currency']} ({entry}{note})"
    )


def _what(row: Row) -> list[str]:
    """What an entry or a line is about, as far as it says."""
    named = (("wallet ", "wallet"), ("", "entry_kind"), ("service ", "service_code"))
    return [f"{word}{row[name]}" for word, name in named if row[name] is not None]


def _wrapped(text: str) -> str:
    indent = " " * 5
    return fill(
        " ".join(short(word) for word in visible(text).split(" ")),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
