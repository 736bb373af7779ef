"""The feeds of accounts and discounts: records of their states."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from exporters.synthetic import engine
from exporters.synthetic.size import Size, date_of
from exporters.synthetic.tally import Tally

if TYPE_CHECKING:
    import duckdb

REPEATED_RECORDS = 10  # of 1,000, on the next day
BROKEN_RECORDS = 5  # of 1,000, beside the good row

# The states that a discount goes through: its kind, the ending of its id, then days from the first
# one: when the state becomes known, requested_on, approved_on, rejected_on, revoked_on,
# effective_from, effective_to. `turn` is a day of the folder, another one for each discount.
DISCOUNT_STATES = (
    ("running", "", "0", "-30", "-25", "null", "null", "-20", "null"),
    ("replaced", "", "0", "-30", "-25", "null", "null", "-20", "null"),
    ("replaced", "-2", "turn", "turn - 3", "turn", "null", "null", "turn + 2", "null"),
    ("approved", "", "turn", "turn", "null", "null", "null", "turn + 1", "null"),
    ("approved", "", "turn + 3", "turn", "turn + 3", "null", "null", "turn + 1", "null"),
    ("awaiting", "", "turn", "turn", "null", "null", "null", "turn", "null"),
    ("rejected", "", "turn", "turn", "null", "null", "null", "turn", "null"),
    ("rejected", "", "turn + 2", "turn", "null", "turn + 2", "null", "turn", "null"),
    ("revoked", "", "0", "-30", "-25", "null", "null", "-20", "null"),
    ("revoked", "", "turn", "-30", "-25", "null", "turn", "-20", "null"),
    ("future", "", "turn", "turn", "turn", "null", "null", "turn + 4000", "null"),
    ("expiring", "", "0", "-30", "-25", "null", "null", "-20", "turn"),
)
# What a broken row has in place of two of its columns.
_BROKEN_ACCOUNT = """
    case when number % 2 = 0 then 'reseller' else account_type end as account_type,
    case when number % 2 = 0 then partner_id end as partner_id
"""
_BROKEN_DISCOUNT = """
    case when number % 2 = 0 then '105' else rate_percent end as rate_percent,
    case when number % 2 = 0 then service_code end as service_code
"""


def write_accounts(
    size: Size, folder: Path, tally: Tally, connection: duckdb.DuckDBPyConnection
) -> None:
    """Write the states of all service accounts."""
    records = engine.query("accounts.sql", size)
    _write(connection, size, records, _BROKEN_ACCOUNT, folder, "csv.gz", tally)


def write_discounts(
    size: Size, folder: Path, tally: Tally, connection: duckdb.DuckDBPyConnection
) -> None:
    """Write the states of partner discounts, deals, and discounts of customers."""
    terms = engine.query("discount_terms.sql", size)
    connection.execute(f"create or replace temp table discount_terms as\n{terms}")
    records = "\nunion all\n".join(
        engine.query(
            "discount_state.sql",
            size,
            kind=kind,
            ending=ending,
            known=known,
            requested=requested,
            approved=approved,
            rejected=rejected,
            revoked=revoked,
            starts=starts,
            ends=ends,
            second=32_400 + 60 * number,
        )
        for number, (
            kind, ending, known, requested, approved, rejected, revoked, starts, ends
        ) in enumerate(DISCOUNT_STATES)
    )  # fmt: skip
    _write(connection, size, records, _BROKEN_DISCOUNT, folder, "csv", tally)
    connection.execute("drop table discount_terms")


def _write(
    connection: duckdb.DuckDBPyConnection,
    size: Size,
    records: str,
    broken: str,
    folder: Path,
    ending: str,
    tally: Tally,
) -> None:
    """Write records, each on its `day`, with some again on the next day and some broken beside."""
    connection.execute(
        engine.query(
            "records.sql",
            records=records,
            broken=broken,
            feed=folder.name,
            last_day=size.days - 1,
            repeated_records=REPEATED_RECORDS,
            broken_records=BROKEN_RECORDS,
        )
    )
    for outcome, rows in connection.execute(
        "select outcome, count(*) from deliveries group by outcome"
    ).fetchall():
        setattr(tally, outcome, rows)
    for (day,) in connection.execute("select distinct day from deliveries").fetchall():
        rows = f"""
            select * exclude (day, number, outcome)
            from deliveries
            where day = {day}
            order by number, outcome
        """
        path = folder / f"batch={date_of(day)}" / f"{folder.name}.{ending}"
        engine.copy(connection, rows, path, engine.CSV_GZ if ending == "csv.gz" else engine.CSV)
    connection.execute("drop table numbered")
    connection.execute("drop table deliveries")
