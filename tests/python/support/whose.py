"""Whose rows the exports of all partners are: the ledger's, each once, each with its owner."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from exporters.catalogue.reports import REPORTS
from support.comparing import REFERENCE, all_exports, comparable, export_csv, on_basis
from support.hostile import ALWAYS, PERIOD, Row, ask
from support.oracle import Oracle
from support.proof import tried

Key = tuple[object, ...]


@dataclass(frozen=True)
class LedgerEntry:
    """An entry as the published ledger has it, with whose it is as the reference says."""

    facts: Mapping[str, Any]
    partner: str | None
    account_id: str
    account_type: str
    is_standing: bool

    def day(self, basis: str) -> date:
        found: date = self.facts["event_date" if basis == "event" else "posted_date"]
        return found

    @property
    def count(self) -> int:
        return 1 if self.facts["entry_type"] == "original" else -1


def read_ledger(home: Path, reference: Oracle) -> dict[str, list[LedgerEntry]]:
    """All entries of the published ledger, which are those of the reference."""
    ledger: dict[str, list[LedgerEntry]] = {}
    for kind, table in (("credits", "fct_credit_entries"), ("revenue", "fct_revenue_entries")):
        with duckdb.connect(str(home / "published" / "marts.duckdb"), read_only=True) as connection:
            cursor = connection.execute(f"from ledger.{table}")
            names = [column[0] for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        for row in rows:
            row.setdefault("feed", kind)
        reversed_versions = {
            (row["feed"], row["event_id"], row["reversed_version"])
            for row in rows
            if row["entry_type"] == "reversal"
        }
        ledger[kind] = []
        for row in rows:
            owner = reference.account_at(row["service_account_id"], row["event_date"])
            standing = (
                row["entry_type"] == "original"
                and (row["feed"], row["event_id"], row["version"]) not in reversed_versions
            )
            ledger[kind].append(
                LedgerEntry(
                    row,
                    owner.partner_id if owner else None,
                    owner.account_id if owner else "",
                    owner.account_type if owner else "",
                    standing,
                )
            )
    own = Counter(
        identity(entry.facts, entry.is_standing) for each in ledger.values() for entry in each
    )
    theirs = Counter(identity(vars(entry), entry.is_standing) for entry in reference.entries())
    assert own == theirs
    return ledger


def identity(facts: Mapping[str, Any], is_standing: bool) -> Key:
    """What an entry has in the published ledger and in the reference, FOCUS ids aside."""
    names = ["feed", "entry_type", "service_account_id", "service_code", "currency"]
    names += ["event_date", "posted_date", "batch_id"]
    names += ["amount", "list_amount", "net_amount", "tax_amount"]
    name = "" if facts["feed"] == "focus" else facts["event_id"]
    return (name, is_standing, *(facts.get(each) for each in names))


REVENUE_SUMS = ("list_amount", "discount_amount", "net_amount", "tax_amount")


MOVEMENT = (
    "event_id", "entry_type", "service_account_id", "wallet", "movement_type", "transaction_id",
    "counterparty_service_account_id", "payment_method", "currency",
)  # fmt: skip
LISTED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "credit-topups": (MOVEMENT, ("amount",)),
    "credit-statement": (MOVEMENT, ("amount",)),
    "revenue-detail": (
        ("event_id", "entry_type", "service_account_id", "service_code", "charge_type",
         "order_id", "unit", "currency"),
        REVENUE_SUMS,
    ),
}  # fmt: skip


def listed_rows(
    report: str, basis: str, entries: Iterable[LedgerEntry], from_: date, to: date
) -> Counter[Key]:
    """The rows of a report that lists entries, by partner, as the ledger has them."""
    columns, sums = LISTED[report]
    kinds = ("top_up", "transfer_in") if report == "credit-topups" else None
    return Counter(
        (
            entry.partner,
            str(entry.day(basis)),
            entry.account_id,
            entry.account_type,
            *(entry.facts[name] or "" for name in columns),
            *(entry.facts[name] for name in sums),
        )
        for entry in entries
        if entry.partner is not None
        and from_ <= entry.day(basis) <= to
        and (basis == "posted" or entry.is_standing)
        and (kinds is None or entry.facts["movement_type"] in kinds)
    )


def listed_in(report: str, partner: str, exported: Iterable[Row]) -> Iterator[Key]:
    """The same of what was exported."""
    names, sums = LISTED[report]
    for row in exported:
        yield (
            partner,
            row["report_date"],
            row["account_id"],
            row["account_type"],
            *(row[name] for name in names),
            *(Decimal(row[name]) for name in sums),
        )


GROUPED = {
    "credit-usage": (
        ("report_date", "service_account_id", "account_id", "account_type", "wallet",
         "movement_type", "service_code", "currency"),
        ("amount",),
    ),
    "revenue-by-service": (("service_code", "currency"), REVENUE_SUMS),
    "revenue-by-account": (
        ("service_account_id", "account_id", "account_type", "currency"), REVENUE_SUMS
    ),
    "margins": (
        ("service_account_id", "account_id", "account_type", "service_code", "currency"),
        REVENUE_SUMS[:3],
    ),
}  # fmt: skip


def grouped_rows(
    report: str, basis: str, entries: Iterable[LedgerEntry], from_: date, to: date
) -> dict[Key, tuple[Decimal, ...]]:
    """Count and sums of a report of sums, by partner and its other columns."""
    keys, sums = GROUPED[report]
    groups: dict[Key, list[Decimal]] = {}
    for entry in entries:
        if (
            entry.partner is None
            or not from_ <= entry.day(basis) <= to
            or (basis == "event" and not entry.is_standing)
            or (report == "credit-usage"
                and entry.facts["movement_type"] not in ("usage", "transfer_out"))
            or (report == "margins"
                and entry.facts["charge_type"] in ("tax", "credit", "adjustment"))
        ):  # fmt: skip
            continue
        own = {
            "report_date": str(entry.day(basis)),
            "account_id": entry.account_id,
            "account_type": entry.account_type,
        }
        key = (entry.partner, *(own.get(name) or entry.facts[name] or "" for name in keys))
        group = groups.setdefault(key, [Decimal(0)] * (1 + len(sums)))
        for place, value in enumerate([entry.count, *(entry.facts[name] for name in sums)]):
            group[place] += value
    return {key: tuple(group) for key, group in groups.items()}


def balances(
    basis: str, entries: Iterable[LedgerEntry], from_: date, to: date
) -> dict[Key, tuple[Decimal, ...]]:
    """Opening, net movement, closing and held, by partner, service account, wallet, currency."""
    movements = REFERENCE["movement_types"]
    groups: dict[Key, list[Decimal]] = {}
    moved: set[Key] = set()
    for entry in entries:
        facts, day = entry.facts, entry.day(basis)
        if entry.partner is None or day > to or (basis == "event" and not entry.is_standing):
            continue
        key = (entry.partner, facts["service_account_id"], facts["wallet"], facts["currency"])
        kind = movements[facts["movement_type"]]
        group = groups.setdefault(key, [Decimal(0)] * 4)
        effect = kind.balance_effect * facts["amount"]
        group[1 if day >= from_ else 0] += effect
        group[2] += effect
        group[3] += kind.held_effect * facts["amount"]
        if day >= from_:
            moved.add(key)
    return {
        key: tuple(group) for key, group in groups.items() if key in moved or group[0] or group[3]
    }


def rows_of(exported: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(exported, newline="")))


OVER_ACCOUNTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "revenue-by-service": GROUPED["revenue-by-service"],
    "revenue-waterfall": (
        ("billed_month", "earned_month", "currency"), ("event_count", "net_amount")
    ),
}  # fmt: skip
BY_THE_REFERENCE = ("credit-outlook", "deferred-revenue", "revenue-waterfall")


def assert_exports_are_the_ledger(
    home: Path,
    reference: Oracle,
    output: Path,
    periods: list[tuple[date, date]],
    checked: Collection[str],
) -> None:
    """All partners' exports together are the ledger, each row once, and each with its owner.

    The discounts of the partners in `checked`, and what is no sum of entries of a period, are
    compared with the reference in full.
    """
    ledger = read_ledger(home, reference)
    partners = sorted(reference.partners())
    exports = all_exports(home, output, partners, periods)
    by_request: dict[tuple[str, str, str, str], dict[str, str]] = defaultdict(dict)
    for (report, partner, basis, start, end), exported in exports.items():
        by_request[report, basis, start, end][partner] = exported
    for (report, basis, start, end), by_partner in by_request.items():
        from_, to = date.fromisoformat(start), date.fromisoformat(end)
        shown = (report, basis, start, end)
        entries = ledger["credits" if report.startswith("credit") else "revenue"]
        if basis == "allocated" or report in BY_THE_REFERENCE:
            for partner in checked:
                rows = reference.report(report, partner, from_, to, basis=basis)
                expected_csv = reference.to_csv(report, rows)
                assert comparable(by_partner[partner]) == comparable(expected_csv), shown
        elif report in LISTED:
            listed = listed_rows(report, basis, entries, from_, to)
            together = Counter(
                key
                for partner, exported in by_partner.items()
                for key in listed_in(report, partner, rows_of(exported))
            )
            assert together == listed, shown
            # Without the owner: no row stands in two exports.
            assert Counter(key[1:] for key in together.elements()) == Counter(
                key[1:] for key in listed.elements()
            ), shown
        elif report == "discounts":
            assert_discounts_are_whole(basis, entries, reference, by_partner, from_, to)
            for partner in checked:
                rows = reference.report(report, partner, from_, to, basis=basis)
                expected_rows = rows_of(reference.to_csv(report, rows))
                assert rows_of(by_partner[partner]) == expected_rows, (partner, shown)
        else:
            if report == "credit-balance":
                names: tuple[str, ...] = ("service_account_id", "wallet", "currency")
                values: tuple[str, ...] = (
                    "opening_balance", "net_movement", "closing_balance", "held"
                )  # fmt: skip
                expected = balances(basis, entries, from_, to)
            else:
                names, values = GROUPED[report][0], ("event_count", *GROUPED[report][1])
                expected = grouped_rows(report, basis, entries, from_, to)
            found: dict[Key, tuple[Decimal, ...]] = {}
            for partner, exported in by_partner.items():
                for row in rows_of(exported):
                    key = (partner, *(row[name] for name in names))
                    assert key not in found, (key, shown)
                    found[key] = tuple(Decimal(row[name]) for name in values)
            assert found == expected, (
                shown, [item for item in found.items() ^ expected.items()][:5]
            )  # fmt: skip
        tried("exports compared with the ledger", len(by_partner))
    assert_sums_are_whole(home, ledger, exports)


def assert_discounts_are_whole(
    basis: str,
    entries: Iterable[LedgerEntry],
    reference: Oracle,
    by_partner: Mapping[str, str],
    from_: date,
    to: date,
) -> None:
    """Every discount is in its partner's export only, with the entries that name it."""
    owners = {each.discount_id: each.record["partner_id"] for each in reference.discounts}
    worth: dict[Key, list[Decimal]] = {}
    for entry in entries:
        name = entry.facts["discount_id"]
        if (
            entry.partner is not None
            and owners.get(name) == entry.partner
            and from_ <= entry.day(basis) <= to
            and (basis == "posted" or entry.is_standing)
        ):
            sums = worth.setdefault((name, entry.facts["currency"]), [Decimal(0)] * 3)
            sums[0] += entry.count
            sums[1] += entry.facts["list_amount"]
            sums[2] += entry.facts["discount_amount"]
    found: dict[Key, list[Decimal]] = {}
    for partner, exported in by_partner.items():
        for row in rows_of(exported):
            assert owners[row["discount_id"]] == partner, (partner, row)
            if row["subject"] == "customer" and row["currency"]:
                key = (row["discount_id"], row["currency"])
                assert key not in found
                found[key] = [
                    Decimal(row[name]) for name in ("event_count", "list_amount", "discount_amount")
                ]
    customers = {each.discount_id for each in reference.discounts
                 if each.record["subject"] == "customer"}  # fmt: skip
    assert found == {key: sums for key, sums in worth.items() if key[0] in customers}
    if (from_, to) == ALWAYS:
        listed = {row["discount_id"] for each in by_partner.values() for row in rows_of(each)}
        assert listed == {name for name, partner in owners.items() if partner in by_partner}


