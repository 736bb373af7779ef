"""An independent reference for the reports: specification sections 02 to 05 in plain Python.

It shares nothing with the SQL models: no SQL, no macro, no table. It reads a whole landing folder
at once, keeps everything in memory and works each figure out from the events, one function per
rule, so that it is slow and easy to check against the text. Tests compare the warehouse with it.

Section numbers in comments: "02" is the feeds, "03" the ledger, "04" the interface, "05" the
further figures. Here stand the reports of 04; the ledger stands in `oracle_ledger`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from support.oracle_ledger import (
    SPACE,
    ZERO,
    Cell,
    CreditEntry,
    Discount,
    Entry,
    LandingError,
    Ledger,
    Period,
    RequestError,
    RevenueEntry,
    Row,
    Table,
    exact,
    find_batches,
    load_reference,
    read_csv,
    read_parquet,
    rounded,
)

__all__ = [
    "COLUMNS",
    "SHOWN_NEGATIVE",
    "SPACE",
    "ZERO",
    "CreditEntry",
    "Entry",
    "LandingError",
    "Oracle",
    "RequestError",
    "RevenueEntry",
    "Row",
    "Table",
    "exact",
    "find_batches",
    "load_reference",
    "plain",
    "read_csv",
    "read_parquet",
    "row_order",
]

COLUMNS: dict[str, tuple[str, ...]] = {
    "credit-topups": tuple(
        "report_date occurred_at transaction_id event_id entry_type service_account_id "
        "service_account_name account_id account_name account_type wallet movement_type "
        "counterparty_service_account_id payment_method currency amount".split()
    ),
    "credit-usage": tuple(
        "report_date service_account_id service_account_name account_id account_name account_type "
        "wallet movement_type service_code service_name currency event_count amount".split()
    ),
    "credit-balance": tuple(
        "service_account_id service_account_name account_id account_name account_type wallet "
        "currency opening_balance topped_up transferred_in accrued used transferred_out expired "
        "adjusted net_movement closing_balance held available".split()
    ),
    "discounts": tuple(
        "subject discount_id service_account_id service_account_name service_code service_name "
        "deal_id rate_percent starts_on ends_on status currency event_count list_amount "
        "discount_amount".split()
    ),
    "revenue-detail": tuple(
        "report_date occurred_at event_id entry_type order_id service_account_id "
        "service_account_name account_id account_name account_type service_code service_name "
        "charge_type quantity unit currency list_amount discount_amount net_amount tax_amount "
        "partner_discount_rate partner_cost_amount partner_margin_amount".split()
    ),
    "revenue-by-service": tuple(
        "service_code service_name currency event_count list_amount discount_amount net_amount "
        "tax_amount partner_cost_amount partner_margin_amount".split()
    ),
    "revenue-by-account": tuple(
        "service_account_id service_account_name account_id account_name account_type currency "
        "event_count list_amount discount_amount net_amount tax_amount partner_cost_amount "
        "partner_margin_amount".split()
    ),
}
NOT_SUMMED = ("quantity", "partner_discount_rate", "rate_percent")

BALANCE_COLUMNS = "topped_up transferred_in accrued used transferred_out expired adjusted".split()
SHOWN_NEGATIVE = ("used", "transferred_out", "expired")  # positive as named, lower the balance
TOPUP_TYPES = ("top_up", "transfer_in")
USAGE_TYPES = ("usage", "transfer_out")
TRANSFER_TYPES = ("transfer_in", "transfer_out")
STATUSES = ("rejected", "awaiting_approval", "revoked", "awaiting_active", "expired", "active")


class Oracle(Ledger):
    """All reports of one landing folder."""

    # ---------------------------------------------------------------------------- the reports

    @exact
    def report(
        self,
        name: str,
        partner: str,
        from_: date,
        to: date,
        basis: str = "event",
        account_type: str = "both",
        account: str | None = None,
        subject: str | None = None,
        statuses: Sequence[str] | None = None,
    ) -> list[Row]:
        """04: the rows of a report, columns as in `COLUMNS[name]`, in the order of section 04.

        Money and quantities are exact Decimals, counts int, days date, `occurred_at` text; empty
        cells None. Raises `RequestError` for an unknown report, partner or account.
        """
        period = Period(from_, to, basis)
        self._check_request(name, partner, period, account_type, account, statuses)
        rows: Iterable[Row]
        if name == "discounts":
            rows = self._discount_rows(partner, period, subject, statuses)
        elif name == "credit-balance":
            rows = self._balance_rows(partner, period, account_type, account)
        elif name in ("credit-topups", "credit-usage"):
            entries = self._credit_lines(name, partner, period, account_type, account)
            topups = name == "credit-topups"
            make = self._topup_rows if topups else self._usage_rows
            rows = make(period, entries)
        else:
            charges = self._revenue_lines(partner, period, account_type, account)
            if name == "revenue-detail":
                rows = self._detail_rows(period, charges)
            elif name == "revenue-by-service":
                rows = self._revenue_groups(charges, self._service_cells)
            else:
                rows = self._revenue_groups(charges, self._account_cells)
        return sorted(rows, key=row_order)

    @exact
    def totals(
        self,
        name: str,
        partner: str,
        from_: date,
        to: date,
        basis: str = "event",
        account_type: str = "both",
        account: str | None = None,
        subject: str | None = None,
        statuses: Sequence[str] | None = None,
    ) -> dict[str, dict[str, Decimal | int]]:
        """04: totals per currency of the summed columns of a report: currency -> column -> total.

        With both account types and no single account, credit-topups and credit-usage leave out
        transfers inside the partner; a currency of which only such transfers stand has zeros.
        """
        rows = self.report(
            name, partner, from_, to, basis, account_type, account, subject, statuses
        )
        columns = COLUMNS[name]
        totals: dict[str, dict[str, Decimal | int]] = {}
        for row in rows:
            cells = dict(zip(columns, row, strict=True))
            if cells["currency"] is None:  # a discount that was worth nothing
                continue
            sums = totals.setdefault(str(cells["currency"]), {})
            for column in columns:
                value = cells[column]
                if isinstance(value, Decimal | int) and column not in NOT_SUMMED:
                    sums[column] = sums.get(column, 0) + value
        for entry in self.left_out(name, partner, from_, to, basis, account_type, account):
            sums = totals[entry.currency]
            sums["amount"] -= entry.amount
            if "event_count" in sums:
                sums["event_count"] -= entry.count
        return dict(sorted(totals.items()))

    def left_out(
        self,
        name: str,
        partner: str,
        from_: date,
        to: date,
        basis: str = "event",
        account_type: str = "both",
        account: str | None = None,
    ) -> list[CreditEntry]:
        """04: the entries of a credit report that its totals leave out: transfers inside."""
        if not name.startswith("credit-") or name == "credit-balance":
            return []
        if account_type != "both" or account is not None:
            return []
        left_out = []
        period = Period(from_, to, basis)
        for entry in self._credit_lines(name, partner, period, account_type, account):
            other = self.account_at(entry.counterparty_service_account_id, entry.event_date)
            inside = other is not None and other.partner_id == partner
            if entry.movement_type in TRANSFER_TYPES and inside:
                left_out.append(entry)
        return left_out

    def _check_request(
        self,
        name: str,
        partner: str,
        period: Period,
        account_type: str,
        account: str | None,
        statuses: Sequence[str] | None,
    ) -> None:
        if name not in COLUMNS:
            raise RequestError(f"unknown report {name!r}")
        if partner not in self.partners():
            raise RequestError(f"unknown partner {partner!r}")
        if account is not None and account not in self.service_accounts(partner):
            raise RequestError(f"unknown account {account!r}")
        if account_type not in ("partner", "customer", "both"):
            raise RequestError(f"unknown account type {account_type!r}")
        if period.basis not in ("event", "posted"):
            raise RequestError(f"unknown basis {period.basis!r}")
        for status in statuses or ():
            if status not in STATUSES:
                raise RequestError(f"unknown status {status!r}")
        if period.first > period.last:
            raise RequestError("from is after to")

    # credit-topups and credit-usage

    def _credit_lines(
        self, name: str, partner: str, period: Period, account_type: str, account: str | None
    ) -> list[CreditEntry]:
        kinds = TOPUP_TYPES if name == "credit-topups" else USAGE_TYPES
        return [
            entry
            for entry in self._entries
            if isinstance(entry, CreditEntry)
            and entry.movement_type in kinds
            and period.has(entry)
            and self._mine(entry, partner, account_type, account)
        ]

    def _topup_rows(self, period: Period, entries: list[CreditEntry]) -> Iterator[Row]:
        for entry in entries:
            yield (
                period.date_of(entry),
                self._local_time(entry.occurred_at),
                entry.transaction_id,
                entry.event_id,
                entry.entry_type,
                *self._account_cells(entry),
                entry.wallet,
                entry.movement_type,
                entry.counterparty_service_account_id,
                entry.payment_method,
                entry.currency,
                entry.amount,
            )

    def _usage_rows(self, period: Period, entries: list[CreditEntry]) -> Iterator[Row]:
        groups: dict[Row, list[CreditEntry]] = defaultdict(list)
        for entry in entries:
            key = (
                period.date_of(entry),
                *self._account_cells(entry),
                entry.wallet,
                entry.movement_type,
                *self._service_cells(entry),
                entry.currency,
            )
            groups[key].append(entry)
        for key, members in groups.items():
            yield (
                *key,
                sum(entry.count for entry in members),
                sum((entry.amount for entry in members), ZERO),
            )

    # credit-balance

    def _balance_rows(
        self, partner: str, period: Period, account_type: str, account: str | None
    ) -> Iterator[Row]:
        """03 Credit balance: attribution decides the partner only, not the type shown."""
        groups: dict[tuple[str, str, str], list[CreditEntry]] = defaultdict(list)
        for entry in self._entries:
            if (
                isinstance(entry, CreditEntry)
                and period.lists(entry)
                and self._mine(entry, partner, "both", account)
            ):
                key = (entry.service_account_id, entry.wallet, entry.currency)
                groups[key].append(entry)
        for (service_account_id, wallet, currency), entries in groups.items():
            record = self._balance_account(service_account_id, partner, period.last)
            if account_type not in ("both", record.account_type):
                continue
            opening = sum((self._effect(o) for o in entries if period.is_before(o)), ZERO)
            within = [entry for entry in entries if period.has(entry)]
            moved = [self._moved(column, within) for column in BALANCE_COLUMNS]
            topped_up, transferred_in, accrued, used, transferred_out, expired, adjusted = moved
            net = topped_up + transferred_in + accrued - used - transferred_out - expired + adjusted
            until = [o for o in entries if period.is_before(o) or period.has(o)]
            held = sum(
                (self.movement_types[o.movement_type].held_effect * o.amount for o in until), ZERO
            )
            closing = opening + net
            if opening != 0 or held != 0 or within:
                yield (
                    *self._named_account(record),
                    wallet,
                    currency,
                    opening,
                    *moved,
                    net,
                    closing,
                    held,
                    closing - held,
                )

    def _moved(self, column: str, entries: list[CreditEntry]) -> Decimal:
        """A column of the roll-forward: positive as named, so that net_movement adds up."""
        sign = -1 if column in SHOWN_NEGATIVE else 1
        return sum(
            (
                sign * self._effect(entry)
                for entry in entries
                if self.movement_types[entry.movement_type].balance_column == column
            ),
            ZERO,
        )

    # discounts

    def _discount_rows(
        self,
        partner: str,
        period: Period,
        subject: str | None,
        statuses: Sequence[str] | None,
    ) -> Iterator[Row]:
        for discount in self.discounts:
            record = discount.record
            status = self.discount_status(discount, period.last)
            worth = self._worth(discount, period)
            if record["partner_id"] != partner or subject not in (None, record["subject"]):
                continue
            if statuses and status not in statuses:
                continue
            if not worth and not self._is_listed(discount, period):
                continue
            for currency, (count, listed, amount) in (worth or {None: (0, ZERO, ZERO)}).items():
                yield (
                    record["subject"],
                    record["discount_id"],
                    record["service_account_id"],
                    self.service_account_name(record["service_account_id"]),
                    record["service_code"],
                    self.service_name(record["service_code"]),
                    record["deal_id"],
                    record["rate_percent"],
                    discount.starts_on if discount.runs else None,
                    discount.ends_on if discount.runs else None,
                    status,
                    currency,
                    count,
                    listed,
                    amount,
                )

    def _is_listed(self, discount: Discount, period: Period) -> bool:
        """03: requested by the end of the period and not over before it."""
        record = discount.record
        ends = (record["rejected_on"], discount.ends_on, record["revoked_on"])
        not_over = all(end is None or end >= period.first for end in ends)
        return bool(record["requested_on"] <= period.last and not_over)

    def _worth(
        self, discount: Discount, period: Period
    ) -> dict[str | None, tuple[int, Decimal, Decimal]]:
        """03 Worth in the period: per currency the event count, list and discount amounts."""
        worth: dict[str | None, tuple[int, Decimal, Decimal]] = {}
        for entry in self._entries:
            if not isinstance(entry, RevenueEntry) or not period.has(entry):
                continue
            if discount.record["subject"] == "customer":
                owner = self.account_at(entry.service_account_id, entry.event_date)
                counts = (
                    entry.discount_id == discount.discount_id
                    and owner is not None
                    and owner.partner_id == discount.record["partner_id"]
                )
                amount = entry.discount_amount
            else:
                counts = self.partner_discount(entry) is discount
                rate = discount.record["rate_percent"]
                amount = rounded(entry.list_amount * rate * Decimal("0.01"))
            if counts:
                count, listed, total = worth.get(entry.currency, (0, ZERO, ZERO))
                worth[entry.currency] = (
                    count + entry.count,
                    listed + entry.list_amount,
                    total + amount,
                )
        return worth

    # revenue

    def _revenue_lines(
        self, partner: str, period: Period, account_type: str, account: str | None
    ) -> list[RevenueEntry]:
        return [
            entry
            for entry in self._entries
            if isinstance(entry, RevenueEntry)
            and period.has(entry)
            and self._mine(entry, partner, account_type, account)
        ]

    def _detail_rows(self, period: Period, entries: list[RevenueEntry]) -> Iterator[Row]:
        for entry in entries:
            yield (
                period.date_of(entry),
                self._local_time(entry.occurred_at),
                entry.event_id,
                entry.entry_type,
                entry.order_id,
                *self._account_cells(entry),
                *self._service_cells(entry),
                entry.charge_type,
                entry.quantity,
                entry.unit,
                entry.currency,
                entry.list_amount,
                entry.discount_amount,
                entry.net_amount,
                entry.tax_amount,
                *self.pricing(entry),
            )

    def _revenue_groups(
        self, entries: list[RevenueEntry], cells: Callable[[Entry], Row]
    ) -> Iterator[Row]:
        """03 Revenue: a group with any entry in the period is listed, also when it sums to 0."""
        groups: dict[Row, list[RevenueEntry]] = defaultdict(list)
        for entry in entries:
            groups[*cells(entry), entry.currency].append(entry)
        for key, members in groups.items():
            yield (
                *key,
                sum(entry.count for entry in members),
                sum((entry.list_amount for entry in members), ZERO),
                sum((entry.discount_amount for entry in members), ZERO),
                sum((entry.net_amount for entry in members), ZERO),
                sum((entry.tax_amount for entry in members), ZERO),
                sum((self.pricing(entry)[1] for entry in members), ZERO),
                sum((self.pricing(entry)[2] for entry in members), ZERO),
            )

    def to_csv(self, name: str, rows: Sequence[Row]) -> str:
        """04: the exact text of the CSV export: header, then rows, each line ended by LF."""
        lines: list[Row] = [COLUMNS[name], *rows]
        return "".join(",".join(csv_field(cell) for cell in line) + "\n" for line in lines)


# --------------------------------------------------------------------------------------------
# Small rules
# --------------------------------------------------------------------------------------------


def row_order(row: Row) -> tuple[tuple[bool, Any], ...]:
    """04: all columns from left to right, text by code point, numbers by value, empty last."""
    return tuple((cell is None, 0 if cell is None else cell) for cell in row)


def plain(value: Decimal) -> str:
    """04: an exact decimal with trailing zeros trimmed, never an exponent, never -0."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def csv_field(cell: Cell) -> str:
    """04: one field of a CSV export, quoted (RFC 4180) only where it must be."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return plain(cell)
    text = cell.isoformat() if isinstance(cell, date) else str(cell)
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
