"""The reports: what each answers, its conditions, columns and query. The only place that knows.

The command line, every file format, the terminal table, the workbooks and the documents derive
from the definitions here. A query is text with three kinds of blanks, all of which are filled
from this module: the basis (`BASES`), the conditions (`CONDITIONS`) and the name of a column.
What a user typed reaches a query as a bound parameter and in no other way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds; it decides type, alignment and number format everywhere."""

    ID = "id"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    MONEY = "money"
    QUANTITY = "quantity"
    RATE = "rate"
    COUNT = "count"
    PERCENT = "percent"

    @property
    def is_number(self) -> bool:
        """Whether values of the kind are numbers (shown at the right)."""
        return self in (Kind.MONEY, Kind.QUANTITY, Kind.RATE, Kind.COUNT, Kind.PERCENT)

    @property
    def sql_type(self) -> str:
        """The type that a column of the kind has in every result."""
        return _SQL_TYPES[self]


_SQL_TYPES = {
    Kind.ID: "varchar",
    Kind.TEXT: "varchar",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp",
    Kind.MONEY: "decimal(38, 12)",
    Kind.QUANTITY: "decimal(38, 12)",
    Kind.RATE: "decimal(9, 6)",
    Kind.COUNT: "bigint",
    Kind.PERCENT: "decimal(38, 2)",
}


@dataclass(frozen=True)
class Column:
    """One column of a report.

    Attributes:
        name: its name in CSV, JSON and Parquet, and in the query.
        label: its name for people, in workbooks and on the terminal.
        kind: what it holds.
        description: one sentence for documents.
        total: whether it is summed per currency.
        percent_of: names of the columns whose change it is in percent: the later, the earlier.
            It is never summed; that of a total comes from the two totals.
    """

    name: str
    label: str
    kind: Kind
    description: str
    total: bool = False
    percent_of: tuple[str, str] | None = None


@dataclass(frozen=True)
class Condition:
    """One condition that a report may have.

    Attributes:
        name: its field in a request, and its flag on the command line with `-` for `_`.
        label: its name for people.
        allowed: the values it takes, empty when that depends on the published data.
        everything: what is said when the condition is left out.
        description: one line of help.
        predicate: its SQL, with its value as a bound parameter of the same name.
        many: whether it may be given several times.
    """

    name: str
    label: str
    allowed: tuple[str, ...]
    everything: str
    description: str
    predicate: str
    many: bool = False

    @property
    def flag(self) -> str:
        """The option of the command line."""
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True)
class Basis:
    """What decides the period to which an entry belongs, as pieces of a query.

    Attributes:
        name: the value of `--basis`.
        words: what it means, for people.
        blanks: the SQL for `{date}` (the date that counts), `{standing}` (is an entry listed?)
            and `{entries}` (an aggregate of daily sums that is not 0 where there is anything to
            list). On the event basis an original and its reversal share date and group, so the
            sum of their counts is the number of standing events; on the posted basis every
            entry counts, also one that another takes back.
    """

    name: str
    words: str
    blanks: dict[str, str]


@dataclass(frozen=True)
class Report:
    """One report.

    Attributes:
        id: its name on the command line and in file names.
        title: its name for people; the name of its sheet, so at most 25 characters.
        answers: the question it answers.
        conditions: names of the conditions it has besides the partner and the period.
        columns: as shown, from left to right; rows are sorted by them in this order.
        query: SQL with blanks that gives the columns, unsorted.
        account_query: the same from a finer mart, where the report's own does not know accounts.
        internal_transfer: the movement type that totals leave out where both sides of a
            transfer are the same partner's, if the report has one.
        unit: SQL for the currency in which a row's amounts are shown; null: they are numbers of
            something.
    """

    id: str
    title: str
    answers: str
    conditions: tuple[str, ...]
    columns: tuple[Column, ...]
    query: str
    account_query: str | None = None
    internal_transfer: str | None = None
    unit: str = "currency"

    @property
    def totals(self) -> tuple[Column, ...]:
        """The columns that are summed per currency."""
        return tuple(column for column in self.columns if column.total)

    @property
    def total_line(self) -> tuple[Column, ...]:
        """The columns for which a line of totals has a value: sums, and what follows from them."""
        return tuple(column for column in self.columns if column.total or column.percent_of)


