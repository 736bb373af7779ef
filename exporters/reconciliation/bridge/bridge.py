"""From what was reported for a month to what is true of it now, entry by entry.

A posted date is never before its event date, and a reversal has the event date of what it takes
back. So what a month is now and what was posted in it differ by exactly the entries whose two
dates lie on different sides of its ends: they are the bridge. Both ends come from the marts that
the reports are drawn from, the steps between them from the ledger, and nothing is written unless
they add up, in every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.catalogue.types import Column, Kind, Report
from exporters.errors import ReportError, RequestError
from exporters.escaping import short
from exporters.files import whole_file
from exporters.i18n.language import ENGLISH, N_, Language
from exporters.output import columnar, export, paths
from exporters.query import builder
from exporters.query.amounts import exact
from exporters.reconciliation.bridge.lines import AMOUNTS, AS_POSTED, RESTATED, STEPS, Line
from exporters.reconciliation.entry_columns import DATES, SOURCE, VERSION, columns_of, signed
from exporters.request.partners import check_known
from exporters.request.report_request import Request, parse
from exporters.terminal_table import TOO_WIDE, table

if TYPE_CHECKING:
    import duckdb
    from openpyxl.worksheet.worksheet import Worksheet

    from exporters.excel.content import About, Content

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")

_EVENT_COUNT = columns_of("revenue-by-account", "event_count")
_HELD = replace(columns_of("credit-balance", "held")[0], label="Held (change)")
CREDIT_MEASURES = (
    *columns_of(
        "credit-balance", "topped_up", "transferred_in", "accrued", "used", "transferred_out"
    ),
    *columns_of("credit-balance", "expired", "adjusted", "net_movement"),
    _HELD,
    *_EVENT_COUNT,
)
REVENUE_MEASURES = (
    *columns_of("revenue-by-account", "list_amount", "discount_amount", "net_amount", "tax_amount"),
    *columns_of("revenue-by-account", "partner_cost_amount", "partner_margin_amount"),
    *_EVENT_COUNT,
)
MEASURES = {"credits": CREDIT_MEASURES, "revenue": REVENUE_MEASURES}
_FIRST_LINE = {"credits": 1, "revenue": 1 + len(CREDIT_MEASURES)}
_BY_LINE = dict(enumerate((*CREDIT_MEASURES, *REVENUE_MEASURES), start=1))
# Counts must not look like money.
_COUNT_LINES = ", ".join(str(line) for line, each in _BY_LINE.items() if each in _EVENT_COUNT)

_ACCOUNT = columns_of(
    "credit-balance",
    "service_account_id", "service_account_name", "account_id", "account_name", "account_type",
)  # fmt: skip
_WALLET, _CURRENCY = columns_of("credit-balance", "wallet", "currency")

BRIDGE = Report(
    "bridge",
    "Bridge",
    "What lies between what was reported for the month and what is true of it now?",
    ("account_type", "account"),
    (
        Column("ledger", "Ledger", Kind.TEXT, "`credits` or `revenue`."),
        *_ACCOUNT,
        replace(_WALLET, description="The wallet; empty for revenue."),
        _CURRENCY,
        Column("line", "Line", Kind.COUNT, "Place of the measure in the bridge."),
        Column("measure", "Measure", Kind.TEXT, "The column of the reports that is bridged."),
        AS_POSTED,
        *STEPS,
        RESTATED,
    ),
    "select * from temp.bridge",
    unit=f"case when line not in ({_COUNT_LINES}) then currency end",
)


_STEP = Column("step", "Step", Kind.TEXT, "The column of the bridge in which the entry counts.")
_IN_BRIDGE = "As it counts in the bridge: what belongs to an earlier month has its sign turned."


def _summed(columns: Sequence[Column]) -> tuple[Column, ...]:
    return tuple(replace(column, description=_IN_BRIDGE, total=True) for column in columns)


CREDIT_ENTRIES = Report(
    "bridge-credit-entries",
    "Credit entries",
    "Which entries of the credit ledger make up the steps of the bridge?",
    ("account_type", "account"),
    (
        _STEP,
        *_ACCOUNT,
        _WALLET,
        _CURRENCY,
        *DATES,
        *columns_of("credit-topups", "event_id", "entry_type"),
        VERSION,
        *columns_of("credit-topups", "transaction_id", "movement_type"),
        Column("measure", "Measure", Kind.TEXT, "The line of the bridge in which `amount` counts."),
        Column("amount", "Amount", Kind.MONEY, _IN_BRIDGE),
        *_summed(columns_of("credit-balance", "net_movement")),
        *_summed([_HELD, *_EVENT_COUNT]),
        *SOURCE,
    ),
    "select * from temp.bridge_credit_entries",
)
REVENUE_ENTRIES = Report(
    "bridge-revenue-entries",
    "Revenue entries",
    "Which entries of the revenue ledger make up the steps of the bridge?",
    ("account_type", "account"),
    (
        _STEP,
        *_ACCOUNT,
        _CURRENCY,
        *DATES,
        *columns_of("revenue-detail", "event_id", "entry_type"),
        VERSION,
        *columns_of("revenue-detail", "order_id", "service_code", "charge_type"),
        *_summed(REVENUE_MEASURES),
        *SOURCE,
    ),
    "select * from temp.bridge_revenue_entries",
)

# The mart that the reports of a ledger are drawn from, and the entries between its two dates.
_SOURCES = {
    "credits": ("reports.credit_movements", CREDIT_ENTRIES),
    "revenue": ("reports.revenue_by_account", REVENUE_ENTRIES),
}

_IN_MONTH = "between $from_date and $to_date"
# The first entry of an event is the event, all others correct it. An entry counts where it is
# taken to: into the month, or out of it.
_STEP_SQL = f"""\
case
    when crossing.event_date {_IN_MONTH}
        then case when crossing.is_first then 'late_events' else 'late_corrections' end
    when crossing.is_first then 'earlier_events'
    else 'earlier_corrections'
