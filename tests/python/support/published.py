"""A small published file: tables of a real one, with rows that are given here.

`published_schema.sql` has the tables and columns of a real build, and a test holds it to them.
Given are who owned what, the discounts, the quality rows and the entries, as the ledger would take
them in; every model that stands on these is run as the project has it, so that the tables agree
with each other. Every figure can be added up by hand: the period that tests look at is February
2024, with a closed January before it and corrections in March.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from exporters.warehouse.publish import STORAGE_VERSION
from support.models_in_memory import Compiled, functions_of

# Tables and columns of what a build publishes.
SCHEMA = Path(__file__).with_name("published_schema.sql")

# The models that make the marts. The fixture `compiled` puts them here: conftest.py asks for it
# wherever `write_published` may be called.
MODELS: Compiled | None = None

_TABLES = """
create schema fixture;
create schema reports;
create schema dimensions;
create schema ledger;
create schema reference;

create table reference.currencies (currency varchar, currency_name varchar, minor_units integer);
create table reports.partners (partner_id varchar, partner_name varchar);
create table reference.services (service_code varchar, service_name varchar);
create table reports.service_accounts (
    service_account_id varchar, service_account_name varchar, account_id varchar,
    account_name varchar, account_type varchar, partner_id varchar, partner_name varchar,
    billing_mode varchar, status varchar, updated_at timestamp
);
create table dimensions.account_history (
    service_account_id varchar, partner_id varchar, account_id varchar, account_type varchar,
    valid_from date, valid_to date
);
create table dimensions.account_names (account_id varchar, account_name varchar);
create table dimensions.partner_accounts (
    partner_id varchar, service_account_id varchar, account_id varchar, account_name varchar,
    account_type varchar, valid_from date, valid_to date
);
create table dimensions.discount_periods (
    discount_id varchar, subject varchar, partner_id varchar, service_account_id varchar,
    service_code varchar, deal_id varchar, rate_percent decimal(9, 6), requested_on date,
    rejected_on date, revoked_on date, starts_on date, ends_on date, over_after date
);
create table dimensions.discount_records (service_code varchar);
create table dimensions.discount_statuses (
    discount_id varchar, status varchar, valid_from date, valid_to date
);
create table ledger.discount_worth (
    partner_id varchar, discount_id varchar, event_date date, posted_date date, currency varchar,
    event_count bigint, list_amount decimal(38, 12), discount_amount decimal(38, 12)
);
create table reports.rejected_rows (
    feed varchar, batch_id varchar, file varchar, row_number bigint, raw json, reasons varchar[]
);
create table reports.ignored_rows (
    feed varchar, batch_id varchar, file varchar, row_number bigint, event_id varchar,
    version bigint, reason varchar
);
create table reports.unattributed_events (
    feed varchar, event_id varchar, version bigint, service_account_id varchar, event_date date,
    posted_date date, movement_type varchar, charge_type varchar, currency varchar,
    amount decimal(30, 12), batch_id varchar, file varchar, row_number bigint
);
create table reports.open_transfers (
    transaction_id varchar, currency varchar, transferred_out decimal(38, 12),
    transferred_in decimal(38, 12), from_service_account_ids varchar[],
    to_service_account_ids varchar[], event_ids varchar[], first_event_date date,
    last_event_date date
);
create table reports.balances_left_behind (
    partner_id varchar, service_account_id varchar, current_partner_id varchar, wallet varchar,
    currency varchar, balance decimal(38, 12), held decimal(38, 12), last_event_date date
);
create table reports.batches (
    feed varchar, batch_id varchar, recorded_date date, file_count bigint, row_count bigint,
    accepted bigint, rejected bigint, ignored bigint
);
create table reports.build_info (
    version varchar, version_at timestamp, built_at timestamp, business_time_zone varchar,
    close_day integer, project_version varchar, low_credit_days integer
);