BASES = {
    "event": Basis(
        "event",
        "event date: every event in the period to which it belongs, restated when late ones come",
        {"date": "event_date", "standing": "is_standing", "entries": "sum(event_count)"},
    ),
    "posted": Basis(
        "posted",
        "posted date: as reported, late and corrected amounts in the month they were posted",
        {"date": "posted_date", "standing": "true", "entries": "count(*)"},
    ),
}

ACCOUNT_TYPES = ("partner", "customer")
SUBJECTS = ("partner", "customer")
STATUSES = (
    "rejected",
    "awaiting_approval",
    "revoked",
    "awaiting_active",
    "expired",
    "active",
)

CONDITIONS = {
    condition.name: condition
    for condition in (
        Condition(
            "account_type",
            "Account type",
            (*ACCOUNT_TYPES, "both"),
            "both",
            "the partner's own accounts, its customers', or both (default)",
            "account_type = $account_type",
        ),
        Condition(
            "account",
            "Service account",
            (),
            "all",
            "one service account of the partner (default: all)",
            "service_account_id = $account",
        ),
        Condition(
            "subject",
            "Subject",
            SUBJECTS,
            "both",
            "discounts granted to the partner or by it to customers (default: both)",
            "subject = $subject",
        ),
        Condition(
            "status",
            "Status",
            STATUSES,
            "all",
            "status on the last day of the period; may be repeated (default: all)",
            "list_contains($status, status)",
            many=True,
        ),
        Condition(
            "compare",
            "Compared with",
            ("previous", "year"),
            "nothing",
            "beside each measure the previous period's, or that of the same days a year earlier",
            "true",
        ),
        Condition(
            "basis",
            "Basis",
            tuple(BASES),
            "event",
            "which date decides: event (default, restated) or posted (as reported)",
            "true",
        ),
    )
}

_ID, _TEXT, _DATE, _COUNT = Kind.ID, Kind.TEXT, Kind.DATE, Kind.COUNT


def _money(name: str, label: str, description: str) -> Column:
    return Column(name, label, Kind.MONEY, description, total=True)


_REPORT_DATE = Column(
    "report_date", "Date", _DATE, "The event or the posted date, by basis, in business time."
)
_OCCURRED_AT = Column(
    "occurred_at",
    "Time",
    Kind.TIMESTAMP,
    "When it happened, in the business time zone; the fraction of the second is cut off.",
)
_EVENT_ID = Column("event_id", "Event", _ID, "Identifier of the event in its feed.")
_ENTRY_TYPE = Column(
    "entry_type",
    "Entry",
    _TEXT,
    "`original`, or `reversal` where a later version took an original back.",
)
_SERVICE_ACCOUNT = (
    Column("service_account_id", "Service account", _ID, "The billing unit."),
    Column("service_account_name", "Service account name", _TEXT, "Its latest name."),
)
_ACCOUNT = (
    *_SERVICE_ACCOUNT,
    Column("account_id", "Account", _ID, "The account to which the service account belonged."),
    Column("account_name", "Account name", _TEXT, "Its latest name."),
    Column("account_type", "Account type", _TEXT, "`partner` or `customer`."),
)
_WALLET = Column("wallet", "Wallet", _ID, "The wallet of the service account.")
_MOVEMENT_TYPE = Column("movement_type", "Movement", _TEXT, "Type of the movement.")
_SERVICE = (
    Column("service_code", "Service", _ID, "Code of the service."),
    Column("service_name", "Service name", _TEXT, "Its name, or the code where it is unknown."),
)
_CURRENCY = Column("currency", "Currency", _TEXT, "ISO 4217 code of all amounts of the row.")
_EVENT_COUNT = Column(
    "event_count",
    "Events",
    _COUNT,
    "Number of entries, +1 for an original and -1 for a reversal; by event date: of events.",
    total=True,
)
_LIST_AMOUNT = _money("list_amount", "List amount", "At list price.")
_DISCOUNT_AMOUNT = _money("discount_amount", "Discount", "List amount less net amount.")
_REVENUE = (
    _LIST_AMOUNT,
    _DISCOUNT_AMOUNT,
    _money("net_amount", "Net amount", "What the partner's customer pays, before tax."),
    _money("tax_amount", "Tax", "Tax on the net amount."),
)
_MARGIN = (
    _money(
        "partner_cost_amount",
        "Partner cost",
        "List amount less the partner discount; 0 for tax, credits and adjustments.",
    ),
    _money(
        "partner_margin_amount",
        "Partner margin",
        "Net amount less partner cost; 0 for tax, credits and adjustments.",
    ),
)


