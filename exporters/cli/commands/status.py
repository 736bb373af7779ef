"""`status`: what is published, what is not in the figures, and what the last build came to."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exporters.cli.exit_status import DONE
from exporters.errors import ReportError
from exporters.escaping import visible
from exporters.terminal_table import table
from exporters.warehouse import last_build

if TYPE_CHECKING:
    import duckdb

_COLUMNS = [
    ("Feed", False),
    ("Batches", True),
    ("Newest batch", False),
    ("Age in days", True),
    ("Rows", True),
    ("Accepted", True),
    ("Rejected", True),
    ("Ignored", True),
    ("Unattributed", True),
]

# Tables whose rows are money or deliveries that the reports do not show, and where they are listed.
_NOT_INCLUDED = {
    "Rejected rows": ("reports.rejected_rows", "`partner-reports rejected`"),
    "Ignored rows": ("reports.ignored_rows", "`partner-reports ignored`"),
    "Unattributed events": ("reports.unattributed_events", "`partner-reports unattributed`"),
    "Open transfers": ("reports.open_transfers", "sheet Control of a pack"),
    "Wallets that differ from the source": (
        "reports.wallets_that_differ",
        "reports.balance_differences",
    ),
    "Balances left behind": ("reports.balances_left_behind", "reports.balances_left_behind"),
}
_MOST_PARTNERS = 100  # that are listed


def add_options(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(arguments: argparse.Namespace) -> int:
    """Print the last build, then what is published."""
    from exporters.warehouse.published import open_published

    show_last_build(arguments.home)
    with open_published(arguments.home) as connection:
        show_published(connection)
    return DONE


def show_last_build(home: Path) -> None:
    """Print what the last build of `home` came to, if there was one."""
    build = last_build.read(home)
    if build is None:
        return
    if build.ended_at is None:
        outcome = "is at work" if last_build.is_at_work(home) else "was stopped before it ended"
    else:
        outcome = "published" if build.failure is None else "FAILED"
    print(f"Last build: {build.began_at} UTC from {visible(build.landing)}: {outcome}")
    if build.proven_at is not None:
        print(f"  The whole ledger was last proven at {build.proven_at} UTC")
    for text in [
        *(f"Warning: {one}" for one in build.warnings),
        *(build.failure or "").splitlines(),
    ]:
        print(f"  {visible(text)}")


def show_published(connection: duckdb.DuckDBPyConnection, today: date | None = None) -> None:
    """Print what is published. Ages count from `today` (default: now, in business time).

    Raises:
        ReportError: the published file does not say what it is.
    """
    from exporters.warehouse import feeds

    row = connection.execute(
        """
        select version, version_at, built_at, business_time_zone, close_day, project_version
        from reports.build_info
        """
    ).fetchone()
    if row is None:
        raise ReportError("the published marts hold no version (reports.build_info is empty)")
    version, version_at, built_at, time_zone, close_day, project_version = row
    today = today or _today(time_zone)

    print(f"Version: {visible(str(version))} (data as of {version_at})")
    print(f"Built: {built_at} UTC by version {project_version} of the project")
    print(f"Business time zone: {time_zone}; a month closes after day {close_day} of the next")
    print()
    rows = [
        [feed, batches, newest, (today - recorded).days, *counts]
        for feed, batches, newest, recorded, *counts in feeds.arrived(connection)
    ]
    print(table(_COLUMNS, rows) if rows else "No batches.")
    print()
    for label, (source, listed) in _NOT_INCLUDED.items():
        count = connection.execute(f"select count(*) from {source}").fetchall()[0][0]
        print(f"{label}: {count:,}" + (f" (see {listed})" if count else ""))
    print()
    _show_partners(connection)


def _show_partners(connection: duckdb.DuckDBPyConnection) -> None:
    """Print which partners can be asked for."""
    partners = connection.execute(
        "select partner_id, partner_name from reports.partners order by partner_id"
    ).fetchall()
    listed = partners[:_MOST_PARTNERS]
    more = len(partners) - len(listed)
    note = f" (the first {len(listed)}; all are in reports.partners)" if more else ""
    print(f"Partners: {len(partners):,}{note}")
    if listed:
        print(table([("Partner", False), ("Name", False)], listed))


def _today(time_zone: str) -> date:
    try:
        return datetime.now(ZoneInfo(time_zone)).date()
    except (ZoneInfoNotFoundError, ValueError):  # a machine without time zone data
        return datetime.now(UTC).date()
