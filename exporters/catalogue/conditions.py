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
    "allocated": Basis(
        "allocated",
        "Service period: amounts count on the days for which they were sold (allocated)",
        {"date": "event_date", "standing": "is_standing", "entries": "sum(event_count)"},
    ),
}


def of_account(service_account_id: str, account_id: str) -> str:
    """SQL for whether a row is of `$account`; an id that is both means the service account."""
    return (
        f"({service_account_id} = $account or ({account_id} = $account and not exists ("
        "select 1 from dimensions.partner_accounts as own "
        "where own.partner_id = $partner and own.service_account_id = $account)))"
    )


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
            label="Account",
            allowed=(),
            everything="all",
            description="one service account of the partner, or one account (default: all)",
            predicate=of_account("service_account_id", "account_id"),
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
            name="below",
            label="Margin below",
            allowed=(),
            everything="all",
            description="only margins below so many percent, and every negative one",
            predicate="(margin_percent < $below or partner_margin_amount < 0)",
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
            description=(
                "which date decides: event (default, restated), posted (as reported) or, for "
                "revenue, allocated (the days of service)"
            ),
            predicate="true",
        ),
    )
}