# Ledger entries, one row each.
_ENTRIES = """\
select {columns}
from {source}
where
    partner_id = $partner
    and {{date}} between $from_date and $to_date
    and {{standing}}
    and {{conditions}}"""

# Daily sums, added up over the period for each combination of the other columns.
_DAILY = """\
select {columns}
from {source}
where
    partner_id = $partner
    and {{date}} between $from_date and $to_date
    and {{conditions}}
group by {keys}
having {{entries}} <> 0"""


def _named(columns: Iterable[Column]) -> str:
    """Columns as they stand in a mart; `report_date` is one of its two dates."""
    return ", ".join(
        "{date} as report_date" if column is _REPORT_DATE else column.name for column in columns
    )


def _entries(source: str, columns: tuple[Column, ...]) -> str:
    return _ENTRIES.format(source=source, columns=_named(columns))


def _daily(source: str, columns: tuple[Column, ...]) -> str:
    keys = [column for column in columns if not column.total]
    sums = [f"sum({column.name}) as {column.name}" for column in columns if column.total]
    group = ", ".join("{date}" if key is _REPORT_DATE else key.name for key in keys)
    return _DAILY.format(source=source, columns=", ".join([_named(keys), *sums]), keys=group)


# The account shown, and filtered by, is the one of the last record up to the end of the period
# that names the partner: not the one that was attributed to each movement.
_CREDIT_BALANCE = """\
with balances as (
    select
        service_account_id,
        service_account_name,
        wallet,
        currency,
        coalesce(sum(net_movement) filter (where {date} < $from_date), 0) as opening_balance,
        coalesce(sum(topped_up) filter (where {date} >= $from_date), 0) as topped_up,
        coalesce(sum(transferred_in) filter (where {date} >= $from_date), 0) as transferred_in,
        coalesce(sum(accrued) filter (where {date} >= $from_date), 0) as accrued,
        coalesce(sum(used) filter (where {date} >= $from_date), 0) as used,
        coalesce(sum(transferred_out) filter (where {date} >= $from_date), 0) as transferred_out,
        coalesce(sum(expired) filter (where {date} >= $from_date), 0) as expired,
        coalesce(sum(adjusted) filter (where {date} >= $from_date), 0) as adjusted,
        coalesce(sum(net_movement) filter (where {date} >= $from_date), 0) as net_movement,
        sum(net_movement) as closing_balance,
        sum(held) as held,
        coalesce({entries} filter (where {date} >= $from_date), 0) as entries,
    from reports.credit_movements
    where
        partner_id = $partner
        and {date} <= $to_date
    group by service_account_id, service_account_name, wallet, currency
),

held_by as (
    select
        balances.*,
        holders.account_id,
        holders.account_name,
        holders.account_type,
        balances.closing_balance - balances.held as available,
    from balances
    inner join ledger.partner_accounts as holders
        on
            holders.partner_id = $partner
            and balances.service_account_id = holders.service_account_id
            and $to_date between holders.valid_from and holders.valid_to
    where balances.opening_balance <> 0 or balances.held <> 0 or balances.entries <> 0
)

select *
from held_by
where {conditions}"""

