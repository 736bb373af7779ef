"""Columns that several reports have, so that one name means one thing in all of them."""

from __future__ import annotations

from exporters.catalogue.types import Column, Kind


def money(name: str, label: str, description: str) -> Column:
    """An amount that is summed per currency."""
    return Column(name, label, Kind.MONEY, description, total=True)


REPORT_DATE = Column(
    "report_date", "Date", Kind.DATE, "The event or the posted date, by basis, in business time."
)
OCCURRED_AT = Column(
    "occurred_at",
    "Time",
    Kind.TIMESTAMP,
    "When it happened, in the business time zone; the fraction of the second is cut off.",
)
EVENT_ID = Column("event_id", "Event", Kind.ID, "Identifier of the event in its feed.")
ENTRY_TYPE = Column(
    "entry_type",
    "Entry",
    Kind.TEXT,
    "`original`, or `reversal` where a later version took an original back.",
)
SERVICE_ACCOUNT = (
    Column("service_account_id", "Service account", Kind.ID, "The billing unit."),
    Column("service_account_name", "Service account name", Kind.TEXT, "Its latest name."),
)
ACCOUNT = (
    *SERVICE_ACCOUNT,
    Column("account_id", "Account", Kind.ID, "The account to which the service account belonged."),
    Column("account_name", "Account name", Kind.TEXT, "Its latest name."),
    Column("account_type", "Account type", Kind.TEXT, "`partner` or `customer`."),
)
WALLET = Column("wallet", "Wallet", Kind.ID, "The wallet of the service account.")
COUNTERPARTY = Column(
    "counterparty_service_account_id",
    "Counterparty",
    Kind.ID,
    "The service account at the other end of a transfer.",
)
TRANSACTION = Column(
    "transaction_id", "Transaction", Kind.ID, "Identifier of the payment or transfer."
)
PAYMENT_METHOD = Column("payment_method", "Payment method", Kind.TEXT, "How it was paid.")
MOVEMENT_TYPE = Column("movement_type", "Movement", Kind.TEXT, "Type of the movement.")
SERVICE = (
    Column("service_code", "Service", Kind.ID, "Code of the service."),
    Column("service_name", "Service name", Kind.TEXT, "Its name, or the code where it is unknown."),
)
CURRENCY = Column("currency", "Currency", Kind.TEXT, "ISO 4217 code of all amounts of the row.")
EVENT_COUNT = Column(
    "event_count",
    "Events",
    Kind.COUNT,
    "Number of entries, +1 for an original and -1 for a reversal; by event date: of events.",
    total=True,
)
LIST_AMOUNT = money("list_amount", "List amount", "At list price.")
DISCOUNT_AMOUNT = money("discount_amount", "Discount amount", "List amount less net amount.")
REVENUE = (
    LIST_AMOUNT,
    DISCOUNT_AMOUNT,
    money("net_amount", "Net amount", "What the partner's customer pays, before tax."),
    money("tax_amount", "Tax", "Tax on the net amount."),
)
MARGIN = (
    money(
        "partner_cost_amount",
        "Partner cost",
        "List amount less the partner discount; tax, credits and adjustments at their net amount.",
    ),
    money(
        "partner_margin_amount",
        "Partner margin",
        "Net amount less partner cost.",
    ),
)
