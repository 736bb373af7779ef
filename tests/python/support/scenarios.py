"""Seeded landing folders that are small and nasty, to compare the warehouse with the oracle.

Everything comes from the `random.Random` that is handed in: the same seed gives the same folder,
byte for byte. Whether a row is good, broken, repeated or stale is nobody's business here: the
generator only sees to it that every case of specification section 02 comes up often, and that
dates, ids and scopes meet often enough to get in one another's way.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import duckdb

Row = dict[str, str | None]  # column -> text as it will stand in the file
Plan = dict[str, list[Row]]  # batch id -> its rows

FEEDS = ("accounts", "credits", "discounts", "revenue", "focus")

BATCH_IDS = (
    "2024-02-05",
    "2024-02-06",
    "2024-02-29T235959",
    "2024-03-05",
    "2024-03-05T170000",
    "2024-03-06",
    "2024-03-06T000000",
    "2024-03-31",
    "2024-04-05T235959",
    "2024-04-06",
)
FIRST_DAY, LAST_DAY = date(2024, 1, 28), date(2024, 4, 8)
# Ends and starts of months, and the days around which months close.
EDGE_DAYS = (
    date(2024, 1, 31),
    date(2024, 2, 1),
    date(2024, 2, 28),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2024, 3, 5),
    date(2024, 3, 31),
    date(2024, 4, 1),
)
# Around midnight in Asia/Ho_Chi_Minh (17:00 UTC) and in UTC.
EDGE_TIMES = ("16:59:59", "16:59:59.999999", "17:00:00", "17:00:00.000001", "00:00:00", "23:59:59")

PARTNERS = ("P-001", "P-002", "P-SUNBIRD", "Đại lý 3")
# Ids that only careful reading keeps apart: leading zeros, composed and decomposed letters,
# a trailing no-break space, letters beyond the 16-bit plane, case.
CUSTOMERS = (
    "42",
    "042",
    "0042",
    "kh\u00e9-1",
    "khe\u0301-1",
    "SA-x",
    "sa-x",
    "SA-x\u00a0",
    "\U0001f600-1",
    "\ufb00-1",
    'SA "q", 7',
    "=1+1",
)
PARTNER_ACCOUNTS = {partner: f"{partner}/own" for partner in PARTNERS}
GHOSTS = ("ghost-1", "P-001")  # named by events, never by an account record
SERVICES = ("compute-vm", "cdn", "Compute-VM", "lạ, chưa có")
DEALS = (None, None, "D-1", "d-1")
WALLETS = (None, "main", "poc", "Main")
CURRENCIES = ("VND", "VND", "USD", "JPY", "BHD")
NAMES = (
    None,
    "Công ty A",
    'A "quoted" name',
    "name, with comma",
    "two\nlines",
    "two\r\nlines",
    "-5",
)
DESCRIPTIONS = (
    None,
    None,
    "plain",
    'say "hi", then\nleave',
    "tab\there",
    "NULL",
    "null",
    "=1+1",
    ",",
)
MOVEMENTS = (
    "top_up transfer_in transfer_in grant coupon refund usage usage transfer_out transfer_out "
    "expiry adjustment revaluation hold hold release"
).split()
CHARGES = "usage usage usage subscription one_time refund credit adjustment tax".split()
AMOUNTS = (
    "1 5 10 10.5 100 0.1 0.01 33.333333333333 0.000000000001 1234567.89 77 1000000 2 3 "
    "0.000000000005"
).split()
RATES = "0 100 10 12.5 33.333333 7.500000 0.000001 99.999999 12.5000000000 007".split()

BAD_TIMESTAMPS = (
    "2024-02-30T00:00:00",
    "2023-02-29 00:00:00",
    "2024-03-01",
    "2024-03-01T24:00:00",
    "2024-03-01T00:60:00",
    "2024-03-01T00:00:60",
    "2024-03-01T00:00",
    "2024-03-01T00:00:00.",
    "2024-03-01T00:00:00.1234567",
    "2024-03-01T00:00:00z",
    "2024-03-01t00:00:00",
    "2024-03-01  00:00:00",
    "2024-03-01T00:00:00+0700",
    "2024-03-01T00:00:00 +07:00",
    "2024-03-01T00:00:00+14:01",
    "2024-03-01T00:00:00-15:00",
    "2024-03-01T00:00:00+07:60",
    "2024-3-1T00:00:00",
    "0000-01-01T00:00:00",
    "12024-01-01T00:00:00",
    "1709251200",
    "01/03/2024 00:00:00",
    "infinity",
    "epoch",
)
BAD_DATES = (
    "2024-02-30",
    "2023-02-29",
    "2024-3-1",
    "20240301",
    "2024-03-01T00:00:00",
    "2024-03-01 00:00:00",
    "01/03/2024",
    "0000-01-01",
    "2024-13-01",
    "2024-00-10",
    "today",
    "infinity",
    "2024/03/01",
)
BAD_NUMBERS = (
    "1e3",
    "1,000",
    "1.000,5",
    "+5",
    ".5",
    "5.",
    "--1",
    "- 1",
    "1 000",
    "1_000",
    "0x10",
    "$5",
    "NaN",
    "Infinity",
    "\u0665",
    "1000000000000000000",
    "-1000000000000000000",
    "999999999999999999.9999999999995",
    "9" * 60,
    "five",
)
BAD_VERSIONS = ("-1", "1.0", "1e0", "+1", "x", "1" * 39, "\u0661", "1 1")
BAD_RATES = (
    "100.000001",
    "-0.000001",
    "10.1234567",
    "100.0000001",
    "1e1",
    "101",
    "ten",
    "5%",
    "-1",
)
BAD_CODES = ("unknown", "post_ed", "usage2", "US D", "-", "0")

TIMESTAMP_COLUMNS = (
    "updated_at",
    "occurred_at",
    "ordered_at",
    "BillingPeriodStart",
    "ChargePeriodStart",
)
DATE_COLUMNS = tuple(
    "requested_on approved_on rejected_on revoked_on effective_from effective_to period_start "
    "period_end".split()
)
NUMBER_COLUMNS = tuple(
    "amount quantity list_amount discount_amount net_amount tax_amount ListCost BilledCost "
    "ConsumedQuantity PricingQuantity".split()
)
CODE_COLUMNS = tuple(
    "operation account_type billing_mode status movement_type subject charge_type currency "
    "ChargeCategory BillingCurrency".split()
)
BAD_VALUES: dict[str, Sequence[str]] = {
    **dict.fromkeys(TIMESTAMP_COLUMNS, BAD_TIMESTAMPS),
    **dict.fromkeys(DATE_COLUMNS, BAD_DATES),
    **dict.fromkeys(NUMBER_COLUMNS, BAD_NUMBERS),
    **dict.fromkeys(CODE_COLUMNS, BAD_CODES),
    "version": BAD_VERSIONS,
    "rate_percent": BAD_RATES,
}
REQUIRED: dict[str, Sequence[str]] = {
    "accounts": "service_account_id account_id account_type partner_id updated_at".split(),
    "credits": "event_id service_account_id movement_type amount currency occurred_at".split(),
    "discounts": (
        "discount_id subject partner_id service_code rate_percent requested_on effective_from "
        "updated_at"
    ).split(),
    "revenue": (
        "event_id service_account_id service_code charge_type currency list_amount net_amount "
        "occurred_at"
    ).split(),
    "focus": (
        "ProviderName BillingAccountId BillingPeriodStart BillingCurrency ChargeCategory "
        "ChargePeriodStart ServiceName ListCost BilledCost"
    ).split(),
}


def write_landing(
    rng: Random,
    folder: Path,
    *,
    batches: int = 4,
    events: int = 20,
    broken: float = 0.12,
    focus_billing_accounts: Sequence[str] = ("1234567890123", "unmapped/1"),
) -> None:
    """Write a landing folder of all five feeds.

    `batches` per feed (at most 10), `events` per event feed (each is delivered one to four
    times), `broken` the share of extra broken rows and of files with a fault of their own (0 for
    a landing folder without rejections). Billing accounts that the reference data maps to a
    partner should be among `focus_billing_accounts`, and some that it does not map.
    """
    plans = plan_landing(rng, batches, events, focus_billing_accounts, broken)
    for feed, plan in plans.items():
        for batch_id, rows in plan.items():
            write_batch(
                rng, folder / feed / f"batch={batch_id}", feed, scattered(rng, rows), broken
            )


def plan_landing(
    rng: Random,
    batches: int,
    events: int,
    focus_billing_accounts: Sequence[str],
    broken: float,
) -> dict[str, Plan]:
    """The rows of a landing folder by feed and batch, broken ones among them."""
    plans = {
        "accounts": plan_accounts(rng, draw_batches(rng, batches)),
        "credits": plan_credits(rng, draw_batches(rng, batches), events),
        "discounts": plan_discounts(rng, draw_batches(rng, batches)),
        "revenue": plan_revenue(rng, draw_batches(rng, batches), events),
        "focus": plan_focus(rng, draw_batches(rng, batches), focus_billing_accounts, broken),
    }
    for feed, plan in plans.items():
        for rows in plan.values():
            rng.shuffle(rows)
            for row in list(rows):
                if rng.random() < broken:
                    rows.insert(rng.randrange(len(rows) + 1), break_row(rng, feed, row))
    return plans


def write_same_rows_twice(rng: Random, folders: tuple[Path, Path]) -> None:
    """Write two landing folders with the same rows in other files, formats and columns.

    Rows are in the same order where the specification lets their order decide, else in any.
    """
    billing_accounts = ("1234567890123", "unmapped/1")
    for feed, plan in plan_landing(rng, 4, 20, billing_accounts, 0.12).items():
        for batch_id, rows in plan.items():
            kept = without_ties(rows) if feed in ("credits", "revenue") else rows
            for folder in folders:
                if feed in ("credits", "revenue"):
                    rng.shuffle(kept)
                place = folder / feed / f"batch={batch_id}"
                write_batch(rng, place, feed, sliced(rng, kept), broken=0)


def without_ties(rows: list[Row]) -> list[Row]:
    """The events of a batch without those of which the first in order would win."""
    firsts: dict[tuple[str, str], Row] = {}
    for row in rows:
        version = (row.get("version") or "").strip(" \t\r\n").lstrip("0")
        firsts.setdefault(((row["event_id"] or "").strip(" \t\r\n"), version or "1"), row)
    return list(firsts.values())


def scattered(rng: Random, rows: list[Row]) -> list[list[Row]]:
    """The rows of one to three files, in no order."""
    parts: list[list[Row]] = [[] for _ in range(rng.choice([1, 1, 2, 3]))]
    for row in rows:
        rng.choice(parts).append(row)
    rng.shuffle(parts)
    return parts


def sliced(rng: Random, rows: list[Row]) -> list[list[Row]]:
    """The rows of one to three files, in their order."""
    cuts = sorted(rng.randrange(len(rows) + 1) for _ in range(rng.choice([0, 0, 1, 2])))
    return [rows[start:end] for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True)]


def stop_build(rng: Random, folder: Path) -> Path:
    """Add one thing to a landing folder that must stop a build; its path."""
    feed = rng.choice(FEEDS)
    batch = folder / feed / "batch=2024-05-01"
    header = ",".join(REQUIRED[feed])
    contents: dict[str, bytes] = {
        "unclosed.csv": f'{header}\n"a,b\n'.encode(),
        "unclosed_at_end.csv": f'{header}\nx,"a'.encode(),
        "after_quote.csv": f'{header}\n"a"b,c\n'.encode(),
        "not_utf8.csv": f"{header}\n".encode() + b"\xff\xfe,\xe1\n",
        "truncated.csv.gz": gzip.compress(header.encode() * 50, mtime=0)[:-12],
        "not_gzip.csv.gz": header.encode(),
    }
    name = rng.choice([*contents, "batch"])
    if name == "batch":
        batch = folder / feed / f"batch={rng.choice(['2024-5-1', '2024-02-30', 'x', '20240501'])}"
        batch.mkdir(parents=True)
        (batch / "a.csv").write_text(header + "\n")
        return batch
    batch.mkdir(parents=True)
    (batch / name).write_bytes(contents[name])
    return batch / name


def draw_batches(rng: Random, batches: int) -> list[str]:
    """Some of the batch ids, ascending."""
    return sorted(rng.sample(BATCH_IDS, batches))


# --------------------------------------------------------------------------------------------
# Spellings
# --------------------------------------------------------------------------------------------


def some_day(rng: Random) -> date:
    """A day of the ten weeks, every other time one at the edge of a month."""
    if rng.random() < 0.5:
        return rng.choice(EDGE_DAYS)
    return FIRST_DAY + timedelta(days=rng.randrange((LAST_DAY - FIRST_DAY).days))


def some_instant(rng: Random) -> datetime:
    """An instant of the ten weeks, every other time next to midnight."""
    clock = rng.choice(EDGE_TIMES)
    if rng.random() < 0.5:
        clock = f"{rng.randrange(24):02}:{rng.randrange(60):02}:00"
    return datetime.fromisoformat(f"{some_day(rng).isoformat()}T{clock}+00:00")


def spell_instant(rng: Random, instant: datetime) -> str:
    """One of the spellings of an instant: T or space, an offset or none, with fraction or not."""
    offset = rng.choice(["", "", "Z", "+07:00", "-05:30", "+14:00", "-14:00", "+00:00", "-00:00"])
    shift = timedelta(0)
    if len(offset) == 6:
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
        shift = -shift if offset[0] == "-" else shift
    local = instant.astimezone(timezone(shift))
    fraction = f"{local.microsecond:06}"
    if local.microsecond == 0:
        fraction = rng.choice(["", "", "0", "000", "000000"])
    elif rng.random() < 0.5:
        fraction = fraction.rstrip("0")
    point = "." if fraction else ""
    clock = local.strftime("%H:%M:%S")
    return f"{local.date().isoformat()}{rng.choice('T ')}{clock}{point}{fraction}{offset}"


def spell_number(rng: Random, text: str) -> str:
    """The same number with zeros around it."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    if rng.random() < 0.2:
        digits = rng.choice(["0", "000000000000000000000"]) + digits
    if rng.random() < 0.2:
        digits += ("" if "." in digits else ".") + rng.choice(["0", "000", "0000000000000000"])
    return sign + digits