# A discount is listed while it was not over, and whenever an entry of the period counts in it.
_DISCOUNTS = """\
with worth as (
    select
        discount_id,
        currency,
        sum(event_count) as event_count,
        sum(list_amount) as list_amount,
        sum(discount_amount) as discount_amount,
    from ledger.discount_worth
    where
        partner_id = $partner
        and {date} between $from_date and $to_date
    group by discount_id, currency
    having {entries} <> 0
),

discounts as (
    select
        periods.subject,
        periods.discount_id,
        periods.service_account_id,
        accounts.service_account_name,
        periods.service_code,
        coalesce(services.service_name, periods.service_code) as service_name,
        periods.deal_id,
        periods.rate_percent,
        periods.starts_on,
        periods.ends_on,
        periods.requested_on,
        periods.over_after,
        statuses.status,
    from ledger.discount_periods as periods
    inner join ledger.discount_statuses as statuses
        on
            periods.discount_id = statuses.discount_id
            and $to_date between statuses.valid_from and statuses.valid_to
    left join reports.service_accounts as accounts
        on periods.service_account_id = accounts.service_account_id
    left join reports.services as services
        on periods.service_code = services.service_code
    where periods.partner_id = $partner
)

select
    discounts.*,
    worth.currency,
    coalesce(worth.event_count, 0) as event_count,
    coalesce(worth.list_amount, 0) as list_amount,
    coalesce(worth.discount_amount, 0) as discount_amount,
from discounts
left join worth
    on discounts.discount_id = worth.discount_id
where
    (
        worth.discount_id is not null
        or (
            discounts.requested_on <= $to_date
            and (discounts.over_after is null or discounts.over_after >= $from_date)
        )
    )
    and {conditions}"""

# Charges counted as the daily marts count them, for what is not in their grain.
_CHARGES = """\
(
    select
        *,
        case entry_type when 'reversal' then -1 else 1 end as event_count,
    from reports.revenue_detail
) as charges"""

_BY_ACCOUNT = ("account_type", "account", "basis")
_COMPARABLE = ("account_type", "account", "compare", "basis")