create table fixture.credits (
    event_id varchar, entry_type varchar, is_standing boolean, occurred_at timestamp,
    posted_date date, transaction_id varchar, service_account_id varchar, wallet varchar,
    movement_type varchar, counterparty_service_account_id varchar, payment_method varchar,
    service_code varchar, currency varchar, amount decimal(30, 12)
);
create table fixture.revenue (
    event_id varchar, entry_type varchar, is_standing boolean, occurred_at timestamp,
    posted_date date, order_id varchar, service_account_id varchar, service_code varchar,
    charge_type varchar, quantity decimal(30, 12), unit varchar, currency varchar,
    list_amount decimal(30, 12), net_amount decimal(30, 12), tax_amount decimal(30, 12),
    partner_discount_rate decimal(9, 6)
);
create table fixture.stated_balances (event_id varchar, balance_after decimal(30, 12));
create table fixture.service_periods (event_id varchar, period_start date, period_end date);
"""

_DIMENSIONS = """
insert into reference.currencies values
    ('KWD', 'Kuwaiti Dinar', 3), ('USD', 'US Dollar', 2), ('VND', 'Dong', 0);
insert into reports.partners values
    ('../up', 'Dots'), ('ABC', 'Upper'), ('P-001', 'Alpha <Cloud> & Co'), ('P-002', 'Đại lý B'),
    ('P-003', 'Nothing yet'), ('abc', 'Lower');
insert into reference.services values ('compute', 'Compute'), ('storage', 'Object storage');
insert into reports.service_accounts values
    ('SA-1', 'Alpha own', 'A-P1', 'Alpha', 'partner', 'P-001', 'Alpha <Cloud> & Co',
     'prepaid', 'active', '2024-01-01'),
    ('SA-2', 'Customer one', 'A-C1b', 'One Ltd', 'customer', 'P-001', 'Alpha <Cloud> & Co',
     'prepaid', 'active', '2024-02-15'),
    ('SA-3', null, 'A-C9', 'Nine', 'customer', 'P-002', 'Đại lý B',
     'prepaid', 'active', '2024-02-10');
insert into dimensions.account_names values
    ('A-P1', 'Alpha'), ('A-C1', 'One (old)'), ('A-C1b', 'One Ltd'), ('A-C2', null),
    ('A-C9', 'Nine');
insert into dimensions.account_history values
    ('SA-1', 'P-001', 'A-P1', 'partner', '0001-01-01', '9999-12-31'),
    ('SA-2', 'P-001', 'A-C1', 'customer', '0001-01-01', '2024-02-14'),
    ('SA-2', 'P-001', 'A-C1b', 'customer', '2024-02-15', '9999-12-31'),
    ('SA-3', 'P-001', 'A-C2', 'customer', '0001-01-01', '2024-02-09'),
    ('SA-3', 'P-002', 'A-C9', 'customer', '2024-02-10', '9999-12-31');
insert into dimensions.partner_accounts
select
    spans.partner_id,
    spans.service_account_id,
    spans.account_id,
    names.account_name,
    spans.account_type,
    case when spans.service_account_id = 'SA-3' then date '0001-01-01' else spans.valid_from end,
    case when spans.service_account_id = 'SA-3' then date '9999-12-31' else spans.valid_to end,