def spell_code(rng: Random, text: str) -> str:
    """The same code in another case."""
    return rng.choice([text, text, text, text.upper(), text.lower(), text.title()])


def respell(rng: Random, row: Row) -> Row:
    """The same row in other words: equal when typed, seldom equal as text."""
    spelled: Row = {}
    for column, text in row.items():
        if text is None:
            spelled[column] = rng.choice([None, None, None, "", "  "])
            continue
        if column in TIMESTAMP_COLUMNS:
            text = spell_instant(rng, datetime.fromisoformat(text))
        elif column in NUMBER_COLUMNS or column == "rate_percent":
            text = spell_number(rng, text)
        elif column in CODE_COLUMNS:
            text = spell_code(rng, text)
        elif column == "version" and len(text) < 9 and rng.random() < 0.1:
            text = "00" + text
        if rng.random() < 0.05:
            text = rng.choice([f" {text}", f"{text}  ", f"\t{text}\t", f"{text}\r\n", f"\n{text} "])
        spelled[column] = text
    return spelled


# --------------------------------------------------------------------------------------------
# What happens
# --------------------------------------------------------------------------------------------


def plan_accounts(rng: Random, batch_ids: list[str]) -> Plan:
    """States of the accounts: moves, late and tied records, repeats; some accounts stay unknown."""
    plan: Plan = {batch_id: [] for batch_id in batch_ids}
    owners = [(own, partner) for partner, own in PARTNER_ACCOUNTS.items()]
    customers = [(customer, None) for customer in CUSTOMERS if rng.random() < 0.85]
    for service_account_id, owner in [*owners, *customers]:
        # Few accounts change often; a known account may have its first record late.
        states = rng.choice([1, 1, 2, 3, 5])
        moment = some_instant(rng)
        for _ in range(states):
            partner = owner or rng.choice(PARTNERS[:3])
            own_account = owner is not None or rng.random() < 0.1
            shared = rng.choice(["KH-1", "KH-2", service_account_id, service_account_id])
            row: Row = {
                "service_account_id": service_account_id,
                "service_account_name": rng.choice(NAMES),
                "account_id": partner if own_account else shared,
                "account_name": rng.choice(NAMES),
                "account_type": "partner" if own_account else "customer",
                "partner_id": partner,
                "partner_name": rng.choice([*NAMES, f"Partner {partner}"]),
                "billing_mode": rng.choice([None, "prepaid", "postpaid"]),
                "status": rng.choice([None, "pending", "active", "suspended", "closed"]),
                "updated_at": moment.isoformat(),
            }
            for _ in range(rng.choice([1, 1, 1, 2, 3])):
                plan[rng.choice(batch_ids)].append(respell(rng, row))
            # The next record: tied, a little later on the same day, or another time altogether.
            moment = rng.choice([moment, moment + timedelta(hours=1), some_instant(rng)])
    return plan


