"""The tables of a trace: deliveries, entries and report lines of some events.

They are worked out in temporary tables beside the published marts: of the events in `temp.traced`
(feed, event_id, place) and of the refused rows in `temp.refused`. Each table is a report of its
own, so that the terminal, JSON and a workbook show the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.catalogue.types import Column, Kind, Report
from exporters.reconciliation.entry_columns import signed

if TYPE_CHECKING:
    import duckdb


MOST_DELIVERIES = 1_000  # a row may have come any number of times


def _column(name: str, label: str, kind: Kind, description: str) -> Column:
    return Column(name, label, kind, description)


_NUMBER = _column("number", "No.", Kind.COUNT, "Running number.")
_EVENT = (
    _column("feed", "Feed", Kind.TEXT, "The feed that delivered it."),
    _column("event_id", "Event", Kind.ID, "The event's id in its feed."),
)
_VERSION = _column("version", "Version", Kind.ID, "Its version.")
_PLACE = (
    _column("batch_id", "Batch", Kind.ID, "The batch."),
    _column("file", "File", Kind.ID, "The file; empty for a FOCUS line that is gone."),
    _column("row_number", "Row", Kind.COUNT, "The data row of the file, from 1."),
)
_CURRENCY = _column("currency", "Currency", Kind.TEXT, "ISO 4217 code of the amounts.")
_ACCOUNT = (
    _column("service_account_id", "Service account", Kind.ID, "The billing unit."),
    _column("account_id", "Account", Kind.ID, "The account to which it belonged on the day."),
    _column("account_type", "Account type", Kind.TEXT, "`partner` or `customer`."),
    _column("wallet", "Wallet", Kind.ID, "The wallet of a credit movement."),
)

DELIVERIES = Report(
    "trace-deliveries",
    "Deliveries",
    "In which rows was it delivered, and what became of each?",
    (),
    (
        _NUMBER,
        *_EVENT,
        _VERSION,
        *_PLACE,
        _column("verdict", "Verdict", Kind.TEXT, "accepted, repeated, stale or rejected."),
        _column("reason", "Reason", Kind.TEXT, "What it did, or why it did nothing."),
        _CURRENCY,
        _column("raw_values", "Values", Kind.TEXT, "The row, as a JSON object."),
        _column("raw_source", "Values are", Kind.TEXT, "Where the values come from."),
    ),
    "select * from temp.trace_deliveries left join temp.trace_values using (number)",
)
ENTRIES = Report(
    "trace-entries",
    "Entries",
    "Which entries did it make in the ledger, and what was applied to them?",
    (),
    (
        _NUMBER,
        *_EVENT,
        _column("entry_type", "Entry", Kind.TEXT, "`original` or `reversal`."),
        _VERSION,
        _column("is_standing", "Stands", Kind.TEXT, "Whether nothing has reversed it."),
        _column("event_date", "Event date", Kind.DATE, "The day to which it belongs."),
        _column("recorded_date", "Recorded", Kind.DATE, "The day on which it was learned."),
        _column("posted_date", "Posted date", Kind.DATE, "The day on which it was posted."),
        _column("partner_id", "Partner", Kind.ID, "Whose it is; empty when not known."),
        *_ACCOUNT,
        _column("entry_kind", "Movement or charge", Kind.TEXT, "Type of the movement or charge."),
        _column("service_code", "Service", Kind.ID, "Code of the service."),
        _column("transaction_id", "Transaction", Kind.ID, "The payment or transfer."),
        _column("counterparty_service_account_id", "Counterparty", Kind.ID, "The other side."),
        _column("order_id", "Order", Kind.ID, "The order of a charge."),
        _CURRENCY,
        _column("amount", "Amount", Kind.MONEY, "Of a credit movement."),
        _column("net_movement", "Net movement", Kind.MONEY, "Its effect on the balance."),
        _column("held", "Held (change)", Kind.MONEY, "Its effect on held credit."),
        _column("list_amount", "List amount", Kind.MONEY, "Of a charge."),
        _column("discount_amount", "Discount", Kind.MONEY, "List less net amount."),
        _column("net_amount", "Net amount", Kind.MONEY, "Before tax."),
        _column("tax_amount", "Tax", Kind.MONEY, "Tax."),
        _column("partner_discount_rate", "Partner rate %", Kind.RATE, "The rate that applies."),
        _column("partner_cost_amount", "Partner cost", Kind.MONEY, "What the partner pays."),
        _column("partner_margin_amount", "Partner margin", Kind.MONEY, "What it keeps."),
        *_PLACE,
        _column("account_record", "By account record", Kind.TEXT, "The record that says whose."),
        _column("partner_discount_id", "Partner discount", Kind.ID, "The one that applies."),
        _column("partner_discount_record", "By discount record", Kind.TEXT, "Its latest record."),
        _column("discount_id", "Customer discount", Kind.ID, "The one that the charge names."),
        _column("discount_record", "By its record", Kind.TEXT, "Its latest record."),
    ),
    "select * from temp.trace_entries",
)
REPORT_LINES = Report(
    "trace-report-lines",
    "Report lines",
    "In which lines of the reports does it stand?",
    (),
    (
        _NUMBER,
        *_EVENT,
        _column("basis", "Basis", Kind.TEXT, "`event` or `posted`."),
        _column("report", "Report", Kind.TEXT, "The report; empty where it is in none."),
        _column("partner_id", "Partner", Kind.ID, "In whose report."),
        _column("report_date", "Date", Kind.DATE, "The day: any period with it has the line."),
        *_ACCOUNT,
        _column("entry_kind", "Movement or charge", Kind.TEXT, "As the report shows it."),
        _column("service_code", "Service", Kind.ID, "As the report shows it."),
        _column("discount_id", "Discount", Kind.ID, "As the report shows it."),
        _CURRENCY,
        _column("measure", "Column", Kind.TEXT, "The column of the report."),
        _column("amount", "Amount", Kind.MONEY, "What it adds to that column."),
        _column("entry_type", "Entry", Kind.TEXT, "The entry that does so."),
        _VERSION,
        _column("note", "Note", Kind.TEXT, "What else is to be known."),
    ),
    "select * from temp.trace_lines",
)

_TRACE_ENTRIES = f"""\
with entries as (
    select
        'credits' as feed,
        entry_type,
        event_id,
        version,
        reversed_version,
        service_account_id,
        wallet,
        entries.movement_type as entry_kind,
        service_code,
        transaction_id,
        counterparty_service_account_id,
        currency,
        amount,
        {signed("balance_effect")} as net_movement,
        {signed("held_effect")} as held,
        coalesce(types.balance_column, 'held') as balance_column,
        event_date,
        event_date as order_date,
        recorded_date,
        posted_date,
        batch_id,
        file,
        row_number,
    from ledger.fct_credit_entries as entries
    inner join reference.movement_types as types on entries.movement_type = types.movement_type
    where event_id in (select event_id from temp.traced where feed = 'credits')
    union all by name
    select
        feed,
        entry_type,
        event_id,
        version,
        reversed_version,
        service_account_id,
        charge_type as entry_kind,
        service_code,
        order_id,
        deal_id,
        discount_id,
        currency,
        list_amount,
        discount_amount,
        net_amount,
        tax_amount,
        event_date,
        order_date,
        recorded_date,
        posted_date,
        batch_id,
        file,
        row_number,
    from ledger.fct_revenue_entries
    where (feed, event_id) in (select (traced.feed, traced.event_id) from temp.traced as traced)
),

