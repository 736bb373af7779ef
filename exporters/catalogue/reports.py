"""The reports: question, conditions, columns and query of each. They are defined only here.

The command line, every file format, the terminal table, the workbooks and the documents derive
from the definitions here.
"""

from __future__ import annotations

from exporters.catalogue import queries
from exporters.catalogue.columns import (
    ACCOUNT,
    COUNTERPARTY,
    CURRENCY,
    ENTRY_TYPE,
    EVENT_COUNT,
    EVENT_ID,
    MARGIN,
    MOVEMENT_TYPE,
    OCCURRED_AT,
    PAYMENT_METHOD,
    REPORT_DATE,
    REVENUE,
    SERVICE,
    SERVICE_ACCOUNT,
    TRANSACTION,
    WALLET,
    money,
)
from exporters.catalogue.types import Column, Kind, Report

_BY_ACCOUNT = ("account_type", "account", "basis")
_LEADING = ("net_amount", "partner_margin_amount")
_COMPARABLE = ("account_type", "account", "compare", "basis")

_TOPUP_COLUMNS = (
    REPORT_DATE,
    OCCURRED_AT,
    TRANSACTION,
    EVENT_ID,
    ENTRY_TYPE,
    *ACCOUNT,
    WALLET,
    MOVEMENT_TYPE,
    COUNTERPARTY,
    PAYMENT_METHOD,
    CURRENCY,
    money("amount", "Amount", "Credit added; negative where an entry is reversed."),
)
_USAGE_COLUMNS = (
    REPORT_DATE,
    *ACCOUNT,
    WALLET,
    MOVEMENT_TYPE,
    *SERVICE,
    CURRENCY,
    EVENT_COUNT,
    money("amount", "Amount", "Credit used; negative where reversals outweigh originals."),
)
_BALANCE_COLUMNS = (
    *ACCOUNT,
    WALLET,
    CURRENCY,
    money("opening_balance", "Opening balance", "Balance before the first day of the period."),
    money("topped_up", "Topped up", "Top-ups of the period."),
    money("transferred_in", "Transferred in", "Transfers received in the period."),
    money("accrued", "Granted and refunded", "Grants, coupons and refunds of the period."),
    money("used", "Used", "Usage of the period; lowers the balance."),
    money("transferred_out", "Transferred out", "Transfers made; lowers the balance."),
    money("expired", "Expired", "Credit that expired in the period; lowers the balance."),
    money("adjusted", "Adjusted", "Adjustments and revaluations of the period, signed."),
    money(
        "net_movement",
        "Net movement",
        "Topped up + transferred in + granted and refunded - used - transferred out - expired "
        "+ adjusted.",
    ),
    money("closing_balance", "Closing balance", "Opening balance + net movement."),
    money("held", "Held", "Reserved for services billed later, on the last day."),
    money("available", "Available", "Closing balance - held."),
)
_STATEMENT_COLUMNS = (
    SERVICE_ACCOUNT[0],
    WALLET,
    CURRENCY,
    REPORT_DATE,
    OCCURRED_AT,
    EVENT_ID,
    Column(
        "version", "Version", Kind.INTEGER, "Version of the event; of a reversal: that taken back."
    ),
    ENTRY_TYPE,
    MOVEMENT_TYPE,
    Column("amount", "Amount", Kind.MONEY, "As delivered; negative where an entry is reversed."),
    money(
        "balance_effect",
        "Effect on balance",
        "What it adds to the balance; 0 for holds and releases.",
    ),
    Column("balance_after", "Balance", Kind.MONEY, "Balance of the wallet after the movement."),
    Column("held_after", "Held", Kind.MONEY, "Held credit of the wallet after the movement."),
    TRANSACTION,
    COUNTERPARTY,
    PAYMENT_METHOD,
    *SERVICE,
    Column("description", "Description", Kind.TEXT, "What the provider says of it."),
    *ACCOUNT[1:],
)
_OUTLOOK_COLUMNS = (
    *ACCOUNT,
    WALLET,
    CURRENCY,
    money("closing_balance", "Closing balance", "Balance at the end of the period."),
    money("available", "Available", "Closing balance less held credit."),
    money("used", "Used", "Usage of the period."),
    money("daily_use", "Use per day", "Used, divided by the days of the period."),
    Column(
        "days_left",
        "Days left",
        Kind.INTEGER,
        "Whole days for which the available credit lasts at this use; empty when nothing is used.",
    ),
    Column("empty_on", "Empty on", Kind.DATE, "The last day of the period + days left."),
    Column(
        "level",
        "Level",
        Kind.TEXT,
        "`overdrawn`, `empty`, `low` (fewer days left than the setting), `idle` or `ok`.",
    ),
)
_DISCOUNT_COLUMNS = (
    Column(
        "subject",
        "Subject",
        Kind.TEXT,
        "`partner`: granted by the provider; `customer`: granted by the partner.",
    ),
    Column("discount_id", "Discount", Kind.ID, "Identifier of the discount line."),
    Column("service_account_id", "Service account", Kind.ID, "The customer's, for its discounts."),
    SERVICE_ACCOUNT[1],
    *SERVICE,
    Column("deal_id", "Deal", Kind.ID, "The deal to which the discount is limited."),
    Column("rate_percent", "Rate %", Kind.RATE, "The discount in percent of the list price."),
    Column("starts_on", "Starts on", Kind.DATE, "First day; empty when it has not started."),
    Column("ends_on", "Ends on", Kind.DATE, "Last day; empty when the end is open."),
    Column("status", "Status", Kind.TEXT, "Status on the last day of the period."),
    CURRENCY,
    EVENT_COUNT,
    money("list_amount", "List amount", "List amount of the entries to which it applied."),
    money("discount_amount", "Discount amount", "What the discount was worth."),
)
_DETAIL_COLUMNS = (
    REPORT_DATE,
    OCCURRED_AT,
    EVENT_ID,
    ENTRY_TYPE,
    Column("order_id", "Order", Kind.ID, "The order to which the charge belongs."),
    *ACCOUNT,
    *SERVICE,
    Column("charge_type", "Charge", Kind.TEXT, "Type of the charge."),
    Column("quantity", "Quantity", Kind.QUANTITY, "Quantity in the unit beside it."),
    Column("unit", "Unit", Kind.TEXT, "Unit of the quantity."),
    CURRENCY,
    *REVENUE,
    Column(
        "partner_discount_rate",
        "Partner rate %",
        Kind.RATE,
        "Rate of the partner discount that applies, in percent; 0 when none does.",
    ),
    *MARGIN,
)
_SERVICE_COLUMNS = (*SERVICE, CURRENCY, EVENT_COUNT, *REVENUE, *MARGIN)
_ACCOUNT_COLUMNS = (*ACCOUNT, CURRENCY, EVENT_COUNT, *REVENUE, *MARGIN)
_MARGINS_COLUMNS = (
    *ACCOUNT,
    *SERVICE,
    CURRENCY,
    EVENT_COUNT,
    *REVENUE[:3],
    *MARGIN,
    Column(
        "margin_percent",
        "Margin %",
        Kind.PERCENT,
        "Margin in percent of the net amount; empty where that is 0.",
        share_of=("partner_margin_amount", "net_amount"),
    ),
)
_DEFERRED_COLUMNS = (
    *ACCOUNT,
    *SERVICE,
    CURRENCY,
    money(
        "opening_deferred",
        "Opening deferred",
        "Billed before the period less earned before it; negative where earned first.",
    ),
    money("billed", "Billed", "Net amounts by event date."),
    money("earned", "Earned", "Net amounts of the days of service in the period."),
    money("closing_deferred", "Closing deferred", "Opening + billed - earned."),
)
_WATERFALL_COLUMNS = (
    Column("billed_month", "Billed in", Kind.DATE, "First day of the month of the event date."),
    Column("earned_month", "Earned in", Kind.DATE, "First day of the month of service."),
    CURRENCY,
    Column(
        "event_count", "Orders active", Kind.COUNT, "Charges with a day of service in the month."
    ),
    money("net_amount", "Net amount", "Of the days of service in the month."),
)

