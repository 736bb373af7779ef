"""A trace as text to paste into a mail."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import fill

from exporters.escaping import in_message, short, visible
from exporters.i18n.language import ENGLISH
from exporters.reconciliation.trace.tables import ENTRIES, Row
from exporters.reconciliation.trace.trace import Discount, Event, Trace
from exporters.terminal_table import counted

_WIDTH = 100
_number = ENGLISH.grouped


def lines(trace: Trace) -> Iterator[str]:
    """The lines of a trace, to be printed one below the other."""
    yield in_message(trace.id)
    yield partners_line(trace)
    yield f"Data as of {trace.version_at}, version {in_message(trace.version)}"
    yield from map(transfer_line, trace.transfers)
    yield from (fill(order_line(order), _WIDTH, subsequent_indent="  ") for order in trace.orders)
    if trace.discount is not None:
        yield f"\n{discount_line(trace.discount)}"
        yield from _discount(trace.discount)
    for event in trace.events:
        yield f"\n{state_line(event)}"
        yield from _deliveries(event.deliveries)
        yield from _entries(event.entries)
        yield from _applied(event.entries)
        yield from _report_lines(event.report_lines)
    for more in not_shown(trace):
        yield f"\n{more}"


def partners_line(trace: Trace) -> str:
    """Whose the events and the discount are."""
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
        f"{_number(str(transfer[amount]))} {currency} {way} {in_message(transfer[accounts])}"
        if transfer[accounts]
        else f"nothing {way} any account"
        for amount, way, accounts in (
            ("transferred_out", "out of", "from_accounts"),
            ("transferred_in", "in to", "to_accounts"),
        )
    ]
    difference = str(transfer["difference"])
    is_open = difference != "0"
    closing = f"open, {_number(difference)} {currency} differ" if is_open else "both sides agree"
    return f"{name}: {', '.join(sides)}: {closing}"


def order_line(order: Row) -> str:
    """What stands of an order in one currency."""
    charges = counted(int(str(order["event_count"])), "charge stands", "charges stand")
    return (
        f"Order {in_message(order['order_id'])}: {charges}: {_amounts(order)} {order['currency']}"
    )


def discount_line(discount: Discount) -> str:
    """The discount, and what it is on the day of the data."""
    return f"Discount {in_message(discount.discount_id)}: {discount.state}"


def not_shown(trace: Trace) -> list[str]:
    """How much more there is than is listed, in a sentence each."""
    more = (
        (trace.events_not_shown, "event has this id and is", "events have this id and are"),
        (trace.deliveries_not_shown, "delivery is", "deliveries are"),
        (trace.charges_not_shown, "charge is", "charges are"),
    )
    return [
        counted(count, f"more {one} not shown", f"more {many} not shown")
        for count, one, many in more
        if count
    ]


def _deliveries(deliveries: Sequence[Row]) -> Iterator[str]:
    yield "\n  Deliveries"
    for number, delivery in enumerate(deliveries, start=1):
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
        days = entry["service_start"], entry["service_end"]
        if {*days} - {entry["event_date"], None}:
            what.append(f"sold for {_days(*days)}")
        yield _wrapped(f"{', '.join(what)}: {_amounts(entry)} {entry['currency']}")


def _amounts(row: Row) -> str:
    """The amounts that a row has, each with what it is."""
    return ", ".join(
        f"{_LABELS[name]} {_number(amount)}"
        for name in _AMOUNTS
        if (amount := row.get(name)) is not None and (name != "held" or amount != "0")
    )


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
        f"{line['measure']} {_number(line['amount'])} {line['currency']} ({entry}{note})"
    )


def _discount(discount: Discount) -> Iterator[str]:
    if discount.record["subject"] is not None:
        yield from map(_wrapped, _record(discount.record))
    yield from _deliveries(discount.deliveries)
    if discount.statuses:
        yield "\n  Status"
        for span in discount.statuses:
            status = ENGLISH.word("status", str(span["status"]))
            yield _wrapped(f"{_days(span['from_date'], span['to_date'])}: {status}")
    if discount.charges:
        yield "\n  Charges"
        for number, charge in enumerate(discount.charges, start=1):
            yield from _charge(number, charge)
    if discount.worth:
        yield "\n  Lines of the discounts report"
        for basis, of_basis in groupby(discount.worth, key=lambda line: line["basis"]):
            yield f"  by {basis} date"
            yield from (_wrapped(_worth(line)) for line in of_basis)


def _record(record: Row) -> Iterator[str]:
    """To whom a discount applies, when, and by which record."""
    if record["subject"] == "partner":
        whom = f"partner {_named(record, 'partner')}"
    else:
        account = f" (account {_named(record, 'account')})" if record["account_id"] else ""
        service_account = _named(record, "service_account")
        whom = f"service account {service_account}{account} of partner {record['partner_id']}"
    deal = f", deal {record['deal_id']}" if record["deal_id"] else ""
    service = record["service_code"]
    yield f"{_number(str(record['rate_percent']))} % for {whom}: service {service}{deal}"
    days = [
        f"{word} on {record[name]}"
        for word, name in (
            ("requested", "requested_on"), ("approved", "approved_on"),
            ("rejected", "rejected_on"), ("revoked", "revoked_on"),
        )
        if record[name] is not None
    ]  # fmt: skip
    starts = record["starts_on"]
    applies = f"applies {_days(starts, record['ends_on'])}" if starts else "never applies"
    yield ", ".join([*days, applies])
    yield f"by {record['record']}"


def _named(row: Row, what: str) -> str:
    return f"{row[f'{what}_id']} {row[f'{what}_name'] or ''}".strip()


def _days(first: str | None, last: str | None) -> str:
    if first is None:
        return "always" if last is None else f"until {last}"
    return f"from {first}" if last is None else f"{first} to {last}"


def _charge(number: int, charge: Row) -> Iterator[str]:
    event = f"{in_message(charge['event_id'])} of {charge['feed']}"
    dates = f"event date {charge['event_date']}, posted {charge['posted_date']}"
    yield f"  {number}. {event}, {charge['entry_type']}, version {charge['version']}: {dates}"
    account = f"service account {charge['service_account_id']}"
    what = [account, *_what(charge), f"ordered {charge['order_date']}"]
    if charge["note"] is not None:
        yield _wrapped(f"{', '.join(what)}: no worth: {charge['note']}")
        return
    taken_back = (
        ""
        if charge["is_standing"] == "yes" or charge["entry_type"] == "reversal"
        else ("; taken back later")
    )
    yield _wrapped(f"{', '.join(what)}: {_amounts(charge)} {charge['currency']}{taken_back}")


def _worth(line: Row) -> str:
    month = "all time" if line["month"] is None else str(line["month"])[:7]
    status = f", {ENGLISH.word('status', line['status']).lower()}" if line["status"] else ""
    events = counted(int(str(line["event_count"])), "event", "events")
    return (
        f"discounts of {line['partner_id']}, {month}{status}: {events}, {_amounts(line)} "
        f"{line['currency']}"
    )


def _what(row: Row) -> list[str]:
    """What an entry or a line is about, as far as it says."""
    kinds = (("", "entry_kind"), ("", "charge_type"))
    named = (("wallet ", "wallet"), *kinds, ("service ", "service_code"))
    return [f"{word}{row[name]}" for word, name in named if row.get(name) is not None]


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