reversals as (
    select
        feed,
        event_id,
        version,
        reversed_version,
    from entries
    where entry_type = 'reversal'
),

costs as (
    select *
    from reports.revenue_detail
    where event_id in (select event_id from temp.traced where feed <> 'credits')
),

discounts as (
    select
        *,
        concat(
            'discounts batch ', batch_id, ' ', file, ' row ', row_number, ', state of ',
            updated_at, ' UTC'
        ) as discount_record,
        concat_ws(
            ', ',
            rtrim(rtrim(cast(rate_percent as varchar), '0'), '.') || ' %',
            'from ' || starts_on,
            'to ' || ends_on
        ) as discount_words,
    from ledger.discount_periods
)

select
    row_number() over (
        order by traced.place, entries.version, entries.entry_type desc
    ) as number,
    traced.place,
    entries.feed,
    entries.event_id,
    entries.entry_type,
    cast(entries.version as varchar) as version,
    entries.entry_type = 'original' and reversals.event_id is null as stands,
    cast(reversals.version as varchar) as taken_back_by,
    case when stands then 'yes' else 'no' end as is_standing,
    cast(entries.reversed_version as varchar) as reversed_version,
    entries.event_date,
    entries.recorded_date,
    entries.posted_date,
    owners.partner_id,
    entries.service_account_id,
    owners.account_id,
    owners.account_type,
    entries.wallet,
    entries.entry_kind,
    entries.service_code,
    entries.transaction_id,
    entries.counterparty_service_account_id,
    entries.order_id,
    entries.currency,
    entries.amount,
    entries.net_movement,
    entries.held,
    entries.balance_column,
    entries.list_amount,
    entries.discount_amount,
    entries.net_amount,
    entries.tax_amount,
    costs.partner_discount_rate,
    costs.partner_cost_amount,
    costs.partner_margin_amount,
    entries.batch_id,
    entries.file,
    entries.row_number,
    case
        when owners.service_account_id is not null
            then concat(
                owners.feed, ' batch ', owners.batch_id, ' ', owners.file, ' row ',
                owners.row_number, ', state of ', owners.updated_at, ' UTC'
            )
    end as account_record,
    coalesce(of_deal.discount_id, general.discount_id) as partner_discount_id,
    coalesce(
        of_deal.discount_words || '; ' || of_deal.discount_record,
        general.discount_words || '; ' || general.discount_record
    ) as partner_discount_record,
    entries.discount_id,
    named.discount_words || '; ' || named.discount_record as discount_record,
    named.subject = 'customer' and named.partner_id = owners.partner_id as discount_counts,
    coalesce(counterparty.partner_id = owners.partner_id, false) as is_internal,
