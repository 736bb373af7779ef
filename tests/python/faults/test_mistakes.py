"""Mistakes made in the models on purpose, a line each: the checks after a delivery find them.

Corner cases find each in seconds; in a soak chance must find it too, which takes minutes.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest
from hypothesis import Phase
from support import proof
from support.corner_cases import run_corner_cases
from support.deliveries import run
from support.models_in_memory import Compiled, Node

# What could be written in the place of a right line: relation, line, mistake.
MISTAKES = [
    ("ledger.int_credit_entries__new", "-reversible.amount as amount",
     "reversible.amount as amount"),
    ("dimensions.int_accounts__spans", "order by updated_at desc", "order by updated_at"),
    ("ledger.int_credit_entries__new", "extract(day from recorded_date) <= 5", "false"),
    ("ledger.int_revenue_entries__new", "extract(day from recorded_date) <= 5",
     "extract(day from recorded_date) < 5"),
    ("ledger.int_events__multi_version", "version desc, file asc", "version asc, file asc"),
    ("ledger.int_events__multi_version", "version > seen_version", "version >= seen_version"),
    ("ledger.int_events__multi_version", "coalesce(run_version_before, known_version)",
     "run_version_before"),
    ("ledger.int_events__multi_version", "max_by(earlier_versions.batch_id",
     "min_by(earlier_versions.batch_id"),
    ("ledger.int_revenue_entries__new",
     "posts.batch_id < (select min(new_focus_versions.batch_id) from new_focus_versions)", "false"),
    ("ledger.int_events__multi_version", "lag(version)", "first_value(version)"),
    ("ledger.event_voids", "and staged.operation = 'void'",
     "and staged.operation = 'void' and staged.version > 1"),
    ("dimensions.int_accounts__spans", "date '0001-01-01' as valid_from",
     "updated_date as valid_from"),
    ("dimensions.int_account_records__settled", "batch_id desc, feed desc", "batch_id, feed desc"),
    ("dimensions.int_account_records__settled", "batch_id desc, feed desc", "batch_id desc, feed"),
    ("dimensions.int_discounts__periods", "requested_on desc, discount_id desc",
     "requested_on, discount_id"),
    ("dimensions.int_discounts__periods", "revoked_on - 1", "revoked_on"),
    ("dimensions.int_discounts__periods", "starting.next_start - 1", "starting.next_start"),
    ("ledger.fct_revenue_entries", "charges.order_date >= general",
     "charges.event_date >= general"),
    ("reports.revenue_detail", "and reversals.event_id is null as is_standing",
     "as is_standing"),
    ("ledger.int_batches__outdated",
     "loaded.batch_id is not null as is_known", "true as is_known"),
    ("dimensions.int_discounts__periods",
     "on loaded.feed = 'discounts' and records.batch_id = loaded.batch_id", "on true"),
    ("ledger.int_batches__outdated", "or charges.partner_discount_rate",
     "and charges.partner_discount_rate"),
    ("ledger.int_batches__outdated", "entries.partner_id = changed.partner_id", "false"),
    ("ledger.int_batches__outdated",
     "entries.counterparty_service_account_id = changed.service_account_id", "false"),
    ("ledger.int_batches__outdated", "else date '0001-01-01'", "else records.updated_date"),
    ("ledger.int_batches__of_this_build", "where batches_before >=", "where batches_before >"),
    ("staging.focus_versions", "last_seen is distinct from delivery_number - 1",
     "last_seen is null"),
    ("staging.focus_versions", "next_seen is distinct from neighbours.delivery_number + 1",
     "next_seen is null"),
    ("staging.focus_versions", "max_by(operation, version)", "min_by(operation, version)"),
    ("ledger.fct_credit_entries", "counterparties.partner_id = holders.partner_id", "true"),
    ("ledger.discount_worth", "and days.partner_id = discounts.partner_id", ""),
    ("staging.stg_credits", "Asia/Ho_Chi_Minh", "UTC"),
    ("staging.stg_revenue", "Asia/Ho_Chi_Minh", "UTC"),
]  # fmt: skip


@pytest.mark.proof
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_models_is_found(
    compiled: Compiled, mistake: tuple[str, str, str]
) -> None:
    """The proof can fail: with one line of the SQL made wrong, it does."""
    relation, right, wrong = mistake

    def made_wrong(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(
            replace(node, sql=node.sql.replace(right, wrong)) if node.relation == relation else node
            for node in nodes
        )

    spoilt = replace(compiled, first=made_wrong(compiled.first), later=made_wrong(compiled.later))
    assert spoilt.later != compiled.later, "the line is no longer in the model"
    with pytest.raises((AssertionError, duckdb.Error)):
        run_corner_cases(spoilt)
    if proof.SOAK:
        with pytest.raises((AssertionError, duckdb.Error)):
            for block in range(60):
                run(spoilt, block, 3, [Phase.generate])
    proof.tried("deliberate mistakes in the models, all found")
