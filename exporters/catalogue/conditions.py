"""The bases of a report and its conditions: allowed values, texts for people, SQL."""

from __future__ import annotations

from exporters.catalogue.types import Basis, Condition

BASES = {
    "event": Basis(
        "event",
        "Event date: late and corrected events count in the month they belong to (restated)",
        {"date": "event_date", "standing": "is_standing", "entries": "sum(event_count)"},
    ),
    "posted": Basis(
        "posted",
        "Posted date: closed months never change; late and corrected events count when they were "
        "posted (as reported)",
        {"date": "posted_date", "standing": "true", "entries": "count(*)"},
    ),
}

ACCOUNT_TYPES = ("partner", "customer")
SUBJECTS = ("partner", "customer")
STATUSES = (
    "rejected",
    "awaiting_approval",
    "revoked",
    "awaiting_active",
    "expired",
    "active",
)

CONDITIONS = {
    condition.name: condition
    for condition in (
        Condition(
            name="account_type",
            label="Account type",
            allowed=(*ACCOUNT_TYPES, "both"),
            everything="both",
            description="the partner's own accounts, its customers', or both (default)",
            predicate="account_type = $account_type",
        ),
        Condition(
            name="account",
            label="Service account",
            allowed=(),
            everything="all",
            description="one service account of the partner (default: all)",
            predicate="service_account_id = $account",
        ),
        Condition(
            name="subject",
            label="Subject",
            allowed=SUBJECTS,
            everything="both",
            description="discounts granted to the partner or by it to customers (default: both)",
            predicate="subject = $subject",
        ),
        Condition(
            name="status",
            label="Status",
            allowed=STATUSES,
            everything="all",
            description="status on the last day of the period; may be repeated (default: all)",
            predicate="list_contains($status, status)",
            many=True,
        ),
        Condition(
            name="compare",
            label="Compared with",
            allowed=("previous", "year"),
            everything="nothing",
            description=(
                "beside each measure the previous period's, or that of the same days a year earlier"
            ),
            predicate="true",
        ),
        Condition(
            name="basis",
            label="Basis",
            allowed=tuple(BASES),
            everything="event",
            description="which date decides: event (default, restated) or posted (as reported)",
            predicate="true",
        ),
    )
}
