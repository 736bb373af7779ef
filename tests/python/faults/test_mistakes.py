"""Mistakes made in the models on purpose, a line each: the proof of any sequence finds them."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest
from hypothesis import Phase
from support import proof
from support.deliveries import run
from support.models_in_memory import Compiled, Node

# What could be written in the place of a right line: relation, line, mistake.
MISTAKES = [
    ("staging.int_credits__new_entries", "-reversed.amount as amount", "reversed.amount as amount"),
    ("staging.int_accounts__day_states", "order by updated_at desc", "order by updated_at"),
    ("staging.int_credits__new_entries", "extract(day from recorded_date) <= 5", "false"),
    ("staging.int_revenue__new_entries", "extract(day from recorded_date) <= 5",
     "extract(day from recorded_date) < 5"),
    ("staging.int_events__contested", "version desc, file asc", "version asc, file asc"),
    ("staging.int_events__contested", "version > seen_version", "version >= seen_version"),
    ("staging.int_events__contested", "coalesce(run_version_before, known_version)",
     "run_version_before"),
    ("staging.int_events__contested", "max_by(earlier_versions.batch_id",
     "min_by(earlier_versions.batch_id"),
    ("staging.int_revenue__new_entries",
     "posts.batch_id < (select min(focus_versions.batch_id) from focus_versions)", "false"),
    ("staging.int_events__contested", "lag(version)", "first_value(version)"),
    ("ledger.event_voids", "and operation = 'void'", "and operation = 'void' and version > 1"),
    ("staging.int_accounts__day_states", "date '0001-01-01' as valid_from",
     "updated_date as valid_from"),
    ("staging.int_accounts__records", "batch_id desc, feed desc", "batch_id, feed desc"),
    ("staging.int_accounts__records", "batch_id desc, feed desc", "batch_id desc, feed"),
    ("ledger.discount_periods", "requested_on desc, discount_id desc", "requested_on, discount_id"),
    ("ledger.discount_periods", "revoked_on - 1", "revoked_on"),
    ("ledger.discount_periods", "starting.next_start - 1", "starting.next_start"),
    ("ledger.fct_revenue_entries", "charges.order_date >= general",
     "charges.event_date >= general"),
    ("reports.revenue_detail", "and reversals.event_id is null as is_standing",
     "as is_standing"),
    ("staging.int_batches__stale",
     "on records.feed = taken.feed and records.batch_id = taken.batch_id", "on true"),
    ("staging.int_batches__stale",
     "on taken.feed = 'discounts' and records.batch_id = taken.batch_id", "on true"),
    ("staging.int_batches__stale", "or partner_discount_rate is distinct",
     "and partner_discount_rate is distinct"),
    ("staging.int_batches__stale", "entries.partner_id = changed_scopes.partner_id", "false"),
    ("staging.int_batches__stale",
     "entries.counterparty_service_account_id = changed_accounts.service_account_id", "false"),
    ("staging.int_batches__stale", "else date '0001-01-01'", "else records.updated_date"),
    ("staging.int_batches__written", "where batches_before >=", "where batches_before >"),
    ("ledger.focus_versions", "last_seen is distinct from delivery_number - 1",
     "last_seen is null"),
    ("ledger.focus_versions", "next_seen is distinct from neighbours.delivery_number + 1",
     "next_seen is null"),
    ("ledger.focus_versions", "max_by(operation, version)", "min_by(operation, version)"),
    ("ledger.fct_credit_entries", "counterparty.partner_id = attribution.partner_id", "true"),
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
        for block in range(20):
            run(spoilt, block, [Phase.generate])
    proof.tried("deliberate mistakes in the models, all found")