REPORTS = {
    report.id: report
    for report in (
        Report(
            id="credit-topups",
            title="Credit top-ups",
            answers="Which credits were topped up or received, transaction by transaction?",
            conditions=_BY_ACCOUNT,
            columns=_TOPUP_COLUMNS,
            query=queries.entries("reports.credit_topups", _TOPUP_COLUMNS),
            internal_transfer="transfer_in",
        ),
        Report(
            id="credit-usage",
            title="Credit usage",
            answers="How much credit was used, per day, service account and service?",
            conditions=_COMPARABLE,
            columns=_USAGE_COLUMNS,
            query=queries.daily("reports.credit_usage", _USAGE_COLUMNS),
            internal_transfer="transfer_out",
            parts="account_type",
        ),
        Report(
            id="credit-balance",
            title="Credit balance",
            answers=(
                "What was the balance, what were the movements of the period, and what is it now?"
            ),
            conditions=_COMPARABLE,
            columns=_BALANCE_COLUMNS,
            query=queries.CREDIT_BALANCE,
            parts="account_type",
            leading=("net_movement", "closing_balance"),
        ),
        Report(
            id="credit-statement",
            title="Credit statement",
            answers="Which movements led from the opening to the closing balance, row by row?",
            conditions=_BY_ACCOUNT,
            columns=_STATEMENT_COLUMNS,
            query=queries.credit_statement(_STATEMENT_COLUMNS),
            folded=(
                *("version", "held_after", "payment_method", "service_code"),
                *(column.name for column in ACCOUNT[2:]),
            ),
        ),
        Report(
            id="credit-outlook",
            title="Credit outlook",
            answers="How long does the credit of each wallet last?",
            conditions=_BY_ACCOUNT[:2],
            columns=_OUTLOOK_COLUMNS,
            query=queries.CREDIT_OUTLOOK,
        ),
        Report(
            id="discounts",
            title="Discounts",
            answers="Which discounts were there, in which status, and what were they worth?",
            conditions=("subject", "status", "account", "compare", "basis"),
            columns=_DISCOUNT_COLUMNS,
            query=queries.discounts(_DISCOUNT_COLUMNS),
            compared_query=queries.discounts(_DISCOUNT_COLUMNS, compared=True),
            # A sale to which both apply counts in both.
            parts="subject",
            adds_parts=False,
            leading=("discount_amount",),
        ),
        Report(
            id="revenue-detail",
            title="Revenue detail",
            answers="Which charges make up the revenue, line by line?",
            conditions=_BY_ACCOUNT,
            columns=_DETAIL_COLUMNS,
            query=queries.entries("reports.revenue_detail", _DETAIL_COLUMNS),
            allocated_query=queries.ALLOCATED_ENTRIES,
        ),
        Report(
            id="revenue-by-service",
            title="Revenue by service",
            answers="What was the revenue of each service?",
            conditions=_COMPARABLE,
            columns=_SERVICE_COLUMNS,
            query=queries.daily("reports.revenue_by_service", _SERVICE_COLUMNS),
            account_query=queries.daily(queries.CHARGES, _SERVICE_COLUMNS),
            allocated_query=queries.revenue_sums(queries.ALLOCATED_PARTS, _SERVICE_COLUMNS),
            leading=_LEADING,
        ),
        Report(
            id="revenue-by-account",
            title="Revenue by account",
            answers="What was the revenue from each service account?",
            conditions=_COMPARABLE,
            columns=_ACCOUNT_COLUMNS,
            query=queries.daily("reports.revenue_by_account", _ACCOUNT_COLUMNS),
            allocated_query=queries.revenue_sums(queries.ALLOCATED_PARTS, _ACCOUNT_COLUMNS),
            parts="account_type",
            leading=_LEADING,
        ),
        Report(
            id="margins",
            title="Margins",
            answers="What does each service of each account earn, and where is money lost?",
            conditions=("account_type", "account", "below", "compare", "basis"),
            columns=_MARGINS_COLUMNS,
            query=queries.revenue_sums(
                queries.DAILY_PARTS, _MARGINS_COLUMNS, only="is_discountable"
            ),
            allocated_query=queries.revenue_sums(
                queries.ALLOCATED_PARTS, _MARGINS_COLUMNS, only="is_discountable"
            ),
            leading=(*_LEADING, "margin_percent"),
        ),
        Report(
            id="deferred-revenue",
            title="Deferred revenue",
            answers="What was billed and is not yet earned by days of service?",
            conditions=_BY_ACCOUNT[:2],
            columns=_DEFERRED_COLUMNS,
            query=queries.DEFERRED_REVENUE,
        ),
        Report(
            id="revenue-waterfall",
            title="Revenue waterfall",
            answers="In which months is earned what was billed in the period?",
            conditions=_BY_ACCOUNT[:2],
            columns=_WATERFALL_COLUMNS,
            query=queries.REVENUE_WATERFALL,
        ),
    )
}
