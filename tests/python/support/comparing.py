"""Compares a built home with the independent reference in oracle.py, export by export."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import duckdb

from exporters.catalogue.conditions import BASES
from exporters.catalogue.reports import REPORTS
from exporters.cli import app
from exporters.output.export import export
from exporters.request.report_request import Request, parse
from exporters.warehouse.published import open_published
from support import oracle
from support.homes import PROJECT
from support.oracle_figures import MART_COLUMNS

REFERENCE = oracle.load_reference(PROJECT / "seeds" / "reference")
# A field may be as long as a row of a feed.
csv.field_size_limit(20_000_001)
# How the id of a FOCUS line is derived is not part of the specification.
FOCUS_ID = re.compile(r"focus:[0-9a-f]+(:\d+)?")

# CSV texts by report, partner, basis and both ends of the period.
Exports = dict[tuple[str, str, str, str, str], str]


def export_csv(home: Path, output: Path, *request: str) -> str:
    """The CSV text of one export."""
    with contextlib.redirect_stdout(io.StringIO()):
        status = app.main(["export", *request, "--home", str(home), "--output", str(output)])
    assert status == 0, request
    return output.read_bytes().decode("utf-8")


def exported(connection: duckdb.DuckDBPyConnection, output: Path, request: Request) -> str:
    """The same of a request, as the command has it written, over a connection that stays open."""
    export(connection, output.parent, request, output)
    return output.read_bytes().decode("utf-8")


def all_exports(
    home: Path, output: Path, partners: Sequence[str], periods: Sequence[tuple[date, date]]
) -> Exports:
    """The CSV text of every report, basis, partner and period."""
    with open_published(home) as connection:
        return {
            (report.id, partner, basis, str(from_), str(to)): exported(
                connection, output, Request(report, partner, from_, to, basis=BASES[basis])
            )
            for report in REPORTS.values()
            for partner in partners
            for basis in report.bases or ("event",)
            for from_, to in periods
        }


def on_basis(report: str, basis: str) -> list[str]:
    """The option for a basis, where the report has bases."""
    return [f"--basis={basis}"] if REPORTS[report].bases else []


def in_steps(landing: Path, target: Path, steps: int) -> Iterator[None]:
    """Copy the batches of a landing folder in ascending order, in about `steps` portions."""
    batches = sorted(landing.glob("*/batch=*"), key=lambda path: (path.name, path.parent.name))
    size = -(-len(batches) // steps)
    for start in range(0, len(batches), size):
        for batch in batches[start : start + size]:
            shutil.copytree(batch, target / batch.parent.name / batch.name)
        yield


def differences(
    home: Path,
    reference: oracle.Oracle,
    output: Path,
    periods: list[tuple[date, date]],
    exports: Exports | None = None,
) -> list[str]:
    """Where the home's reports and quality marts are not what the reference says.

    `exports`: all exports of these periods, where they are made already.
    """
    found = []
    connection = duckdb.connect(str(home / "published" / "marts.duckdb"), read_only=True)
    partners = sorted(row[0] for row in connection.execute("from reports.partners").fetchall())
    if partners != sorted(reference.partners()):
        found.append(f"partners {partners} instead of {sorted(reference.partners())}")
    exports = exports or all_exports(home, output, partners, periods)
    for (report, partner, basis, from_, to), text in exports.items():
        expected = reference.to_csv(
            report,
            reference.report(
                report, partner, date.fromisoformat(from_), date.fromisoformat(to), basis=basis
            ),
        )
        got_rows, expected_rows = (comparable(one) for one in (text, expected))
        # The order of lines that have ids of FOCUS lines is left out: it follows these ids.
        if got_rows != expected_rows or ("focus:" not in text and lines(text) != lines(expected)):
            lacking = [row for row in expected_rows if row not in got_rows]
            surplus = [row for row in got_rows if row not in expected_rows]
            found.append(
                f"{report} of {partner} {from_}..{to} {basis}: lacks {lacking}, has {surplus}"
            )
    for partner in partners:
        found += _condition_differences(home, reference, output, partner, *periods[-1])
    found += quality_differences(connection, reference)
    return found


def _condition_differences(
    home: Path, reference: oracle.Oracle, output: Path, partner: str, from_: date, to: date
) -> list[str]:
    """Each condition by itself and account type with account, on all bases but the first."""
    found = []
    accounts = [*sorted(reference.service_accounts(partner))[:2], *reference.accounts(partner)[:1]]
    choices: dict[str, list[dict[str, str]]] = {
        "discounts": [
            {"subject": "partner"},
            {"subject": "customer"},
            *({"status": status} for status in ("active", "expired", "awaiting_approval")),
            *({"account": account} for account in accounts),
        ]
    }
    of_accounts = [
        {"account_type": "customer"},
        {"account_type": "partner"},
        *({"account": account} for account in accounts),
        *({"account": account, "account_type": "customer"} for account in accounts[:1]),
    ]
    bases = [(report, basis) for report in REPORTS for basis in REPORTS[report].bases[1:] or [None]]
    with open_published(home) as connection:
        for (report, basis), conditions in (
            (of, chosen) for of in bases for chosen in choices.get(of[0], of_accounts)
        ):
            asked = {**conditions, "basis": basis}
            request = parse(report, partner, str(from_), str(to), asked)
            text = exported(connection, output, request)
            statuses = [conditions["status"]] if "status" in conditions else None
            expected = reference.to_csv(
                report,
                reference.report(
                    report, partner, from_, to, basis=basis or "event", statuses=statuses,
                    account_type=conditions.get("account_type", "both"),
                    account=conditions.get("account"), subject=conditions.get("subject"),
                ),
            )  # fmt: skip
            if comparable(text) != comparable(expected):
                found.append(f"{report} of {partner} {conditions}: {text!r} not {expected!r}")
    return found


def lines(text: str) -> list[list[str]]:
    """The lines of a CSV text; which fields stand in quotes without need does not matter."""
    return list(csv.reader(io.StringIO(text, newline="")))


def comparable(text: str) -> list[list[str]]:
    """The lines of a CSV text as a multiset, apart from how the ids of FOCUS lines are spelled."""
    return sorted(lines(FOCUS_ID.sub("focus:id", text)))


def _without_focus(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(FOCUS_ID.sub("focus:id", one) if isinstance(one, str) else one for one in row)


def quality_differences(
    connection: duckdb.DuckDBPyConnection, reference: oracle.Oracle
) -> list[str]:
    """Where the quality marts of an open warehouse are not what the reference says."""

    def rows(query: str) -> list[tuple[object, ...]]:
        return sorted(connection.execute(query).fetchall(), key=repr)

    found = []
    got_batches = rows(
        "select feed, batch_id, row_count, accepted, rejected, ignored from reports.batches"
    )
    expected_batches = sorted(
        (
            (one.feed, one.batch_id, one.row_count, one.accepted, one.rejected, one.ignored)
            for one in reference.batches()
        ),
        key=repr,
    )
    if got_batches != expected_batches:
        found.append(f"batches {set(got_batches) ^ set(expected_batches)}")
    got_rejected = {
        row[:4]: (json.loads(row[4]), row[5])
        for row in connection.execute(
            "select feed, batch_id, file, row_number, raw, reasons from reports.rejected_rows"
        ).fetchall()
    }
    expected_rejected = {
        (one.feed, one.batch_id, one.file, one.row_number): one for one in reference.rejected()
    }
    for place in set(got_rejected) ^ set(expected_rejected):
        found.append(f"rejected {place} {got_rejected.get(place) or expected_rejected.get(place)}")
    for place in set(got_rejected) & set(expected_rejected):
        raw, reasons = got_rejected[place]
        expected = expected_rejected[place]
        # How a native Parquet value is spelled as text, and which of two equal names keeps its
        # value under that name, is not part of the specification.
        if (
            raw != expected.raw
            and not str(place[2]).endswith(".parquet")
            and not any("stands twice" in reason for reason in reasons)
        ):
            found.append(f"raw of {place}: {raw} instead of {expected.raw}")
        for reason in expected.reasons:
            if not any(reason.field.lower() in text.lower() for text in reasons):
                found.append(f"reasons of {place}: {reasons} lack {reason}")
    got_ignored = rows(
        "select feed, batch_id, file, row_number, split_part(reason, ':', 1) "
        "from reports.ignored_rows"
    )
    expected_ignored = sorted(
        (
            (one.feed, one.batch_id, one.file, one.row_number, one.why)
            for one in reference.ignored()
        ),
        key=repr,
    )
    if got_ignored != expected_ignored:
        found.append(f"ignored {set(got_ignored) ^ set(expected_ignored)}")
    got_unattributed = rows(
        "select feed, event_id, service_account_id from reports.unattributed_events"
    )
    expected_unattributed = sorted(
        ((one.feed, one.event_id, one.service_account_id) for one in reference.unattributed()),
        key=repr,
    )
    if got_unattributed != expected_unattributed:
        found.append(f"unattributed {set(got_unattributed) ^ set(expected_unattributed)}")
    lists: dict[str, Sequence[tuple[object, ...]]] = {
        "service_periods_ignored": reference.service_periods_ignored(),
        "balance_differences": reference.balance_differences(),
    }
    for mart, rows_of_mart in lists.items():
        got = [_without_focus(row) for row in connection.execute(f"from reports.{mart}").fetchall()]
        wanted = [_without_focus(row) for row in rows_of_mart]
        if sorted(got, key=repr) != sorted(wanted, key=repr):
            found.append(f"{mart} {got} instead of {wanted}")
    for mart, of_partner in (
        ("revenue_allocated", reference.revenue_allocated),
        ("deferred_revenue", reference.deferred_revenue),
    ):
        for partner in reference.partners():
            columns = ", ".join(MART_COLUMNS[mart])
            got = connection.execute(
                f"select {columns} from reports.{mart} where partner_id = ?", [partner]
            ).fetchall()
            if sorted(got, key=repr) != sorted(of_partner(partner), key=repr):
                found.append(f"{mart} of {partner}: {got} instead of {of_partner(partner)}")
    return found