_TOPUP_COLUMNS = (
    _REPORT_DATE,
    _OCCURRED_AT,
    Column("transaction_id", "Transaction", _ID, "Identifier of the payment or transfer."),
    _EVENT_ID,
    _ENTRY_TYPE,
    *_ACCOUNT,
    _WALLET,
    _MOVEMENT_TYPE,
    Column(
        "counterparty_service_account_id",
        "Counterparty",
        _ID,
        "The service account from which a transfer came.",
    ),
    Column("payment_method", "Payment method", _TEXT, "How it was paid."),
    _CURRENCY,
    _money("amount", "Amount", "Credit added; negative where an entry is reversed."),
)
_USAGE_COLUMNS = (
    _REPORT_DATE,
    *_ACCOUNT,
    _WALLET,
    _MOVEMENT_TYPE,
    *_SERVICE,
    _CURRENCY,
    _EVENT_COUNT,
    _money("amount", "Amount", "Credit used; negative where reversals outweigh originals."),
)
_BALANCE_COLUMNS = (
    *_ACCOUNT,
    _WALLET,
    _CURRENCY,
    _money("opening_balance", "Opening balance", "Balance before the first day of the period."),
    _money("topped_up", "Topped up", "Top-ups of the period."),
    _money("transferred_in", "Transferred in", "Transfers received in the period."),
    _money("accrued", "Accrued", "Grants, coupons and refunds of the period."),
    _money("used", "Used", "Usage of the period; lowers the balance."),
    _money("transferred_out", "Transferred out", "Transfers made; lowers the balance."),
    _money("expired", "Expired", "Credit that expired in the period; lowers the balance."),
    _money("adjusted", "Adjusted", "Adjustments and revaluations of the period, signed."),
    _money(
        "net_movement",
        "Net movement",
        "Topped up + transferred in + accrued - used - transferred out - expired + adjusted.",
    ),
    _money("closing_balance", "Closing balance", "Opening balance + net movement."),
    _money("held", "Held", "Reserved for services billed later, on the last day."),
    _money("available", "Available", "Closing balance - held."),
)
_DISCOUNT_COLUMNS = (
    Column(
        "subject",
        "Subject",
        _TEXT,
        "`partner`: granted by the provider; `customer`: granted by the partner.",
    ),
    Column("discount_id", "Discount", _ID, "Identifier of the discount line."),
    Column("service_account_id", "Service account", _ID, "The customer's, for its discounts."),
    _SERVICE_ACCOUNT[1],
    *_SERVICE,
    Column("deal_id", "Deal", _ID, "The deal to which the discount is limited."),
    Column("rate_percent", "Rate %", Kind.RATE, "The discount in percent of the list price."),
    Column("starts_on", "Starts on", _DATE, "First day; empty when it has not started."),
    Column("ends_on", "Ends on", _DATE, "Last day; empty when the end is open."),
    Column("status", "Status", _TEXT, "Status on the last day of the period."),
    _CURRENCY,
    _EVENT_COUNT,
    _money("list_amount", "List amount", "List amount of the entries to which it applied."),
    _money("discount_amount", "Discount amount", "What the discount was worth."),
)
_DETAIL_COLUMNS = (
    _REPORT_DATE,
    _OCCURRED_AT,
    _EVENT_ID,
    _ENTRY_TYPE,
    Column("order_id", "Order", _ID, "The order to which the charge belongs."),
    *_ACCOUNT,
    *_SERVICE,
    Column("charge_type", "Charge", _TEXT, "Type of the charge."),
    Column("quantity", "Quantity", Kind.QUANTITY, "Quantity in the unit beside it."),
    Column("unit", "Unit", _TEXT, "Unit of the quantity."),
    _CURRENCY,
    *_REVENUE,
    Column(
        "partner_discount_rate",
        "Partner rate %",
        Kind.RATE,
        "Rate of the partner discount that applies, in percent; 0 when none does.",
    ),
    *_MARGIN,
)
_SERVICE_COLUMNS = (*_SERVICE, _CURRENCY, _EVENT_COUNT, *_REVENUE, *_MARGIN)
_ACCOUNT_COLUMNS = (*_ACCOUNT, _CURRENCY, _EVENT_COUNT, *_REVENUE, *_MARGIN)

REPORTS = {
    report.id: report
    for report in (
        Report(
            "credit-topups",
            "Credit top-ups",
            "Which credits were topped up or received, transaction by transaction?",
            _BY_ACCOUNT,
            _TOPUP_COLUMNS,
            _entries("reports.credit_topups", _TOPUP_COLUMNS),
            internal_transfer="transfer_in",
        ),
        Report(
            "credit-usage",
            "Credit usage",
            "How much credit was used, per day, service account and service?",
            _COMPARABLE,
            _USAGE_COLUMNS,
            _daily("reports.credit_usage", _USAGE_COLUMNS),
            internal_transfer="transfer_out",
        ),
        Report(
            "credit-balance",
            "Credit balance",
            "What was the balance, what arose in the period, and what is it now?",
            _COMPARABLE,
            _BALANCE_COLUMNS,
            _CREDIT_BALANCE,
        ),
        Report(
            "discounts",
            "Discounts",
            "Which discounts were there, in which status, and what were they worth?",
            ("subject", "status", "basis"),
            _DISCOUNT_COLUMNS,
            _DISCOUNTS,
        ),
        Report(
            "revenue-detail",
            "Revenue detail",
            "Which charges make up the revenue, line by line?",
            _BY_ACCOUNT,
            _DETAIL_COLUMNS,
            _entries("reports.revenue_detail", _DETAIL_COLUMNS),
        ),
        Report(
            "revenue-by-service",
            "Revenue by service",
            "What was the revenue of each service?",
            _COMPARABLE,
            _SERVICE_COLUMNS,
            _daily("reports.revenue_by_service", _SERVICE_COLUMNS),
            account_query=_daily(_CHARGES, _SERVICE_COLUMNS),
        ),
        Report(
            "revenue-by-account",
            "Revenue by account",
            "What was the revenue from each service account?",
            _COMPARABLE,
            _ACCOUNT_COLUMNS,
            _daily("reports.revenue_by_account", _ACCOUNT_COLUMNS),
        ),
    )
}