from entries
inner join temp.traced as traced
    on entries.feed = traced.feed and entries.event_id = traced.event_id
left join reversals
    on
        entries.feed = reversals.feed
        and entries.event_id = reversals.event_id
        and entries.version = reversals.reversed_version
left join ledger.account_history as owners
    on
        entries.service_account_id = owners.service_account_id
        and entries.event_date between owners.valid_from and owners.valid_to
left join ledger.account_history as counterparty
    on
        entries.entry_kind in ('transfer_in', 'transfer_out')
        and entries.counterparty_service_account_id = counterparty.service_account_id
        and entries.event_date between counterparty.valid_from and counterparty.valid_to
left join costs
    on
        entries.feed <> 'credits'
        and entries.event_id = costs.event_id
        and entries.entry_type = costs.entry_type
        and entries.batch_id = costs.batch_id
        and entries.file is not distinct from costs.file
        and entries.row_number is not distinct from costs.row_number
left join discounts as named
    on entries.discount_id = named.discount_id
left join discounts as of_deal
    on
        of_deal.subject = 'partner'
        and costs.charge_type not in ('tax', 'credit', 'adjustment')
        and owners.partner_id = of_deal.partner_id
        and entries.service_code = of_deal.service_code
        and entries.deal_id = of_deal.deal_id
        and entries.order_date >= of_deal.starts_on
        and entries.order_date <= coalesce(of_deal.ends_on, date '9999-12-31')
