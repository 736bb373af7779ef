"""Compares the bridge of a partner's month with the independent reference in oracle.py."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import duckdb

from exporters.reconciliation.bridge import bridge
from exporters.reconciliation.bridge.lines import AMOUNTS
from support import proof
from support.comparing import FOCUS_ID
from support.oracle import SHOWN_NEGATIVE, CreditEntry, Entry, Oracle, RevenueEntry, exact

Amounts = tuple[Decimal, ...]  # as posted, the four steps, restated
ZERO = Decimal(0)
NOTHING: Amounts = (ZERO,) * len(AMOUNTS)


@exact
def check_bridge(
    connection: duckdb.DuckDBPyConnection, reference: Oracle, partner: str, first: date
) -> None:
    """Rows and entries are those of the reference, and rows and totals add up.

    Args:
        connection: to a published file, or to any database with its tables.
        reference: of the same landing folder.
        partner: its id.
        first: the first day of the month.
    """
    where = f"{partner} {first}"
    amounts_sql = ", ".join(column.name for column in AMOUNTS)
    bridge.prepare(connection, bridge.parse_request(partner, f"{first:%Y-%m}"))
    rows = {
        row[:7]: row[7:]
        for row in connection.execute(
            "select ledger, service_account_id, account_id, account_type, wallet, "
            f"currency, measure, {amounts_sql} from temp.bridge"
        ).fetchall()
    }
    behind = Counter(
        (*row[:2], "focus", row[3], None, *row[5:]) if FOCUS_ID.fullmatch(row[2]) else row
        for table in ("bridge_credit_entries", "bridge_revenue_entries")
        for row in connection.execute(
            "select step, service_account_id, event_id, entry_type, version, "
            f"event_date, posted_date, batch_id, file, row_number from temp.{table}"
        ).fetchall()
    )
    expected_rows, expected_behind = expected_bridge(reference, partner, first)
    assert rows == expected_rows, where
    assert behind == expected_behind, where
    for row in rows.values():
        assert sum(row[:-1], ZERO) == row[-1], where
    lines = bridge.totals(connection)
    for line in lines:
        assert sum(line.amounts[:-1], ZERO) == line.amounts[-1], where
    assert sum((line.amounts[-1] for line in lines), ZERO) == sum(
        (row[-1] for row in rows.values()), ZERO
    )
    proof.tried("bridges of a partner's month, equal to the reference", bool(rows))
    proof.tried("entries behind their steps", behind.total())


def measures_of(reference: Oracle, entry: Entry) -> dict[str, Decimal]:
    """What an entry adds to each measure."""
    if isinstance(entry, CreditEntry):
        movement = reference.movement_types[entry.movement_type]
        effect = movement.balance_effect * entry.amount
        column = movement.balance_column
        own = {column: -effect if column in SHOWN_NEGATIVE else effect} if column else {}
        return own | {
            "net_movement": effect,
            "held": movement.held_effect * entry.amount,
            "event_count": Decimal(entry.count),
        }
    assert isinstance(entry, RevenueEntry)
    _, cost, margin = reference.pricing(entry)
    return {
        "list_amount": entry.list_amount,
        "discount_amount": entry.discount_amount,
        "net_amount": entry.net_amount,
        "tax_amount": entry.tax_amount,
        "partner_cost_amount": cost,
        "partner_margin_amount": margin,
        "event_count": Decimal(entry.count),
    }


@exact
def expected_bridge(
    reference: Oracle, partner: str, first: date
) -> tuple[dict[tuple[object, ...], Amounts], Counter[tuple[object, ...]]]:
    """The rows and the entries behind them, by the plain-Python reference."""
    rows: dict[tuple[object, ...], list[Decimal]] = defaultdict(lambda: list(NOTHING))
    behind: Counter[tuple[object, ...]] = Counter()
    known: set[tuple[str, str]] = set()
    places = {column.name: place for place, column in enumerate(AMOUNTS)}
    for entry in reference.entries():
        event = entry.feed, entry.event_id
        kind = "corrections" if event in known else "events"
        known.add(event)
        owner = reference.account_at(entry.service_account_id, entry.event_date)
        if owner is None or owner.partner_id != partner:
            continue
        belongs = entry.event_date.replace(day=1) == first
        posted = entry.posted_date.replace(day=1) == first
        counts_in = [("as_posted", 1)] * posted + [("restated", 1)] * (
            belongs and entry.is_standing
        )
        if belongs != posted:
            step = f"late_{kind}" if belongs else f"earlier_{kind}"
            counts_in.append((step, 1 if belongs else -1))
            # How the product numbers FOCUS lines is its own business.
            is_focus = entry.feed == "focus"
            behind[
                step, entry.service_account_id, "focus" if is_focus else entry.event_id,
                entry.entry_type, None if is_focus else str(entry.version), entry.event_date,
                entry.posted_date, entry.batch_id, entry.file, entry.row_number,
            ] += 1  # fmt: skip
        is_credit = isinstance(entry, CreditEntry)
        for measure, amount in measures_of(reference, entry).items():
            key = (
                "credits" if is_credit else "revenue", entry.service_account_id, owner.account_id,
                owner.account_type, entry.wallet if isinstance(entry, CreditEntry) else None,
                entry.currency, measure,
            )  # fmt: skip
            for name, sign in counts_in:
                rows[key][places[name]] += sign * amount
    return {key: tuple(row) for key, row in rows.items() if any(row)}, behind