def some_account(rng: Random) -> str:
    """A service account: a partner's, a customer's, or one that no record names."""
    return rng.choice([*PARTNER_ACCOUNTS.values(), *CUSTOMERS, *CUSTOMERS, *GHOSTS])


def deliver_event(rng: Random, plan: Plan, event_id: str, content: Callable[[], Row]) -> None:
    """Deliveries of one event: versions in and out of order, repeats, voids before and after."""
    batch_ids = list(plan)
    patterns: list[list[tuple[str | None, str | None]]] = [
        [(None, None)],
        [("1", "post")],
        [("1", None), ("1", None)],
        [("1", "post"), ("2", "post")],
        [("2", "post"), ("1", "post")],
        [("9", "post"), ("10", "post")],
        [("1", "post"), ("2", "void")],
        [("2", "void"), ("1", "post")],
        [("2", "void"), ("1", "post"), ("3", "post")],
        [("1", "post"), ("2", "void"), ("3", "post")],
        [("1", "post"), ("2", "void"), ("3", "void"), ("3", "post")],
        [("0", "post"), (None, "void"), ("0", "post")],
        [("1", "post"), ("1", "void")],
        [("1", "post"), ("3", "post"), ("2", "void"), ("4", "post")],
        [("1", "post"), ("9" * 38, "void"), ("9" * 37, "post")],
        [(None, "void")],
    ]
    pattern = rng.choice(patterns)
    # In order of batches (with ties: everything in one batch), or in any order.
    slots = [rng.randrange(len(batch_ids)) for _ in pattern]
    if rng.random() < 0.7:
        slots.sort()
    first = content()
    for (version, operation), slot in zip(pattern, slots, strict=True):
        facts = first if rng.random() < 0.5 else content()
        row = {**facts, "event_id": event_id, "version": version, "operation": operation}
        for _ in range(rng.choice([1, 1, 1, 1, 2])):
            plan[batch_ids[slot]].append(respell(rng, row))
        if rng.random() < 0.15:  # the same event again, sometimes much later
            plan[rng.choice(batch_ids)].append(respell(rng, row))


