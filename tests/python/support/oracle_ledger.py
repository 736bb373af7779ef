"""The ledger of the reference in `oracle`: specification sections 02 and 03 in plain Python.

From the files of a landing folder to entries, their dates, whose they are, discounts and prices;
everything stays in memory. Section numbers in comments are those of the specification.
"""

from __future__ import annotations

import csv
import decimal
import functools
import gzip
import hashlib
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypedDict, TypeVar
from zoneinfo import ZoneInfo

import duckdb

Cell = str | Decimal | int | date | None
Row = tuple[Cell, ...]
Typed = dict[str, Any]  # column name of a feed -> typed value, None when empty
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

FEEDS = ("accounts", "credits", "discounts", "revenue", "focus")
ZERO = Decimal(0)

# 03 Exactness: nothing is rounded on the way, so an inexact operation is a mistake here; only
# `rounded` may round. The contexts are local: the code under test keeps the default precision.
EXACT = decimal.Context(prec=200, traps=[decimal.Inexact, decimal.InvalidOperation])


def exact(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run the function in decimal arithmetic that fails when a result would be rounded."""

    @functools.wraps(function)
    def wrapper(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with decimal.localcontext(EXACT):
            return function(*args, **kwargs)

    return wrapper


def rounded(value: Decimal) -> Decimal:
    """The value rounded half away from zero to 12 decimals (02 money, 03 exactness)."""
    digits = len(value.as_tuple().digits) + abs(int(value.as_tuple().exponent)) + 20
    half_away = decimal.Context(prec=digits, rounding=decimal.ROUND_HALF_UP)
    return value.quantize(Decimal("1e-12"), context=half_away) + 0  # + 0 turns -0 into 0


# --------------------------------------------------------------------------------------------
# Reference data
# --------------------------------------------------------------------------------------------


class MovementType(NamedTuple):
    """One row of the movement types: what an amount does to the balance and to the held credit."""

    balance_effect: int
    held_effect: int
    balance_column: str | None
    amount_rule: str  # positive | nonzero


class FocusAccount(NamedTuple):
    """The partner of a FOCUS billing account; its name is None when the file's name serves."""

    partner_id: str
    partner_name: str | None


class Reference(TypedDict):
    """The reference data, named as the arguments of `Oracle`."""

    currencies: dict[str, int]
    movement_types: dict[str, MovementType]
    focus_accounts: dict[str, FocusAccount]
    services: dict[str, str]


def load_reference(folder: Path) -> Reference:
    """Read the reference CSV files of a folder (`seeds/reference`)."""

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    return Reference(
        currencies={row["currency"]: int(row["minor_units"]) for row in rows("currencies")},
        movement_types={
            row["movement_type"]: MovementType(
                int(row["balance_effect"]),
                int(row["held_effect"]),
                row["balance_column"] or None,
                row["amount_rule"],
            )
            for row in rows("movement_types")
        },
        focus_accounts={
            row["billing_account_id"]: FocusAccount(row["partner_id"], row["partner_name"] or None)
            for row in rows("focus_billing_accounts")
        },
        services={row["service_code"]: row["service_name"] for row in rows("services")},
    )


# --------------------------------------------------------------------------------------------
# 02: files and rows
# --------------------------------------------------------------------------------------------


class LandingError(Exception):
    """Something in the landing folder that stops the build; the message names it."""


class RequestError(ValueError):
    """A wrong request: unknown report, partner or account, or from after to."""


@dataclass(frozen=True)
class Reason:
    """Why a row is refused. `field` is empty when the row's structure is at fault."""

    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.field} {self.text}".strip()


@dataclass(frozen=True)
class RawRow:
    """One data row as delivered."""

    feed: str
    batch_id: str
    file: str  # base name
    row_number: int  # data rows of the file from 1
    texts: dict[str, str | None]  # lower-case column name -> text as delivered
    raw: dict[str, Any]  # header name -> text as delivered; surplus fields under _extra
    faults: tuple[Reason, ...] = ()  # of the file or of the row's structure

    @property
    def order(self) -> tuple[str, str, str, int]:
        """Later batch, then later file, then later row; feeds of one batch id by their names."""
        return (self.batch_id, self.feed, self.file, self.row_number)


@dataclass(frozen=True)
class Table:
    """A file read: header names as delivered (trimmed) and rows of texts."""

    header: list[str]
    rows: list[list[str | None]]
    faults: list[Reason] = field(default_factory=list)


BATCH_ID = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T[0-9]{6})?")


def recorded_date(batch_id: str) -> date:
    """02: a batch id is YYYY-MM-DD or YYYY-MM-DDTHHMMSS; its date is the recorded date."""
    if not BATCH_ID.fullmatch(batch_id):
        raise LandingError(f"batch={batch_id} is neither YYYY-MM-DD nor YYYY-MM-DDTHHMMSS")
    try:
        if len(batch_id) > 10:
            return datetime.strptime(batch_id, "%Y-%m-%dT%H%M%S").date()
        return date.fromisoformat(batch_id)
    except ValueError as error:
        raise LandingError(f"batch={batch_id} is not a real date") from error


def find_batches(landing: Path, feed: str) -> list[tuple[str, list[Path]]]:
    """02: the batches of a feed in ascending batch id, each with its files in code-point order."""
    batches = []
    for folder in sorted((landing / feed).glob("batch=*")):
        if folder.is_dir():
            batch_id = folder.name.removeprefix("batch=")
            recorded_date(batch_id)
            files = [
                path
                for path in folder.iterdir()
                if path.is_file() and path.name.endswith((".csv", ".csv.gz", ".parquet"))
            ]
            if files:
                batches.append((batch_id, sorted(files, key=lambda path: path.name)))
    return sorted(batches)


def read_csv(path: Path) -> Table:
    """02: CSV with a header, UTF-8, RFC 4180; broken quoting, encoding or gzip stops the build."""
    content = path.read_bytes()
    try:
        if path.name.endswith(".gz"):
            content = gzip.decompress(content)
        text = content.decode("utf-8-sig")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise LandingError(f"{path}: not a whole gzip file ({error})") from error
    except UnicodeDecodeError as error:
        raise LandingError(f"{path}: not UTF-8 ({error})") from error
    try:
        lines: list[list[str | None]] = [[*line] for line in csv_records(text)]
    except ValueError as error:
        raise LandingError(f"{path}: {error}") from error
    if not lines:
        return Table([], [])
    return Table([(name or "").strip(SPACE) for name in lines[0]], lines[1:])


# What may not stand in a field without quotes, and what ends one.
SPECIAL = re.compile(r'[,"\r\n]')