# -- comparing -----------------------------------------------------------------------------------

# Rows of both periods, added up by everything that is no measure: what only one of them has
# stands beside a zero, and an empty key meets an empty key.
_COMPARED = """\
with both_periods as (
    select {keys}, {now}
    from (
{query}
    ) as this_period
    union all
    select {keys}, {before}
    from (
{earlier_query}
    ) as earlier_period
),

measured as (
    select {keys}, {sums}
    from both_periods
    group by {keys}
),

changed as (
    select *, {changes}
    from measured
)

select *, {percents}
from changed"""


def compared(report: Report) -> Report:
    """The report with, beside each measure, the earlier period's, the difference and per cent.

    Its query takes `$earlier_from_date` and `$earlier_to_date` too. A day belongs to one period
    only, so rows are added up over the days.
    """
    keys = tuple(
        column for column in report.columns if not column.total and column is not _REPORT_DATE
    )
    columns = list(keys)
    for column in report.totals:
        columns += _beside(column)
    return replace(
        report,
        columns=tuple(columns),
        query=_compared_query(report.query, keys, report.totals),
        account_query=report.account_query
        and _compared_query(report.account_query, keys, report.totals),
    )


def _beside(measure: Column) -> tuple[Column, ...]:
    name, label = measure.name, measure.label
    before = replace(
        measure,
        name=f"{name}_before",
        label=f"{label} before",
        description=f"`{name}` of the earlier period; 0 where it has none.",
    )
    change = replace(
        measure,
        name=f"{name}_change",
        label=f"{label} change",
        description=f"`{name}` less `{before.name}`.",
    )
    percent = Column(
        f"{name}_change_percent",
        f"{label} change %",
        Kind.PERCENT,
        f"`{change.name}` in percent of `{before.name}`, without its sign; empty where that is 0.",
        percent_of=(name, before.name),
    )
    return measure, before, change, percent


def _compared_query(query: str, keys: tuple[Column, ...], measures: tuple[Column, ...]) -> str:
    def each(pattern: str) -> str:
        return ", ".join(
            pattern.format(name=measure.name, type=measure.kind.sql_type) for measure in measures
        )

    return _COMPARED.format(
        keys=", ".join(key.name for key in keys),
        query=query,
        earlier_query=query.replace("$from_date", "$earlier_from_date").replace(
            "$to_date", "$earlier_to_date"
        ),
        now=each("cast({name} as {type}) as {name}, cast(0 as {type}) as {name}_before"),
        before=each("cast(0 as {type}) as {name}, cast({name} as {type}) as {name}_before"),
        sums=each("sum({name}) as {name}, sum({name}_before) as {name}_before"),
        changes=each("{name} - {name}_before as {name}_change"),
        percents=", ".join(
            f"{percent_sql(f'{name}_change', f'{name}_before')} as {name}_change_percent"
            for name in (measure.name for measure in measures)
        ),
    )


def percent_sql(change: str, before: str) -> str:
    """SQL for a change in percent, rounded half away from zero to 2 decimals; null of 0.

    Decimals are divided as doubles, so it is worked out in whole units of the 12th decimal. Of
    amounts beyond 22 digits before the point it is null too: there are no wider integers.
    """
    part, whole = _units(change), _units(before)
    hundredths = (
        f"{part} // {whole} * 10000 + ({part} % {whole} * 20000 + {whole}) // ({whole} * 2)"
    )
    percent = f"cast({hundredths} as decimal(36, 0)) * cast(0.01 as decimal(2, 2))"
    return (
        f"case when {before} <> 0 then try(case when {change} < 0 then -1 else 1 end * {percent}) "
        "end"
    )


def _units(value: str) -> str:
    digits = f"replace(cast(abs(cast({value} as decimal(38, 12))) as varchar), '.', '')"
    return f"cast({digits} as uhugeint)"