def event_ids(rng: Random, events: int) -> list[str]:
    """Event ids; credits and revenue draw the same ones, which are two events each."""
    odd = ["1", "01", "001", "E-\u00e9", "E-e\u0301", "e-1", "E-1", 'E "1"', "E,1", "E-1\u00a0"]
    return (rng.sample(odd, min(len(odd), events // 2)) + [f"ev-{n}" for n in range(events)])[
        :events
    ]


def plan_credits(rng: Random, batch_ids: list[str], events: int) -> Plan:
    """Wallet movements, and transfers with both, one or no side known."""
    plan: Plan = {batch_id: [] for batch_id in batch_ids}

    def movement() -> Row:
        kind = rng.choice(MOVEMENTS)
        amount = rng.choice(AMOUNTS)
        if kind in ("adjustment", "revaluation") and rng.random() < 0.5:
            amount = "-" + amount
        if rng.random() < 0.02:
            amount = "999999999999999999.999999999999"
        return {
            "service_account_id": some_account(rng),
            "wallet": rng.choice(WALLETS),
            "movement_type": kind,
            "amount": amount,
            "currency": rng.choice(CURRENCIES),
            "occurred_at": some_instant(rng).isoformat(),
            "transaction_id": rng.choice([None, "T-1", "T-2", "000123"]),
            "counterparty_service_account_id": rng.choice([None, some_account(rng), "nobody"]),
            "payment_method": rng.choice([None, "bank transfer", "thẻ"]),
            "service_code": rng.choice([None, *SERVICES]),
            "description": rng.choice(DESCRIPTIONS),
        }

    for event_id in event_ids(rng, events):
        deliver_event(rng, plan, event_id, movement)
    for number in range(3):  # transfers of which both sides arrive
        giver, taker = some_account(rng), some_account(rng)
        facts = movement() | {"transaction_id": f"TR-{number}"}
        facts["amount"] = (facts["amount"] or "").lstrip("-")
        for kind, one, other in (("transfer_out", giver, taker), ("transfer_in", taker, giver)):
            row = facts | {
                "event_id": f"transfer-{number}-{kind}",
                "version": None,
                "operation": None,
                "movement_type": kind,
                "service_account_id": one,
                "counterparty_service_account_id": other,
            }
            plan[rng.choice(batch_ids)].append(respell(rng, row))
    return plan


def plan_discounts(rng: Random, batch_ids: list[str]) -> Plan:
    """Discounts of few scopes on few days, so that they end and supersede one another."""
    plan: Plan = {batch_id: [] for batch_id in batch_ids}
    for number in range(16):
        subject = rng.choice(["partner", "partner", "customer"])
        scope: Row = {
            "discount_id": f"DC-{number}" if number % 4 else f"dc-{number}",
            "subject": subject,
            "partner_id": rng.choice(PARTNERS[:2]),
            "service_account_id": rng.choice(CUSTOMERS[:3]) if subject == "customer" else None,
            "service_code": rng.choice(SERVICES[:2]),
            "deal_id": rng.choice(DEALS),
        }
        moment = some_instant(rng)
        for _ in range(rng.choice([1, 1, 2, 3])):
            requested = some_day(rng)
            approved = rng.choice([None, requested, requested, *[some_day(rng)] * 2])
            row: Row = scope | {
                "rate_percent": rng.choice(RATES),
                "requested_on": requested.isoformat(),
                "approved_on": approved.isoformat() if approved else None,
                "rejected_on": some_day(rng).isoformat() if rng.random() < 0.12 else None,
                "revoked_on": some_day(rng).isoformat() if rng.random() < 0.2 else None,
                "effective_from": rng.choice([requested, some_day(rng)]).isoformat(),
                "effective_to": some_day(rng).isoformat() if rng.random() < 0.3 else None,
                "updated_at": moment.isoformat(),
            }
            for _ in range(rng.choice([1, 1, 1, 2])):
                plan[rng.choice(batch_ids)].append(respell(rng, row))
            moment = rng.choice([moment, moment + timedelta(hours=1), some_instant(rng)])
    return plan


def plan_revenue(rng: Random, batch_ids: list[str], events: int) -> Plan:
    """Charges of every type, with and without deals, discounts and an order of another day."""
    plan: Plan = {batch_id: [] for batch_id in batch_ids}

    def charge() -> Row:
        listed, discount = Decimal(rng.choice(AMOUNTS)), Decimal(rng.choice(["0", "1", "0.1"]))
        if rng.random() < 0.2:
            listed, discount = -listed, -discount
        if rng.random() < 0.02:
            listed, discount = Decimal("-999999999999999999.999999999999"), Decimal(0)
        number = rng.randrange(16)
        discount_id = f"DC-{number}" if number % 4 else f"dc-{number}"
        ordered = rng.choice([None, some_instant(rng), some_instant(rng)])
        return {
            "service_account_id": rng.choice([some_account(rng), *CUSTOMERS[:3]]),
            "service_code": rng.choice([*SERVICES[:2] * 3, *SERVICES]),
            "charge_type": rng.choice(CHARGES),
            "order_id": rng.choice([None, "O-1", "007"]),
            "deal_id": rng.choice(DEALS),
            "discount_id": rng.choice([None, discount_id, discount_id, "no-such"]),
            "quantity": rng.choice([None, "1", "0.5", "744", "-3", "0"]),
            "unit": rng.choice([None, "hour", "GB"]),
            "currency": rng.choice(CURRENCIES),
            "list_amount": f"{listed:f}",
            "discount_amount": rng.choice([None, "0"]) if discount == 0 else f"{discount:f}",
            "net_amount": f"{listed - discount if discount else listed:f}",
            "tax_amount": rng.choice([None, "0.8", "-0", "0"]),
            "occurred_at": some_instant(rng).isoformat(),
            "ordered_at": ordered.isoformat() if ordered else None,
            "period_start": rng.choice([None, some_day(rng).isoformat()]),
            "period_end": rng.choice([None, some_day(rng).isoformat()]),
        }

    for event_id in event_ids(rng, 2 * events):
        deliver_event(rng, plan, event_id, charge)
    return plan


def plan_focus(
    rng: Random, batch_ids: list[str], billing_accounts: Sequence[str], broken: float
) -> Plan:
    """Deliveries of a few groups, each a multiset of few lines: some gone, some doubled."""
    plan: Plan = {batch_id: [] for batch_id in batch_ids}
    groups = [
        (provider, billing_account, f"2024-0{month}-01T00:00:00+00:00")
        for provider in ("AWS", "aws")
        for billing_account in billing_accounts
        for month in (2, 3)
    ]
    for provider, billing_account, period in rng.sample(groups, min(len(groups), 4)):
        lines: list[Row] = []
        for _ in range(4):
            sub_account = rng.choice([None, None, "sub-1", "007", *CUSTOMERS[:2]])
            cost = rng.choice(AMOUNTS)
            lines.append(
                {
                    "ProviderName": provider,
                    "BillingAccountId": billing_account,
                    "BillingAccountName": rng.choice(["Sun, Bird", None, "null"]),
                    "BillingPeriodStart": period,
                    "BillingCurrency": rng.choice(["USD", "VND"]),
                    "SubAccountId": sub_account,
                    "SubAccountName": rng.choice(NAMES),
                    "ServiceName": rng.choice(SERVICES),
                    "ListCost": rng.choice([cost, "0", f"-{cost}"]),
                    "BilledCost": rng.choice([cost, "0"]),
                    "ChargeCategory": rng.choice(
                        ["Usage", "Usage", "Purchase", "Purchase", "Tax", "Credit", "Adjustment"]
                    ),
                    "ChargeFrequency": rng.choice([None, "Recurring", "recurring", "One-Time"]),
                    "ChargePeriodStart": some_instant(rng).isoformat(),
                    "ConsumedQuantity": rng.choice([None, "10", "0"]),
                    "ConsumedUnit": rng.choice([None, "GB"]),
                    "PricingQuantity": rng.choice([None, "2.5"]),
                    "PricingUnit": rng.choice([None, "Hours"]),
                }
            )
        for batch_id in batch_ids:
            if rng.random() < 0.25:  # the group is not in this delivery: nothing happens to it
                continue
            delivery = [line for line in lines for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
            only_broken = rng.random() < broken
            for line in delivery:
                row = denull(rng, respell(rng, line))
                if only_broken or rng.random() < broken / 2:  # a broken look-alike takes its place
                    row = break_row(rng, "focus", row, keep=("ProviderName", "BillingAccountId"))
                plan[batch_id].append(row)
            if rng.random() < 0.3:  # restate one line for good
                changed = rng.choice(lines)
                changed["BilledCost"] = rng.choice(AMOUNTS)
    return plan


def denull(rng: Random, line: Row) -> Row:
    """The same line with some of its nulls as the text that FOCUS files write."""
    return {
        column: text if text and text.strip() else rng.choice([text, "NULL", " NULL "])
        for column, text in line.items()
    }


def break_row(rng: Random, feed: str, row: Row, keep: Sequence[str] = ()) -> Row:
    """A copy of the row with one to three faults of any kind that section 02 refuses."""
    broken = dict(row)
    faults: list[Callable[[], None]] = []

    def lose(column: str) -> None:
        broken[column] = rng.choice([None, "", "  ", "\t"])

    def spoil(column: str) -> None:
        broken[column] = rng.choice(BAD_VALUES[column])

    for column in REQUIRED[feed]:
        if column not in keep:
            faults.append(partial(lose, column))
    for column in broken:
        if column in BAD_VALUES and column not in keep:
            faults.append(partial(spoil, column))
    if feed == "credits":
        bad_amounts = ["0", "-5", "-0", "0.0000000000004", "-0.00000000000049"]
        faults += [lambda: broken.update(amount=rng.choice(bad_amounts))] * 6
    if feed == "discounts":
        wrong = {"partner": "SA-x", "customer": None}
        subject = (broken["subject"] or "").strip().lower()
        faults += [lambda: broken.update(service_account_id=wrong.get(subject))] * 4
    if feed == "revenue":
        faults += [
            lambda: broken.update(
                list_amount="3", discount_amount="1", net_amount="1.9999999999995"
            ),
            lambda: broken.update(list_amount="3", discount_amount=None, net_amount="2"),
            # Adds up only before, or only after rounding at the twelfth decimal.
            lambda: broken.update(
                list_amount="0.0000000000005",
                discount_amount="0.0000000000003",
                net_amount="0.0000000000002",
            ),
            lambda: broken.update(
                list_amount="1.0000000000004", discount_amount="0", net_amount="1"
            ),
        ]
    for fault in rng.sample(faults, rng.choice([1, 1, 2, 3])):
        fault()
    return broken


# --------------------------------------------------------------------------------------------
# Files
# --------------------------------------------------------------------------------------------


def write_batch(
    rng: Random, folder: Path, feed: str, parts: list[list[Row]], broken: float
) -> None:
    """Write files of different formats, in the order of the parts, with odd files beside them."""
    folder.mkdir(parents=True)
    # Names whose order by code point is neither that of numbers nor that of dictionaries.
    names = rng.sample(["part-10", "part-9", "Part-1", "a", "a.b", "é", "part 2"], len(parts))
    # Their order is that of the whole names: a.b.csv goes before a.parquet.
    files = sorted(f"{name}.{rng.choice(['csv', 'csv', 'csv.gz', 'parquet'])}" for name in names)
    for file, part in zip(files, parts, strict=True):
        columns = draw_columns(rng, feed, part, broken)
        if file.endswith(".parquet"):
            write_parquet(rng, folder / file, columns, part, broken)
            continue
        content = csv_text(rng, columns, part, broken).encode()
        if rng.random() < 0.3:
            content = b"\xef\xbb\xbf" + content
        if file.endswith(".gz"):
            content = gzip.compress(content, mtime=0)
        (folder / file).write_bytes(content)
    if rng.random() < 0.15:
        (folder / "zero.csv").write_bytes(b"")
    if rng.random() < 0.15:
        (folder / "empty.csv").write_text(",".join(REQUIRED[feed]) + "\n")
    if rng.random() < 0.15:
        (folder / "readme.txt").write_text('not a feed, "not even closed\n')


def draw_columns(rng: Random, feed: str, rows: list[Row], broken: float) -> list[str]:
    """The columns of a file: in any order, some that are empty left out, unknown ones between."""
    required = REQUIRED[feed]
    columns = list(dict.fromkeys([*required, *(column for row in rows for column in row)]))
    for column in list(columns):
        unused = all(row.get(column) is None for row in rows)
        if column not in required and unused and rng.random() < 0.5:
            columns.remove(column)
    if rng.random() < 0.3:
        columns.append(rng.choice(["Id", "x_note", "batch", "filename", "row_number", "Số"]))
    if rng.random() < broken / 3:
        columns.remove(rng.choice(required))
    rng.shuffle(columns)
    return columns


def extra_cell(rng: Random) -> str:
    """What an unknown column holds."""
    return rng.choice(["", "stray", 'a "b"', "1,2", "line\nbreak", str(rng.randrange(1000))])


def csv_text(rng: Random, columns: list[str], rows: list[Row], broken: float) -> str:
    """A CSV file: quoting, line ends, spelling of the header and blank lines as they come."""
    newline = rng.choice(["\n", "\r\n"])
    quote_all = rng.random() < 0.3
    known = {column for row in rows for column in row}
    header = [rng.choice([name, name, name.upper(), f" {name} "]) for name in columns]
    lines = [[*header]]
    for row in rows:
        cells = [
            (row.get(column) or "") if column in known else extra_cell(rng) for column in columns
        ]
        lines.append(cells)
    if rows and rng.random() < broken / 3:  # a name that stands twice
        doubled = rng.choice(columns)
        for line, cell in zip(lines, [doubled.upper(), *[""] * len(rows)], strict=True):
            line.append(cell)
    for line in lines[1:]:
        if rng.random() < broken / 4:  # ragged, at either side
            if rng.random() < 0.5:
                line += rng.choice([[""], ["surplus"], ["a,b", ""]])
            else:
                del line[-rng.choice([1, 2]) :]
    text = ""
    for number, line in enumerate(lines):
        text += ",".join(csv_cell(rng, cell, quote_all) for cell in line)
        last = number == len(lines) - 1
        text += newline if not last or rng.random() < 0.8 else ""
        if not last and rng.random() < 0.08:
            text += newline
    return text


def csv_cell(rng: Random, cell: str, quote_all: bool) -> str:
    """One field, quoted when it must be and sometimes when it need not."""
    if quote_all or any(one in cell for one in ',"\r\n') or rng.random() < 0.03:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def write_parquet(
    rng: Random, path: Path, columns: list[str], rows: list[Row], broken: float
) -> None:
    """A Parquet file: each column as text or, where all its values allow it, as a native type."""
    known = {column for row in rows for column in row}
    header = [rng.choice([name, name, name.upper()]) for name in columns]
    types, values = [], []
    for column in columns:
        if column in known:
            kind, cells = native_column(rng, column, [row.get(column) for row in rows])
        else:
            kind, cells = "double", [rng.random() for _ in rows]
        types.append(kind)
        values.append(cells)
    refused: dict[int, str] = {}
    if rng.random() < broken:
        refused[rng.randrange(len(columns))] = rng.choice(
            ["float", "boolean", "blob", "list", "ns"]
        )
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        quoted = ['"' + name.replace('"', '""') + '"' for name in header]
        definitions = [f"{name} {kind}" for name, kind in zip(quoted, types, strict=True)]
        connection.execute(f"create table one_file ({', '.join(definitions)})")
        if rows:
            marks = ", ".join("?" for _ in columns)
            cells_by_row = [list(cells) for cells in zip(*values, strict=True)]
            connection.executemany(f"insert into one_file values ({marks})", cells_by_row)
        selected = list(quoted)
        for position, fault in refused.items():
            name = quoted[position]
            selected[position] = {
                "float": f"try_cast(cast({name} as varchar) as double) as {name}",
                "boolean": f"{name} is not null as {name}",
                "blob": f"encode(cast({name} as varchar)) as {name}",
                "list": f"[{name}] as {name}",
                "ns": f"timestamp_ns '2024-03-01 00:00:00.000000001' as {name}",
            }[fault]
        target = str(path).replace("'", "''")
        connection.execute(
            f"copy (select {', '.join(selected)} from one_file) to '{target}' (format parquet)"
        )


def native_column(rng: Random, column: str, texts: list[str | None]) -> tuple[str, list[Any]]:
    """A Parquet type that holds the column's values, and the values as Python objects."""
    if rng.random() < 0.4:
        return "varchar", list(texts)
    bare = [(text or "").strip(" \t\r\n") for text in texts]
    given = [text for text in bare if text]
    if column[0].isupper():  # a FOCUS column
        given = [text for text in given if text != "NULL"]

    def convert(parse: Callable[[str], Any]) -> list[Any]:
        return [parse(text) if text in given else None for text in bare]

    def all_match(pattern: str) -> bool:
        return all(re.fullmatch(pattern, text) for text in given)

    try:
        if not given:
            return rng.choice(["integer", "varchar", "date"]), [None] * len(texts)
        if column in DATE_COLUMNS and all_match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"):
            return "date", convert(date.fromisoformat)
        if column in TIMESTAMP_COLUMNS and all_match(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:]{8}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?"
        ):
            return native_timestamps(rng, convert(read_instant))
        number = column in NUMBER_COLUMNS or column == "rate_percent"
        if number and all_match(r"-?[0-9]{1,18}(\.[0-9]{1,12})?"):
            return "decimal(30, 12)", convert(str)
        if number and all_match(r"-?[0-9]{1,18}(\.[0-9]{1,20})?"):
            return "decimal(38, 20)", convert(str)
        if column == "version" and all_match(r"[0-9]{1,18}"):
            return rng.choice(["bigint", "decimal(18, 0)", "ubigint"]), convert(int)
        if all_match(r"0|[1-9][0-9]{0,8}"):
            return rng.choice(["bigint", "integer"]), convert(int)
    except ValueError:  # a broken value among them: the column stays text
        pass
    return "varchar", list(texts)


def native_timestamps(rng: Random, instants: list[datetime | None]) -> tuple[str, list[Any]]:
    """Instants as timestamps with a zone, or without one in UTC, in micro- or nanoseconds."""
    kind = rng.choice(["timestamptz", "timestamp", "timestamp_ns"])
    if kind == "timestamptz":
        return kind, list(instants)
    return kind, [one and one.replace(tzinfo=None).isoformat() for one in instants]


def read_instant(text: str) -> datetime:
    """The instant of a timestamp in one of its good spellings; ValueError for a bad one."""
    match = re.fullmatch(r"(.{10})[ T](.{8})(?:\.([0-9]+))?(.*)", text)
    if match is None:
        raise ValueError(text)
    day, clock, fraction, offset = match.groups()
    if offset not in ("", "Z") and offset[1:] > "14:00":
        raise ValueError(text)
    fraction = (fraction or "0").ljust(6, "0")
    whole = f"{day}T{clock}.{fraction}{'+00:00' if offset in ('', 'Z') else offset}"
    return datetime.fromisoformat(whole).astimezone(UTC)