left join discounts as general
    on
        general.subject = 'partner'
        and costs.charge_type not in ('tax', 'credit', 'adjustment')
        and owners.partner_id = general.partner_id
        and entries.service_code = general.service_code
        and general.deal_id is null
        and entries.order_date >= general.starts_on
        and entries.order_date <= coalesce(general.ends_on, date '9999-12-31')"""

_TRACE_DELIVERIES = """\
with versions as (
    select
        feed,
        event_id,
        version,
        batch_id,
        file,
        row_number,
        'post' as operation,
        currency,
    from temp.trace_entries
    where entry_type = 'original'
    union all by name
    select
        feed,
        event_id,
        cast(version as varchar) as version,
        batch_id,
        file,
        row_number,
        'void' as operation,
    from ledger.event_voids
    where (feed, event_id) in (select (traced.feed, traced.event_id) from temp.traced as traced)
    union all by name
    select
        'focus' as feed,
        event_id,
        cast(version as varchar) as version,
        batch_id,
        file,
        row_number,
        'gone' as operation,
    from ledger.focus_versions
    where
        operation = 'void'
        and event_id in (select event_id from temp.traced where feed = 'focus')
),

delivered as (
    select
        versions.feed,
        versions.event_id,
        versions.version,
        versions.batch_id,
        versions.file,
        versions.row_number,
        'accepted' as verdict,
        case
            when versions.operation = 'gone'
                then 'the delivery no longer has the line: version ' || reversals.reversed_version
                || ' is taken back'
            when versions.operation = 'post' and reversals.version is null then 'posted'
            when versions.operation = 'post'
                then 'posted in place of version ' || reversals.reversed_version
            when reversals.version is not null
                then 'void: version ' || reversals.reversed_version || ' is taken back'
            else 'void of what did not stand: no entry, but the version is remembered'
        end as reason,
        versions.currency,
        null as raw,
    from versions
    left join temp.trace_entries as reversals
        on
            reversals.entry_type = 'reversal'
            and versions.feed = reversals.feed
            and versions.event_id = reversals.event_id
            and versions.version = reversals.version
    union all
    select
        feed,
        event_id,
        cast(version as varchar) as version,
        batch_id,
        file,
        row_number,
        split_part(reason, ': ', 1) as verdict,
        substr(reason, length(split_part(reason, ': ', 1)) + 3) as reason,
        null as currency,
        null as raw,
    from reports.ignored_rows
    where (feed, event_id) in (select (traced.feed, traced.event_id) from temp.traced as traced)
    union all
    select
        feed,
        nullif(event_id, '') as event_id,
        null as version,
        batch_id,
        file,
        row_number,
        'rejected' as verdict,
        array_to_string(reasons, '; ') as reason,
        null as currency,
        cast(raw as varchar) as raw,
    from temp.refused
    where
        is_asked
        or (feed, event_id) in (select (traced.feed, traced.event_id) from temp.traced as traced)
)

select
    row_number() over (
        order by
            traced.place nulls last,
            delivered.batch_id,
            delivered.file nulls first,
            delivered.row_number,
            delivered.feed
    ) as number,
    delivered.*,
    count(*) over () as delivery_count,
from delivered
left join temp.traced as traced
    on delivered.feed = traced.feed and delivered.event_id = traced.event_id
qualify number <= $most"""


# What a line of a report shows, beside its date and currency.
_LINE_KEYS = (
    "service_account_id",
    "account_id",
    "account_type",
    "wallet",
    "entry_kind",
    "service_code",
    "discount_id",
)
_BY_ACCOUNT = ("service_account_id", "account_id", "account_type")
_LEFT_OUT = """\
case
    when is_internal
        then 'totals over all accounts leave it out: both sides are accounts of the partner'
