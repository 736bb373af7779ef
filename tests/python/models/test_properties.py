"""What must hold of any sequence of deliveries, and of some that are worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import Phase
from support import proof
from support.corner_cases import run_corner_cases
from support.deliveries import run
from support.models_in_memory import Compiled, Row, Warehouse


@pytest.mark.proof
@pytest.mark.parametrize("block", range(proof.cases(test=1, soak=24)))
def test_any_sequence_of_deliveries(compiled: Compiled, block: int) -> None:
    """Identities, the reference, cuts of time, both bases, incremental = full refresh."""
    run(compiled, block, proof.amount(test=1, soak=9), [Phase.generate, Phase.shrink])


def test_corner_cases(compiled: Compiled) -> None:
    """The same, of what is easily done wrong: tests/python/faults/test_mistakes.py does it."""
    run_corner_cases(compiled)


ACCOUNT: Row = {
    "service_account_id": "s1", "account_id": "a1", "account_type": "customer",
    "partner_id": "P1", "updated_at": "2024-01-01T00:00:00Z",
}  # fmt: skip


@pytest.fixture
def warehouse(compiled: Compiled) -> Iterator[Warehouse]:
    """An empty ledger."""
    empty = Warehouse(compiled)
    yield empty
    empty.close()


# What a record of a discount of 25 % from 5 January says, what a later one says, and the cost of a
# charge of 8 on 10 January with each.
CHANGED_DISCOUNTS: dict[str, tuple[Row, Row, int, int]] = {
    "starts sooner": ({"effective_from": "2024-02-01"}, {}, 8, 6),
    "starts later": ({}, {"effective_from": "2024-02-01"}, 6, 8),
    "ends sooner": ({}, {"effective_to": "2024-01-09"}, 6, 8),
    "ends later": ({"effective_to": "2024-01-09"}, {"effective_to": "2024-01-10"}, 8, 6),
    "no longer ends": ({"effective_to": "2024-01-09"}, {}, 8, 6),
    "is revoked": ({}, {"revoked_on": "2024-01-10"}, 6, 8),
    "has another rate": ({}, {"rate_percent": "50"}, 6, 4),
    "is for another service": ({}, {"service_code": "other"}, 6, 8),
    "comes to the service": ({"service_code": "before"}, {}, 8, 6),
    "gives way to the next": (
        {}, {"discount_id": "next", "effective_from": "2024-01-10", "rate_percent": "50"}, 6, 4
    ),
}  # fmt: skip


def test_charges_follow_a_discount_that_changes(warehouse: Warehouse) -> None:
    discounts: dict[str, list[Row]] = {"2024-01-02": [], "2024-02-03": []}
    charges: dict[str, dict[str, list[Row]]] = {}  # each in a batch of its own
    costs: dict[str, list[tuple[str, int]]] = {"2024-01-02": [], "2024-02-03": []}
    for place, change in enumerate(sorted(CHANGED_DISCOUNTS)):
        first, then, cost_before, cost_after = CHANGED_DISCOUNTS[change]
        for day, says, cost in [
            ("2024-01-02", first, cost_before),
            ("2024-02-03", then, cost_after),
        ]:
            discount: Row = {
                "discount_id": change, "subject": "partner", "partner_id": "P1",
                "service_code": change, "rate_percent": "25", "requested_on": "2024-01-01",
                "approved_on": "2024-01-01", "effective_from": "2024-01-05",
                "updated_at": f"{day}T00:00:00Z", **says,
            }  # fmt: skip
            discounts[day].append(discount)
            costs[day].append((change, cost))
        charge: Row = {
            "event_id": change, "service_account_id": "s1", "service_code": change,
            "charge_type": "usage", "currency": "USD", "list_amount": "8", "net_amount": "8",
            "occurred_at": "2024-01-10T00:00:00Z",
        }  # fmt: skip
        charges[f"2024-01-10T{place:06}"] = {"revenue": [charge]}
    of_charges = "select event_id, partner_cost_amount from ledger.fct_revenue_entries order by all"
    known = {"accounts": [ACCOUNT], "discounts": discounts["2024-01-02"]}
    warehouse.take({"2024-01-02": known, **charges})
    assert warehouse.connection.execute(of_charges).fetchall() == costs["2024-01-02"]
    warehouse.take({"2024-02-03": {"discounts": discounts["2024-02-03"]}})
    assert warehouse.connection.execute(of_charges).fetchall() == costs["2024-02-03"]


def test_a_corrected_transfer_is_open_by_what_stands(warehouse: Warehouse) -> None:
    def sent(version: str, amount: str) -> Row:
        return {
            "event_id": "t1", "version": version, "service_account_id": "s1",
            "movement_type": "transfer_out", "amount": amount, "currency": "USD",
            "transaction_id": "T", "occurred_at": "2024-01-02T00:00:00Z",
        }  # fmt: skip

    warehouse.take({"2024-01-02": {"accounts": [ACCOUNT], "credits": [sent("1", "10")]}})
    warehouse.take({"2024-01-03": {"credits": [sent("2", "20")]}})
    found = (
        "select transaction_id, transferred_out, difference, event_ids from reports.open_transfers"
    )
    assert warehouse.connection.execute(found).fetchall() == [("T", 20, 20, ["t1"])]
