"""The queries of docs/bi.md, and the requests of which they give the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import duckdb

from exporters.catalogue.conditions import BASES, CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import DATE_BASES
from exporters.request.partners import all_partners
from exporters.request.report_request import Request
from support.homes import PROJECT

TEXT = (PROJECT / "docs" / "bi.md").read_text(encoding="utf-8")
QUERIES = dict(
    re.findall(r"^### ([a-z-]+)\n[^#]*?```sql\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
)
PERIODS = [
    (date(2024, 2, 1), date(2024, 2, 29)),
    (date(2024, 10, 1), date(2024, 10, 31)),
    # And this one with all conditions.
    (date(2024, 2, 5), date(2024, 10, 31)),
]


def on_page(report: str, basis: str, conditions: dict[str, str]) -> str:
    """A query of the page, changed as the page says."""
    sql = QUERIES[report]
    if basis == "posted":
        lines = [line for line in sql.splitlines() if not line.endswith("-- by event date only")]
        sql = "\n".join(lines).replace("event_date", "posted_date")
    head, last_where, tail = sql.rpartition("\nwhere\n")
    assert last_where
    columns = {"account": "service_account_id", "status": "statuses.status"}
    if report == "discounts":  # several of its tables have accounts
        columns["account"] = "discounts.service_account_id"
    more = "".join(
        f"{columns.get(name, name)} = '{value}' and " for name, value in conditions.items()
    )
    return f"{head}{last_where}    {more}{tail.lstrip()}"


def requests(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Request, str]]:
    """Requests for all reports of all partners, each with the query of the page."""
    for report in REPORTS.values():
        choices: list[dict[str, str]] = [{}]
        for name in ("account_type", "subject", "status"):
            if name in report.conditions:
                values = [value for value in CONDITIONS[name].allowed if value != "both"]
                choices += [{name: value} for value in values]
        for partner in all_partners(connection):
            accounts = connection.execute(
                "select distinct service_account_id from dimensions.partner_accounts "
                "where partner_id = ? order by all limit 2",
                [partner],
            ).fetchall()
            own = [{"account": account} for (account,) in accounts]
            if "account" not in report.conditions or report.id == "revenue-by-service":
                own = []
            for period in PERIODS:
                for basis in (
                    BASES[name] for name in DATE_BASES if report.bases or name == "event"
                ):
                    for chosen in [*choices, *own] if period == PERIODS[-1] else [{}]:
                        typed = {
                            name: (value,) if CONDITIONS[name].many else value
                            for name, value in chosen.items()
                        }
                        request = Request(report, partner, *period, basis=basis, **typed)  # type: ignore[arg-type]
                        yield request, on_page(report.id, basis.name, chosen)


def parameters(request: Request) -> dict[str, object]:
    """What the queries of the page ask for."""
    return {
        "partner": request.partner,
        "from_date": request.from_date,
        "to_date": request.to_date,
    }