end"""
# The product of the marts: as narrow factors as can be.
_PARTNER_DISCOUNT = """\
cast(
    list_amount * cast(partner_discount_rate * cast(0.01 as decimal(2, 2)) as decimal(9, 8))
    as decimal(30, 12)
)"""


def _lines(
    report: str,
    condition: str,
    measure: str,
    amount: str,
    keys: tuple[str, ...],
    note: str = "null",
    discount: str = "discount_id",
) -> str:
    """SQL for lines of a report; `keys` are what of `_LINE_KEYS` it shows."""
    shown = {key: key if key in keys else "null" for key in _LINE_KEYS}
    if "discount_id" in keys:
        shown["discount_id"] = discount
    columns = ", ".join(f"{value} as {key}" for key, value in shown.items())
    return f"""
    select
        place, number as entry_number, feed, event_id, basis, '{report}' as report, partner_id,
        report_date, {columns}, currency, {measure} as measure, {amount} as amount, entry_type,
        version, {note} as note
    from dated
    where partner_id is not null and {condition}"""


_IN_NO_REPORT = "place, number as entry_number, feed, event_id, entry_type, version"
_TRACE_LINES = f"""\
with dated as (
    select *, 'event' as basis, event_date as report_date
    from temp.trace_entries
    where stands
    union all
    select *, 'posted' as basis, posted_date as report_date
    from temp.trace_entries
),

lines as (
    {
    " union all by name ".join(
        [
            _lines(
                "credit-topups",
                "entry_kind in ('top_up', 'transfer_in') and feed = 'credits'",
                "'amount'",
                "amount",
                (*_BY_ACCOUNT, "wallet", "entry_kind"),
                _LEFT_OUT,
            ),
            _lines(
                "credit-usage",
                "entry_kind in ('usage', 'transfer_out') and feed = 'credits'",
                "'amount'",
                "amount",
                (*_BY_ACCOUNT, "wallet", "entry_kind", "service_code"),
                _LEFT_OUT,
            ),
            _lines(
                "credit-balance",
                "feed = 'credits'",
                "balance_column",
                "case when balance_column = 'held' then held "
                "when balance_column in ('used', 'transferred_out', 'expired') "
                "then -net_movement else net_movement end",
                ("service_account_id", "wallet"),
                "case when balance_column <> 'held' "
                "then 'and in the opening balance of every later period' "
                "else 'and in every later period' end",
            ),
            _lines(
                "discounts",
                "feed <> 'credits' and discount_counts",
                "'discount_amount'",
                "discount_amount",
                ("discount_id",),
                "'customer discount'",
            ),
            _lines(
                "discounts",
                "feed <> 'credits' and partner_discount_id is not null",
                "'discount_amount'",
                _PARTNER_DISCOUNT,
                ("discount_id",),
                "'partner discount'",
                "partner_discount_id",
            ),
            _lines(
                "revenue-detail",
                "feed <> 'credits'",
                "'net_amount'",
                "net_amount",
                (*_BY_ACCOUNT, "service_code", "entry_kind"),
            ),
            _lines(
                "revenue-by-service",
                "feed <> 'credits'",
                "'net_amount'",
                "net_amount",
                ("service_code",),
            ),
            _lines(
                "revenue-by-account",
                "feed <> 'credits'",
                "'net_amount'",
                "net_amount",
                _BY_ACCOUNT,
            ),
        ]
    )
}
    union all by name
    select
        {_IN_NO_REPORT},
        'discounts' as report,
        discount_id,
        'the discount that it names is not one of its partner for customers: no worth' as note,
    from temp.trace_entries
    where stands and partner_id is not null and discount_id is not null
        and discount_counts is not true
    union all by name
    select
        {_IN_NO_REPORT},
        'event' as basis,
        'in no report: version ' || taken_back_by || ' takes it back' as note,
    from temp.trace_entries
    where taken_back_by is not null
    union all by name
    select
        {_IN_NO_REPORT},
        service_account_id,
        'in no report: no account record knows its service account (unattributed_events)' as note,
    from temp.trace_entries
    where partner_id is null
)

select
    row_number() over (
        order by place, basis nulls last, report nulls last, entry_number, discount_id
    ) as number,
    * exclude (place, entry_number),
from lines"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Work out entries, report lines and the first `MOST_DELIVERIES` deliveries."""
    connection.execute(f"create or replace temp table trace_entries as {_TRACE_ENTRIES}")
    connection.execute(f"create or replace temp table trace_lines as {_TRACE_LINES}")
    connection.execute(
        f"create or replace temp table trace_deliveries as {_TRACE_DELIVERIES}",
        {"most": MOST_DELIVERIES},
    )
