"""The sheets of a bridge: which measures are bridged, its rows, and the entries behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from exporters.catalogue.types import Column, Kind, Report
from exporters.reconciliation.bridge.lines import AS_POSTED, RESTATED, STEPS
from exporters.reconciliation.entry_columns import DATES, SOURCE, VERSION, columns_of

_EVENT_COUNT = columns_of("revenue-by-account", "event_count")
_HELD = replace(columns_of("credit-balance", "held")[0], label="Held (change)")
CREDIT_MEASURES = (
    *columns_of(
        "credit-balance", "topped_up", "transferred_in", "accrued", "used", "transferred_out"
    ),
    *columns_of("credit-balance", "expired", "adjusted", "net_movement"),
    _HELD,
    *_EVENT_COUNT,
)
REVENUE_MEASURES = (
    *columns_of("revenue-by-account", "list_amount", "discount_amount", "net_amount", "tax_amount"),
    *columns_of("revenue-by-account", "partner_cost_amount", "partner_margin_amount"),
    *_EVENT_COUNT,
)
MEASURES = {"credits": CREDIT_MEASURES, "revenue": REVENUE_MEASURES}
FIRST_LINE = {"credits": 1, "revenue": 1 + len(CREDIT_MEASURES)}
BY_LINE = dict(enumerate((*CREDIT_MEASURES, *REVENUE_MEASURES), start=1))
# Counts must not look like money.
_COUNT_LINES = ", ".join(str(line) for line, each in BY_LINE.items() if each in _EVENT_COUNT)

ACCOUNT = columns_of(
    "credit-balance",
    "service_account_id", "service_account_name", "account_id", "account_name", "account_type",
)  # fmt: skip
WALLET, CURRENCY = columns_of("credit-balance", "wallet", "currency")

BRIDGE = Report(
    "bridge",
    "Bridge",
    "What lies between what was reported for the month and what is true of it now?",
    ("account_type", "account"),
    (
        Column("ledger", "Ledger", Kind.TEXT, "`credits` or `revenue`."),
        *ACCOUNT,
        replace(WALLET, description="The wallet; empty for revenue."),
        CURRENCY,
        Column("line", "Line", Kind.COUNT, "Place of the measure in the bridge."),
        Column("measure", "Measure", Kind.TEXT, "The column of the reports that is bridged."),
        AS_POSTED,
        *STEPS,
        RESTATED,
    ),
    "select * from temp.bridge",
    unit=f"case when line not in ({_COUNT_LINES}) then currency end",
)


_STEP = Column("step", "Step", Kind.TEXT, "The column of the bridge in which the entry counts.")
_IN_BRIDGE = "As it counts in the bridge: what belongs to an earlier month has its sign turned."


def _summed(columns: Sequence[Column]) -> tuple[Column, ...]:
    return tuple(replace(column, description=_IN_BRIDGE, total=True) for column in columns)


CREDIT_ENTRIES = Report(
    "bridge-credit-entries",
    "Credit entries",
    "Which entries of the credit ledger make up the steps of the bridge?",
    ("account_type", "account"),
    (
        _STEP,
        *ACCOUNT,
        WALLET,
        CURRENCY,
        *DATES,
        *columns_of("credit-topups", "event_id", "entry_type"),
        VERSION,
        *columns_of("credit-topups", "transaction_id", "movement_type"),
        Column("measure", "Measure", Kind.TEXT, "The line of the bridge in which `amount` counts."),
        Column("amount", "Amount", Kind.MONEY, _IN_BRIDGE),
        *_summed(columns_of("credit-balance", "net_movement")),
        *_summed([_HELD, *_EVENT_COUNT]),
        *SOURCE,
    ),
    "select * from temp.bridge_credit_entries",
)
REVENUE_ENTRIES = Report(
    "bridge-revenue-entries",
    "Revenue entries",
    "Which entries of the revenue ledger make up the steps of the bridge?",
    ("account_type", "account"),
    (
        _STEP,
        *ACCOUNT,
        CURRENCY,
        *DATES,
        *columns_of("revenue-detail", "event_id", "entry_type"),
        VERSION,
        *columns_of("revenue-detail", "order_id", "service_code", "charge_type"),
        *_summed(REVENUE_MEASURES),
        *SOURCE,
    ),
    "select * from temp.bridge_revenue_entries",
)