def assert_sums_are_whole(
    home: Path,
    ledger: dict[str, list[LedgerEntry]],
    exports: Mapping[tuple[str, str, str, str, str], str],
) -> None:
    """Identity 6: what all partners' totals say and what is unattributed is all there is."""
    movements = REFERENCE["movement_types"]
    start, end = (str(day) for day in ALWAYS)
    exported: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for (report, _, basis, from_, to), content in exports.items():
        if (from_, to) != (start, end) or report not in (
            "credit-balance", "revenue-by-service", "revenue-by-account", "revenue-detail"
        ):  # fmt: skip
            continue
        name = "closing_balance" if report == "credit-balance" else "net_amount"
        for row in rows_of(content):
            exported[report, basis, row["currency"]] += Decimal(row[name])
    with duckdb.connect(str(home / "published" / "marts.duckdb"), read_only=True) as connection:
        listed = {
            (row[0], row[1])
            for row in connection.execute(
                "select feed, event_id from reports.unattributed_events"
            ).fetchall()
        }
    standing = [entry for each in ledger.values() for entry in each if entry.is_standing]
    assert listed == {
        (entry.facts["feed"], entry.facts["event_id"]) for entry in standing if not entry.partner
    }
    for report, basis, currency in list(exported):
        kind = "credits" if report == "credit-balance" else "revenue"
        whole = unattributed = Decimal(0)
        for entry in ledger[kind]:
            if entry.facts["currency"] != currency or (basis == "event" and not entry.is_standing):
                continue
            value = (
                movements[entry.facts["movement_type"]].balance_effect * entry.facts["amount"]
                if kind == "credits"
                else entry.facts["net_amount"]
            )
            whole += value
            unattributed += value if entry.partner is None else 0
        assert exported[report, basis, currency] + unattributed == whole, (report, basis, currency)