def csv_records(text: str) -> Iterator[list[str]]:
    """02: the records of a CSV text, blank lines left out.

    RFC 4180: a field stands in quotes as a whole, or holds no quote, comma, CR or LF; a record ends
    with LF, CRLF or the text. Raises ValueError for any other text.
    """
    record: list[str] = []
    at = 0
    while at < len(text):
        start = at
        if text[at] == '"':
            parts = []
            while text[at : at + 1] == '"':  # a quote that follows a closing one is doubled
                closing = text.find('"', at + 1)
                if closing < 0:
                    raise ValueError(f"character {start}: a quote is never closed")
                parts.append(text[at + 1 : closing])
                at = closing + 1
            record.append('"'.join(parts))
        else:
            special = SPECIAL.search(text, at)
            at = special.start() if special else len(text)
            record.append(text[start:at])
        if text.startswith(",", at):
            at += 1
            if at < len(text):
                continue
            record.append("")  # the last field of the text, after its last character
        ending = next((one for one in ("\r\n", "\n") if text.startswith(one, at)), "")
        if not ending and at < len(text):
            raise ValueError(f"character {at}: {text[at]!r} ends neither a field nor a line")
        if at > start or len(record) > 1:
            yield record
        record = []
        at += len(ending)


REFUSED_TYPES = (
    "FLOAT", "DOUBLE", "BOOLEAN", "BLOB", "BIT", "STRUCT", "MAP", "UNION", "VARIANT", "INTERVAL",
)  # fmt: skip


def read_parquet(path: Path, known: set[str]) -> Table:
    """02: Parquet carries text or native types with equal results, but for the refused types."""
    with duckdb.connect() as connection:
        try:
            return read_parquet_with(connection, path, known)
        # The binding raises RuntimeError for a name that is not UTF-8.
        except (duckdb.Error, RuntimeError, UnicodeDecodeError) as error:
            raise LandingError(f"{path}: not readable as Parquet ({error})") from error


def read_parquet_with(connection: duckdb.DuckDBPyConnection, path: Path, known: set[str]) -> Table:
    """The table of a Parquet file; duckdb.Error when it is none."""
    connection.execute("set TimeZone = 'UTC'")
    relation = connection.read_parquet(str(path), hive_partitioning=False)
    rows = [[native_text(value) for value in row] for row in relation.fetchall()]
    elements = connection.execute(
        "select name, coalesce(num_children, 0) from parquet_schema(?)", [str(path)]
    ).fetchall()
    header = [name.strip(SPACE) for name in top_level(elements)]
    faults = []
    for name, column, column_type in zip(header, relation.columns, relation.types, strict=True):
        kind = str(column_type).upper()
        if name.lower() not in known:
            continue
        if kind.startswith(REFUSED_TYPES) or kind.endswith("]"):
            faults.append(Reason(name, f"has the type {kind} in the file"))
        if kind.endswith("_NS"):
            quoted = '"' + column.replace('"', '""') + '"'
            beyond = connection.execute(
                f"select count(*) from read_parquet(?, hive_partitioning = false)"
                f" where epoch_ns({quoted}) % 1000 <> 0",
                [str(path)],
            ).fetchone()
            if beyond and beyond[0]:
                faults.append(Reason(name, "has nanoseconds in the file"))
    return Table(header, rows, faults)


def top_level(elements: Sequence[tuple[str, int]]) -> list[str]:
    """The names of a file's columns from its schema: (name, children) of all, depth first."""
    names = []
    still_open = [elements[0][1]]
    for name, children in elements[1:]:
        still_open[-1] -= 1
        if len(still_open) == 1:
            names.append(name)
        still_open.append(children)
        while len(still_open) > 1 and still_open[-1] == 0:
            still_open.pop()
    return names


def native_text(value: Any) -> str | None:
    """02: the text for which a native Parquet value stands."""
    if value is None:
        return None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat()
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


# --------------------------------------------------------------------------------------------
# 02: values
# --------------------------------------------------------------------------------------------

SPACE = " \t\r\n"


class UnfitError(Exception):
    """What is wrong with a text, in words that follow the field's name."""


@dataclass(frozen=True)
class Field:
    """A known column of a feed."""

    name: str
    parse: Callable[[str], Any]
    required: bool = False


def parse_text(text: str) -> str:
    """Ids, wallet, names: the text itself."""
    return text


def parse_code(*allowed: str) -> Callable[[str], str]:
    """02: codes are case-insensitive on input; the result is spelled as in `allowed`."""
    spelled = {code.lower(): code for code in allowed}

    def parse(text: str) -> str:
        if text.lower() not in spelled:
            raise UnfitError(f"{text!r} is unknown")
        return spelled[text.lower()]

    return parse


