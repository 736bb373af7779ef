"""An independent reference for the reports: specification sections 02 to 05 in plain Python.

It shares nothing with the SQL models: no SQL, no macro, no table. It reads a whole landing folder
at once, keeps everything in memory and works each figure out from the events, one function per
rule, so that it is slow and easy to check against the text. Tests compare the warehouse with it.

Section numbers in comments: "02" is the feeds, "03" the ledger, "04" the interface, "05" the
further figures. Here stand the reports and their conditions; the ledger stands in `oracle_ledger`,
the rows of 05 in `oracle_figures`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from support.oracle_figures import (
    MART_COLUMNS,
    Figures,
    Share,
    half_away,
    margin_percent,
    row_order,
    sums_of,
)
from support.oracle_ledger import (
    SPACE,
    ZERO,
    Cell,
    CreditEntry,
    Discount,
    Entry,
    LandingError,
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
    "MART_COLUMNS",
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
    "bases_of",
    "compared_columns",
    "exact",
    "find_batches",
    "load_reference",
    "percent",
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
    "credit-statement": tuple(
        "service_account_id wallet currency report_date occurred_at event_id version entry_type "
        "movement_type amount balance_effect balance_after held_after transaction_id "
        "counterparty_service_account_id payment_method service_code service_name description "
        "service_account_name account_id account_name account_type".split()
    ),
    "credit-outlook": tuple(
        "service_account_id service_account_name account_id account_name account_type wallet "
        "currency closing_balance available used daily_use days_left empty_on level".split()
    ),
    "margins": tuple(
        "service_account_id service_account_name account_id account_name account_type service_code "
        "service_name currency event_count list_amount discount_amount net_amount "
        "partner_cost_amount partner_margin_amount margin_percent".split()
    ),
    "deferred-revenue": tuple(
        "service_account_id service_account_name account_id account_name account_type service_code "
        "service_name currency opening_deferred billed earned closing_deferred".split()
    ),
    "revenue-waterfall": tuple("billed_month earned_month currency event_count net_amount".split()),
}
NOT_SUMMED = ("quantity", "partner_discount_rate", "rate_percent")
# What totals of the reports of 05 add up; those of 04 add up every number but `NOT_SUMMED`. An
# order is active in several months, so the waterfall's event counts have no sum.
SUMMED = {
    "credit-statement": ("balance_effect",),
    "credit-outlook": ("closing_balance", "available", "used", "daily_use"),
    "margins": COLUMNS["margins"][8:14],
    "deferred-revenue": COLUMNS["deferred-revenue"][8:],
    "revenue-waterfall": ("net_amount",),
}
# The columns of which a report that is compared tells the change (04).
MEASURES = {
    "credit-usage": COLUMNS["credit-usage"][11:],
    "credit-balance": COLUMNS["credit-balance"][7:],
    "discounts": COLUMNS["discounts"][12:],
    "revenue-by-service": COLUMNS["revenue-by-service"][3:],
    "revenue-by-account": COLUMNS["revenue-by-account"][6:],
    "margins": COLUMNS["margins"][8:],
}
ALLOCATED = ("revenue-detail", "revenue-by-service", "revenue-by-account", "margins")
WITHOUT_BASIS = ("deferred-revenue", "revenue-waterfall", "credit-outlook")

BALANCE_COLUMNS = "topped_up transferred_in accrued used transferred_out expired adjusted".split()
SHOWN_NEGATIVE = ("used", "transferred_out", "expired")  # positive as named, lower the balance
TOPUP_TYPES = ("top_up", "transfer_in")
USAGE_TYPES = ("usage", "transfer_out")
TRANSFER_TYPES = ("transfer_in", "transfer_out")
STATUSES = ("rejected", "awaiting_approval", "revoked", "awaiting_active", "expired", "active")

Worth = dict[str | None, tuple[int, Decimal, Decimal]]  # by currency: events, list, discount
NO_WORTH: Worth = {None: (0, ZERO, ZERO)}
Measure = Decimal | int | None
ENDINGS = ("", "_before", "_change", "_change_percent")


class Oracle(Figures):
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
        below: Decimal | None = None,
    ) -> list[Row]:
        """04: the rows of a report, columns as in `COLUMNS[name]`, in the order of section 04.

        `account` is a service account of the partner or, when it is none, an account.

        Money and quantities are exact Decimals, counts int, days date, `occurred_at` text; empty
        cells None. Raises `RequestError` for an unknown report, partner or account.
        """
        period = Period(from_, to, basis)
        self._check_request(name, partner, period, account_type, account, statuses, below)
        whose = (partner, period, account_type, account)
        rows: Iterable[Row]
        if name == "discounts":
            rows = self._discount_rows(partner, period, subject, statuses, account)
        elif name == "credit-balance":
            rows = self._balance_rows(*whose)
        elif name == "credit-statement":
            rows = self._statement_rows(*whose)
        elif name == "credit-outlook":
            balances = self._balance_rows(*whose)
            columns = COLUMNS["credit-balance"]
            rows = self._outlook_rows(
                period, (dict(zip(columns, row, strict=True)) for row in balances)
            )
        elif name == "deferred-revenue":
            rows = self._deferred_rows(*whose)
        elif name == "revenue-waterfall":
            rows = self._waterfall_rows(*whose)
        elif name in ("credit-topups", "credit-usage"):
            entries = self._credit_lines(name, partner, period, account_type, account)
            topups = name == "credit-topups"
            make = self._topup_rows if topups else self._usage_rows
            rows = make(period, entries)
        else:
            shares = self._shares(*whose)
            if name == "revenue-detail":
                rows = self._detail_rows(shares)
            elif name == "revenue-by-service":
                rows = self._revenue_groups(shares, self._service_cells)
            elif name == "revenue-by-account":
                rows = self._revenue_groups(shares, self._account_cells)
            else:
                rows = self._margin_rows(shares, below)
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
        below: Decimal | None = None,
    ) -> dict[str, dict[str, Decimal | int]]:
        """04: totals per currency of the summed columns of a report: currency -> column -> total.

        With both account types and no single account, credit-topups and credit-usage leave out
        transfers inside the partner; a currency of which only such transfers stand has zeros.
        """
        rows = self.report(
            name, partner, from_, to, basis, account_type, account, subject, statuses, below
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
                summed = column in SUMMED.get(name, (column,)) and column not in NOT_SUMMED
                if isinstance(value, Decimal | int) and summed:
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
        if name not in ("credit-topups", "credit-usage"):
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
        below: Decimal | None,
    ) -> None:
        if name not in COLUMNS:
            raise RequestError(f"unknown report {name!r}")
        if partner not in self.partners():
            raise RequestError(f"unknown partner {partner!r}")
        known = {*self.service_accounts(partner), *self.accounts(partner)}
        if account is not None and account not in known:
            raise RequestError(f"unknown account {account!r}")
        if account_type not in ("partner", "customer", "both"):
            raise RequestError(f"unknown account type {account_type!r}")
        if period.basis not in bases_of(name):
            raise RequestError(f"{name} has no basis {period.basis!r}")
        if below is not None and name != "margins":
            raise RequestError(f"{name} has no condition below")
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
        for (service_account_id, wallet, currency), entries in self._wallets(
            partner, period
        ).items():
            record = self._balance_account(service_account_id, partner, period.last)
            if not self._is_chosen(record, account_type, account):
                continue
            opening = sum((self._effect(o) for o in entries if period.is_before(o)), ZERO)
            within = [entry for entry in entries if period.has(entry)]
            moved = [self._moved(column, within) for column in BALANCE_COLUMNS]
            topped_up, transferred_in, accrued, used, transferred_out, expired, adjusted = moved
            net = topped_up + transferred_in + accrued - used - transferred_out - expired + adjusted
            until = [o for o in entries if period.is_before(o) or period.has(o)]
            held = sum((self._held_effect(o) for o in until), ZERO)
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
        account: str | None,
    ) -> Iterator[Row]:
        for discount in self._chosen_discounts(partner, period, subject, statuses, account):
            worth = self._worth(discount, period)
            if worth or self._is_listed(discount, period):
                for currency, amounts in (worth or NO_WORTH).items():
                    yield (*self._discount_cells(discount, period), currency, *amounts)

    def _chosen_discounts(
        self,
        partner: str,
        period: Period,
        subject: str | None,
        statuses: Sequence[str] | None,
        account: str | None,
    ) -> list[Discount]:
        """04: the partner's discounts that the conditions choose, by their status at the end."""
        return [
            discount
            for discount in self.discounts
            if discount.record["partner_id"] == partner
            and subject in (None, discount.record["subject"])
            and (not statuses or self.discount_status(discount, period.last) in statuses)
            and (account is None or self._is_discount_of(discount, partner, account, period.last))
        ]

    def _is_discount_of(self, discount: Discount, partner: str, account: str, to: date) -> bool:
        """04: a customer discount of the service account, or of one with the account at `to`."""
        service_account_id = discount.record["service_account_id"]
        if account in self.service_accounts(partner):
            return bool(service_account_id == account)
        if service_account_id not in self.service_accounts(partner):
            return False
        return self._balance_account(service_account_id, partner, to).account_id == account

    def _discount_cells(self, discount: Discount, period: Period) -> Row:
        """The columns of a discount that are not its worth."""
        record = discount.record
        return (
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
            self.discount_status(discount, period.last),
        )

    def _is_listed(self, discount: Discount, period: Period) -> bool:
        """03: requested by the end of the period and not over before it."""
        record = discount.record
        ends = (record["rejected_on"], discount.ends_on, record["revoked_on"])
        not_over = all(end is None or end >= period.first for end in ends)
        return bool(record["requested_on"] <= period.last and not_over)

    def _worth(self, discount: Discount, period: Period) -> Worth:
        """03 Worth in the period: per currency the event count, list and discount amounts."""
        worth: Worth = {}
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

    def _detail_rows(self, shares: list[Share]) -> Iterator[Row]:
        for share in shares:
            entry = share.entry
            yield (
                share.report_date,
                self._local_time(entry.occurred_at),
                entry.event_id,
                entry.entry_type,
                entry.order_id,
                *self._account_cells(entry),
                *self._service_cells(entry),
                entry.charge_type,
                share.quantity,
                entry.unit,
                entry.currency,
                share.list_amount,
                share.discount_amount,
                share.net_amount,
                share.tax_amount,
                self.pricing(entry)[0],
                share.partner_cost_amount,
                share.partner_margin_amount,
            )

    def _revenue_groups(self, shares: list[Share], cells: Callable[[Entry], Row]) -> Iterator[Row]:
        """03 Revenue: a group with any entry in the period is listed, also when it sums to 0."""
        groups: dict[Row, list[Share]] = defaultdict(list)
        for share in shares:
            groups[*cells(share.entry), share.entry.currency].append(share)
        for key, members in groups.items():
            yield (*key, sum(share.entry.count for share in members), *sums_of(members))

    # beside an earlier period

    @exact
    def compared(
        self,
        name: str,
        partner: str,
        from_: date,
        to: date,
        earlier: tuple[date, date],
        basis: str = "event",
        account_type: str = "both",
        account: str | None = None,
        subject: str | None = None,
        statuses: Sequence[str] | None = None,
        below: Decimal | None = None,
    ) -> list[Row]:
        """04 --compare: the columns that are no measures, then four cells of each measure.

        Rows of both periods meet on the columns that are no measures, `report_date` left out.
        Status and margin, which also choose rows, are those of the period and not the earlier one.
        """
        now, before = Period(from_, to, basis), Period(*earlier, basis)
        measures = MEASURES[name]
        pairs: Iterable[tuple[Row, list[dict[str, Measure]]]]
        if name == "discounts":
            self._check_request(name, partner, now, account_type, account, statuses, below)
            chosen = self._chosen_discounts(partner, now, subject, statuses, account)
            pairs = self._discounts_beside(chosen, now, before)
        else:
            conditions = (basis, account_type, account, subject, statuses)
            reports = [
                self.report(name, partner, one.first, one.last, *conditions)
                for one in (now, before)
            ]
            pairs = meeting(name, *reports)
        rows: list[Row] = []
        for key, (current, past) in pairs:
            if below is not None and not is_below(current, below):
                continue
            cells = [beside(current[measure], past[measure]) for measure in measures]
            rows.append((*key, *(cell for four in cells for cell in four)))
        return sorted(rows, key=row_order)

    @exact
    def compared_totals(
        self,
        name: str,
        partner: str,
        from_: date,
        to: date,
        earlier: tuple[date, date],
        basis: str = "event",
        account_type: str = "both",
        account: str | None = None,
        subject: str | None = None,
        statuses: Sequence[str] | None = None,
        below: Decimal | None = None,
    ) -> dict[str, dict[str, Measure]]:
        """04 --compare: the totals per currency, four of each measure that has one."""
        rows = self.compared(
            name,
            partner,
            from_,
            to,
            earlier,
            basis,
            account_type,
            account,
            subject,
            statuses,
            below,
        )
        added = [one for one in MEASURES[name] if one != "margin_percent"]
        currency_at = compared_columns(name).index("currency")
        sums: dict[str, list[dict[str, Decimal | int]]] = {}
        for row in rows:
            currency = row[currency_at]
            if currency is None:
                continue
            both = sums.setdefault(str(currency), [dict.fromkeys(added, 0) for _ in range(2)])
            cells = dict(zip(compared_columns(name), row, strict=True))
            for of_period, ending in zip(both, ("", "_before"), strict=True):
                for measure in added:
                    value = cells[f"{measure}{ending}"]
                    assert isinstance(value, Decimal | int)
                    of_period[measure] += value
        for which, period in enumerate(((from_, to), earlier)):
            for entry in self.left_out(name, partner, *period, basis, account_type, account):
                of_period = sums[entry.currency][which]
                of_period["amount"] -= entry.amount
                if "event_count" in of_period:
                    of_period["event_count"] -= entry.count
        return {
            currency: {
                f"{measure}{ending}": value
                for measure in added
                for ending, value in zip(
                    ENDINGS, beside(both[0][measure], both[1][measure]), strict=True
                )
            }
            for currency, both in sorted(sums.items())
        }

    def _discounts_beside(
        self, chosen: list[Discount], now: Period, before: Period
    ) -> Iterator[tuple[Row, list[dict[str, Measure]]]]:
        """04: discounts meet on discount and currency; without one only if worth nothing twice."""
        for discount in chosen:
            worths = [self._worth(discount, period) for period in (now, before)]
            if any(worths) or any(self._is_listed(discount, period) for period in (now, before)):
                for currency in dict.fromkeys([*worths[0], *worths[1]]) or NO_WORTH:
                    amounts = [worth.get(currency, (0, ZERO, ZERO)) for worth in worths]
                    yield (
                        (*self._discount_cells(discount, now), currency),
                        [dict(zip(MEASURES["discounts"], one, strict=True)) for one in amounts],
                    )

    def to_csv(self, name: str, rows: Sequence[Row]) -> str:
        """04: the exact text of the CSV export: header, then rows, each line ended by LF."""
        lines: list[Row] = [COLUMNS[name], *rows]
        return "".join(",".join(csv_field(cell) for cell in line) + "\n" for line in lines)