def assert_accounts_stay_apart(
    home: Path, reference: Oracle, output: Path, partners: Sequence[str], rng: Random
) -> None:
    """One account of a partner at a time gives its export; an account of others is unknown."""
    everybody = sorted(reference.history)
    for partner in partners:
        own = reference.service_accounts(partner)
        for report in REPORTS:
            if "account" not in REPORTS[report].conditions:
                continue
            basis = rng.choice(REPORTS[report].bases or ("event",))
            request = [report, f"--partner={partner}", *on_basis(report, basis), *PERIOD]
            whole = rows_of(export_csv(home, output, *request))
            parts = {
                account: rows_of(export_csv(home, output, *request, f"--account={account}"))
                for account in own
            }
            together = [row for rows in parts.values() for row in rows]
            shown = (partner, report, basis)
            if report == "discounts":
                whole = [row for row in whole if row["service_account_id"] in own]
            if report in OVER_ACCOUNTS:
                assert summed(report, together) == summed(report, whole), shown
            else:
                for account, rows in parts.items():
                    assert {row["service_account_id"] for row in rows} <= {account}, shown
                assert Counter(map(str, together)) == Counter(map(str, whole)), shown
            tried("exports of one account", len(parts))
            known = {*own, *reference.accounts(partner)}
            others = [each for each in everybody if each not in known]
            near = {variant(rng.choice(own)) for variant in VARIANTS} - known
            for account in [*rng.sample(others, min(2, len(others))), *sorted(near)]:
                if "\x00" in account or not account:
                    continue
                said = ask("export", *request, f"--home={home}", f"--account={account}",
                           f"--output={output.with_name('refused.csv')}")  # fmt: skip
                assert said.status == 2, (shown, account)
                assert "unknown account" in said.err and not said.out
                assert not output.with_name("refused.csv").exists()
                tried("accounts of others refused")


VARIANTS: list[Callable[[str], str]] = [
    str.swapcase,
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: unicodedata.normalize("NFKC", name),
    lambda name: f"{name}\u00a0",
    lambda name: name[:-1],
]


def summed(report: str, rows: Iterable[Row]) -> dict[Key, tuple[Decimal, ...]]:
    """A report that does not name accounts, added up over them."""
    keys, sums = OVER_ACCOUNTS[report]
    groups: dict[Key, list[Decimal]] = {}
    for row in rows:
        group = groups.setdefault(tuple(row[name] for name in keys), [Decimal(0)] * len(sums))
        for place, name in enumerate(sums):
            group[place] += Decimal(row[name])
    return {key: tuple(group) for key, group in groups.items()}
