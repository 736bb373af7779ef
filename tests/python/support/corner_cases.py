"""Deliveries in which what is easily done wrong comes up at once: three builds, some 20 batches.

Each batch holds what one case needs, for what is written anew is a batch: an entry that is wrongly
left as it was must not be written again because of its neighbour.
"""

from __future__ import annotations

from datetime import date, timedelta

from support.deliveries import FIRST_BATCH, FOCUS_LINES, Deliveries
from support.models_in_memory import Batch, Compiled, Row

BEFORE = "2024-01-01T00:00:00Z"
# The last microsecond of 31 January and of 1 February in business time, and a day between.
JANUARY_31, FEBRUARY_1 = "2024-01-31T16:59:59.999999Z", "2024-02-01T16:59:59.999999Z"
MIDNIGHT = "2024-01-31T17:00:00Z"  # the first instant of 1 February
FEBRUARY_2, FEBRUARY_4 = "2024-02-02T05:00:00Z", "2024-02-04T05:00:00Z"
PERIODS = [
    (date(2024, 1, 31), date(2024, 1, 31)),
    (date(2024, 2, 1), date(2024, 2, 3)),
    (date(2024, 1, 1), date(2024, 3, 31)),
]


def account(name: str, partner: str, updated_at: str = BEFORE) -> Row:
    """A record of a customer's account, named after it and its partner."""
    return {
        "service_account_id": name, "account_id": f"{name} of {partner}",
        "account_type": "customer", "partner_id": partner, "updated_at": updated_at,
    }  # fmt: skip


def credit(event: str, of: str, amount: str, occurred_at: str, **more: str) -> Row:
    """A top-up, or what `more` says."""
    return {
        "event_id": event, "service_account_id": of, "movement_type": "top_up", "amount": amount,
        "currency": "USD", "occurred_at": occurred_at, **more,
    }  # fmt: skip


def charge(event: str, of: str, service: str, occurred_at: str, **more: str) -> Row:
    """A usage of 8, or what `more` says."""
    return {
        "event_id": event, "service_account_id": of, "service_code": service, "currency": "USD",
        "charge_type": "usage", "list_amount": "8", "net_amount": "8", "occurred_at": occurred_at,
        **more,
    }  # fmt: skip


def discount(name: str, service: str, rate: str, **more: str) -> Row:
    """A discount of P1 from 1 February on, or what `more` says."""
    return {
        "discount_id": name, "subject": "partner", "partner_id": "P1", "service_code": service,
        "rate_percent": rate, "requested_on": "2024-01-02", "approved_on": "2024-01-02",
        "effective_from": "2024-02-01", "updated_at": BEFORE, **more,
    }  # fmt: skip


ACCOUNTS = [
    account("plain", "P1"), account("other", "P2"), account("sender", "P1"),
    account("receiver", "P1"), account("late", "P1", FEBRUARY_2), account("moved", "P1"),
    account("stays", "P1"), account("first", "P1", FEBRUARY_4),
    # Two records of one business day: its end decides.
    account("twice", "P1"), account("twice", "P1", "2024-02-01T09:00:00Z"),
    account("twice", "P2", FEBRUARY_1),
    # At the time from which what a FOCUS line of the same batch says of it holds.
    account("f1", "P1", "2024-02-04T17:00:00Z"),
    account("again", "P1", FEBRUARY_2),
]  # fmt: skip
DISCOUNTS = [
    discount("rate", "rate", "10"), discount("one", "id", "10"), discount("unlike", "deal", "10"),
    # Two that start together: the one requested later stays, though its name is the lesser.
    discount("tie a", "tie", "20", requested_on="2024-01-03"), discount("tie b", "tie", "30"),
    discount("revoked", "revoked", "40", revoked_on="2024-02-02"),
    discount("follows 1", "follows", "10"),
    discount("follows 2", "follows", "50", effective_from="2024-02-02"),
    discount("ordered", "ordered", "10", effective_to="2024-02-01"),
    discount("customer's", "named", "10", subject="customer", service_account_id="plain"),
]  # fmt: skip
TRANSFER = {"movement_type": "transfer_out", "transaction_id": "t1"}
LINE, OTHER_LINE, OF_F1, _ = FOCUS_LINES

