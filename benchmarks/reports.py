"""Partner-month reports in a warm process: ours against hand-written queries on the same file.

Both sides run on one connection, with more memory than an export takes because such a process
stays, and are consumed as Arrow batches, so that neither pays for Python objects. Requests take
turns: ours, by hand, ours, ... The rows of both are compared first. `answer` is what a page of the
portal needs: rows and totals.

    python benchmarks/reports.py HOME PARTNERS MONTHS REPEATS

prints JSON: per report the median and the 95th percentile over all requests, in seconds.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from exporters.catalogue.reports import REPORTS
from exporters.query import builder
from exporters.query.totals import totals_of
from exporters.request.report_request import Request
from exporters.warehouse.published import open_published

if TYPE_CHECKING:
    import duckdb

MEMORY = "1GB"
_ACCOUNT = "service_account_id, service_account_name, account_id, account_name, account_type"
_REVENUE = """
    sum(event_count) as event_count, sum(list_amount) as list_amount,
    sum(discount_amount) as discount_amount, sum(net_amount) as net_amount,
    sum(tax_amount) as tax_amount, sum(partner_cost_amount) as partner_cost_amount,
    sum(partner_margin_amount) as partner_margin_amount
"""
_PERIOD = "partner_id = $partner and event_date between $from_date and $to_date"
_BALANCE_COLUMNS = (
    "topped_up", "transferred_in", "accrued", "used", "transferred_out", "expired", "adjusted",
    "net_movement",
)  # fmt: skip
_IN_PERIOD = ", ".join(
    f"coalesce(sum({name}) filter (event_date >= $from_date), 0) as {name}"
    for name in _BALANCE_COLUMNS
)

BY_HAND = {
    "credit-topups": f"""
        select
            event_date as report_date, occurred_at, transaction_id, event_id, entry_type,
            {_ACCOUNT}, wallet, movement_type, counterparty_service_account_id, payment_method,
            currency, amount
        from reports.credit_topups
        where {_PERIOD} and is_standing
        order by all
    """,
    "credit-usage": f"""
        select
            event_date as report_date, {_ACCOUNT}, wallet, movement_type, service_code,
            service_name, currency, sum(event_count) as event_count, sum(amount) as amount
        from reports.credit_usage
        where {_PERIOD}
        group by all
        having sum(event_count) <> 0
        order by all
    """,
    "credit-balance": f"""
        with balances as (
            select
                service_account_id, service_account_name, wallet, currency,
                coalesce(sum(net_movement) filter (event_date < $from_date), 0)
                    as opening_balance,
                {_IN_PERIOD},
                sum(net_movement) as closing_balance,
                sum(held) as held,
                coalesce(sum(event_count) filter (event_date >= $from_date), 0) as entries
            from reports.credit_movements
            where partner_id = $partner and event_date <= $to_date
            group by all
        )

        select
            service_account_id, service_account_name, account_id, account_name, account_type,
            wallet, currency, opening_balance, {", ".join(_BALANCE_COLUMNS)}, closing_balance,
            held, closing_balance - held as available
        from balances
        inner join dimensions.partner_accounts as seen_as using (service_account_id)
        where
            seen_as.partner_id = $partner
            and $to_date between valid_from and valid_to
            and (opening_balance <> 0 or held <> 0 or entries <> 0)
        order by all
    """,
    "discounts": """
        with worth as (
            select
                discount_id, currency, sum(event_count) as event_count,
                sum(list_amount) as list_amount, sum(discount_amount) as discount_amount
            from ledger.discount_worth
            where partner_id = $partner and event_date between $from_date and $to_date
            group by all
            having sum(event_count) <> 0
        )

        select
            subject, discount_id, periods.service_account_id, service_account_name,
            periods.service_code, coalesce(service_name, periods.service_code) as service_name,
            deal_id, rate_percent, starts_on, ends_on, statuses.status, currency,
            coalesce(event_count, 0) as event_count, coalesce(list_amount, 0) as list_amount,
            coalesce(discount_amount, 0) as discount_amount
        from dimensions.discount_periods as periods
        inner join dimensions.discount_statuses as statuses using (discount_id)
        left join worth using (discount_id)
        left join reports.service_accounts using (service_account_id)
        left join reports.services using (service_code)
        where
            periods.partner_id = $partner
            and $to_date between valid_from and valid_to
            and (
                worth.discount_id is not null
                or (requested_on <= $to_date and coalesce(over_after >= $from_date, true))
            )
        order by all
    """,
    "revenue-detail": f"""
        select
            event_date as report_date, occurred_at, event_id, entry_type, order_id, {_ACCOUNT},
            service_code, service_name, charge_type, quantity, unit, currency, list_amount,
            discount_amount, net_amount, tax_amount, partner_discount_rate, partner_cost_amount,
            partner_margin_amount
        from reports.revenue_detail
        where {_PERIOD} and is_standing
        order by all
    """,
    "revenue-by-service": f"""
        select service_code, service_name, currency, {_REVENUE}
        from reports.revenue_by_service
        where {_PERIOD}
        group by all
        having sum(event_count) <> 0
        order by all
    """,
    "revenue-by-account": f"""
        select {_ACCOUNT}, currency, {_REVENUE}
        from reports.revenue_by_account
        where {_PERIOD}
        group by all
        having sum(event_count) <> 0
        order by all
    """,
}


def requests(
    connection: duckdb.DuckDBPyConnection, partners: int, months: int
) -> list[tuple[str, date, date]]:
    """Partners from the largest to the smallest and the last months, each with each."""
    by_size = [
        row[0]
        for row in connection.execute(
            "select partner_id from reports.revenue_by_service group by partner_id "
            "order by sum(event_count) desc, partner_id"
        ).fetchall()
    ]
    step = max(len(by_size) - 1, 1) / max(partners - 1, 1)
    chosen = {
        by_size[min(round(place * step), len(by_size) - 1)]: None for place in range(partners)
    }
    starts = [
        row[0]
        for row in connection.execute(
            "select distinct cast(date_trunc('month', event_date) as date) as month "
            "from reports.revenue_by_service order by month desc limit ?",
            [months],
        ).fetchall()
    ]
    return [
        (partner, start, (start + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        for partner in chosen
        for start in starts
    ]


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, object]) -> int:
    """Run a query and take its rows in; how many there are."""
    with warnings.catch_warnings():
        # Arrow takes a copy; a relation would not, but it plans each query twice.
        warnings.simplefilter("ignore", UserWarning)
        batches: Any = connection.execute(sql, values).to_arrow_reader()
    return sum(batch.num_rows for batch in batches)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Times(NamedTuple):
    """Median seconds of one request: our rows, the rows by hand, our totals; and the rows."""

    ours: float
    by_hand: float
    totals: float
    rows: int


def measure(connection: duckdb.DuckDBPyConnection, request: Request, repeats: int) -> Times:
    """Time one request, both sides in turn, after making sure that both give the same rows."""
    by_hand = BY_HAND[request.report.id]
    values: dict[str, object] = {
        "partner": request.partner,
        "from_date": request.from_date,
        "to_date": request.to_date,
    }
    ours = builder.ordered(request)
    got = connection.execute(ours.sql, ours.parameters).fetchall()
    if got != connection.execute(by_hand, values).fetchall():
        raise SystemExit(f"{request.report.id} of {request.partner}: other rows by hand")

    def rows_by_us() -> None:
        made = builder.ordered(request)
        rows_of(connection, made.sql, made.parameters)

    times = [
        (
            timed(rows_by_us),
            timed(lambda: rows_of(connection, by_hand, values)),
            timed(lambda: totals_of(connection, request)),
        )
        for _ in range(repeats)
    ]
    mine, theirs, totals = (statistics.median(each) for each in zip(*times, strict=True))
    return Times(mine, theirs, totals, len(got))


def main(home: Path, partners: int, months: int, repeats: int) -> dict[str, dict[str, float]]:
    """Times of every report in seconds, over `partners` x `months` requests."""
    figures = {}
    with open_published(home, MEMORY) as connection:
        rows_of(connection, "select 1", {})  # Arrow's own start
        chosen = requests(connection, partners, months)
        for report in BY_HAND:
            times = [
                measure(connection, Request(REPORTS[report], *which), repeats) for which in chosen
            ]
            answers = sorted(each.ours + each.totals for each in times)
            figures[report] = {
                "requests": float(len(times)),
                "rows": float(sum(each.rows for each in times)),
                "ours_p50": statistics.median(each.ours for each in times),
                "by_hand_p50": statistics.median(each.by_hand for each in times),
                "ours_sum": sum(each.ours for each in times),
                "by_hand_sum": sum(each.by_hand for each in times),
                "answer_p50": statistics.median(answers),
                "answer_p95": answers[-(-len(answers) * 95 // 100) - 1],
            }
    return figures


if __name__ == "__main__":
    home, *numbers = sys.argv[1:]
    print(json.dumps(main(Path(home), *map(int, numbers))))