def parse_date(text: str) -> date:
    """02: dates are real dates, YYYY-MM-DD."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise UnfitError(f"{text!r} is not a date")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnfitError(f"{text!r} is not a real date") from error


TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,6}))?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def parse_timestamp(text: str) -> datetime:
    """02: a timestamp as an instant in UTC; without an offset it is UTC."""
    match = TIMESTAMP.fullmatch(text)
    if not match:
        raise UnfitError(f"{text!r} is not a timestamp")
    day, hours, minutes, seconds, fraction, offset = match.groups()
    shift = timedelta(0)
    if offset not in (None, "Z"):
        if int(offset[4:6]) > 59:
            raise UnfitError(f"{text!r} has an impossible offset")
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
        if shift > timedelta(hours=14):
            raise UnfitError(f"{text!r} has an offset of more than 14 hours")
        shift = -shift if offset[0] == "-" else shift
    try:
        clock = time(int(hours), int(minutes), int(seconds), int((fraction or "0").ljust(6, "0")))
        local = datetime.combine(parse_date(day), clock, timezone(shift))
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnfitError(f"{text!r} is not a real time") from error


NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def parse_decimal(text: str, digits: int = 18) -> Decimal:
    """02: decimal(30, 12): plain notation, rounded at the 12th decimal, then it must fit."""
    if not NUMBER.fullmatch(text):
        raise UnfitError(f"{text!r} is not a number")
    whole = text.lstrip("-").lstrip("0").partition(".")[0]
    # Ten million digits are more than the decimal module rounds.
    if len(whole) > digits or not fits(value := rounded(Decimal(text)), digits):
        raise UnfitError(f"{text!r} has more than {digits} integer digits")
    return value


def parse_balance(text: str) -> Decimal:
    """05: a balance that the source states is decimal(38, 12)."""
    return parse_decimal(text, BALANCE_DIGITS)


BALANCE_DIGITS = 26


def fits(value: Decimal, digits: int = 18) -> bool:
    """02: whether a value rounded to 12 decimals has at most so many integer digits."""
    return abs(value) < Decimal(10) ** digits


def parse_rate(text: str) -> Decimal:
    """02: a rate is 0-100 with at most 6 decimals (zeros beyond them are fine)."""
    if not NUMBER.fullmatch(text):
        raise UnfitError(f"{text!r} is not a number")
    if len(text.partition(".")[2].rstrip("0")) > 6:
        raise UnfitError(f"{text!r} has more than 6 decimals")
    value = rounded(Decimal(text))
    if not 0 <= value <= 100:
        raise UnfitError(f"{text!r} is outside 0-100")
    return value


def parse_version(text: str) -> int:
    """02: a version is a whole number, 0 or more."""
    if not re.fullmatch(r"[0-9]+", text):
        raise UnfitError(f"{text!r} is not a whole number, 0 or more")
    if len(text.lstrip("0")) > 38:
        raise UnfitError(f"{text!r} has more than 38 digits")
    return int(text)


CHARGE_TYPES = ("usage", "subscription", "one_time", "refund", "credit", "adjustment", "tax")
CHARGE_CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
EVENT_FIELDS = [
    Field("event_id", parse_text, required=True),
    Field("version", parse_version),
    Field("operation", parse_code("post", "void")),
    Field("service_account_id", parse_text, required=True),
]


def fields_of(feed: str, currencies: Iterable[str], movement_types: Iterable[str]) -> list[Field]:
    """02: the known columns of a feed. A star in the text is `required`."""
    currency = parse_code(*currencies)
    if feed == "accounts":
        return [
            Field("service_account_id", parse_text, required=True),
            Field("service_account_name", parse_text),
            Field("account_id", parse_text, required=True),
            Field("account_name", parse_text),
            Field("account_type", parse_code("partner", "customer"), required=True),
            Field("partner_id", parse_text, required=True),
            Field("partner_name", parse_text),
            Field("billing_mode", parse_code("prepaid", "postpaid")),
            Field("status", parse_code("pending", "active", "suspended", "closed")),
            Field("updated_at", parse_timestamp, required=True),
        ]
    if feed == "credits":
        return [
            *EVENT_FIELDS,
            Field("wallet", parse_text),
            Field("movement_type", parse_code(*movement_types), required=True),
            Field("amount", parse_decimal, required=True),
            Field("currency", currency, required=True),
            Field("occurred_at", parse_timestamp, required=True),
            Field("transaction_id", parse_text),
            Field("counterparty_service_account_id", parse_text),
            Field("payment_method", parse_text),
            Field("service_code", parse_text),
            Field("description", parse_text),
            Field("balance_after", parse_balance),
        ]
    if feed == "discounts":
        return [
            Field("discount_id", parse_text, required=True),
            Field("subject", parse_code("partner", "customer"), required=True),
            Field("partner_id", parse_text, required=True),
            Field("service_account_id", parse_text),
            Field("service_code", parse_text, required=True),
            Field("deal_id", parse_text),
            Field("rate_percent", parse_rate, required=True),
            Field("requested_on", parse_date, required=True),
            Field("approved_on", parse_date),
            Field("rejected_on", parse_date),
            Field("revoked_on", parse_date),
            Field("effective_from", parse_date, required=True),
            Field("effective_to", parse_date),
            Field("updated_at", parse_timestamp, required=True),
        ]
    if feed == "revenue":
        return [
            *EVENT_FIELDS,
            Field("service_code", parse_text, required=True),
            Field("charge_type", parse_code(*CHARGE_TYPES), required=True),
            Field("order_id", parse_text),
            Field("deal_id", parse_text),
            Field("discount_id", parse_text),
            Field("quantity", parse_decimal),
            Field("unit", parse_text),
            Field("currency", currency, required=True),
            Field("list_amount", parse_decimal, required=True),
            Field("discount_amount", parse_decimal),
            Field("net_amount", parse_decimal, required=True),
            Field("tax_amount", parse_decimal),
            Field("occurred_at", parse_timestamp, required=True),
            Field("ordered_at", parse_timestamp),
            Field("period_start", parse_date),
            Field("period_end", parse_date),
        ]
    return [
        Field("ProviderName", parse_text, required=True),
        Field("BillingAccountId", parse_text, required=True),
        Field("BillingAccountName", parse_text),
        Field("BillingPeriodStart", parse_timestamp, required=True),
        Field("BillingCurrency", currency, required=True),
        Field("SubAccountId", parse_text),
        Field("SubAccountName", parse_text),
        Field("ServiceName", parse_text, required=True),
        Field("ListCost", parse_decimal, required=True),
        Field("BilledCost", parse_decimal, required=True),
        Field("ChargeCategory", parse_code(*CHARGE_CATEGORIES), required=True),
        Field("ChargeFrequency", parse_text),
        Field("ChargePeriodStart", parse_timestamp, required=True),
        Field("ChargePeriodEnd", parse_timestamp),
        Field("ConsumedQuantity", parse_decimal),
        Field("ConsumedUnit", parse_text),
        Field("PricingQuantity", parse_decimal),
        Field("PricingUnit", parse_text),
    ]


# --------------------------------------------------------------------------------------------
# What the oracle keeps
# --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rejected:
    """A row of `rejected_rows`."""

    feed: str
    batch_id: str
    file: str
    row_number: int
    raw: dict[str, Any]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Ignored:
    """A row of `ignored_rows`; `event_id` is the id of whatever the row states."""

    feed: str
    batch_id: str
    file: str
    row_number: int
    event_id: str
    version: int | None
    why: str  # repeated | stale


class IgnoredPeriod(NamedTuple):
    """A row of `service_periods_ignored` (05)."""

    event_id: str
    service_account_id: str
    period_start: date
    period_end: date
    why: str  # reversed | too long


@dataclass(frozen=True)
class BatchCount:
    """A row of `batches` (03 identity 1)."""

    feed: str
    batch_id: str
    row_count: int
    accepted: int
    rejected: int
    ignored: int


@dataclass(frozen=True)
class AccountRecord:
    """The state of a service account from `updated_at` on."""

    service_account_id: str
    service_account_name: str | None
    account_id: str
    account_name: str | None
    account_type: str
    partner_id: str
    partner_name: str | None
    updated_at: datetime
    order: tuple[str, str, str, int]


@dataclass
class Entry:
    """An entry of the ledger. `is_standing`: an original that no later version has reversed.

    `original_version` is, of a reversal, the version of the original which it takes back.
    """

    feed: str
    event_id: str
    version: int
    original_version: int
    entry_type: str  # original | reversal
    is_standing: bool
    batch_id: str
    file: str | None  # of the row that caused it; None when a FOCUS line is gone
    row_number: int | None
    event_date: date
    recorded_date: date
    posted_date: date
    service_account_id: str
    occurred_at: datetime
    currency: str
    service_code: str | None

    @property
    def count(self) -> int:
        """04 event_count: entries count +1 when original and -1 when reversal."""
        return 1 if self.entry_type == "original" else -1


@dataclass
class CreditEntry(Entry):
    """A movement of a wallet."""

    wallet: str
    movement_type: str
    amount: Decimal
    transaction_id: str | None
    counterparty_service_account_id: str | None
    payment_method: str | None
    description: str | None
    balance_after: Decimal | None


@dataclass
class RevenueEntry(Entry):
    """A charge, from the revenue or the focus feed."""

    charge_type: str
    order_id: str | None
    deal_id: str | None
    discount_id: str | None
    quantity: Decimal | None
    unit: str | None
    list_amount: Decimal
    discount_amount: Decimal
    net_amount: Decimal
    tax_amount: Decimal
    order_date: date
    period_start: date | None  # the service period as delivered, also one that does not count
    period_end: date | None


@dataclass(frozen=True)
class Discount:
    """The latest record of a discount with the days worked out from it (03 Discounts).

    `starts_on` and `ends_on` also stand for discounts that never run - superseded on their first
    day, or without a day of their own - whose status needs them; `runs` tells the others.
    """

    record: Typed
    starts_on: date | None
    ends_on: date | None
    runs: bool

    @property
    def discount_id(self) -> str:
        """Its id."""
        return str(self.record["discount_id"])

    def covers(self, day: date) -> bool:
        """Whether the day lies in [starts_on, ends_on]."""
        return (
            self.runs
            and self.starts_on is not None
            and self.starts_on <= day
            and (self.ends_on is None or day <= self.ends_on)
        )


UNPRICED_TYPES = ("tax", "credit", "adjustment")  # no partner discount: passed on at their net


class Ledger:
    """The entries of one landing folder, whose they are and what was refused.

    Raises `LandingError` for what must stop a build. Reference arguments are those of
    `load_reference`; all dates and times of reports are in `time_zone`.
    """

    @exact
    def __init__(
        self,
        landing: Path,
        *,
        time_zone: str = "Asia/Ho_Chi_Minh",
        close_day: int = 5,
        longest_service_period: int = 3660,
        low_credit_days: int = 14,
        currencies: dict[str, int],
        movement_types: dict[str, MovementType],
        focus_accounts: dict[str, FocusAccount],
        services: dict[str, str],
    ) -> None:
        self.zone = ZoneInfo(time_zone)
        self.close_day = close_day
        self.longest_service_period = longest_service_period
        self.low_credit_days = low_credit_days
        self.currencies = currencies
        self.movement_types = movement_types
        self.focus_accounts = focus_accounts
        self.services = services
        self.warnings: list[str] = []
        self._row_counts: Counter[tuple[str, str]] = Counter()
        self._accepted: Counter[tuple[str, str]] = Counter()
        self._batches: list[tuple[str, str]] = []
        self._rejected: list[Rejected] = []
        self._ignored: list[Ignored] = []
        self._entries: list[Entry] = []
        self._account_records: list[AccountRecord] = []

        valid = {feed: self._read_and_judge(landing, feed) for feed in FEEDS}
        self._take_accounts(valid["accounts"])
        self._take_events("credits", valid["credits"])
        self._take_events("revenue", valid["revenue"])
        self._take_focus(valid["focus"])
        self.history = self._settle_account_history()
        self._account_names = {one.account_id: one.account_name for one in self._records()}
        self._service_accounts: dict[str, set[str]] = defaultdict(set)
        for record in self._records():
            self._service_accounts[record.partner_id].add(record.service_account_id)
        self.discounts = self._work_out_discounts(self._latest_discounts(valid["discounts"]))

    # ---------------------------------------------------------------------------- 02: reading

    def _fields(self, feed: str) -> list[Field]:
        return fields_of(feed, self.currencies, self.movement_types)

    def _read_and_judge(self, landing: Path, feed: str) -> list[tuple[RawRow, Typed]]:
        """The valid rows of a feed in (batch, file, row) order; the others become rejected."""
        valid = []
        for batch_id, paths in find_batches(landing, feed):
            self._batches.append((feed, batch_id))
            for path in paths:
                for row in self._read_file(feed, batch_id, path):
                    self._row_counts[feed, batch_id] += 1
                    typed, reasons = self._judge(row)
                    if reasons:
                        self._reject(row, reasons)
                    else:
                        valid.append((row, typed))
        return valid

    def _read_file(self, feed: str, batch_id: str, path: Path) -> list[RawRow]:
        """02: columns by name; faults of the file stand on each row, else those of the row."""
        fields = self._fields(feed)
        known = {one.name.lower(): one.name for one in fields}
        if path.stat().st_size == 0:
            self.warnings.append(f"{feed} {batch_id} {path.name}: 0 bytes, no rows")
            return []
        table = read_parquet(path, set(known)) if path.suffix == ".parquet" else read_csv(path)
        names = [name.lower() for name in table.header]
        self.warnings += [
            f"{feed} {batch_id} {path.name}: unknown column {name}"
            for name in table.header
            if name.lower() not in known
        ]
        faults = [Reason(known[one.field.lower()], one.text) for one in table.faults]
        faults += [
            Reason(known.get(name, name), "stands twice in the header")
            for name, times in Counter(names).items()
            if times > 1
        ]
        faults += [
            Reason(one.name, "is a required column that the file misses")
            for one in fields
            if one.required and one.name.lower() not in names
        ]
        rows = []
        for row_number, cells in enumerate(table.rows, start=1):
            structure = []
            if len(cells) != len(names):
                structure = [Reason("", f"has {len(cells)} fields, the header has {len(names)}")]
            raw: dict[str, Any] = {
                name: text
                for name, text in zip(table.header, cells, strict=False)
                if text is not None
            }
            if len(cells) > len(names):
                raw["_extra"] = cells[len(names) :]
            rows.append(
                RawRow(
                    feed,
                    batch_id,
                    path.name,
                    row_number,
                    dict(zip(names, cells, strict=False)),
                    raw,
                    tuple(faults or structure),
                )
            )
        return rows

    # ---------------------------------------------------------------------------- 02: judging

    def _judge(self, row: RawRow) -> tuple[Typed, list[Reason]]:
        """02: the typed values of a row and all reasons to refuse it."""
        if row.faults:
            return {}, list(row.faults)
        typed: Typed = {}
        reasons: list[Reason] = []
        for one in self._fields(row.feed):
            text = (row.texts.get(one.name.lower()) or "").strip(SPACE)
            if row.feed == "focus" and text == "NULL":
                text = ""
            typed[one.name] = None
            if not text:
                if one.required:
                    reasons.append(Reason(one.name, "is missing"))
                continue
            try:
                typed[one.name] = one.parse(text)
            except UnfitError as unfit:
                reasons.append(Reason(one.name, str(unfit)))
        refused = {reason.field for reason in reasons}
        reasons += [
            Reason(name, text)
            for name, involved, text in self._broken_rules(row.feed, typed)
            if not refused.intersection(involved)
        ]
        return typed, reasons

    def _broken_rules(self, feed: str, typed: Typed) -> Iterator[tuple[str, tuple[str, ...], str]]:
        """02: rules between fields: the field named, the fields involved, and the words.

        A rule is broken only when all fields involved could be read; the caller sees to that,
        and a value that could not be read is None here.
        """
        if feed == "credits":
            kind = self.movement_types.get(typed["movement_type"])
            amount = typed["amount"]
            if kind and amount is not None:
                if kind.amount_rule == "positive" and amount <= 0:
                    yield "amount", ("amount", "movement_type"), "is not greater than 0"
                if kind.amount_rule == "nonzero" and amount == 0:
                    yield "amount", ("amount", "movement_type"), "is 0"
        if feed == "discounts":
            named = typed["service_account_id"] is not None
            involved = ("service_account_id", "subject")
            if typed["subject"] == "partner" and named:
                yield "service_account_id", involved, "must be empty for a partner discount"
            if typed["subject"] == "customer" and not named:
                yield "service_account_id", involved, "is missing for a customer discount"
        if feed == "revenue":
            listed, net = typed["list_amount"], typed["net_amount"]
            discount = typed["discount_amount"] or ZERO
            if listed is not None and net is not None and listed - discount != net:
                yield (
                    "net_amount",
                    ("list_amount", "discount_amount", "net_amount"),
                    f"is not list_amount - discount_amount = {listed - discount}",
                )
        if feed == "focus":
            listed, net = typed["ListCost"], typed["BilledCost"]
            if listed is not None and net is not None and not fits(listed - net):
                yield "ListCost", ("ListCost", "BilledCost"), "less BilledCost does not fit"

    def _reject(self, row: RawRow, reasons: list[Reason]) -> None:
        self._rejected.append(
            Rejected(row.feed, row.batch_id, row.file, row.row_number, row.raw, tuple(reasons))
        )

    def _ignore(self, row: RawRow, event_id: str, version: int | None, why: str) -> None:
        self._ignored.append(
            Ignored(row.feed, row.batch_id, row.file, row.row_number, event_id, version, why)
        )

    def _unrepeated(
        self, valid: list[tuple[RawRow, Typed]], id_column: str
    ) -> list[tuple[RawRow, Typed]]:
        """02: in accounts and discounts a row equal to an accepted one is ignored."""
        accepted: list[tuple[RawRow, Typed]] = []
        seen: set[tuple[Any, ...]] = set()
        for row, typed in valid:
            values = tuple(typed.values())
            if values in seen:
                self._ignore(row, typed[id_column], None, "repeated")
            else:
                seen.add(values)
                self._accepted[row.feed, row.batch_id] += 1
                accepted.append((row, typed))
        return accepted

    # ---------------------------------------------------------------------------- 03: entries

    def event_date(self, instant: datetime) -> date:
        """02: the date of an instant in the business time zone."""
        return instant.astimezone(self.zone).date()

    def posted_date(self, event_date: date, recorded: date) -> date:
        """03: the event date, or the first day of the earliest month open when recorded."""
        earliest_open = recorded.replace(day=1)
        if recorded.day <= self.close_day:
            earliest_open = (earliest_open - timedelta(days=1)).replace(day=1)
        return max(event_date, earliest_open)

    def _take_events(self, feed: str, valid: list[tuple[RawRow, Typed]]) -> None:
        """03: versions in the order (batch, version descending); effective ones make entries."""
        by_batch: dict[str, dict[str, list[tuple[RawRow, Typed]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row, typed in valid:
            by_batch[row.batch_id][typed["event_id"]].append((row, typed))
        greatest: dict[str, int] = {}  # of each event, voids included
        standing: dict[str, Entry] = {}
        for batch_id in sorted(by_batch):
            for event_id, deliveries in by_batch[batch_id].items():
                # sorted() is stable: repeats keep (file, row number) order, the first one wins.
                for row, typed in sorted(deliveries, key=lambda one: -version_of(one[1])):
                    version = version_of(typed)
                    if version > greatest.get(event_id, -1):
                        greatest[event_id] = version
                        self._accepted[feed, batch_id] += 1
                        if event_id in standing:
                            self._reverse(standing.pop(event_id), version, row.batch_id, row)
                        if (typed["operation"] or "post") == "post":
                            standing[event_id] = self._post(feed, row, typed)
                    else:
                        why = "repeated" if version == greatest[event_id] else "stale"
                        self._ignore(row, event_id, version, why)

    def _post(self, feed: str, row: RawRow, typed: Typed) -> Entry:
        entry: Entry = (
            self._credit_entry(row, typed) if feed == "credits" else self._revenue_entry(row, typed)
        )
        self._entries.append(entry)
        return entry

    def _entry_base(self, row: RawRow, typed: Typed) -> dict[str, Any]:
        event_date, recorded = self.event_date(typed["occurred_at"]), recorded_date(row.batch_id)
        return {
            "feed": row.feed,
            "event_id": typed["event_id"],
            "version": version_of(typed),
            "original_version": version_of(typed),
            "entry_type": "original",
            "is_standing": True,
            "batch_id": row.batch_id,
            "file": row.file,
            "row_number": row.row_number,
            "event_date": event_date,
            "recorded_date": recorded,
            "posted_date": self.posted_date(event_date, recorded),
            "service_account_id": typed["service_account_id"],
            "occurred_at": typed["occurred_at"],
            "currency": typed["currency"],
            "service_code": typed["service_code"],
        }

    def _credit_entry(self, row: RawRow, typed: Typed) -> CreditEntry:
        return CreditEntry(
            **self._entry_base(row, typed),
            wallet=typed["wallet"] or "main",
            movement_type=typed["movement_type"],
            amount=typed["amount"],
            transaction_id=typed["transaction_id"],
            counterparty_service_account_id=typed["counterparty_service_account_id"],
            payment_method=typed["payment_method"],
            description=typed["description"],
            balance_after=typed["balance_after"],
        )

    def _revenue_entry(self, row: RawRow, typed: Typed) -> RevenueEntry:
        return RevenueEntry(
            **self._entry_base(row, typed),
            charge_type=typed["charge_type"],
            order_id=typed["order_id"],
            deal_id=typed["deal_id"],
            discount_id=typed["discount_id"],
            quantity=typed["quantity"],
            unit=typed["unit"],
            list_amount=typed["list_amount"],
            discount_amount=typed["discount_amount"] or ZERO,
            net_amount=typed["net_amount"],
            tax_amount=typed["tax_amount"] or ZERO,
            order_date=self.event_date(typed["ordered_at"] or typed["occurred_at"]),
            period_start=typed["period_start"],
            period_end=typed["period_end"],
        )

    def _reverse(self, original: Entry, version: int, batch_id: str, row: RawRow | None) -> None:
        """03: the original's values and event date with amounts and quantity turned."""
        original.is_standing = False
        turned: dict[str, Any] = {}
        if isinstance(original, CreditEntry):
            turned = {"amount": -original.amount}
        if isinstance(original, RevenueEntry):
            turned = {
                "quantity": None if original.quantity is None else -original.quantity,
                "list_amount": -original.list_amount,
                "discount_amount": -original.discount_amount,
                "net_amount": -original.net_amount,
                "tax_amount": -original.tax_amount,
            }
        recorded = recorded_date(batch_id)
        self._entries.append(
            replace(
                original,
                version=version,
                entry_type="reversal",
                batch_id=batch_id,
                file=row.file if row else None,
                row_number=row.row_number if row else None,
                recorded_date=recorded,
                posted_date=self.posted_date(original.event_date, recorded),
                **turned,
            )
        )

    # ------------------------------------------------------------------------------ 02: focus

    def _take_focus(self, valid: list[tuple[RawRow, Typed]]) -> None:
        """02: a delivery states the whole of each group of which a good line came."""
        deliveries: dict[str, dict[tuple[Any, ...], list[tuple[RawRow, Typed]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row, typed in valid:
            group = (typed["ProviderName"], typed["BillingAccountId"], typed["BillingPeriodStart"])
            deliveries[row.batch_id][group].append((row, typed))
        # group -> line -> its standing entries, by running number among equal lines
        stated: dict[tuple[Any, ...], dict[tuple[Any, ...], list[Entry]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for batch_id in sorted(deliveries):
            for group, lines in deliveries[batch_id].items():
                self._restate(stated[group], batch_id, lines)

    def _restate(
        self,
        standing: dict[tuple[Any, ...], list[Entry]],
        batch_id: str,
        lines: list[tuple[RawRow, Typed]],
    ) -> None:
        """02: the multiset of lines before against that of the delivery."""
        delivered = Counter(tuple(typed.values()) for _, typed in lines)
        for line, entries in standing.items():
            while len(entries) > delivered[line]:
                self._reverse(entries.pop(), 1, batch_id, None)
        unchanged = {line: len(entries) for line, entries in standing.items()}
        met: Counter[tuple[Any, ...]] = Counter()
        for row, typed in lines:
            line = tuple(typed.values())
            met[line] += 1
            event = self._focus_event(typed, met[line])
            if met[line] <= unchanged.get(line, 0):
                self._ignore(row, event["event_id"], 1, "repeated")
            else:
                self._accepted["focus", batch_id] += 1
                standing[line].append(self._post("focus", row, event))
                self._account_records.append(self._focus_account(row, typed))

    def _focus_event(self, typed: Typed, running_number: int) -> Typed:
        """02: the revenue event that a FOCUS line becomes."""
        canonical = repr((*typed.values(), running_number))
        category = typed["ChargeCategory"]
        charge_type = category.lower()
        if category == "Purchase":
            recurring = typed["ChargeFrequency"] == "Recurring"
            charge_type = "subscription" if recurring else "one_time"
        measured = "Pricing" if typed["ConsumedQuantity"] is None else "Consumed"
        first_day, last_day = days_of_bill(typed["ChargePeriodStart"], typed["ChargePeriodEnd"])
        return {
            "event_id": "focus:" + hashlib.sha256(canonical.encode()).hexdigest(),
            "version": 1,
            "service_account_id": typed["SubAccountId"] or typed["BillingAccountId"],
            "service_code": typed["ServiceName"],
            "charge_type": charge_type,
            "order_id": None,
            "deal_id": None,
            "discount_id": None,
            "quantity": typed[f"{measured}Quantity"],
            "unit": typed[f"{measured}Unit"],
            "currency": typed["BillingCurrency"],
            "list_amount": typed["ListCost"],
            "discount_amount": typed["ListCost"] - typed["BilledCost"],
            "net_amount": typed["BilledCost"],
            "tax_amount": None,
            "occurred_at": typed["ChargePeriodStart"],
            "ordered_at": None,
            "period_start": first_day,
            "period_end": last_day,
        }

    def _focus_account(self, row: RawRow, typed: Typed) -> AccountRecord:
        """02: the account of a newly posted line, as of 00:00 business time when recorded."""
        billing_id, billing_name = typed["BillingAccountId"], typed["BillingAccountName"]
        mapped = self.focus_accounts.get(billing_id, FocusAccount(billing_id, None))
        sub_id = typed["SubAccountId"]
        name = billing_name if sub_id is None else typed["SubAccountName"]
        midnight = datetime.combine(recorded_date(row.batch_id), time(0), self.zone)
        return AccountRecord(
            service_account_id=sub_id or billing_id,
            service_account_name=name,
            account_id=sub_id or mapped.partner_id,
            account_name=name,
            account_type="partner" if sub_id is None else "customer",
            partner_id=mapped.partner_id,
            partner_name=mapped.partner_name or billing_name,
            updated_at=midnight.astimezone(UTC),
            order=row.order,
        )

    # ------------------------------------------------------------------------ 03: attribution

    def _take_accounts(self, valid: list[tuple[RawRow, Typed]]) -> None:
        shown = (
            "service_account_id service_account_name account_id account_name account_type "
            "partner_id partner_name updated_at".split()
        )
        for row, typed in self._unrepeated(valid, "service_account_id"):
            values = {name: typed[name] for name in shown}
            self._account_records.append(AccountRecord(**values, order=row.order))

    def _settle_account_history(self) -> dict[str, list[AccountRecord]]:
        """03: per service account one record per updated_at, ascending; ties settled first."""
        winners: dict[tuple[str, datetime], AccountRecord] = {}
        for record in sorted(self._account_records, key=lambda one: one.order):
            winners[record.service_account_id, record.updated_at] = record
        history: dict[str, list[AccountRecord]] = defaultdict(list)
        for record in sorted(winners.values(), key=lambda one: one.updated_at):
            history[record.service_account_id].append(record)
        return dict(history)

    def account_at(self, service_account_id: str | None, day: date) -> AccountRecord | None:
        """03: the record at the end of the day, before the first record the first; None: unknown.

        This is the attribution: whose an entry with that event date is.
        """
        records = self.history.get(service_account_id or "")
        if not records:
            return None
        until = [record for record in records if self.event_date(record.updated_at) <= day]
        return until[-1] if until else records[0]

    def _records(self) -> list[AccountRecord]:
        """All records that count, the latest last."""
        records = [record for history in self.history.values() for record in history]
        return sorted(records, key=lambda one: (one.updated_at, one.order))

    def service_account_name(self, service_account_id: str | None) -> str | None:
        """03: the name in the latest record of the service account."""
        records = self.history.get(service_account_id or "")
        return records[-1].service_account_name if records else None

    def account_name(self, account_id: str) -> str | None:
        """03: the name in the latest record, of any service account, that carries the id."""
        return self._account_names[account_id]

    def service_name(self, service_code: str | None) -> str | None:
        """02: the name from the reference data, else the code."""
        return None if service_code is None else self.services.get(service_code, service_code)

    def partners(self) -> dict[str, str | None]:
        """03: the partners that any account record names, with the latest name of each."""
        return dict(sorted({one.partner_id: one.partner_name for one in self._records()}.items()))

    def service_accounts(self, partner_id: str) -> list[str]:
        """03: the service accounts any of whose records names the partner."""
        return sorted(self._service_accounts[partner_id])

    def accounts(self, partner_id: str) -> list[str]:
        """04: the accounts that any record names together with the partner."""
        return sorted({one.account_id for one in self._records() if one.partner_id == partner_id})

    # -------------------------------------------------------------------------- 03: discounts

    def _latest_discounts(self, valid: list[tuple[RawRow, Typed]]) -> list[Typed]:
        """03: the latest record of a discount counts (updated_at, then batch, file, row)."""
        latest: dict[str, Typed] = {}
        accepted = self._unrepeated(valid, "discount_id")
        for _, typed in sorted(accepted, key=lambda one: (one[1]["updated_at"], one[0].order)):
            latest[typed["discount_id"]] = dict(typed)
        for record in latest.values():
            if record["subject"] == "customer" and record["approved_on"] is None:
                record["approved_on"] = record["requested_on"]
        return list(latest.values())

    def _work_out_discounts(self, records: list[Typed]) -> list[Discount]:
        """03: starts_on and ends_on, with the chain of each scope."""
        discounts = []
        scopes: dict[tuple[Any, ...], list[Typed]] = defaultdict(list)
        for record in records:
            start = start_of(record)
            if start is None:
                discounts.append(Discount(record, None, None, runs=False))
            elif is_dayless(record):
                discounts.append(Discount(record, start, own_end(record), runs=False))
            else:
                scopes[scope_of(record)].append(record)
        for rivals in scopes.values():
            # The one that stays of those with the same start comes last.
            rivals.sort(key=lambda one: (start_of(one), one["requested_on"], one["discount_id"]))
            for record, following in zip(rivals, [*rivals[1:], None], strict=True):
                start = start_of(record)
                next_start = start_of(following) if following else None
                ends = [one for one in (own_end(record), day_before(next_start)) if one]
                superseded = next_start is not None and next_start == start
                end = min(ends) if ends else None
                discounts.append(Discount(record, start, end, runs=not superseded))
        return discounts

    def discount_status(self, discount: Discount, day: date) -> str:
        """03: the status on a day."""
        record = discount.record
        if record["rejected_on"] is not None and record["rejected_on"] <= day:
            return "rejected"
        # One that will be rejected never was approved, whatever approved_on says.
        if (
            record["rejected_on"] is not None
            or record["approved_on"] is None
            or record["approved_on"] > day
        ):
            return "awaiting_approval"
        if record["revoked_on"] is not None and record["revoked_on"] <= day:
            return "revoked"
        assert discount.starts_on is not None
        if day < discount.starts_on:
            return "awaiting_active"
        if discount.ends_on is not None and discount.ends_on < day:
            return "expired"
        return "active"

    def partner_discount(self, entry: RevenueEntry) -> Discount | None:
        """03: the partner discount that applies to an entry: that of its deal, else without one."""
        owner = self.account_at(entry.service_account_id, entry.event_date)
        if owner is None or entry.charge_type in UNPRICED_TYPES:
            return None
        covering = [
            discount
            for discount in self.discounts
            if discount.record["subject"] == "partner"
            and discount.record["partner_id"] == owner.partner_id
            and discount.record["service_code"] == entry.service_code
            and discount.covers(entry.order_date)
        ]
        for deal_id in (entry.deal_id, None):
            applying = [one for one in covering if one.record["deal_id"] == deal_id]
            assert len(applying) <= 1, "discounts of one scope overlap"
            if applying:
                return applying[0]
        return None

    # ---------------------------------------------------------------------------- 03: revenue

    def pricing(self, entry: RevenueEntry) -> tuple[Decimal, Decimal, Decimal]:
        """03: partner discount rate, partner cost and partner margin of an entry."""
        if entry.charge_type in UNPRICED_TYPES:
            return ZERO, entry.net_amount, ZERO
        discount = self.partner_discount(entry)
        rate: Decimal = discount.record["rate_percent"] if discount else ZERO
        cost = rounded(entry.list_amount * (1 - rate * Decimal("0.01")))
        return rate, cost, entry.net_amount - cost

    # -------------------------------------------------------------------- 05: service periods

    def _why_ignored(self, entry: RevenueEntry) -> str | None:
        """05: why the service period of an entry does not count; None when it does or has none."""
        if entry.period_start is None or entry.period_end is None:
            return None
        if entry.period_start > entry.period_end:
            return "reversed"
        days = (entry.period_end - entry.period_start).days + 1
        return "too long" if days > self.longest_service_period else None

    def service_period(self, entry: RevenueEntry) -> tuple[date, date]:
        """05: the first and the last day for which an entry was sold, else its event date."""
        if entry.period_start is None or entry.period_end is None or self._why_ignored(entry):
            return entry.event_date, entry.event_date
        return entry.period_start, entry.period_end

    def service_periods_ignored(self) -> list[IgnoredPeriod]:
        """05: the periods of standing events that do not count, also of unknown accounts."""
        found = []
        for entry in self._entries:
            if isinstance(entry, RevenueEntry) and entry.is_standing:
                why = self._why_ignored(entry)
                if why and entry.period_start and entry.period_end:
                    period = (entry.period_start, entry.period_end)
                    found.append(
                        IgnoredPeriod(entry.event_id, entry.service_account_id, *period, why)
                    )
        return sorted(found)

    # -------------------------------------------------------------------------- the accessors

    def entries(self) -> list[Entry]:
        """All entries of the ledger, by feed and in the order in which they were added."""
        return list(self._entries)

    def rejected(self) -> list[Rejected]:
        """02: rows of `rejected_rows`, in (feed, batch, file, row number) order."""
        return sorted(self._rejected, key=place_of)

    def ignored(self) -> list[Ignored]:
        """02: rows of `ignored_rows`, in (feed, batch, file, row number) order."""
        return sorted(self._ignored, key=place_of)

    def batches(self) -> list[BatchCount]:
        """03 identity 1: per feed and batch the rows in the files and what became of them."""
        rejected = Counter((one.feed, one.batch_id) for one in self._rejected)
        ignored = Counter((one.feed, one.batch_id) for one in self._ignored)
        return [
            BatchCount(
                feed=batch[0],
                batch_id=batch[1],
                row_count=self._row_counts[batch],
                accepted=self._accepted[batch],
                rejected=rejected[batch],
                ignored=ignored[batch],
            )
            for batch in sorted(self._batches)
        ]

    def unattributed(self) -> list[Entry]:
        """02, 04: the standing entry of each event whose service account is not known."""
        return [
            entry
            for entry in self._entries
            if entry.is_standing and entry.service_account_id not in self.history
        ]

    # ------------------------------------------------------------------ 03: whose, and as shown

    def _mine(self, entry: Entry, partner: str, account_type: str, account: str | None) -> bool:
        """03 Attribution and the conditions of 01: whether the entry is in the partner's report."""
        owner = self.account_at(entry.service_account_id, entry.event_date)
        return (
            owner is not None
            and owner.partner_id == partner
            and self._is_chosen(owner, account_type, account)
        )

    def _is_chosen(self, shown: AccountRecord, account_type: str, account: str | None) -> bool:
        """04: whether the conditions choose a row that shows this record of the partner's."""
        if account_type not in ("both", shown.account_type):
            return False
        if account in self._service_accounts[shown.partner_id]:
            return shown.service_account_id == account
        return account in (None, shown.account_id)

    def _account_cells(self, entry: Entry) -> Row:
        """Service account, account and type of an entry as reports show them (latest names)."""
        owner = self.account_at(entry.service_account_id, entry.event_date)
        assert owner is not None
        return self._named_account(owner)

    def _named_account(self, record: AccountRecord) -> Row:
        return (
            record.service_account_id,
            self.service_account_name(record.service_account_id),
            record.account_id,
            self.account_name(record.account_id),
            record.account_type,
        )

    def _service_cells(self, entry: Entry) -> Row:
        return (entry.service_code, self.service_name(entry.service_code))

    def _local_time(self, instant: datetime) -> str:
        """04: business time, its fraction cut off."""
        local = instant.astimezone(self.zone)
        return local.replace(tzinfo=None, microsecond=0).isoformat(sep=" ")

    def _effect(self, entry: CreditEntry) -> Decimal:
        return self.movement_types[entry.movement_type].balance_effect * entry.amount

    def _held_effect(self, entry: CreditEntry) -> Decimal:
        return self.movement_types[entry.movement_type].held_effect * entry.amount

    def _balance_account(self, service_account_id: str, partner: str, to: date) -> AccountRecord:
        """03: the account's last record up to `to` that names the partner, else the first."""
        naming = [one for one in self.history[service_account_id] if one.partner_id == partner]
        until = [one for one in naming if self.event_date(one.updated_at) <= to]
        return until[-1] if until else naming[0]


# --------------------------------------------------------------------------------------------
# Small rules
# --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """[first, last], both included, on a basis (03)."""

    first: date
    last: date
    basis: str  # event | posted | allocated

    def date_of(self, entry: Entry) -> date:
        """The date by which the basis places an entry."""
        return entry.posted_date if self.basis == "posted" else entry.event_date

    def lists(self, entry: Entry) -> bool:
        """03: posted basis lists all entries, the others (05: allocated) standing versions."""
        return self.basis == "posted" or entry.is_standing

    def has(self, entry: Entry) -> bool:
        """Whether the basis lists the entry within the period."""
        return self.lists(entry) and self.first <= self.date_of(entry) <= self.last

    def is_before(self, entry: Entry) -> bool:
        """Whether the basis lists the entry before the period."""
        return self.lists(entry) and self.date_of(entry) < self.first


def version_of(typed: Typed) -> int:
    """02: the version, default 1."""
    version: int | None = typed["version"]
    return 1 if version is None else version


def days_of_bill(start: datetime, end: datetime | None) -> tuple[date | None, date | None]:
    """05: the days of a FOCUS line in UTC, its end excluded, when it has more than 24 hours."""
    if end is None or end - start <= timedelta(hours=24):
        return None, None
    return start.date(), (end - timedelta(microseconds=1)).date()


def place_of(row: Rejected | Ignored) -> tuple[str, str, str, int]:
    """Where a row stood."""
    return (row.feed, row.batch_id, row.file, row.row_number)


def start_of(record: Typed) -> date | None:
    """03: the later of effective_from and approved_on; None when not approved or rejected."""
    if record["approved_on"] is None or record["rejected_on"] is not None:
        return None
    start: date = max(record["effective_from"], record["approved_on"])
    return start


def own_end(record: Typed) -> date | None:
    """03: the earliest of effective_to and the day before revoked_on."""
    ends = [one for one in (record["effective_to"], day_before(record["revoked_on"])) if one]
    return min(ends) if ends else None


def is_dayless(record: Typed) -> bool:
    """03: a discount whose own dates leave it no day never starts and ends no other."""
    start, end = start_of(record), own_end(record)
    return start is not None and end is not None and end < start


def day_before(day: date | None) -> date | None:
    """The day before, or None for None."""
    return None if day is None else day - timedelta(days=1)


def scope_of(record: Typed) -> tuple[Any, ...]:
    """03: subject, partner, service account, service, deal."""
    return tuple(
        record[name]
        for name in ("subject", "partner_id", "service_account_id", "service_code", "deal_id")
    )