end as step"""


def _signed(amount: str, name: str) -> str:
    return f"case when crossing.event_date {_IN_MONTH} then {amount} else -({amount}) end as {name}"


# The movement columns as reports.credit_movements has them; a hold counts in none.
_DECREASING = "('used', 'transferred_out', 'expired')"
_CREDIT_ENTRIES_SQL = f"""\
with entries as (
    select
        entries.*,
        history.account_id,
        history.account_type,
    from ledger.fct_credit_entries as entries
    inner join ledger.account_history as history
        on
            entries.service_account_id = history.service_account_id
            and entries.event_date between history.valid_from and history.valid_to
    where
        history.partner_id = $partner
        and (entries.event_date {_IN_MONTH}) <> (entries.posted_date {_IN_MONTH})
),

chosen as (
    select *
    from entries
    where {{conditions}}
),

first_versions as (
    select
        event_id,
        min(version) as version,
    from ledger.fct_credit_entries
    where event_id in (select event_id from chosen)
    group by event_id
),

crossing as (
    select
        chosen.*,
        chosen.entry_type = 'original' and chosen.version = first_versions.version as is_first,
        types.balance_column,
        {signed("balance_effect", "chosen.amount")} as effect,
        {signed("held_effect", "chosen.amount")} as held_effect,
        case when types.balance_column in {_DECREASING} then -effect else effect end as in_column,
        case chosen.entry_type when 'original' then 1 else -1 end as entry_count,
    from chosen
    inner join first_versions on chosen.event_id = first_versions.event_id
    inner join reference.movement_types as types on chosen.movement_type = types.movement_type
)

select
    {_STEP_SQL},
    crossing.service_account_id,
    accounts.service_account_name,
    crossing.account_id,
    names.account_name,
    crossing.account_type,
    crossing.wallet,
    crossing.currency,
    crossing.event_date,
    crossing.posted_date,
    crossing.event_id,
    crossing.entry_type,
    cast(crossing.version as varchar) as version,
    crossing.transaction_id,
    crossing.movement_type,
    coalesce(crossing.balance_column, 'held') as measure,
    {_signed("case when balance_column is null then held_effect else in_column end", "amount")},
    {_signed("crossing.effect", "net_movement")},
    {_signed("crossing.held_effect", "held")},
    {_signed("crossing.entry_count", "event_count")},
    crossing.batch_id,
    crossing.file,
    crossing.row_number,