from dimensions.account_history as spans
left join dimensions.account_names as names using (account_id);
"""

# c8 is taken back after its month was closed, c9 within it; c10 came late; c4 and c3 are the two
# sides of a transfer within P-001, c5 a transfer from nobody that is known.
_CREDITS = """
insert into fixture.credits values
    ('c1', 'original', true, '2024-01-20 09:00:00', '2024-01-20', 'T1', 'SA-1', 'main',
     'top_up', null, 'bank', null, 'USD', 1000),
    ('c2', 'original', true, '2024-02-03 10:11:12', '2024-02-03', 'T2', 'SA-1', 'main',
     'top_up', null, 'card', null, 'USD', 500.5),
    ('c3', 'original', true, '2024-02-05 08:00:00', '2024-02-05', 'T3', 'SA-1', 'main',
     'transfer_out', 'SA-2', null, null, 'USD', 200),
    ('c4', 'original', true, '2024-02-05 08:00:00', '2024-02-05', 'T3', 'SA-2', 'main',
     'transfer_in', 'SA-1', null, null, 'USD', 200),
    ('c5', 'original', true, '2024-02-06 00:00:00', '2024-02-06', 'T4', 'SA-2', 'main',
     'transfer_in', null, null, null, 'VND', 50000),
    ('c6', 'original', true, '2024-02-07 23:59:59', '2024-02-07', null, 'SA-2', 'main',
     'usage', null, null, 'compute', 'USD', 12.345678901234),
    ('c7', 'original', true, '2024-02-07 12:00:00', '2024-02-07', null, 'SA-2', 'main',
     'usage', null, null, null, 'USD', 0.000000000001),
    ('c8', 'original', false, '2024-02-08 12:00:00', '2024-02-08', 'T8', 'SA-1', 'main',
     'top_up', null, 'bank', null, 'USD', 77),
    ('c8', 'reversal', false, '2024-02-08 12:00:00', '2024-03-01', 'T8', 'SA-1', 'main',
     'top_up', null, 'bank', null, 'USD', -77),
    ('c9', 'original', false, '2024-02-09 12:00:00', '2024-02-09', null, 'SA-2', 'main',
     'usage', null, null, 'storage', 'USD', 5),
    ('c9', 'reversal', false, '2024-02-09 12:00:00', '2024-02-09', null, 'SA-2', 'main',
     'usage', null, null, 'storage', 'USD', -5),
    ('c10', 'original', true, '2024-01-25 12:00:00', '2024-02-01', null, 'SA-2', 'main',
     'usage', null, null, 'compute', 'USD', 30),
    ('c11', 'original', true, '2024-02-10 12:00:00', '2024-02-10', null, 'SA-2', 'main',
     'hold', null, null, null, 'USD', 40),
    ('c12', 'original', true, '2024-02-12 12:00:00', '2024-02-12', null, 'SA-2', 'main',
     'release', null, null, null, 'USD', 15),
    ('c13', 'original', true, '2024-02-02 12:00:00', '2024-02-02', 'T13', 'SA-3', 'main',
     'top_up', null, 'bank', null, 'VND', 100000),
    ('c14', 'original', true, '2024-02-20 12:00:00', '2024-02-20', null, 'SA-3', 'main',
     'usage', null, null, 'unlisted', 'VND', 30000),
    ('c15', 'original', true, '2024-01-05 12:00:00', '2024-01-05', null, 'SA-2', 'poc',
     'grant', null, null, null, 'USD', 10),
    ('c16', 'original', true, '2024-02-28 12:00:00', '2024-02-28', null, 'SA-2', 'poc',
     'expiry', null, null, null, 'USD', 3),
    ('c17', 'original', true, '2024-02-20 12:00:00', '2024-02-20', null, 'SA-2', 'main',
     'usage', null, null, 'compute', 'USD', 1),
    ('=1+1', 'original', true, '2024-02-29 12:00:00', '2024-02-29', '0012', 'SA-1', 'main',
     'top_up', null, '@SUM(A1)', null, 'KWD', 1.234),
    ('c19', 'original', true, '2024-01-10 12:00:00', '2024-01-10', null, 'SA-1', 'held only',
     'hold', null, null, null, 'USD', 5),
    ('c20', 'original', true, '2024-01-10 12:00:00', '2024-01-10', 'T20', 'SA-1', 'spent',
     'top_up', null, 'bank', null, 'USD', 10),
    ('c21', 'original', true, '2024-01-11 12:00:00', '2024-01-11', null, 'SA-1', 'spent',
     'usage', null, null, 'compute', 'USD', 10);
"""

# r3 is taken back in March; r4 came in March for February; r6 is tax, r7 a credit.
_REVENUE = """
insert into fixture.revenue values
    ('r1', 'original', true, '2024-02-01 07:00:00', '2024-02-01', 'O-1', 'SA-2', 'compute',
     'usage', 10, 'hour', 'USD', 100, 90, 9, 20),
    ('r2', 'original', true, '2024-02-20 07:00:00', '2024-02-20', 'O-1', 'SA-2', 'compute',
     'usage', 0.5, 'hour', 'USD', 10.25, 10.25, 0, 12.5),
    ('r3', 'original', false, '2024-02-03 07:00:00', '2024-02-03', null, 'SA-1', 'storage',
     'subscription', 1, 'month', 'USD', 50, 50, 0, 0),
    ('r3', 'reversal', false, '2024-02-03 07:00:00', '2024-03-01', null, 'SA-1', 'storage',
     'subscription', -1, 'month', 'USD', -50, -50, 0, 0),
    ('r4', 'original', true, '2024-02-04 07:00:00', '2024-03-01', null, 'SA-1', 'storage',
     'subscription', 1, 'month', 'USD', 7, 7, 0, 0),
    ('r5', 'original', true, '2024-02-05 07:00:00', '2024-02-05', null, 'SA-3', 'unlisted',
     'one_time', null, null, 'VND', 100000, 100000, 10000, 0),
    ('r6', 'original', true, '2024-02-06 07:00:00', '2024-02-06', null, 'SA-2', 'compute',
     'tax', null, null, 'USD', 1.5, 1.5, 0, 0),
    ('r7', 'original', true, '2024-02-06 08:00:00', '2024-02-06', null, 'SA-2', 'compute',
     'credit', null, null, 'USD', -1.5, -1.5, 0, 0),
    ('r8', 'original', true, '2024-02-20 07:00:00', '2024-02-20', null, 'SA-3', 'compute',
     'usage', 1, 'hour', 'USD', 3, 3, 0, 0);
