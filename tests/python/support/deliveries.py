"""What must hold of any sequence of deliveries, after every one of them.

Hypothesis makes up the deliveries: small pools of ids, instants and days, so that repeats, stale
and higher versions, voids before posts, late events, closed months, moving accounts and
overlapping discounts meet all the time. Each delivery is one build of the models in memory, and
after it the identities hold and every report and bridge equals the plain-Python reference.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from exporters.catalogue.conditions import BASES
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import DATE_BASES
from exporters.query import builder
from exporters.query.totals import totals_of
from exporters.request.report_request import Request, comparing
from support import proof
from support.bridges import check_bridge
from support.compared import COMPARABLE, check_compared
from support.comparing import FOCUS_ID, REFERENCE, comparable, quality_differences
from support.models_in_memory import FEEDS, Batch, Compiled, Row, Warehouse
from support.oracle import Oracle
from support.scenarios import BAD_VALUES, CHARGES, MOVEMENTS, REQUIRED

# Ends and starts of months and the fifth, after which the month before closes by default.
DAYS = [date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 4), date(2024, 2, 29), date(2024, 3, 1),
        date(2024, 3, 5)]  # fmt: skip
# Around midnight in Asia/Ho_Chi_Minh, which is 17:00 UTC.
INSTANTS = [f"{day}T{time}" for day in DAYS for time in ("16:59:59.999999Z", "17:00:00")]
FIRST_BATCH = datetime(2024, 2, 5)
# When what its FOCUS lines say of accounts holds: at 00:00 of the business day.
FIRST_FOCUS_RECORDS = "2024-02-04T17:00:00"
STEPS = [timedelta(0), timedelta(days=1), timedelta(days=1), timedelta(days=29)]
ALL_TIME = (date(2020, 1, 1), date(2030, 12, 31))
SERVICE_ACCOUNTS = ["s1", "s2", "s3", "own"]
AMOUNTS = ["1", "2.5", "100", "0.000000000001", "33.333333333333"]
MONEY_SUMS = ("list_amount", "discount_amount", "net_amount", "tax_amount")
some = st.sampled_from
maybe_account = some([None, *SERVICE_ACCOUNTS, "ghost"])
versions: dict[str, st.SearchStrategy[str | None]] = {
    "version": some(["1", None, "2", "3", "4", "5", "6", "7", "8"]),
    "operation": some(["post", None, None, "post", "post", "void"]),
    "service_account_id": some([*SERVICE_ACCOUNTS, "s1", "s2", "ghost"]),
    "currency": some(["USD", "USD", "vnd"]),
    "occurred_at": some(INSTANTS),
}
columns: dict[str, dict[str, st.SearchStrategy[str | None]]] = {
    "accounts": {
        "service_account_id": some(SERVICE_ACCOUNTS),
        "service_account_name": some([None, "Site", "Other site"]),
        "account_id": some(["a1", "a2", "P1"]),
        "account_name": some([None, "Công ty", "Shop"]),
        "account_type": some(["customer", "customer", "partner"]),
        "partner_id": some(["P1", "P1", "P2"]),
        "partner_name": some([None, "One", "Two"]),
        "updated_at": some(
            [*INSTANTS, *(f"{day}T09:00:00" for day in DAYS[:3]), *[FIRST_FOCUS_RECORDS] * 5]
        ),
    },
    "credits": {
        "event_id": some([f"c{number}" for number in range(12)]),
        **versions,
        "wallet": some([None, None, "poc"]),
        "movement_type": some(MOVEMENTS),
        "amount": some(AMOUNTS),
        "transaction_id": some([None, "t1", "t2"]),
        "counterparty_service_account_id": maybe_account,
        "service_code": some([None, "cdn"]),
        "balance_after": some([None, *AMOUNTS[:3], "0", "-1", "103.5"]),
    },
    # Most discounts are in force for some days and have their scope in common with others.
    "discounts": {
        "discount_id": some(["d1", "d2", "d3", "d4"]),
        "subject": some(["partner", "partner", "customer"]),
        "partner_id": some([*["P1"] * 4, "P2"]),
        "service_account_id": st.none(),
        "service_code": some([*["cdn"] * 4, "vm"]),
        "deal_id": some([None, None, None, "deal"]),
        "rate_percent": some(["0", "10", "33.333333", "100"]),
        **{
            name: some([*[None] * missing, *(day.isoformat() for day in days)])
            for name, missing, days in [
                ("requested_on", 0, DAYS),
                ("effective_from", 0, DAYS[:3]),
                ("approved_on", 1, DAYS[:3]),
                ("rejected_on", 18, DAYS),
                ("revoked_on", 12, DAYS),
                ("effective_to", 6, DAYS),
            ]
        },
        "updated_at": some(INSTANTS),
    },
    "revenue": {
        "event_id": some([f"r{number}" for number in range(12)]),
        **versions,
        "service_code": some(["cdn", "cdn", "vm"]),
        "charge_type": some(CHARGES),
        "deal_id": some([None, None, "deal"]),
        "discount_id": some([None, "d1", "d2"]),
        "quantity": some([None, "3", "-0.5"]),
        "list_amount": some([*AMOUNTS, "-100"]),
        "discount_amount": some([None, "0.5", "-1"]),
        "net_amount": st.none(),
        "tax_amount": some([None, "0.1"]),
        "ordered_at": some([None, *INSTANTS]),
        "period_start": some([None, *(day.isoformat() for day in DAYS)]),
        "period_end": some(["2024-04-30", *(day.isoformat() for day in DAYS), "2034-02-08"]),
    },
    "focus": {
        "ProviderName": some(["Cloud", "Cloud", "Sky"]),
        "BillingAccountId": some(["1234567890123", "unmapped"]),
        "BillingAccountName": some([None, "Biller"]),
        "SubAccountId": some([None, "s1", "f1"]),
        "SubAccountName": some([None, "Sub"]),
        "BillingPeriodStart": some(["2024-02-01 00:00:00", "2024-03-01T00:00:00Z"]),
        "BillingCurrency": some(["USD"]),
        "ChargeCategory": some(["Usage", "Usage", "Tax", "Purchase"]),
        "ChargePeriodStart": some(INSTANTS[:6]),
        "ChargePeriodEnd": some([None, *INSTANTS[4:]]),
        "ServiceName": some(["cdn", "Storage"]),
        "ListCost": some(AMOUNTS[:3]),
        "BilledCost": some(AMOUNTS[:3]),
        "ConsumedQuantity": some([None, "1", "1.0"]),
    },
}
# A FOCUS line is known by all it says: it goes and comes again only if few are drawn from.
FOCUS_LINES: list[Row] = [
    {"ProviderName": "Cloud", "BillingAccountId": "1234567890123", "BillingAccountName": None,
     "SubAccountId": account, "SubAccountName": None, "BillingPeriodStart": "2024-02-01 00:00:00",
     "BillingCurrency": "USD", "ChargeCategory": "Usage", "ChargePeriodStart": INSTANTS[4],
     "ServiceName": "cdn", "ListCost": "100", "BilledCost": cost, "ConsumedQuantity": None,
     "ChargePeriodEnd": "2024-03-01T00:00:00Z"}
    for account in ("s1", "f1") for cost in ("100", "2.5")
]  # fmt: skip


def completed(feed: str, row: Row) -> Row:
    """The row with what follows from its other values."""
    if feed == "revenue" and row["net_amount"] is None:
        net = Decimal(row["list_amount"] or 0) - Decimal(row["discount_amount"] or 0)
        row = {**row, "net_amount": f"{net:f}"}
    if feed == "discounts" and row["subject"] == "customer":
        row = {**row, "service_account_id": "s1"}
    return row


@st.composite
def rows(draw: st.DrawFn, feed: str) -> Row:
    """A row of a feed; about one of twelve is broken or lacks something."""
    row = completed(feed, draw(st.fixed_dictionaries(columns[feed])))
    if feed == "focus" and draw(some(range(3))):
        row = draw(some(FOCUS_LINES))
    if draw(some(range(12))) == 7:
        name = draw(some(sorted({*REQUIRED[feed], *(BAD_VALUES.keys() & columns[feed].keys())})))
        row = {**row, name: draw(some([None, *BAD_VALUES.get(name, ["x" * 300])[:6]]))}
    return row


batches: st.SearchStrategy[Batch] = st.fixed_dictionaries(
    {
        feed: st.lists(rows(feed), max_size=16 if feed in ("credits", "revenue") else 6)
        for feed in FEEDS
    }
)
periods = st.tuples(some(DAYS), some(DAYS)).map(lambda days: (min(days), max(days)))


class Deliveries(RuleBasedStateMachine):
    """A provider that delivers whatever it likes; each delivery is a build."""

    compiled: Compiled

    def __init__(self) -> None:
        super().__init__()
        self.warehouse = Warehouse(self.compiled)
        self.folder = Path(tempfile.mkdtemp(prefix="partner-reports-"))
        self.delivered: dict[str, Batch] = {}
        self.time = FIRST_BATCH

    def teardown(self) -> None:
        """Every history ends with the proof that it could have been built in one go."""
        try:
            if self.delivered:
                self.is_what_one_build_gives()
            proof.tried("histories of deliveries")
        finally:
            self.warehouse.close()
            shutil.rmtree(self.folder)

    @initialize(batch=batches, period=periods)
    def begins(self, batch: Batch, period: tuple[date, date]) -> None:
        """There is a partner's account to begin with, or not for long."""
        first: Row = {"service_account_id": "s1", "account_id": "a1", "account_type": "customer",
                 "partner_id": "P1", "updated_at": INSTANTS[0]}  # fmt: skip
        self.build([{**batch, "accounts": [first, *batch.get("accounts", [])]}], period)

    @rule(delivery=st.lists(batches, min_size=1, max_size=2), step=some(STEPS), period=periods)
    def delivers(self, delivery: list[Batch], step: timedelta, period: tuple[date, date]) -> None:
        """One or two new batches arrive before the next build."""
        self.time += step
        self.build(delivery, period)

    @precondition(lambda self: self.delivered)
    @rule(data=st.data(), feed=some(FEEDS), more=batches, step=some(STEPS), period=periods)
    def delivers_again(
        self,
        data: st.DataObject,
        feed: str,
        more: Batch,
        step: timedelta,
        period: tuple[date, date],
    ) -> None:
        """Rows of before come again, in another order and among new ones."""
        before = self.delivered[data.draw(some(sorted(self.delivered)))].get(feed, [])
        self.time += step
        again = data.draw(st.permutations([*before, *more[feed]]))
        self.build([{**more, feed: list(again)}], period)

    def build(self, delivery: list[Batch], period: tuple[date, date]) -> None:
        """Take the batches in and check everything."""
        new = {}
        for batch in delivery:
            self.time += timedelta(seconds=1)
            batch_id = self.time.strftime("%Y-%m-%dT%H%M%S")
            new[batch_id] = batch
            self.write(batch_id, batch)
        self.delivered |= new
        self.warehouse.take(new)
        proof.tried("states after a delivery, all identities and reports")
        assert self.warehouse.broken_identities() == {}
        reference = Oracle(self.folder, **REFERENCE)
        assert quality_differences(self.warehouse.connection, reference) == []
        partners = sorted(reference.partners())
        for partner in partners:
            self.reports_equal_the_reference(reference, partner, period)
            self.a_period_before_is_what_it_was(reference, partner, period)
            self.closing_is_the_next_opening(partner, period)
            self.bases_agree_over_all_time(partner)
            self.months_are_those_of_the_report(partner, period[0].replace(day=1))
            self.discounts_are_those_of_the_report(partner)
            check_bridge(self.warehouse.connection, reference, partner, period[0].replace(day=1))

    def write(self, batch_id: str, batch: Batch) -> None:
        """The same delivery as files, for the reference."""
        for feed, lines in batch.items():
            path = self.folder / feed / f"batch={batch_id}" / "a.csv"
            path.parent.mkdir(parents=True)
            names = list(dict.fromkeys(name for line in lines for name in line))
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names or REQUIRED[feed], restval="")
                writer.writeheader()
                writer.writerows(lines)

    # --- what must hold -----------------------------------------------------------------

    def reports_equal_the_reference(
        self, reference: Oracle, partner: str, period: tuple[date, date]
    ) -> None:
        """All reports, on all their bases."""
        for name, report in REPORTS.items():
            for basis in report.bases or ("event",):
                header = [column.name for column in REPORTS[name].columns]
                got = sorted([header, *self.report(name, partner, period, basis)])
                expected = reference.report(name, partner, *period, basis=basis)
                assert got == comparable(reference.to_csv(name, expected)), (name, partner, basis)

                got_totals = totals_of(
                    self.warehouse.connection,
                    Request(REPORTS[name], partner, *period, basis=BASES[basis]),
                )
                sums = {
                    one.currency: dict(
                        zip([column.name for column in REPORTS[name].totals], one.sums, strict=True)
                    )
                    for one in got_totals.by_currency
                }
                assert sums == reference.totals(name, partner, *period, basis=basis)

    def a_period_before_is_what_it_was(
        self, reference: Oracle, partner: str, period: tuple[date, date]
    ) -> None:
        """One report beside the period before, each time another one."""
        choices = [(name, basis) for name in COMPARABLE for basis in REPORTS[name].bases]
        name, basis = choices[len(self.delivered) % len(choices)]
        plain = Request(REPORTS[name], partner, *period, basis=BASES[basis])
        request = comparing(plain, "previous")
        check_compared(self.warehouse.connection, reference, request)

    def closing_is_the_next_opening(self, partner: str, period: tuple[date, date]) -> None:
        """Wherever time is cut, and the movements of both sides add up to those of the whole."""
        first, cut = period
        measures = [column.name for column in REPORTS["credit-balance"].totals]
        for basis in DATE_BASES:
            before, after, whole = (
                self.balances(partner, days, basis)
                for days in (
                    (first, cut),
                    (cut + timedelta(days=1), ALL_TIME[1]),
                    (first, ALL_TIME[1]),
                )
            )
            nothing = dict.fromkeys(measures, Decimal(0))
            for key in before.keys() | after.keys() | whole.keys():
                left, right, all_of_it = (one.get(key, nothing) for one in (before, after, whole))
                assert left["closing_balance"] == right["opening_balance"]
                assert right["closing_balance"] == all_of_it["closing_balance"]
                assert right["available"] == all_of_it["available"]
                assert left["net_movement"] + right["net_movement"] == all_of_it["net_movement"]

    def bases_agree_over_all_time(self, partner: str) -> None:
        """What was reported month by month adds up to what is true now."""
        for name in ("credit-usage", "credit-balance", "revenue-by-service", "revenue-by-account"):
            report = REPORTS[name]
            keys = [
                number
                for number, column in enumerate(report.columns)
                if not column.total and column.name != "report_date"
            ]
            sums = []
            for basis in DATE_BASES:
                groups: dict[tuple[str, ...], list[Decimal]] = {}
                for line in self.report(name, partner, ALL_TIME, basis):
                    values = [
                        Decimal(cell)
                        for cell, column in zip(line, report.columns, strict=True)
                        if column.total
                    ]
                    key = tuple(line[number] for number in keys)
                    before = groups.get(key, [Decimal(0)] * len(values))
                    groups[key] = [a + b for a, b in zip(before, values, strict=True)]
                sums.append({key: values for key, values in groups.items() if any(values)})
            assert sums[0] == sums[1], (name, partner)

    def months_are_those_of_the_report(self, partner: str, month: date) -> None:
        """The monthly balances for BI tools are what the report gives for that month."""
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        measures = [column.name for column in REPORTS["credit-balance"].totals]
        nothing = dict.fromkeys(measures, Decimal(0))
        for basis in DATE_BASES:
            rows = self.warehouse.connection.execute(
                f"select service_account_id, wallet, currency, {', '.join(measures)} "
                "from reports.credit_balance where partner_id = ? and basis = ? and month = ?",
                [partner, basis, month],
            ).fetchall()
            reported = self.balances(partner, (month, last), basis)
            for row in rows:
                expected = reported.get(row[:3], nothing)
                assert dict(zip(measures, row[3:], strict=True)) == expected

    def discounts_are_those_of_the_report(self, partner: str) -> None:
        """The mart of discounts gives what the report gives for all time."""
        shown = ["discount_id", "currency", "event_count", "list_amount", "discount_amount"]
        names = [column.name for column in REPORTS["discounts"].columns]
        reported = [
            [dict(zip(names, line, strict=True))[name] for name in shown]
            for line in self.report("discounts", partner, ALL_TIME, "event")
        ]
        rows = self.warehouse.connection.execute(
            f"select {', '.join(shown)} from reports.discounts where partner_id = ?", [partner]
        ).fetchall()
        assert sorted(
            [one, currency or "", *map(Decimal, sums)] for one, currency, *sums in rows
        ) == (sorted([one, currency, *map(Decimal, sums)] for one, currency, *sums in reported))

    def is_what_one_build_gives(self) -> None:
        """Whatever builds there were, one build from nothing stores the same rows."""
        whole = Warehouse(self.compiled)
        try:
            whole.take(self.delivered)
            for name in stored(whole):
                one, many = (
                    sorted(one.connection.execute(f"from {name}").fetchall(), key=repr)
                    for one in (whole, self.warehouse)
                )
                assert one == many, name
        finally:
            whole.close()
        proof.tried("full refreshes compared row by row")

    # --- reading ------------------------------------------------------------------------

    def report(
        self, name: str, partner: str, period: tuple[date, date], basis: str
    ) -> list[list[str]]:
        """The lines of an export."""
        wanted = builder.as_text(Request(REPORTS[name], partner, *period, basis=BASES[basis]))
        found = self.warehouse.connection.execute(wanted.sql, wanted.parameters).fetchall()
        return [
            ["" if cell is None else FOCUS_ID.sub("focus:id", str(cell)) for cell in line]
            for line in found
        ]

    def balances(
        self, partner: str, period: tuple[date, date], basis: str
    ) -> dict[tuple[str, ...], dict[str, Decimal]]:
        """The balance report by service account, wallet and currency."""
        names = [column.name for column in REPORTS["credit-balance"].columns]
        found: dict[tuple[str, ...], dict[str, Decimal]] = {}
        for cells in self.report("credit-balance", partner, period, basis):
            line = dict(zip(names, cells, strict=True))
            found[line["service_account_id"], line["wallet"], line["currency"]] = {
                column.name: Decimal(line[column.name])
                for column in REPORTS["credit-balance"].totals
            }
        return found


def stored(warehouse: Warehouse) -> Iterator[str]:
    """Every table that lasts but the ones that tell when they were written."""
    for node in warehouse.compiled.later:
        if node.lasts and node.relation not in ("intake.build_settings", "reports.build_info"):
            yield node.relation


def run(compiled: Compiled, block: int, histories: int, phases: list[Phase]) -> None:
    """Try some histories; an AssertionError of Hypothesis shows the smallest that fails.

    Others for each `block`. Of ten or more Hypothesis begins with a tenth that are next to empty.
    """
    machine = seed(proof.SEED + block)(type("Deliveries", (Deliveries,), {"compiled": compiled}))
    run_machine(
        machine,
        settings=settings(
            max_examples=histories,
            stateful_step_count=5,
            deadline=None,
            database=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=phases,
        ),
    )