# --------------------------------------------------------------------------------------------
# Small rules
# --------------------------------------------------------------------------------------------


def bases_of(name: str) -> tuple[str, ...]:
    """04, 05: the bases on which a report can be drawn; one without a basis is by event date."""
    if name in WITHOUT_BASIS:
        return ("event",)
    return ("event", "posted", "allocated") if name in ALLOCATED else ("event", "posted")


def meeting(
    name: str, now: list[Row], before: list[Row]
) -> Iterator[tuple[Row, list[dict[str, Measure]]]]:
    """04 --compare: rows with the same key, the measures of both periods summed by it."""
    keys = [one for one in COLUMNS[name] if one not in MEASURES[name] and one != "report_date"]
    added = [one for one in MEASURES[name] if one != "margin_percent"]
    sums: dict[Row, list[dict[str, Measure]]] = {}
    for which, rows in enumerate((now, before)):
        for row in rows:
            cells = dict(zip(COLUMNS[name], row, strict=True))
            both = sums.setdefault(
                tuple(cells[key] for key in keys), [dict.fromkeys(added, 0) for _ in range(2)]
            )
            for measure in added:
                value, so_far = cells[measure], both[which][measure]
                assert isinstance(value, Decimal | int) and so_far is not None
                both[which][measure] = so_far + value
    for key, both in sums.items():
        if name == "margins":
            for of_period in both:
                margin, net = of_period["partner_margin_amount"], of_period["net_amount"]
                assert margin is not None and net is not None
                of_period["margin_percent"] = margin_percent(margin, net)
        yield key, both


def compared_columns(name: str) -> tuple[str, ...]:
    """04 --compare: the columns of a compared report, in their order."""
    keys = [one for one in COLUMNS[name] if one not in MEASURES[name] and one != "report_date"]
    return (*keys, *(f"{measure}{ending}" for measure in MEASURES[name] for ending in ENDINGS))


def is_below(measures: dict[str, Measure], below: Decimal) -> bool:
    """05 --below: a margin in percent as shown that is less, or any negative margin."""
    margin, shown = measures["partner_margin_amount"], measures["margin_percent"]
    return (margin is not None and margin < 0) or (shown is not None and shown < below)


def percent(now: Decimal | int, before: Decimal | int) -> Decimal | None:
    """04: the change in percent of what was, half away from zero to 2 decimals; None from 0."""
    if before == 0:
        return None
    return half_away((Fraction(now) - Fraction(before)) / abs(Fraction(before)) * 100, 2)


def beside(now: Measure, before: Measure) -> tuple[Measure, Measure, Measure, Measure]:
    """04 --compare: a measure, what it was, the change and the change in percent."""
    if now is None or before is None:
        return now, before, None, None
    return now, before, now - before, percent(now, before)


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
