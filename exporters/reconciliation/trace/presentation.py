"""A trace for people: as text to paste into a mail, as one JSON object, as a workbook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from exporters.errors import RequestError
from exporters.escaping import in_message, short, visible
from exporters.files import whole_file
from exporters.output import formats
from exporters.reconciliation.trace.tables import ENTRIES, TABLES, Row, request
from exporters.reconciliation.trace.trace import Event, Trace

if TYPE_CHECKING:
    import duckdb

ENDINGS = (".xlsx", ".json")
_WIDTH = 100


def check_output(output: Path) -> str:
    """The ending of a file that a trace is to be written to.

    Raises:
        RequestError: the ending is unknown, or a folder has that name.
    """
    ending = formats.check_output(output)
    if ending not in ENDINGS:
        raise RequestError(
            f"a trace cannot be written to --output {short(str(output))!r}: "
            f"allowed endings are {', '.join(ENDINGS)}"
        )
    return ending


def write(connection: duckdb.DuckDBPyConnection, trace: Trace, output: Path) -> None:
    """Write a trace that was just made with `connection`.

    Raises:
        RequestError: the ending of `output` is unknown.
        ReportError: the workbook does not say what it should.
    """
    ending = formats.check_output(output)
    with whole_file(output) as temporary:
        if ending == ".json":
            text = json.dumps(as_object(trace), ensure_ascii=False, indent=1)
            temporary.write_text(text + "\n", encoding="utf-8")
        else:
            _write_workbook(connection, trace, temporary)


def as_object(trace: Trace) -> dict[str, object]:
    """A trace as JSON has it: each event with its state, the values of rows as objects."""
    made = asdict(trace)
    for event, of_event in zip(trace.events, made["events"], strict=True):
        of_event["state"] = event.state
        for delivery in of_event["deliveries"]:
            raw = delivery["raw_values"]
            delivery["raw_values"] = None if raw is None else json.loads(raw)
    return made


def _write_workbook(connection: duckdb.DuckDBPyConnection, trace: Trace, path: Path) -> None:
    from exporters.excel import workbook  # openpyxl takes longer to load than to use
    from exporters.excel.content import About
    from exporters.warehouse import published

    version, version_at = published.version(connection)
    about = About(f"{trace.id} - {_of_partners(trace)}", None, version, version_at)
    states = "; ".join([_state(event) for event in trace.events] + _more(trace))
    transfers = "; ".join(_transfer(transfer) for transfer in trace.transfers)
    contents = [
        workbook.content_of(
            connection,
            request(table),
            words=[words for words in (states, transfers) if words],
            notes=[],
        )
        for table in TABLES
    ]
    workbook.write_contents(connection, about, contents, path)


# -- text --------------------------------------------------------------------------------------


def show(trace: Trace) -> None:
    """Print a trace."""
    print(in_message(trace.id))
    print(_of_partners(trace))
    print(f"Data as of {trace.version_at}, version {in_message(trace.version)}")
    for transfer in trace.transfers:
        print(_transfer(transfer))
    for event in trace.events:
        print(f"\n{_state(event)}")
        _show_deliveries(event)
        _show_entries(event.entries)
        _show_applied(event.entries)
        _show_report_lines(event.report_lines)
    for more in _more(trace):
        print(f"\n{more}")


def _of_partners(trace: Trace) -> str:
    if not trace.partners:
        return "Partner: none (no entry of a known service account)"
    names = [
        in_message(f"{partner['partner_id']} {partner['partner_name'] or ''}".strip())
        for partner in trace.partners
    ]
    return f"{'Partner' if len(names) == 1 else 'Partners'}: {', '.join(names)}"


def _state(event: Event) -> str:
    if event.event_id is None:
        return f"Rows of {event.feed} without an event id"
    return f"Event {in_message(event.event_id)} of {event.feed}: {event.state}"


def _transfer(transfer: Row) -> str:
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


def _more(trace: Trace) -> list[str]:
    more = []
    if trace.events_not_shown:
        more.append(f"{trace.events_not_shown:,} more events have this id and are not shown")
    if trace.deliveries_not_shown:
        more.append(f"{trace.deliveries_not_shown:,} more deliveries are not shown")
    return more


def _show_deliveries(event: Event) -> None:
    print("\n  Deliveries")
    for number, delivery in enumerate(event.deliveries, start=1):
        place = [
            f"batch {delivery['batch_id']}",
            in_message(delivery["file"]) if delivery["file"] else "no file",
            *([f"row {delivery['row_number']}"] if delivery["row_number"] else []),
            *([f"version {delivery['version']}"] if delivery["version"] else []),
        ]
        print(f"  {number}. {', '.join(place)}")
        _print_wrapped(f"{delivery['verdict']}: {delivery['reason']}")
        if delivery["raw_values"] is not None:
            _print_wrapped(_values(delivery["raw_values"]))
        _print_wrapped(f"({delivery['raw_source']})")


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


def _show_applied(entries: Sequence[Row]) -> None:
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
        print("\n  Applied")
        for line in dict.fromkeys(lines):
            _print_wrapped(line)


_AMOUNTS = ("amount", "net_movement", "held", "list_amount", "discount_amount", "net_amount",
            "tax_amount", "partner_cost_amount", "partner_margin_amount")  # fmt: skip
_LABELS = {column.name: column.label.lower() for column in ENTRIES.columns}


def _show_entries(entries: Sequence[Row]) -> None:
    if not entries:
        return
    print("\n  Entries")
    for number, entry in enumerate(entries, start=1):
        dates = (
            f"event date {entry['event_date']}, recorded {entry['recorded_date']}, "
            f"posted {entry['posted_date']}"
        )
        print(f"  {number}. {entry['entry_type']}, version {entry['version']}: {dates}")
        what = [f"service account {entry['service_account_id']}", *_what(entry)]
        amounts = ", ".join(
            f"{_LABELS[name]} {entry[name]}"
            for name in _AMOUNTS
            if entry[name] is not None and (name != "held" or entry[name] != "0")
        )
        _print_wrapped(f"{', '.join(what)}: {amounts} {entry['currency']}")


def _show_report_lines(lines: Sequence[Row]) -> None:
    if not lines:
        return
    print("\n  Report lines")
    for basis, of_basis in groupby(lines, key=lambda line: line["basis"]):
        print(f"  by {basis} date" if basis else "  by either date")
        for line in of_basis:
            _print_wrapped(_report_line(line))


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


def _print_wrapped(text: str) -> None:
    indent = " " * 5
    print(
        fill(
            " ".join(short(word) for word in visible(text).split(" ")),
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
    )
