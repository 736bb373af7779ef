"""Delivered rows that are in no figure: refused, ignored, or of an account that nobody knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.catalogue.types import Column, Kind, Report
from exporters.errors import RequestError
from exporters.escaping import in_message
from exporters.files import whole_file
from exporters.landing.scan import FEEDS
from exporters.output import columnar
from exporters.output.formats import check_output
from exporters.query import builder
from exporters.request.names import unknown_name
from exporters.request.report_request import Request
from exporters.warehouse import published

if TYPE_CHECKING:
    import duckdb

_FEED = Column("feed", "Feed", Kind.TEXT, "The feed that delivered it.")
_PLACE = (
    Column("batch_id", "Batch", Kind.ID, "The batch that brought it."),
    Column("file", "File", Kind.ID, "Its file; empty for a FOCUS line that is gone."),
    Column("row_number", "Row", Kind.COUNT, "The data row of the file, from 1."),
)
_EVENT = Column("event_id", "Event", Kind.ID, "The event, or the account or discount of a state.")
_VERSION = Column("version", "Version", Kind.ID, "The version of the event; empty for states.")
# Wide, and in every file.
_RAW = Column("raw", "Row as delivered", Kind.TEXT, "The row, a JSON object of header to text.")

REPORTS = {
    "rejected": Report(
        "rejected",
        "Rejected rows",
        "Which rows were refused, and why?",
        (),
        (
            _FEED,
            *_PLACE,
            Column("reasons", "Reasons", Kind.TEXT, "All reasons, with `; ` between them."),
            _RAW,
        ),
        "select * replace (array_to_string(reasons, '; ') as reasons) from reports.rejected_rows",
        unit="null",
    ),
    "ignored": Report(
        "ignored",
        "Ignored rows",
        "Which rows changed nothing, and why?",
        (),
        (_FEED, *_PLACE, _EVENT, _VERSION, Column("reason", "Reason", Kind.TEXT, "What it says.")),
        "from reports.ignored_rows",
        unit="null",
    ),
    "unattributed": Report(
        "unattributed",
        "Unattributed events",
        "Which events name a service account that no account record knows?",
        (),
        (
            _FEED,
            *_PLACE,
            _EVENT,
            _VERSION,
            Column("service_account_id", "Service account", Kind.ID, "The unknown account."),
            Column("event_date", "Event date", Kind.DATE, "The day to which the event belongs."),
            Column("posted_date", "Posted date", Kind.DATE, "The day on which it was posted."),
            Column("movement_type", "Movement", Kind.TEXT, "Type of a movement of credit."),
            Column("charge_type", "Charge", Kind.TEXT, "Type of a charge."),
            Column("currency", "Currency", Kind.TEXT, "ISO 4217 code."),
            Column("amount", "Amount", Kind.MONEY, "The amount; of a charge the net amount."),
        ),
        "from reports.unattributed_events",
    ),
}


@dataclass(frozen=True)
class Wanted:
    """One of `REPORTS`, perhaps of one feed and one batch."""

    report: Report
    feed: str | None = None
    batch: str | None = None

    def in_words(self) -> str:
        """What the rows are of."""
        batch = "all batches" if self.batch is None else f"batch {in_message(self.batch)}"
        return f"Feed: {self.feed or 'all'}; {batch}"


@dataclass(frozen=True)
class Rows:
    """The first rows under their columns, and how many there are of all."""

    columns: tuple[Column, ...]
    rows: list[tuple[object, ...]]
    count: int


def parse_request(name: str, feed: str | None, batch: str | None) -> Wanted:
    """A request from the words of a user, with all checks that need no data.

    Raises:
        RequestError: there is no such feed.
    """
    if feed is not None and feed not in FEEDS:
        raise RequestError(unknown_name("--feed value", feed, FEEDS))
    return Wanted(REPORTS[name], feed, batch)


def write(connection: duckdb.DuckDBPyConnection, wanted: Wanted, output: Path) -> int:
    """Write the rows to `output`; their number.

    Raises:
        RequestError: the batch is unknown, or the ending of `output` is.
        ReportError: the workbook that was written does not say what the query says.
    """
    ending = check_output(output)
    request = _prepared(connection, wanted)
    with whole_file(output) as temporary:
        if ending != ".xlsx":
            return columnar.write(connection, request, ending, temporary)
        from exporters.excel import workbook
        from exporters.excel.content import About

        about = About(wanted.report.title, None, *published.version(connection))
        content = workbook.content_of(connection, request, words=[wanted.in_words()], notes=[])
        return workbook.write_contents(connection, about, [content], temporary)


def first_rows(connection: duckdb.DuckDBPyConnection, wanted: Wanted, most: int) -> Rows:
    """The first rows, but for what was delivered in them, as text that stands in files.

    Raises:
        RequestError: the batch is unknown.
    """
    request = _prepared(connection, wanted)
    columns = tuple(column for column in wanted.report.columns if column is not _RAW)
    query = builder.as_text(replace(request, report=replace(request.report, columns=columns)))
    (count,) = connection.execute("select count(*) from temp.not_included").fetchall()[0]
    rows = connection.execute(query.sql, query.parameters).fetchmany(most)
    return Rows(columns, rows, count)


def _prepared(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> Request:
    """A request for the rows, which are put into a temporary table."""
    of_feed = {"feed": wanted.feed}
    batches = connection.execute(
        "select batch_id from reports.batches where $feed is null or feed = $feed "
        "group by batch_id order by batch_id desc",
        of_feed,
    ).fetchall()
    if wanted.batch is not None and (wanted.batch,) not in batches:
        of = "" if wanted.feed is None else f" of {wanted.feed}"
        raise RequestError(unknown_name("batch", wanted.batch, [row[0] for row in batches], of))
    connection.execute(
        f"create or replace temp table not_included as select * from ({wanted.report.query}) "
        "where ($feed is null or feed = $feed) and ($batch is null or batch_id = $batch)",
        {**of_feed, "batch": wanted.batch},
    )
    report = replace(wanted.report, query="select * from temp.not_included")
    return Request(report, "", date.min, date.max)
