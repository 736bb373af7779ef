"""What is published: version, batches, and what is not in the figures."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exporters.errors import ReportError
from exporters.escaping import visible
from exporters.terminal_table import table

if TYPE_CHECKING:
    import duckdb

# What has arrived of each feed: batches, newest of them and its day, rows by verdict.
FEEDS = """
with arrived as (
    select
        feed,
        count(*) as batches,
        max(batch_id) as newest,
        max(recorded_date) as recorded_date,
        sum(row_count) as row_count,
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(ignored) as ignored,
    from reports.batches
    group by feed
),

unattributed as (
    select
        feed,
        count(*) as events,
    from reports.unattributed_events
    group by feed
)

select
    arrived.feed,
    arrived.batches,
    arrived.newest,
    arrived.recorded_date,
    arrived.row_count,
    arrived.accepted,
    arrived.rejected,
    arrived.ignored,
    coalesce(unattributed.events, 0) as unattributed,
from arrived
left join unattributed on arrived.feed = unattributed.feed
order by arrived.feed
"""

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
    "Balances left behind": ("reports.balances_left_behind", "reports.balances_left_behind"),
}


_MOST_PARTNERS = 100  # that are listed


def show(connection: duckdb.DuckDBPyConnection, today: date | None = None) -> None:
    """Print what is published. Ages count from `today` (default: now, in business time).

    Raises:
        ReportError: the published file does not say what it is.
    """
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
    feeds = connection.execute(FEEDS).fetchall()
    rows = [
        [feed, batches, newest, (today - recorded).days, *counts]
        for feed, batches, newest, recorded, *counts in feeds
    ]
    print(table(_COLUMNS, rows) if rows else "No batches.")
    print()
    for label, (source, listed) in _NOT_INCLUDED.items():
        count = connection.execute(f"select count(*) from {source}").fetchall()[0][0]
        print(f"{label}: {count}" + (f" (see {listed})" if count else ""))
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
