"""The further figures of the reference in `oracle`: specification section 05 in plain Python.

Amounts by service period, deferred revenue, statements of account, the comparison with the
balances that the source states, margins and the outlook of credit. All amounts are exact.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from support.oracle_ledger import (
    BALANCE_DIGITS,
    UNPRICED_TYPES,
    ZERO,
    Cell,
    CreditEntry,
    Ledger,
    Period,
    RevenueEntry,
    Row,
    exact,
    fits,
)

Wallet = tuple[str, str, str]  # service account, wallet, currency

# The columns of the published marts that the reference gives for a partner.
MART_COLUMNS: dict[str, tuple[str, ...]] = {
    "revenue_allocated": tuple(
        "month service_account_id service_account_name account_id account_name account_type "
        "service_code service_name currency list_amount discount_amount net_amount tax_amount "
        "partner_cost_amount partner_margin_amount".split()
    ),
    "deferred_revenue": tuple(
        "month service_account_id service_account_name service_code service_name currency "
        "opening_deferred billed earned closing_deferred".split()
    ),
}


# --------------------------------------------------------------------------------------------
# What is told of an entry, a movement or a wallet
# --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Share:
    """What an entry has in a period: its amounts, on the allocated basis a part of each."""

    entry: RevenueEntry
    report_date: date
    quantity: Decimal | None
    list_amount: Decimal
    net_amount: Decimal
    tax_amount: Decimal
    partner_cost_amount: Decimal

    @property
    def discount_amount(self) -> Decimal:
        """02: list - net, here of the parts."""
        return self.list_amount - self.net_amount

    @property
    def partner_margin_amount(self) -> Decimal:
        """03: net - cost, here of the parts."""
        return self.net_amount - self.partner_cost_amount


MEASURES: tuple[Callable[[Share], Decimal], ...] = (
    lambda share: share.list_amount,
    lambda share: share.discount_amount,
    lambda share: share.net_amount,
    lambda share: share.tax_amount,
    lambda share: share.partner_cost_amount,
    lambda share: share.partner_margin_amount,
)


def sums_of(shares: list[Share]) -> tuple[Decimal, ...]:
    """List, discount, net, tax, cost and margin of all of them."""
    return tuple(sum((measure(one) for one in shares), ZERO) for measure in MEASURES)


class BalanceDifference(NamedTuple):
    """A row of `balance_differences` (05); both times are business time."""

    service_account_id: str
    wallet: str
    currency: str
    occurred_at: datetime
    event_id: str
    stated_balance: Decimal
    our_balance: Decimal
    difference: Decimal | None  # None: it does not fit
    change: Decimal | None
    previous_instant: datetime | None


class Statement(NamedTuple):
    """What the source states of a wallet at an instant, and what we say."""

    instant: datetime
    event_id: str
    stated: Decimal
    ours: Decimal

    @property
    def difference(self) -> Decimal:
        """Stated less ours."""
        return self.stated - self.ours


# --------------------------------------------------------------------------------------------
# The rows of the reports
# --------------------------------------------------------------------------------------------


class Figures(Ledger):
    """The rows of section 05, on the ledger of 02 and 03."""

    # ------------------------------------------------------------- 05: amounts by service period

    def _days_within(self, entry: RevenueEntry, first: date, last: date) -> tuple[int, int] | None:
        """The first and the last number of the days of an entry that lie in [first, last]."""
        start, end = self.service_period(entry)
        if last < start or end < first:
            return None
        return (max(first, start) - start).days + 1, (min(last, end) - start).days + 1

    def _days(self, entry: RevenueEntry) -> int:
        start, end = self.service_period(entry)
        return (end - start).days + 1

    def _part(self, entry: RevenueEntry, first: date, last: date) -> Share | None:
        """05: the part of an entry in [first, last]; None when it has no day there."""
        within = self._days_within(entry, first, last)
        if within is None:
            return None
        days = self._days(entry)

        def part(amount: Decimal) -> Decimal:
            return up_to(amount, within[1], days) - up_to(amount, within[0] - 1, days)

        return Share(
            entry,
            report_date=max(first, self.service_period(entry)[0]),
            quantity=None if entry.quantity is None else part(entry.quantity),
            list_amount=part(entry.list_amount),
            net_amount=part(entry.net_amount),
            tax_amount=part(entry.tax_amount),
            partner_cost_amount=part(self.pricing(entry)[1]),
        )

    def _whole(self, entry: RevenueEntry, report_date: date) -> Share:
        """An entry as it stands on the event and the posted basis."""
        return Share(
            entry,
            report_date,
            entry.quantity,
            entry.list_amount,
            entry.net_amount,
            entry.tax_amount,
            self.pricing(entry)[1],
        )

    def _charges(
        self, partner: str, account_type: str = "both", account: str | None = None
    ) -> list[RevenueEntry]:
        """03: all entries of revenue that are the partner's by their event date."""
        return [
            entry
            for entry in self._entries
            if isinstance(entry, RevenueEntry) and self._mine(entry, partner, account_type, account)
        ]

    def _standing(
        self, partner: str, account_type: str = "both", account: str | None = None
    ) -> list[RevenueEntry]:
        return [one for one in self._charges(partner, account_type, account) if one.is_standing]

    def _shares(
        self, partner: str, period: Period, account_type: str, account: str | None
    ) -> list[Share]:
        """What the entries have in the period, on its basis; each that has anything there."""
        if period.basis == "allocated":
            standing = self._standing(partner, account_type, account)
            parts = [self._part(entry, period.first, period.last) for entry in standing]
            return [part for part in parts if part is not None]
        charges = self._charges(partner, account_type, account)
        return [self._whole(entry, period.date_of(entry)) for entry in charges if period.has(entry)]

    # ----------------------------------------------------------------------- 05: deferred-revenue

    def _earned_before(self, entry: RevenueEntry, day: date) -> Decimal:
        """The net amount of all days of the entry before a day."""
        days = self._days(entry)
        gone = (day - self.service_period(entry)[0]).days
        return up_to(entry.net_amount, min(max(gone, 0), days), days)

    def _deferred_rows(
        self, partner: str, period: Period, account_type: str, account: str | None
    ) -> Iterator[Row]:
        """05: billed is the event basis, earned the allocated one; what is between is deferred."""
        groups: dict[tuple[str, str | None, str], list[RevenueEntry]] = defaultdict(list)
        for entry in self._standing(partner):
            groups[entry.service_account_id, entry.service_code, entry.currency].append(entry)
        for (service_account_id, service_code, currency), entries in groups.items():
            record = self._balance_account(service_account_id, partner, period.last)
            if not self._is_chosen(record, account_type, account):
                continue
            parts = [self._part(entry, period.first, period.last) for entry in entries]
            billed_now = [entry for entry in entries if period.has(entry)]
            earned_now = [part for part in parts if part is not None]
            opening = ZERO
            for entry in entries:
                if period.is_before(entry):
                    opening += entry.net_amount
                opening -= self._earned_before(entry, period.first)
            billed = sum((entry.net_amount for entry in billed_now), ZERO)
            earned = sum((part.net_amount for part in earned_now), ZERO)
            if opening != 0 or billed_now or earned_now:
                yield (
                    *self._named_account(record),
                    service_code,
                    self.service_name(service_code),
                    currency,
                    opening,
                    billed,
                    earned,
                    opening + billed - earned,
                )

    # ---------------------------------------------------------------------- 05: revenue-waterfall

    def _parts_by_month(self, entry: RevenueEntry) -> Iterator[tuple[date, Share]]:
        """The first day of each month in which the entry has a day, and its part there."""
        for month in months(*self.service_period(entry)):
            part = self._part(entry, month, last_of(month))
            assert part is not None
            yield month, part

    def _waterfall_rows(
        self, partner: str, period: Period, account_type: str, account: str | None
    ) -> Iterator[Row]:
        """05: what was billed in the period, by the month in which it is earned."""
        groups: dict[tuple[date, date, str], list[Share]] = defaultdict(list)
        for entry in self._standing(partner, account_type, account):
            if period.has(entry):
                for earned_month, part in self._parts_by_month(entry):
                    billed_month = entry.event_date.replace(day=1)
                    groups[billed_month, earned_month, entry.currency].append(part)
        for key, parts in groups.items():
            yield (*key, len(parts), sum((part.net_amount for part in parts), ZERO))

    # ----------------------------------------------------------- 05: marts by month of service

    @exact
    def revenue_allocated(self, partner: str) -> list[Row]:
        """05: a partner's rows of `revenue_allocated`; columns as in `MART_COLUMNS`."""
        groups: dict[Row, list[Share]] = defaultdict(list)
        for entry in self._standing(partner):
            cells = (*self._account_cells(entry), *self._service_cells(entry), entry.currency)
            for month, part in self._parts_by_month(entry):
                groups[month, *cells].append(part)
        return sorted(((*key, *sums_of(parts)) for key, parts in groups.items()), key=row_order)

    @exact
    def deferred_revenue(self, partner: str) -> list[Row]:
        """05: a partner's rows of `deferred_revenue`; columns as in `MART_COLUMNS`.

        Per service account, service and currency every month from the first to the last of which
        any of the four amounts is not 0.
        """
        billed: dict[Row, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        earned: dict[Row, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for entry in self._standing(partner):
            service_account_id = entry.service_account_id
            group = (
                service_account_id,
                self.service_account_name(service_account_id),
                *self._service_cells(entry),
                entry.currency,
            )
            billed[group][entry.event_date.replace(day=1)] += entry.net_amount
            for month, part in self._parts_by_month(entry):
                earned[group][month] += part.net_amount
        rows: list[Row] = []
        for group in billed:
            touched = {*billed[group], *earned[group]}
            opening = ZERO
            of_group: list[Row] = []
            not_zero: list[int] = []
            for month in months(min(touched), max(touched)):
                amounts = (billed[group][month], earned[group][month])
                closing = opening + amounts[0] - amounts[1]
                if opening != 0 or any(amounts) or closing != 0:
                    not_zero.append(len(of_group))
                of_group.append((month, *group, opening, *amounts, closing))
                opening = closing
            if not_zero:
                rows += of_group[not_zero[0] : not_zero[-1] + 1]
        return sorted(rows, key=row_order)

    # ------------------------------------------------------------------------------- 05: margins

    def _margin_rows(self, shares: list[Share], below: Decimal | None) -> Iterator[Row]:
        """05: by service account, service and currency; tax, credit, adjustment left out."""
        groups: dict[Row, list[Share]] = defaultdict(list)
        for share in shares:
            entry = share.entry
            if entry.charge_type not in UNPRICED_TYPES:
                cells = (*self._account_cells(entry), *self._service_cells(entry))
                groups[*cells, entry.currency].append(share)
        for key, members in groups.items():
            count = sum(share.entry.count for share in members)
            listed, discount, net, _, cost, margin = sums_of(members)
            shown = margin_percent(margin, net)
            if below is None or margin < 0 or (shown is not None and shown < below):
                yield (*key, count, listed, discount, net, cost, margin, shown)

    # --------------------------------------------------------------------- 05: credit-statement

    def _wallets(self, partner: str, period: Period) -> dict[Wallet, list[CreditEntry]]:
        """Of each wallet the partner's entries that the basis lists, at any time."""
        wallets: dict[Wallet, list[CreditEntry]] = defaultdict(list)
        for entry in self._entries:
            if (
                isinstance(entry, CreditEntry)
                and period.lists(entry)
                and self._mine(entry, partner, "both", None)
            ):
                wallets[entry.service_account_id, entry.wallet, entry.currency].append(entry)
        return wallets

    def _statement_rows(
        self, partner: str, period: Period, account_type: str, account: str | None
    ) -> Iterator[Row]:
        """05: every movement; the conditions choose rows, the balances are of all of them."""

        def place(entry: CreditEntry) -> tuple[date, str, str, int, str]:
            occurred_at = self._local_time(entry.occurred_at)
            version, kind = entry.original_version, entry.entry_type
            return (period.date_of(entry), occurred_at, entry.event_id, version, kind)

        for (service_account_id, wallet, currency), entries in self._wallets(
            partner, period
        ).items():
            before = [entry for entry in entries if period.is_before(entry)]
            balance = sum((self._effect(entry) for entry in before), ZERO)
            held = sum((self._held_effect(entry) for entry in before), ZERO)
            for entry in sorted((one for one in entries if period.has(one)), key=place):
                balance += self._effect(entry)
                held += self._held_effect(entry)
                if not self._mine(entry, partner, account_type, account):
                    continue
                yield (
                    service_account_id,
                    wallet,
                    currency,
                    *place(entry),
                    entry.movement_type,
                    entry.amount,
                    self._effect(entry),
                    balance,
                    held,
                    entry.transaction_id,
                    entry.counterparty_service_account_id,
                    entry.payment_method,
                    *self._service_cells(entry),
                    entry.description,
                    *self._account_cells(entry)[1:],
                )

    # ----------------------------------------------------------------------- 05: credit-outlook

    def _outlook_rows(self, period: Period, balances: Iterable[dict[str, Cell]]) -> Iterator[Row]:
        """05: how long the credit lasts, from the rows of the balance report by column."""
        days = (period.last - period.first).days + 1
        for row in balances:
            available, used = row["available"], row["used"]
            assert isinstance(available, Decimal) and isinstance(used, Decimal)
            days_left: int | None = None
            if available <= 0:
                days_left = 0
            elif used > 0:
                days_left = int(Fraction(available) * days / Fraction(used))
            empty_on = None
            if days_left is not None and days_left <= (date.max - period.last).days:
                empty_on = period.last + timedelta(days=days_left)
            yield (
                *(row[name] for name in OUTLOOK_OF_BALANCE),
                half_away(Fraction(used) / days, 12),
                days_left,
                empty_on,
                self._level(available, used, days_left),
            )

    def _level(self, available: Decimal, used: Decimal, days_left: int | None) -> str:
        if available < 0:
            return "overdrawn"
        if available == 0:
            return "empty"
        if used <= 0:
            return "idle"
        assert days_left is not None
        return "low" if days_left < self.low_credit_days else "ok"

    # -------------------------------------------------------------- 05: tie-out with the source

    def _statements(self) -> dict[Wallet, list[Statement]]:
        """05: of each wallet, of all partners or none, the instants with a stated balance."""
        wallets: dict[Wallet, list[CreditEntry]] = defaultdict(list)
        for entry in self._entries:
            if isinstance(entry, CreditEntry) and entry.is_standing:
                wallets[entry.service_account_id, entry.wallet, entry.currency].append(entry)
        return {wallet: list(self._stated(entries)) for wallet, entries in sorted(wallets.items())}

    def _stated(self, entries: list[CreditEntry]) -> Iterator[Statement]:
        """The instants of one wallet, each with the statement that is nearest to our balance."""
        for instant in sorted(
            {one.occurred_at for one in entries if one.balance_after is not None}
        ):
            until = [one for one in entries if one.occurred_at <= instant]
            ours = sum((self._effect(one) for one in until), ZERO)
            said = [
                (one.balance_after, one.event_id)
                for one in until
                if one.occurred_at == instant and one.balance_after is not None
            ]
            # The nearest, of two as near the greater, of events that say the same the smallest id.
            stated, event_id = min(said, key=lambda one: (abs(one[0] - ours), -one[0], one[1]))
            yield Statement(instant, event_id, stated, ours)

    @exact
    def balance_differences(self) -> list[BalanceDifference]:
        """05: the instants at which the difference from the source changes, per wallet."""
        found = []
        for wallet, statements in self._statements().items():
            difference, previous = ZERO, None
            for one in statements:
                change = one.difference - difference
                if change != 0:
                    found.append(
                        BalanceDifference(
                            *wallet,
                            self._business_time(one.instant),
                            one.event_id,
                            one.stated,
                            one.ours,
                            one.difference if fits(one.difference, BALANCE_DIGITS) else None,
                            change if fits(change, BALANCE_DIGITS) else None,
                            None if previous is None else self._business_time(previous),
                        )
                    )
                difference, previous = one.difference, one.instant
        return found

    @exact
    def wallets_that_differ(self) -> list[Wallet]:
        """05: the wallets that differ at their last instant with a stated balance."""
        return [
            wallet
            for wallet, statements in self._statements().items()
            if statements and statements[-1].difference != 0
        ]

    def _business_time(self, instant: datetime) -> datetime:
        """An instant in the business time zone, without the zone."""
        return instant.astimezone(self.zone).replace(tzinfo=None)


# --------------------------------------------------------------------------------------------
# Small rules
# --------------------------------------------------------------------------------------------

OUTLOOK_OF_BALANCE = (
    "service_account_id service_account_name account_id account_name account_type wallet currency "
    "closing_balance available used"
).split()


def row_order(row: Row) -> tuple[tuple[bool, Any], ...]:
    """04: all columns from left to right, text by code point, numbers by value, empty last."""
    return tuple((cell is None, 0 if cell is None else cell) for cell in row)


def up_to(amount: Decimal, days: int, all_days: int) -> Decimal:
    """05: C(k) = amount x k / n, rounded half away from zero to 12 decimals, in whole numbers."""
    units = int(amount.scaleb(12))
    assert Decimal(units).scaleb(-12) == amount, "more than 12 decimals"
    # floor(x + 1/2) for x = |units| x k / n
    nearest = (2 * abs(units) * days + all_days) // (2 * all_days)
    return Decimal(f"{-nearest if units < 0 else nearest}E-12")


def half_away(value: Fraction, decimals: int) -> Decimal:
    """A fraction rounded half away from zero."""
    nearest = int(abs(value) * 10**decimals + Fraction(1, 2))
    return Decimal(f"{-nearest if value < 0 else nearest}E-{decimals}")


def margin_percent(margin: Decimal | int, net: Decimal | int) -> Decimal | None:
    """05: margin / net x 100 with 2 decimals, None when net is 0."""
    return None if net == 0 else half_away(Fraction(margin) / Fraction(net) * 100, 2)


def months(first: date, last: date) -> Iterator[date]:
    """The first day of each month from that of `first` to that of `last`."""
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield date(number // 12, number % 12 + 1, 1)


def last_of(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=monthrange(month.year, month.month)[1])
