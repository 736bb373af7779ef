"""What the codes of a column are called in English, by the column's name.

The other languages have theirs in `locale/`; English is here, so that it reads no catalogue.
"""

from __future__ import annotations

# How rows of a statement were matched, and why others were not: said as it is coded.
_SUFFIXES = ("", ", by order")
_MATCHES = (
    *(f"{by}{order}" for by in ("key", "account", "date") for order in _SUFFIXES),
    *(f"{by}, to 15 digits{order}" for by in ("key", "account", "date") for order in _SUFFIXES),
    *(f"{by}{order}" for by in ("nearest date", "event date") for order in _SUFFIXES),
    *(f"{by}{order}" for by in ("posted date", "day in UTC") for order in _SUFFIXES),
)
_REASONS = (
    *("late", "posted later", "time zone", "other period", "event date", "posted date"),
    *("other day", "corrected", "leading zeros", "unreadable", "taken back"),
)

WORDS = {
    "account_type": {"both": "both", "customer": "Customer", "partner": "Partner"},
    "ambiguous": {"yes": "yes"},
    "charge_type": {
        "adjustment": "Adjustment",
        "credit": "Credit",
        "one_time": "One-time",
        "refund": "Refund",
        "subscription": "Subscription",
        "tax": "Tax",
        "usage": "Usage",
    },
    "entry_type": {"original": "Original", "reversal": "Reversal"},
    "feed": {
        "accounts": "Accounts",
        "credits": "Credits",
        "discounts": "Discounts",
        "focus": "FOCUS",
        "revenue": "Revenue",
    },
    "ledger": {"credits": "Credits", "revenue": "Revenue"},
    "level": {
        "empty": "Empty",
        "idle": "Not used",
        "low": "Low",
        "ok": "Enough",
        "overdrawn": "Overdrawn",
    },
    "match": {match: match for match in _MATCHES},
    "movement_type": {
        "adjustment": "Adjustment",
        "coupon": "Coupon",
        "expiry": "Expiry",
        "grant": "Grant",
        "hold": "Hold",
        "refund": "Refund",
        "release": "Release",
        "revaluation": "Revaluation",
        "top_up": "Top-up",
        "transfer_in": "Transfer in",
        "transfer_out": "Transfer out",
        "usage": "Usage",
    },
    "reason": {reason: reason for reason in _REASONS},
    "status": {
        "active": "Active",
        "awaiting_active": "Awaiting activation",
        "awaiting_approval": "Awaiting approval",
        "expired": "Expired",
        "rejected": "Rejected",
        "revoked": "Revoked",
    },
    "subject": {"customer": "Customer", "partner": "Partner"},
}