# Build by build, batch by batch.
BUILDS: list[list[Batch]] = [
    [
        {
            "accounts": ACCOUNTS,
            "discounts": DISCOUNTS,
            "credits": [
                credit("january", "plain", "1", JANUARY_31),
                credit("midnight", "plain", "1", MIDNIGHT),
                credit("of one batch", "plain", "1", FEBRUARY_2, version="1"),
                credit("of one batch", "plain", "2", FEBRUARY_2, version="2"),
                credit("of three batches", "plain", "1", FEBRUARY_2, version="1"),
                credit("of three builds", "plain", "1", FEBRUARY_2, version="1"),
                credit("void first", "plain", "1", FEBRUARY_2, version="1", operation="void"),
                credit("before the first record", "late", "1", JANUARY_31),
                credit("at the end of a day", "twice", "1", FEBRUARY_1),
                credit("to another partner", "sender", "1", FEBRUARY_2, **TRANSFER,
                       counterparty_service_account_id="other"),
            ],
            "revenue": [
                charge("january", "plain", "cdn", JANUARY_31),
                charge("midnight", "plain", "cdn", MIDNIGHT),
                charge("voided", "plain", "cdn", FEBRUARY_2),
                charge("tie", "plain", "tie", FEBRUARY_2),
                charge("on the day it is revoked", "plain", "revoked", FEBRUARY_2),
                charge("the day before", "plain", "revoked", FEBRUARY_1),
                charge("on the day the next one starts", "plain", "follows", FEBRUARY_2),
                charge("ordered in time", "plain", "ordered", FEBRUARY_4, ordered_at=FEBRUARY_1),
                charge("ordered too soon", "plain", "rate", FEBRUARY_4, ordered_at=JANUARY_31),
                charge("of another partner", "other", "named", FEBRUARY_2,
                       discount_id="customer's"),
                charge("with a customer's discount", "plain", "named", FEBRUARY_2,
                       discount_id="customer's"),
            ],
            "focus": [LINE, OTHER_LINE, OF_F1],
        },
        {"credits": [credit("of three batches", "plain", "2", FEBRUARY_2, version="2")]},
        {"credits": [credit("of three batches", "plain", "3", FEBRUARY_2, version="3")]},
        {"credits": [credit("to one who moves", "stays", "1", FEBRUARY_2, **TRANSFER,
                            counterparty_service_account_id="moved")]},
        {"credits": [credit("known from the start", "first", "1", JANUARY_31)]},
        {"credits": [credit("after a tie", "again", "1", FEBRUARY_4)]},
        {"revenue": [charge("of another rate", "plain", "rate", FEBRUARY_2)]},
        {"revenue": [charge("of another discount", "plain", "id", FEBRUARY_2)]},
        {"revenue": [charge("of a deal", "plain", "deal", FEBRUARY_2, deal_id="deal")]},
    ],
    [
        {
            "credits": [
                credit("of one batch", "plain", "9", FEBRUARY_2, version="2"),
                credit("of three builds", "plain", "2", FEBRUARY_2, version="2"),
                credit("void first", "plain", "1", FEBRUARY_2, version="1"),
            ],
            "revenue": [charge("voided", "plain", "cdn", FEBRUARY_2, version="2",
                               operation="void")],
            "focus": [OTHER_LINE, OF_F1],
        },
        {"accounts": [account("moved", "P2")]},
        {"accounts": [account("first", "P2", FEBRUARY_2)]},
        {"accounts": [account("again", "P2", FEBRUARY_2)]},
        {"discounts": [
            discount("rate", "rate", "20", updated_at=FEBRUARY_2),
            # Requested later: from now on it is this one, at the same rate.
            discount("two", "id", "10", requested_on="2024-01-03"),
            discount("of the deal", "deal", "20", deal_id="deal"),
        ]},
    ],
    [
        {
            "credits": [credit("of three builds", "plain", "3", FEBRUARY_2, version="3")],
            "focus": [LINE, OTHER_LINE, OF_F1],
        },
        {"focus": [OTHER_LINE]},
    ],
]  # fmt: skip


def run_corner_cases(compiled: Compiled) -> None:
    """Deliver them and check everything after each build."""
    machine = type("Deliveries", (Deliveries,), {"compiled": compiled})()
    try:
        for number, (delivery, period) in enumerate(zip(BUILDS, PERIODS, strict=True)):
            machine.time = FIRST_BATCH + timedelta(days=number)
            machine.build(delivery, period)
    finally:
        machine.teardown()