from crossing
left join reports.service_accounts as accounts
    on crossing.service_account_id = accounts.service_account_id
left join ledger.account_names as names on crossing.account_id = names.account_id"""

# reports.revenue_detail has cost and margin, the ledger has versions; batch, file and row tell
# which entry is which.
_REVENUE_ENTRIES_SQL = f"""\
with chosen as (
    select *
    from reports.revenue_detail
    where
        partner_id = $partner
        and (event_date {_IN_MONTH}) <> (posted_date {_IN_MONTH})
        and {{conditions}}
),

versions as (
    select
        event_id,
        entry_type,
        version,
        batch_id,
        file,
        row_number,
        entry_type = 'original'
        and version = min(version) over (partition by feed, event_id) as is_first,
    from ledger.fct_revenue_entries
    where event_id in (select event_id from chosen)
),

crossing as (
    select
        chosen.*,
        versions.version,
        versions.is_first,
        case chosen.entry_type when 'original' then 1 else -1 end as entry_count,
    from chosen
    inner join versions
        on
            chosen.event_id = versions.event_id
            and chosen.entry_type = versions.entry_type
            and chosen.batch_id = versions.batch_id
            and chosen.file is not distinct from versions.file
            and chosen.row_number is not distinct from versions.row_number
)

select
    {_STEP_SQL},
    service_account_id,
    service_account_name,
    account_id,
    account_name,
    account_type,
    currency,
    event_date,
    posted_date,
    event_id,
    entry_type,
    cast(version as varchar) as version,
    order_id,
    service_code,
    charge_type,
    {_signed("list_amount", "list_amount")},
    {_signed("discount_amount", "discount_amount")},
    {_signed("net_amount", "net_amount")},
    {_signed("tax_amount", "tax_amount")},
    {_signed("partner_cost_amount", "partner_cost_amount")},
    {_signed("partner_margin_amount", "partner_margin_amount")},
    {_signed("entry_count", "event_count")},
    batch_id,
    file,
    row_number,