"""

_DISCOUNTS = """
insert into dimensions.discount_periods values
    ('d-active', 'partner', 'P-001', null, 'compute', null, 20, '2024-01-01', null, null,
     '2024-01-01', null, null),
    ('d-deal', 'partner', 'P-001', null, 'unlisted', 'DEAL-1', 12.5, '2024-01-01', null, null,
     '2024-02-10', '2024-02-20', '2024-02-20'),
    ('d-waiting', 'partner', 'P-001', null, 'storage', null, 5, '2024-02-29', null, null,
     null, null, null),
    ('d-rejected', 'customer', 'P-001', 'SA-2', 'storage', null, 5, '2024-01-01', '2024-02-01',
     null, null, null, '2024-02-01'),
    ('d-over', 'customer', 'P-001', 'SA-2', 'storage', null, 5, '2023-01-01', null, null,
     '2023-01-01', '2024-01-31', '2024-01-31'),
    ('d-over-worth', 'customer', 'P-001', 'SA-2', 'compute', null, 10, '2023-01-01', null, null,
     '2023-01-01', '2024-01-31', '2024-01-31'),
    ('d-later', 'customer', 'P-001', 'SA-2', 'storage', null, 5, '2024-03-01', null, null,
     '2024-03-01', null, null),
    ('d-later-worth', 'customer', 'P-001', 'SA-3', 'compute', null, 7, '2024-03-01', null, null,
     '2024-03-01', null, null),
    ('d-taken-back', 'customer', 'P-001', 'SA-1', 'storage', null, 7, '2023-03-01', null,
     '2024-01-31', '2023-03-01', '2024-01-30', '2024-01-30'),
    ('d-other', 'partner', 'P-002', null, 'compute', null, 9, '2024-01-01', null, null,
     '2024-01-01', null, null);
insert into dimensions.discount_statuses values
    ('d-active', 'awaiting_approval', '0001-01-01', '2023-12-31'),
    ('d-active', 'active', '2024-01-01', '9999-12-31'),
    ('d-deal', 'awaiting_active', '0001-01-01', '2024-02-09'),
    ('d-deal', 'active', '2024-02-10', '2024-02-20'),
    ('d-deal', 'expired', '2024-02-21', '9999-12-31'),
    ('d-waiting', 'awaiting_approval', '0001-01-01', '9999-12-31'),
    ('d-rejected', 'awaiting_approval', '0001-01-01', '2024-01-31'),
    ('d-rejected', 'rejected', '2024-02-01', '9999-12-31'),
    ('d-over', 'active', '0001-01-01', '2024-01-31'),
    ('d-over', 'expired', '2024-02-01', '9999-12-31'),
    ('d-over-worth', 'active', '0001-01-01', '2024-01-31'),
    ('d-over-worth', 'expired', '2024-02-01', '9999-12-31'),
    ('d-later', 'awaiting_approval', '0001-01-01', '2024-02-29'),
    ('d-later', 'active', '2024-03-01', '9999-12-31'),
    ('d-later-worth', 'awaiting_approval', '0001-01-01', '2024-02-29'),
    ('d-later-worth', 'active', '2024-03-01', '9999-12-31'),
    ('d-taken-back', 'active', '0001-01-01', '2024-01-30'),
    ('d-taken-back', 'revoked', '2024-01-31', '9999-12-31'),
    ('d-other', 'active', '0001-01-01', '9999-12-31');
insert into ledger.discount_worth values
    ('P-001', 'd-active', '2024-02-01', '2024-02-01', 'USD', 1, 100, 20),
    ('P-001', 'd-active', '2024-02-20', '2024-03-01', 'USD', 1, 10, 2),
    ('P-001', 'd-active', '2024-02-02', '2024-02-02', 'VND', 2, 1000, 200),
    ('P-001', 'd-over-worth', '2024-02-01', '2024-02-01', 'USD', 1, 100, 10),
    ('P-001', 'd-later-worth', '2024-02-01', '2024-02-01', 'USD', 1, 50, 3.5),
    ('P-001', 'd-taken-back', '2024-02-03', '2024-02-03', 'USD', 1, 50, 3.5),
    ('P-001', 'd-taken-back', '2024-02-03', '2024-03-01', 'USD', -1, -50, -3.5);
"""

_QUALITY = """
insert into reports.batches values
    ('accounts', '2024-01-01', '2024-01-01', 1, 5, 5, 0, 0),
    ('credits', '2024-01-31', '2024-01-31', 1, 10, 9, 1, 0),
    ('credits', '2024-03-06T120000', '2024-03-06', 2, 15, 13, 1, 1),
    ('revenue', '2024-03-06', '2024-03-06', 1, 9, 9, 0, 0);
insert into reports.rejected_rows values
    ('credits', '2024-01-31', 'a.csv', 3, '{"amount": "x"}', ['amount is not a number']),
    ('credits', '2024-03-06T120000', 'b.csv', 1, '{}', ['currency is missing']);
insert into reports.ignored_rows values
    ('credits', '2024-03-06T120000', 'b.csv', 2, 'c1', 1, 'repeated');
insert into reports.unattributed_events values
    ('revenue', 'u1', 1, 'SA-X', '2024-02-01', '2024-02-01', null, 'usage', 'USD', 4.5,
     '2024-03-06', 'r.csv', 9);
insert into reports.open_transfers values
    ('T4', 'VND', 0, 50000, null, ['SA-2'], ['c5'], '2024-02-06', '2024-02-06');
insert into reports.balances_left_behind values
    ('P-001', 'SA-3', 'P-002', 'main', 'VND', 100000, 0, '2024-02-02');
insert into reports.build_info values
    ('v-abc123', '2024-03-06 12:00:00', '2024-03-07 01:02:03', 'Asia/Ho_Chi_Minh', 5, '0.1.0', 14);
"""

# The entries as the models take them in: all of one batch, the time that reports show in UTC. No
# charge has an order date, so that no discount applies by itself.
_NEW_ENTRIES = """
create view ledger.int_credit_entries__new as
select
    'credits' as feed,
    * exclude (is_standing) replace (
        timezone('UTC', timezone('Asia/Ho_Chi_Minh', occurred_at)) as occurred_at
    ),
    cast(case entry_type when 'reversal' then 2 else 1 end as decimal(38, 0)) as version,
    cast(case entry_type when 'reversal' then 1 end as decimal(38, 0)) as reversed_version,
    cast(null as varchar) as description,
    cast(occurred_at as date) as event_date,
    date '2024-03-06' as recorded_date,
    '2024-03-06' as batch_id,
    'b.csv' as file,
    cast(1 as bigint) as row_number,
from fixture.credits
left join fixture.stated_balances using (event_id);

create view ledger.int_revenue_entries__new as
select
    'revenue' as feed,
    * exclude (is_standing, partner_discount_rate) replace (
        timezone('UTC', timezone('Asia/Ho_Chi_Minh', occurred_at)) as occurred_at
    ),
    cast(case entry_type when 'reversal' then 2 else 1 end as decimal(38, 0)) as version,
    cast(case entry_type when 'reversal' then 1 end as decimal(38, 0)) as reversed_version,
    cast(null as varchar) as deal_id,
    cast(null as varchar) as discount_id,
    cast(list_amount - net_amount as decimal(30, 12)) as discount_amount,
    cast(occurred_at as date) as event_date,
    cast(null as date) as order_date,
    date '2024-03-06' as recorded_date,
    '2024-03-06' as batch_id,
    'r.csv' as file,
    cast(1 as bigint) as row_number,