from crossing"""


@dataclass(frozen=True)
class Written:
    """A bridge that was written.

    Attributes:
        path: the file.
        rows: number of rows of the bridge.
        lines: the totals.
    """

    path: Path
    rows: int
    lines: tuple[Line, ...]


def parse_request(
    partner: str,
    month: str,
    account_type: str | None = None,
    account: str | None = None,
    language: str = ENGLISH.code,
) -> Request:
    """A request for the bridge of a month, with all checks that need no data.

    Raises:
        RequestError: the month is not `YYYY-MM`, or the account type or language is unknown.
    """
    found = _MONTH.fullmatch(month)
    if found is None or found[1] == "0000":
        raise RequestError(f"--month {short(month)!r} is not a month: write YYYY-MM, like 2024-01")
    first = date(int(found[1]), int(found[2]), 1)
    # The conditions are those of this report.
    request = parse(
        "credit-balance",
        partner,
        str(first),
        str(_last_day(first)),
        {"account_type": account_type, "account": account},
        language,
    )
    return replace(request, report=BRIDGE)


def write(
    connection: duckdb.DuckDBPyConnection, home: Path, request: Request, output: Path | None
) -> Written:
    """Write the bridge of `request` to `output`, or to its default place below `home`.

    A workbook has a summary, the bridge and the entries behind it; the other formats have the
    rows of the bridge.

    Raises:
        RequestError: the partner or the account is unknown, or the ending of `output` is.
        ReportError: the bridge does not add up, or the workbook does not say what it says.
    """
    check_known(connection, request)
    path = output or _default_output(connection, home, request)
    ending = export.check_output(path)
    prepare(connection, request)
    lines = totals(connection)
    with whole_file(path) as temporary:
        if ending == ".xlsx":
            rows = _write_workbook(connection, request, lines, temporary)
        else:
            rows = columnar.write(connection, request, ending, temporary)
    return Written(path, rows, lines)


def prepare(connection: duckdb.DuckDBPyConnection, request: Request) -> None:
    """Work the bridge out into temporary tables, which is what its sheets are read from.

    Raises:
        ReportError: a row does not add up.
    """
    sources = {
        CREDIT_ENTRIES: _CREDIT_ENTRIES_SQL,
        REVENUE_ENTRIES: _REVENUE_ENTRIES_SQL,
        BRIDGE: "\nunion all\n".join(_rows(ledger) for ledger in MEASURES),
    }
    for report, sql in sources.items():
        worked_out = replace(request, report=replace(report, query=sql))
        made = builder.typed(worked_out)
        connection.execute(
            f"create or replace temp table {_table(report)} as {made.sql}", made.parameters
        )
    _check(connection)


def totals(connection: duckdb.DuckDBPyConnection) -> tuple[Line, ...]:
    """The sums over all rows of a prepared bridge, by ledger, currency and measure."""
    sums = ", ".join(f"cast(sum({column.name}) as decimal(38, 12))" for column in AMOUNTS)
    rows = connection.execute(
        f"select ledger, currency, line, {sums} from temp.bridge group by all order by all"
    ).fetchall()
    return tuple(
        Line(ledger, currency, _BY_LINE[line], tuple(amounts))
        for ledger, currency, line, *amounts in rows
    )


def show(written: Written, language: Language = ENGLISH) -> None:
    """Print the totals of a bridge as a table."""
    if not written.lines:
        return
    say = language.say
    print(
        table(
            [
                *((say(label), False) for label in ("Ledger", "Currency", "Measure")),
                *((say(column.label), True) for column in AMOUNTS),
            ],
            [
                [
                    language.word("ledger", line.ledger),
                    line.currency,
                    say(line.measure.label),
                    *(language.number(exact(amount)) for amount in line.amounts),
                ]
                for line in written.lines
            ],
            say(TOO_WIDE),
        )
    )


def _last_day(first: date) -> date:
    try:
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    except OverflowError:  # December 9999
        return date.max


def _default_output(connection: duckdb.DuckDBPyConnection, home: Path, request: Request) -> Path:
    month = str(request.from_date)[:7]
    name = f"bridge_{month}{paths.language_suffix(request.language)}.xlsx"
    return export.default_output(connection, home, request).with_name(name)


def _table(report: Report) -> str:
    return report.id.replace("-", "_")


def _rows(ledger: str) -> str:
    """SQL for the rows of a ledger: both ends from the mart of the reports, steps from entries."""
    mart, entries = _SOURCES[ledger]
    measures = [column.name for column in MEASURES[ledger]]
    keys = [*(column.name for column in _ACCOUNT), "wallet", "currency"]
    has_wallet = _WALLET in entries.columns
    source_keys = ", ".join(
        "null as wallet" if key == "wallet" and not has_wallet else key for key in keys
    )
    # Of the movement columns an entry counts in the one that it names.
    own_columns = {column.name for column in entries.columns}
    in_entries = [
        name if name in own_columns else f"case when measure = '{name}' then amount end"
        for name in measures
    ]

    def part(part: str, amounts: Sequence[str], source: str) -> str:
        sums = ", ".join(
            f"cast(sum({amount}) as decimal(38, 12)) as {name}"
            for amount, name in zip(amounts, measures, strict=True)
        )
        return f"select {part} as part, {source_keys}, {sums} from {source} group by all"

    parts = [
        part(
            f"'{end}'",
            measures,
            f"{mart} where partner_id = $partner and {day} {_IN_MONTH} and {{conditions}}",
        )
        for end, day in ((AS_POSTED.name, "posted_date"), (RESTATED.name, "event_date"))
    ]
    parts.append(part("step", in_entries, f"temp.{_table(entries)}"))
    columns = ", ".join(
        f"coalesce(sum(amount) filter (where part = '{column.name}'), 0) as {column.name}"
        for column in AMOUNTS
    )
    return f"""
        select
            '{ledger}' as ledger, {", ".join(keys)},
            {_FIRST_LINE[ledger]} - 1 + list_position({measures}, measure) as line, measure,
            {columns}
        from (
            unpivot ({" union all ".join(parts)})
            on {", ".join(measures)}
            into name measure value amount
        ) as parts
        group by {", ".join(keys)}, measure
        having bool_or(amount <> 0)"""


def _check(connection: duckdb.DuckDBPyConnection) -> None:
    """Both ends and the steps come from different tables, so this can fail."""
    steps = " + ".join(column.name for column in (AS_POSTED, *STEPS))
    wrong = connection.execute(
        f"""
        select
            concat_ws(', ', ledger, service_account_id, account_id, wallet, currency, measure),
            {steps} as added,
            {RESTATED.name},
        from temp.{_table(BRIDGE)}
        where added <> {RESTATED.name}
        order by all
        limit 1
        """
    ).fetchone()
    if wrong is not None:
        row, added, restated = wrong
        raise ReportError(
            f"the bridge does not add up: as posted and its steps make {exact(added)} of "
            f"{row}, and the reports have {exact(restated)}"
        )


# -- the workbook ------------------------------------------------------------------------------

_BOTH_LATEST = N_(
    "Accounts, names, rates, cost and margin follow the latest records in every column: "
    "accounts as known on {accounts}, discounts as known on {discounts}."
)
_OPENING = N_(
    "To open an amount of the bridge, filter by step, account, currency and, for credits, wallet "
    "and measure. Amounts have the sign with which they count there."
)
_NOTES = {
    BRIDGE: N_("Totals per currency and measure are on sheet Summary."),
    CREDIT_ENTRIES: N_("Totals are what the month is now less what was posted in it."),
    REVENUE_ENTRIES: N_("Totals are what the month is now less what was posted in it."),
}


def _write_workbook(
    connection: duckdb.DuckDBPyConnection, request: Request, lines: Sequence[Line], path: Path
) -> int:
    from exporters.excel import workbook  # openpyxl takes longer to load than to use
    from exporters.reconciliation.bridge import summary

    language = request.language
    request = replace(request, language=_labelled(language))
    month = "; ".join(f"{label}: {value}" for label, value in request.in_words())
    latest = language.say(_BOTH_LATEST, **_known_on(connection, language))
    contents = [
        workbook.content_of(
            connection,
            replace(request, report=report),
            words=[month, latest if report is BRIDGE else language.say(_OPENING)],
            notes=[language.say(note)],
        )
        for report, note in _NOTES.items()
    ]

    def fill(sheet: Worksheet, about: About, contents: Sequence[Content]) -> None:
        summary.write(sheet, about, [month, latest], lines, contents)

    about = workbook.about_partner(connection, request.partner, language)
    workbook.write_contents(connection, about, contents, path, first=(N_("Summary"), fill))
    return contents[0].totals.rows


def _labelled(language: Language) -> Language:
    """The language with the labels of steps and measures, which rows have by name, as words."""

    def labels(columns: Iterable[Column]) -> dict[str, str]:
        return {column.name: language.say(column.label) for column in columns}

    measures = labels((*CREDIT_MEASURES, *REVENUE_MEASURES))
    words = {**language.words, "step": labels(STEPS), "measure": measures}
    return replace(language, words=words)


def _known_on(connection: duckdb.DuckDBPyConnection, language: Language) -> dict[str, object]:
    """The days of the latest records that decide whose an entry is and what it costs."""
    row = connection.execute(
        """
        select
            max(recorded_date) filter (where feed in ('accounts', 'focus')) as accounts,
            max(recorded_date) filter (where feed = 'discounts') as discounts
        from reports.batches
        """
    ).fetchone()
    days = zip(("accounts", "discounts"), row or (None, None), strict=True)
    return {feed: language.day(day) if day else language.say("no day yet") for feed, day in days}