from fixture.revenue
left join fixture.service_periods using (event_id);
"""

# What is given of an entry and does not follow from it.
_GIVEN_RATES = """
update ledger.fct_revenue_entries as entries
set
    partner_discount_rate = given.partner_discount_rate,
    partner_cost_amount = cast(entries.list_amount as decimal(29, 12))
        * cast((100 - given.partner_discount_rate) * 0.01 as decimal(9, 8)),
from fixture.revenue as given
where
    entries.event_id = given.event_id
    and entries.entry_type = given.entry_type
    and given.partner_discount_rate <> 0;
"""

_MOVEMENT_TYPES = Path(__file__).parents[3] / "seeds" / "reference" / "movement_types.csv"


def write_published(home: Path, extra: str = "") -> Path:
    """Write `<home>/published/marts.duckdb` and return its path.

    `extra` is SQL that is run before the models: to add entries to `fixture.credits` and
    `fixture.revenue`, what sources state of them to `fixture.stated_balances` and
    `fixture.service_periods`, or to change the rows of any other table that is given here.
    """
    path = home / "published" / "marts.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if extra:
        _make(path, extra)
    else:
        path.write_bytes(_plain())
    return path


@cache
def _plain() -> bytes:
    """The file without anything extra: half of the tests want it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "marts.duckdb"
        _make(path, "")
        return path.read_bytes()


def _make(path: Path, extra: str) -> None:
    assert MODELS is not None, "see MODELS"
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(
        f"attach $path as marts (storage_version '{STORAGE_VERSION}')", {"path": str(path)}
    )
    functions = functions_of(MODELS.seeds)
    connection.execute("use marts")
    for script in ("begin", SCHEMA.read_text(encoding="utf-8"), *functions, "commit"):
        connection.execute(script)
    published = columns_of(connection, "marts")
    connection.execute("use memory")
    for script in (
        _TABLES,
        f"create table reference.movement_types as from '{_MOVEMENT_TYPES}';",
        _DIMENSIONS,
        _CREDITS,
        _REVENUE,
        _DISCOUNTS,
        _QUALITY,
        _NEW_ENTRIES,
        *functions,
        extra,
    ):
        connection.execute(script)
    _derive(connection, MODELS, published.keys())
    there = columns_of(connection, "memory")
    for table, columns in published.items():
        names = there.pop(table, {})
        assert names or not table.startswith("reports."), f"{table} stands on what is not given"
        assert names.keys() <= columns.keys(), (table, names.keys() - columns.keys())
        if names:
            connection.execute(
                f"insert into marts.{table} by name select {', '.join(names)} from memory.{table}"
            )
    assert all(table.startswith("fixture.") or table.endswith("__new") for table in there), there
    connection.close()


def _derive(
    connection: duckdb.DuckDBPyConnection, models: Compiled, published: Collection[str]
) -> None:
    """Make the published tables that are not given, but stand on what is."""
    there = set(columns_of(connection, "memory"))
    for node in models.first:
        sql = re.sub(r"^--.*$", "", node.sql, flags=re.MULTILINE)
        reads = {f"{schema}.{name}" for schema, name in re.findall(r'"(\w+)"\."(\w+)"', sql)}
        if node.relation in published and node.relation not in there and reads <= there:
            connection.execute(f"create table {node.relation} as {node.sql}")
            there.add(node.relation)
            if node.relation == "ledger.fct_revenue_entries":
                connection.execute(_GIVEN_RATES)
    # What stands is given too, to be seen beside the entries, and must come out as it is given.
    for entries, report in (("credits", "credit_entries"), ("revenue", "revenue_detail")):
        columns = "event_id, entry_type, is_standing"
        others = connection.execute(
            f"select {columns} from reports.{report} except select {columns} from fixture.{entries}"
        ).fetchall()
        assert not others, others


def columns_of(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    """Types by column by `schema.table` of a database, views among them, in order."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where database_name = ? and not internal order by 1, column_index",
        [database],
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def schema_of(file: Path) -> str:
    """The statements that make the tables and views of a published file as empty tables."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file}' as built (read_only)")
        tables = columns_of(connection, "built")
    schemas = sorted({table.partition(".")[0] for table in tables})
    statements = [f"create schema {schema};\n" for schema in schemas]
    for table, columns in tables.items():
        listed = ",\n".join(f"    {name} {kind.lower()}" for name, kind in columns.items())
        statements.append(f"\ncreate table {table} (\n{listed}\n);\n")
    return "".join(statements)
