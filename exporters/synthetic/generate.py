"""A reproducible synthetic landing folder of all five feeds, for trials and benchmarks.

`--events` counts the distinct events of the credits feed (a fifth) and the revenue feed (the rest).
Rows that repeat, correct, void or spoil an event come on top, and so do accounts, discounts and
FOCUS lines, whose numbers follow from the partners and the events. The same request gives the same
bytes: every value is a hash of the seed, a purpose and the number of its event or account, so it
depends neither on threads nor on the order of work, and every file is written by one thread.

Shapes. Days begin with FIRST_DAY and are days of Asia/Ho_Chi_Minh; each has as many events as the
next. A partner has CUSTOMERS_PER_PARTNER customer service accounts on average. The sizes of both
follow a power law: the n-th gets about 1/n. Usage is metered by the hour. STORY credit events tell
a day of a customer: the partner tops up and transfers credit (both sides), the customer uses it,
some is held and released, and a grant, coupon, refund, expiry, adjustment or revaluation is added.
Discounts come in every status, as chains and as deals. One account in 30 moves to another partner,
one in 50 becomes known only after its first events. FOCUS_BILLING_ACCOUNTS send a FOCUS line for
every EVENTS_PER_FOCUS_LINE events: once a week the month to date, and with the first delivery
after a month the whole of it, restated.

Files. One batch a day and feed. Most events: Parquet, with native types in revenue and with text in
credits. The odd rows of EVENT_CASES: CSV, on Thursdays in a second batch of the day. Accounts and
FOCUS: gzipped CSV. Discounts: CSV.

Rates. Of 1,000 events of either feed 27 come late, 10 again, 9 are corrected, 5 voided, 1 is
voided and posted again, 4 also come broken and 1 names an unknown account (EVENT_CASES, with
versions that overtake one another); of 1,000 records of accounts and discounts 10 come again and
5 also broken; of 100 FOCUS lines one each is gone from, new in and changed by the restated month,
and one is broken until then. What would arrive after the last day arrives on the last day. The
command prints what the files hold and what a build makes of it: accepted, rejected and ignored
rows, and unattributed events.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exporters.errors import RequestError
from exporters.terminal_table import table

if TYPE_CHECKING:
    from concurrent.futures import Future

    import duckdb

FEEDS = ("accounts", "credits", "discounts", "revenue", "focus")
LARGEST = {"events": 1_000_000_000, "partners": 100_000, "days": 3_660, "seed": 2**63 - 1}

# A Monday near the end of a month, so that even 20 days reach over its close.
FIRST_DAY = date(2024, 1, 22)
CUSTOMERS_PER_PARTNER = 20


class Delivery(NamedTuple):
    """One row of an event: how many days after the event it arrives, and what it says."""

    after: int
    version: int = 1
    operation: str = "post"
    is_broken: bool = False


class EventCase(NamedTuple):
    """What happens to `per_mille` of 1,000 events."""

    name: str
    per_mille: int
    deliveries: tuple[Delivery, ...]


IN_TIME = Delivery(0)
UNKNOWN_ACCOUNT = EventCase("of unknown account", 1, (IN_TIME,))
EVENT_CASES = (
    EventCase("late", 20, (Delivery(1),)),
    EventCase("late", 5, (Delivery(3),)),
    EventCase("late", 2, (Delivery(40),)),  # its month is closed
    EventCase("repeated", 4, (IN_TIME, Delivery(0))),
    EventCase("repeated", 4, (IN_TIME, Delivery(1))),
    EventCase("repeated", 2, (IN_TIME, Delivery(1), Delivery(35))),
    EventCase("corrected", 5, (IN_TIME, Delivery(2, 2))),
    EventCase("corrected", 2, (IN_TIME, Delivery(36, 2))),
    EventCase("corrected", 1, (IN_TIME, Delivery(1, 2), Delivery(4, 3))),
    EventCase("corrected", 1, (Delivery(0, 2), Delivery(1))),  # before what it corrects
    EventCase("voided", 3, (IN_TIME, Delivery(2, 2, "void"))),
    EventCase("voided", 1, (IN_TIME, Delivery(38, 2, "void"))),
    EventCase("voided", 1, (Delivery(0, 2, "void"), Delivery(1))),  # before what it voids
    EventCase("posted again", 1, (IN_TIME, Delivery(1, 2, "void"), Delivery(5, 3))),
    EventCase("broken", 3, (IN_TIME, Delivery(0, is_broken=True))),
    EventCase("broken", 1, (Delivery(0, is_broken=True), Delivery(1))),  # the good row comes later
    UNKNOWN_ACCOUNT,
)
# The cases of 1,000 events with the remainders by 1,000 of their numbers; any step without a common
# divisor with 1,000 scatters them.
SLOTS = tuple(
    (number * 617 % 1000, case)
    for number, case in enumerate(case for case in EVENT_CASES for _ in range(case.per_mille))
)
STORY = 16

REPEATED_RECORDS = 10  # on the next day
BROKEN_RECORDS = 5  # beside the good row

FOCUS_BILLING_ACCOUNTS = 3
EVENTS_PER_FOCUS_LINE = 100
FOCUS_GONE, FOCUS_NEW, FOCUS_CHANGED, FOCUS_BROKEN = 11, 37, 61, 89  # of 100 lines

# Code, unit, price in VND. The reference data do not know the last one.
SERVICES = (
    ("compute-vm", "hour", "1250.5"),
    ("kubernetes", "hour", "2400"),
    ("managed-db", "hour", "3150.25"),
    ("gpu-h100", "hour", "62500"),
    ("load-balancer", "hour", "410"),
    ("cloud-desktop", "hour", "980"),
    ("waf", "hour", "700"),
    ("support", "hour", "3500"),
    ("object-storage", "GB", "640.125"),
    ("block-storage", "GB", "1530"),
    ("backup", "GB", "455.75"),
    ("cdn", "GB", "250.0625"),
    ("ai-inference", "GB", "77.7"),
    ("iot-hub", "GB", "318"),
)
KNOWN_SERVICES = len(SERVICES) - 1
VND_PER_USD = 25_000
CUSTOMER_RATES = ("2", "3", "5", "8", "10", "12")
PARTNER_RATES = ("5", "7.5", "10", "12.5", "15", "20", "22.25", "30")
OTHER_MOVEMENTS = (
    "grant grant grant grant grant grant coupon coupon coupon coupon coupon refund refund refund "
    "expiry expiry expiry expiry adjustment revaluation"
).split()

BUSINESSES = (
    "Công ty TNHH",
    "Công ty Cổ phần",
    "Cửa hàng",
    "Trường",
    "Bệnh viện",
    "Nhà máy",
    "Khách sạn",
    "Hợp tác xã",
)
NAMES = (
    "Hoa Sen",
    "Bình Minh",
    "Sông Hồng",
    '"Phố Cổ", Hà Nội',
    "Đông Á",
    "Ánh Dương",
    "Trường Sơn",
    "Cửu Long",
    "Mặt Trời",
    "Bạch Đằng",
    "Thiên Ân & Con",
    "Việt Ưu",
    "Hải Đăng",
)

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
DISCOUNT_KINDS = (
    "running running running running running replaced replaced replaced approved approved "
    "awaiting rejected revoked future expiring expiring"
).split()

PARQUET = "format parquet, compression zstd"
CSV = "format csv, header"
CSV_GZ = "format csv, header, compression gzip"


# -- the command -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Size:
    """What was asked for."""

    events: int
    partners: int
    days: int
    seed: int

    @property
    def credits(self) -> int:
        """Distinct events of the credits feed."""
        return self.events // 5

    @property
    def revenue(self) -> int:
        """Distinct events of the revenue feed."""
        return self.events - self.credits

    @property
    def customers(self) -> int:
        """Service accounts of customers."""
        return self.partners * CUSTOMERS_PER_PARTNER


@dataclass
class Tally:
    """The rows of a feed by what a build makes of them, and its events by their case."""

    accepted: int = 0
    rejected: int = 0
    ignored: int = 0
    unattributed: int = 0
    cases: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """All rows of the files."""
        return self.accepted + self.rejected + self.ignored


Job = Callable[["duckdb.DuckDBPyConnection"], None]


def run(arguments: argparse.Namespace) -> int:
    """Write the landing folder and print what it holds. Returns 0.

    Raises:
        RequestError: a number is not a whole number within its bounds, or the output is not a new
            or an empty folder; nothing is written.
        OSError, duckdb.Error: the folder could not be written; what was begun is removed.
    """
    numbers = {name: _whole_number(name, getattr(arguments, name)) for name in LARGEST}
    output: Path = arguments.output
    if output.exists() and not output.is_dir():
        raise RequestError(f"--output {output} is not a folder")
    if output.is_dir() and any(output.iterdir()):
        raise RequestError(f"--output {output} is not empty; name a new or an empty folder")
    size = Size(**numbers)
    _print(size, output, write(size, output))
    return 0


def _whole_number(name: str, text: str) -> int:
    smallest, largest = 0 if name == "seed" else 1, LARGEST[name]
    if re.fullmatch("[0-9]{1,19}", text) and smallest <= int(text) <= largest:
        return int(text)
    raise RequestError(f"--{name} {text!r} is not a whole number from {smallest} to {largest:,}")


def write(size: Size, output: Path) -> dict[str, Tally]:
    """Write a landing folder into `output`, a new or an empty folder; the tally of each feed.

    Works with a thread a core; memory does not grow with the number of events.
    """
    output.mkdir(parents=True, exist_ok=True)
    # A build passes this folder over, so that half a landing folder never looks like a whole one.
    draft = output / ".generating"
    draft.mkdir()
    try:
        tallies = _write_feeds(size, draft)
        for folder in draft.iterdir():
            folder.rename(output / folder.name)
    except BaseException:
        for feed in FEEDS:
            shutil.rmtree(output / feed, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return tallies


def _write_feeds(size: Size, folder: Path) -> dict[str, Tally]:
    """Share the batches out to a thread a core, each with an engine of its own."""
    from concurrent.futures import ThreadPoolExecutor

    tallies = {feed: Tally() for feed in FEEDS}
    jobs: list[Job] = [
        *_focus_jobs(size, folder / "focus", tallies["focus"]),
        partial(_write_accounts, size, folder / "accounts", tallies["accounts"]),
        partial(_write_discounts, size, folder / "discounts", tallies["discounts"]),
        *_event_jobs(size.revenue, size.days, _revenue, folder / "revenue", tallies["revenue"]),
        *_event_jobs(size.credits, size.days, _credits, folder / "credits", tallies["credits"]),
    ]
    engines = threading.local()

    def work(job: Job) -> None:
        if not hasattr(engines, "connection"):
            engines.connection = _engine(size)
        job(engines.connection)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        try:
            for done in _progress([pool.submit(work, job) for job in jobs]):
                done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return tallies


def _progress(futures: list[Future[None]]) -> Iterable[Future[None]]:
    """The futures as they end, with a progress bar where somebody is looking."""
    from concurrent.futures import as_completed

    if not sys.stderr.isatty():
        return as_completed(futures)
    from tqdm import tqdm

    return tqdm(as_completed(futures), total=len(futures), desc="generate", unit="batch")


def _print(size: Size, output: Path, tallies: dict[str, Tally]) -> None:
    files = [path for path in output.rglob("*") if path.is_file()]
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    print(f"Wrote {output}: {len(files):,} files, {megabytes:,.1f} MB")
    print(
        f"{size.events:,} distinct events ({size.credits:,} credits, {size.revenue:,} revenue) of "
        f"{size.partners:,} partners from {FIRST_DAY} to {_day(size.days - 1)}, seed {size.seed}"
    )
    columns = ("rows", "accepted", "rejected", "ignored", "unattributed")
    rows = {feed: [getattr(tally, column) for column in columns] for feed, tally in tallies.items()}
    print("\nRows by what a build makes of them")
    _print_table(columns, rows)
    cases = list(dict.fromkeys(case.name for case in EVENT_CASES))
    print("\nEvents by what happens to them")
    _print_table(
        cases,
        {feed: [tallies[feed].cases[case] for case in cases] for feed in ("credits", "revenue")},
    )


def _print_table(headers: Sequence[str], rows: dict[str, list[int]]) -> None:
    columns = [("feed", False), *((header, True) for header in headers)]
    print(table(columns, [[feed, *(f"{n:,}" for n in numbers)] for feed, numbers in rows.items()]))


# -- what all feeds share ----------------------------------------------------------------------


def _engine(size: Size) -> duckdb.DuckDBPyConnection:
    """A database engine with one thread and the functions that all feeds share."""
    import duckdb

    # With one thread the rows of a file come in one order, and its bytes are always the same.
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set TimeZone = 'UTC'")
    midnight = (FIRST_DAY - date(1970, 1, 1)).days * 86_400
    macros = {
        # A whole number below `choices`, always the same for a purpose and a number. Only the hash
        # of a single value scatters: the hash of two is that of one, turned by that of the other.
        "draw(purpose, number, choices)": f"""
            cast(
                hash(
                    cast(number as bigint)
                    + cast(hash(purpose || ' {size.seed}') >> 2 as bigint)
                )
                % cast(choices as ubigint) as bigint
            )
        """,
        # A power law in whole numbers, alike on every machine: each octave is as likely as another.
        "in_octave(purpose, number, everyone, octave)": """
            octave - 1 + draw(purpose, number, least(octave, everyone - octave + 1))
        """,
        "power_law(purpose, number, everyone)": """
            in_octave(
                purpose,
                number,
                everyone,
                cast(1 as bigint) << draw(purpose || ' octave', number, length(bin(everyone)))
            )
        """,
        "some_customer(purpose, number)": f"power_law(purpose, number, {size.customers})",
        "some_partner(purpose, number)": f"power_law(purpose, number, {size.partners})",
        # Ids begin with zeros, as account numbers do.
        "partner_id(partner)": "substr(cast(1000001 + partner as varchar), 2)",
        "wallet_id(partner)": "partner_id(partner) || '-00'",
        "customer_id(customer)": "substr(cast(100000001 + customer as varchar), 2)",
        "event_id(prefix, number)": "prefix || substr(cast(10000000000 + number as varchar), 2)",
        # Every fourth service account is the second one of its account.
        "account_of(customer)": "customer - case when customer % 4 = 3 then 1 else 0 end",
        # The first accounts see to it that every partner has one.
        "first_partner(account)": f"""
            case
                when account < {2 * size.partners} then account // 2
                else some_partner('first partner', account)
            end
        """,
        "is_mover(account)": "account % 40 = 14",
        "move_day(account)": f"draw('move day', account, {size.days})",
        "next_partner(account)": f"""
            (
                first_partner(account)
                + 1
                + draw('next partner', account, {max(size.partners - 1, 1)})
            )
            % {size.partners}
        """,
        "partner_on(account, day)": """
            case
                when is_mover(account) and day >= move_day(account) then next_partner(account)
                else first_partner(account)
            end
        """,
        # A holder is a customer's account or, as a negative number, a partner.
        "partner_holder(partner)": "-1 - partner",
        "currency_of(holder)": """
            case when draw('currency', holder, 33) = 0 then 'USD' else 'VND' end
        """,
        "favourite_service(holder)": f"draw('favourite service', holder, {KNOWN_SERVICES})",
        "service_code(service)": f"{_texts(code for code, _, _ in SERVICES)}[service + 1]",
        "has_discount(customer)": "customer % 3 = 0",
        "discount_rate(customer, rates)": f"""
            rates[draw('customer rate', customer, {len(CUSTOMER_RATES)}) + 1]
        """,
        "discount_of(customer)": "'CD-' || customer_id(customer)",
        "deal_of(partner)": "'DL-' || partner_id(partner)",
        "partner_name(partner)": f"""
            'Đại lý ' || {_pick(NAMES, "'partner name', partner")} || ' ' || partner
        """,
        "account_name(account)": f"""
            {_pick(BUSINESSES, "'business', account")}
            || ' ' || {_pick(NAMES, "'name', account")} || ' ' || account
        """,
        # Business time: `day` counts from the first one, `second` from midnight.
        "local_time(day, second)": f"""
            make_timestamp(({midnight} + cast(day as bigint) * 86400 + second) * 1000000)
        """,
        "local_text(day, second)": "cast(local_time(day, second) as varchar) || '+07:00'",
        "instant(day, second)": "cast(local_time(day, second - 7 * 3600) as timestamptz)",
        "local_date(day)": f"date '{FIRST_DAY}' + cast(day as integer)",
    }
    for signature, body in macros.items():
        connection.execute(f"create macro {signature} as {body}")
    return connection


def _texts(values: Iterable[str]) -> str:
    """A literal list of texts."""
    return "[" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + "]"


def _decimals(values: Iterable[str], kind: str) -> str:
    """A literal list of decimals of one type."""
    return f"cast([{', '.join(values)}] as {kind}[])"


def _pick(values: Sequence[str], drawn: str) -> str:
    """One of the texts; `drawn` are the purpose and the number to draw with."""
    return f"{_texts(values)}[draw({drawn}, {len(values)}) + 1]"


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path, form: str) -> None:
    """Write the rows of a query to a file, whose folder is made when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = str(path).replace("'", "''")
    connection.execute(f"copy ({query}) to '{target}' ({form})")


def _day(day: int) -> date:
    return FIRST_DAY + timedelta(days=day)


def _count(first: int, last: int, remainder: int, divisor: int) -> int:
    """How many numbers from `first` to before `last` leave the remainder."""
    return (last - remainder - 1) // divisor - (first - remainder - 1) // divisor


# -- credits and revenue -----------------------------------------------------------------------


class Slice(NamedTuple):
    """One delivery of every thousandth event from `first` to before `last`.

    They happened on `day`, whose `day_events` events begin with number `day_first`.
    """

    first: int
    last: int
    day: int
    day_first: int
    day_events: int
    delivery: Delivery


def _event_jobs(
    total: int, days: int, query: Callable[[str, bool], str], folder: Path, tally: Tally
) -> Iterator[Job]:
    """A job for each day of one feed. `query` makes rows of deliveries, as text or natively."""
    bounds = [total * day // days for day in range(days + 1)]
    odd_rows: list[list[Slice]] = [[] for _ in range(days)]
    tally.accepted = total
    for day, (first, last) in enumerate(pairwise(bounds)):
        for remainder, case in SLOTS:
            events = _count(first, last, remainder, 1000)
            if events == 0:
                continue
            match = first + (remainder - first) % 1000
            arrivals = []
            for number, delivery in enumerate(case.deliveries):
                arrival = min(day + delivery.after, days - 1)
                is_odd = number > 0 or delivery != IN_TIME
                arrivals.append((arrival, is_odd and _has_second_batch(arrival)))
                if is_odd:
                    odd_rows[arrival].append(Slice(match, last, day, first, last - first, delivery))
            _tally_case(tally, case, arrivals, events)
    for day, (first, last) in enumerate(pairwise(bounds)):
        yield partial(_write_events, query, folder, day, (first, last), odd_rows[day])


def _has_second_batch(day: int) -> bool:
    """Whether the odd rows of the day come in a batch of their own, in the evening."""
    return day % 7 == 3


def _tally_case(
    tally: Tally, case: EventCase, arrivals: Sequence[tuple[int, bool]], events: int
) -> None:
    """Count events of a case whose deliveries arrive in these batches.

    Of a batch the highest version counts, if it is higher than those of earlier batches.
    """
    newest: dict[tuple[int, bool], int] = {}
    for arrival, delivery in zip(arrivals, case.deliveries, strict=True):
        if not delivery.is_broken:
            newest[arrival] = max(newest.get(arrival, 0), delivery.version)
    accepted = highest = 0
    for arrival in sorted(newest):
        if newest[arrival] > highest:
            highest = newest[arrival]
            accepted += 1
    broken = sum(delivery.is_broken for delivery in case.deliveries)
    # One row of every event is counted already.
    tally.accepted += events * (accepted - 1)
    tally.rejected += events * broken
    tally.ignored += events * (len(case.deliveries) - broken - accepted)
    tally.unattributed += events if case is UNKNOWN_ACCOUNT else 0
    tally.cases[case.name] += events


def _write_events(
    query: Callable[[str, bool], str],
    folder: Path,
    day: int,
    bounds: tuple[int, int],
    odd_rows: Sequence[Slice],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Write the files of one day: the events that come in time, and the odd rows."""
    first, last = bounds
    not_in_time = [remainder for remainder, case in SLOTS if case.deliveries[0] != IN_TIME]
    if last - first > sum(_count(first, last, remainder, 1000) for remainder in not_in_time):
        rows = f"""
            select
                event,
                {day} as day,
                {first} as day_first,
                {last - first} as day_events,
                1 as version,
                'post' as operation,
                false as is_broken,
            from range({first}, {last}) as numbers (event)
            where event % 1000 not in ({", ".join(map(str, not_in_time))})
        """
        path = folder / f"batch={_day(day)}" / f"{folder.name}.parquet"
        _copy(connection, query(rows, False), path, PARQUET)
    if odd_rows:
        slices = ", ".join(
            f"({first}, {last}, {happened}, {day_first}, {day_events}, "
            f"{delivery.version}, '{delivery.operation}', {delivery.is_broken})"
            for first, last, happened, day_first, day_events, delivery in odd_rows
        )
        rows = f"""
            select
                unnest(range(first_event, last_event, 1000)) as event,
                day,
                day_first,
                day_events,
                version,
                operation,
                is_broken,
            from (values {slices}) as slices (
                first_event, last_event, day, day_first, day_events, version, operation, is_broken
            )
            order by event, version, is_broken
        """
        batch = f"batch={_day(day)}{'T180000' if _has_second_batch(day) else ''}"
        _copy(connection, query(rows, True), folder / batch / f"{folder.name}_odd.csv", CSV)


_UNKNOWN = f"event % 1000 = {next(slot for slot, case in SLOTS if case is UNKNOWN_ACCOUNT)}"


def _revenue(deliveries: str, as_text: bool) -> str:
    """The rows of the revenue feed for deliveries of events."""
    prices = {
        "VND": [price for _, _, price in SERVICES],
        "USD": [f"{Decimal(price) / VND_PER_USD:.4f}" for _, _, price in SERVICES],
    }
    shares = _decimals((f"{Decimal(rate) / 100}" for rate in CUSTOMER_RATES), "decimal(2, 2)")
    if as_text:
        amounts = """
            case fault
                when 0 then '1,250,000'
                else cast(list_amount as varchar)
            end as list_amount,
            cast(discount_amount as varchar) as discount_amount,
            cast(net_amount + case fault when 1 then 1 else 0 end as varchar) as net_amount,
            cast(tax_amount as varchar) as tax_amount,
            case fault
                when 2 then '31/01/2024 10:00'
                else local_text(day, second)
            end as occurred_at,
            local_text(order_day, 34200) as ordered_at,
        """
    else:
        amounts = """
            cast(list_amount as decimal(18, 8)) as list_amount,
            cast(discount_amount as decimal(18, 8)) as discount_amount,
            cast(net_amount as decimal(18, 8)) as net_amount,
            cast(tax_amount as decimal(18, 8)) as tax_amount,
            instant(day, second) as occurred_at,
            instant(order_day, 34200) as ordered_at,
        """
    return f"""
        with deliveries as ({deliveries}),

        owned as (
            select
                *,
                draw('is partner', event, 20) = 0 as is_partner,
                case
                    when is_partner then some_partner('partner', event)
                    else some_customer('customer', event)
                end as owner,
                draw('charge', event, 1000) as charge,
            from deliveries
        ),

        identified as (
            select
                *,
                case when is_partner then partner_holder(owner) else account_of(owner) end
                    as holder,
                case when is_partner then wallet_id(owner) else customer_id(owner) end as owner_id,
                case
                    when charge < 880 then 'usage'
                    when charge < 940 then 'subscription'
                    when charge < 950 then 'one_time'
                    when charge < 960 then 'refund'
                    when charge < 970 then 'credit'
                    when charge < 980 then 'adjustment'
                    else 'tax'
                end as charge_type,
                (event - day_first) * 24 // day_events * 3600
                + case when charge < 880 then 0 else draw('second', event, 3600) end as second,
                case when is_broken then draw('fault', event, 6) end as fault,
            from owned
        ),

        used as (
            select
                *,
                favourite_service(holder) as favourite,
                case
                    when draw('habit', event, 4) < 3 then favourite
                    else draw('service', event, {len(SERVICES)})
                end as service,
                currency_of(holder) as currency,
            from identified
        ),

        ordered as (
            select
                *,
                {_texts(unit for _, unit, _ in SERVICES)}[service + 1] as unit,
                charge_type in ('subscription', 'one_time', 'refund') as is_ordered,
                case
                    when charge_type = 'subscription'
                        then least(day, draw('order', holder * 16 + service, 90) - 60)
                end as order_day,
                case
                    when charge_type = 'subscription' then 72000
                    when unit = 'hour' then 100 + 100 * draw('hours', event, 64)
                    else 1 + draw('hundredths', event, 20000)
                end * (11 - version) // 10 as hundredths,
                charge_type in ('refund', 'credit')
                or (charge_type = 'adjustment' and draw('sign', event, 2) = 0) as is_negative,
                not is_partner
                and has_discount(owner)
                and service = favourite
                and charge_type in ('usage', 'subscription') as is_discounted,
                not is_partner and owner % 10 = 5 and service = 0 as is_deal,
            from used
        ),

        listed as (
            select
                *,
                -- Kept to 18 digits, which are quick.
                cast(
                    cast(hundredths as decimal(6, 0)) * cast(0.01 as decimal(2, 2))
                    as decimal(6, 2)
                ) as quantity,
                quantity
                * case currency
                    when 'USD' then {_decimals(prices["USD"], "decimal(9, 4)")}[service + 1]
                    else {_decimals(prices["VND"], "decimal(9, 4)")}[service + 1]
                end as price,
                case when is_negative then -price else price end as list_amount,
            from ordered
        ),

        discounted as (
            select
                *,
                case
                    when is_discounted then list_amount * discount_rate(owner, {shares})
                    else 0
                end as discount_amount,
            from listed
        ),

        charged as (
            select
                *,
                list_amount - discount_amount as net_amount,
                case
                    when charge_type not in ('credit', 'tax')
                        then cast(net_amount as decimal(15, 4)) * cast(0.1 as decimal(1, 1))
                end as tax_amount,
            from discounted
        )

        select
            event_id('RV-', event) as event_id,
            cast(version as integer) as version,
            operation,
            case
                when fault = 3 then null
                when {_UNKNOWN} then 'UNKNOWN-' || draw('unknown', event, 7)
                else owner_id
            end as service_account_id,
            service_code(service) as service_code,
            case when fault = 4 then 'rental' else charge_type end as charge_type,
            case when is_ordered then 'ORD-' || owner_id || '-' || service end as order_id,
            case when is_deal then deal_of(partner_on(holder, day)) end as deal_id,
            case when is_discounted then discount_of(owner) end as discount_id,
            quantity,
            unit,
            case when fault = 5 then 'VNĐ' else currency end as currency,
            {amounts}
            case when order_day is not null then local_date(day) end as period_start,
            case when order_day is not null then local_date(day + 29) end as period_end,
        from charged
    """


def _credits(deliveries: str, as_text: bool) -> str:
    """The rows of the credits feed for deliveries of events: all of them text, in any file.

    The events of a day are its stories' first steps, then their second ones, and so on; those that
    make no whole story are usage.
    """
    return f"""
        with deliveries as ({deliveries}),

        placed as (
            select
                *,
                event - day_first as place,
                day_events // {STORY} as stories,
                place < stories * {STORY} as is_story,
                case when is_story then place // stories else 5 end as step,
                day_first + place % greatest(stories, 1) as story,
                -- Both sides of a transfer have one time.
                (case when step = 2 then place - stories else place end) * 86400 // day_events
                    as clock,
                case when is_broken then draw('fault', event, 6) end as fault,
            from deliveries
        ),

        told as (
            select
                *,
                some_customer('wallet', story) as customer,
                account_of(customer) as account,
                customer_id(customer) as customer_wallet,
                case step
                    when 0 then 'top_up'
                    when 1 then 'transfer_out'
                    when 2 then 'transfer_in'
                    when 3 then 'hold'
                    when 14 then 'release'
                    when 15 then {_pick(OTHER_MOVEMENTS, "'movement', story")}
                    else 'usage'
                end as movement_type,
                -- Hundredths of VND.
                (1 + draw('budget', story, 200)) * 5000000 as budget,
            from placed
        ),

        moved as (
            select
                *,
                wallet_id(partner_on(account, day)) as partner_wallet,
                currency_of(account) as currency,
                case step
                    when 0 then budget * (1 + draw('top up', story, 3))
                    when 1 then budget
                    when 2 then budget
                    when 3 then budget // 20
                    when 14 then budget // (20 * (1 + draw('release', story, 2)))
                    when 15 then budget // 50
                    else budget * (1 + draw('usage', event, 1000)) // 12500
                end * (11 - version) // 10 as hundredths,
                case movement_type
                    when 'usage' then clock // 3600 * 3600
                    when 'expiry' then 86399
                    else clock
                end as second,
            from told
        ),

        valued as (
            select
                *,
                case currency
                    when 'USD' then greatest(hundredths // {VND_PER_USD}, 1)
                    else hundredths
                end as units,
                cast(
                    case
                        when
                            movement_type in ('adjustment', 'revaluation')
                            and draw('sign', event, 2) = 0
                            then -units
                        else units
                    end
                    as decimal(15, 0)
                ) * cast(0.01 as decimal(2, 2)) as amount,
            from moved
        )

        select
            event_id('CR-', event) as event_id,
            cast(version as varchar) as version,
            operation,
            case
                when fault = 3 then null
                when {_UNKNOWN} then 'UNKNOWN-' || draw('unknown', event, 7)
                when step < 2 then partner_wallet
                else customer_wallet
            end as service_account_id,
            case movement_type when 'coupon' then 'poc' when 'usage' then null else 'main' end
                as wallet,
            case when fault = 4 then 'cashback' else movement_type end as movement_type,
            case fault
                when 0 then '1e6'
                when 1 then '0'
                else cast(amount as varchar)
            end as amount,
            case when fault = 5 then null else currency end as currency,
            case
                when fault = 2 then '2024-02-30T10:00:00Z'
                else local_text(day, second)
            end as occurred_at,
            case step
                when 0 then event_id('TU-', story)
                when 1 then event_id('TR-', story)
                when 2 then event_id('TR-', story)
            end as transaction_id,
            case step when 1 then customer_wallet when 2 then partner_wallet end
                as counterparty_service_account_id,
            case
                when step = 0
                    then {_pick(("bank_transfer", "card", "momo"), "'payment', story")}
            end as payment_method,
            case
                when movement_type = 'usage' then service_code(favourite_service(account))
            end as service_code,
            case
                when step = 0 then 'Nạp tiền'
                when movement_type = 'adjustment' then 'Điều chỉnh, theo biên bản "đối soát"'
            end as description,
        from valued
    """


# -- accounts and discounts --------------------------------------------------------------------


def _write_accounts(
    size: Size, folder: Path, tally: Tally, connection: duckdb.DuckDBPyConnection
) -> None:
    """Write the states of all service accounts: first, moved, suspended, and older ones, late."""
    customers = f"""
        select
            customer,
            account_of(customer) as account,
        from range({size.customers}) as numbers (customer)
    """
    records = f"""
        with customers as ({customers}),

        states as (
            select
                customer,
                account,
                case
                    when draw('late account', customer, 50) = 0
                        then least(1 + draw('account day', customer, 5), {size.days - 1})
                    else 0
                end as day,
                first_partner(account) as partner,
                'active' as status,
                -1 - draw('age', customer, 300) as updated_day,
                28800 + draw('second', customer, 36000) as updated_second,
            from customers
            union all
            select
                customer,
                account,
                move_day(account),
                next_partner(account),
                'active',
                move_day(account),
                36000,
            from customers
            where is_mover(account)
            union all
            select
                customer,
                account,
                draw('suspended on', customer, {size.days}) as day,
                partner_on(account, day),
                'suspended',
                day,
                55000,
            from customers
            where draw('is suspended', customer, 25) = 0
            union all
            select
                customer,
                account,
                draw('older on', customer, {size.days}),
                first_partner(account),
                'pending',
                -400 - draw('age', customer, 300),
                30000,
            from customers
            where draw('has older', customer, 100) = 0
        )

        select
            day,
            customer_id(customer) as service_account_id,
            account_name(account) || case when customer = account then '' else ', ví 2' end
                as service_account_name,
            'KH-' || customer_id(account) as account_id,
            account_name(account) as account_name,
            'customer' as account_type,
            partner_id(partner) as partner_id,
            partner_name(partner) as partner_name,
            case when draw('billing', account, 5) = 0 then 'postpaid' else 'prepaid' end
                as billing_mode,
            status,
            local_text(updated_day, updated_second) as updated_at,
        from states
        union all
        select
            0 as day,
            wallet_id(partner) as service_account_id,
            partner_name(partner) as service_account_name,
            partner_id(partner) as account_id,
            partner_name(partner) as account_name,
            'partner' as account_type,
            partner_id(partner) as partner_id,
            partner_name(partner) as partner_name,
            'prepaid' as billing_mode,
            'active' as status,
            local_text(-310 - draw('partner age', partner, 60), 32400) as updated_at,
        from range({size.partners}) as numbers (partner)
    """
    broken = """
        case when number % 2 = 0 then 'reseller' else account_type end as account_type,
        case when number % 2 = 0 then partner_id end as partner_id
    """
    _write_records(connection, size, records, broken, folder, "csv.gz", tally)


def _write_discounts(
    size: Size, folder: Path, tally: Tally, connection: duckdb.DuckDBPyConnection
) -> None:
    """Write the states of partner discounts, deals, and discounts of customers."""
    kind = _pick(DISCOUNT_KINDS, "'kind', key")
    terms = f"""
        select
            'PD-' || partner_id(partner) || '-' || service as discount_id,
            'partner' as subject,
            partner,
            null as customer,
            service,
            null as deal_id,
            partner * {len(SERVICES)} + service as key,
            {kind} as kind,
            {_pick(PARTNER_RATES, "'rate', key")} as rate_percent,
        from range({size.partners}) as partners (partner)
        cross join range({KNOWN_SERVICES}) as services (service)
        where draw('granted', key, 3) < 2
        union all
        select
            'PD-' || deal_of(partner),
            'partner',
            partner,
            null,
            0,
            deal_of(partner),
            partner * {len(SERVICES)} + {KNOWN_SERVICES} as key,
            {kind},
            '35',
        from range(0, {size.partners}, 2) as partners (partner)
        union all
        select
            discount_of(customer),
            'customer',
            first_partner(account_of(customer)),
            customer,
            favourite_service(account_of(customer)),
            null,
            -1 - customer as key,
            case when has_discount(customer) then 'running' else {kind} end,
            discount_rate(customer, {_texts(CUSTOMER_RATES)}),
        from range({size.customers}) as customers (customer)
        where has_discount(customer) or customer % 30 = 1
    """
    states = " union all ".join(
        f"""
        select
            {known} as day,
            discount_id || '{ending}' as discount_id,
            subject,
            partner_id(partner) as partner_id,
            customer_id(customer) as service_account_id,
            service_code(service) as service_code,
            deal_id,
            rate_percent,
            local_date({requested}) as requested_on,
            case when subject = 'partner' then local_date({approved}) end as approved_on,
            local_date({rejected}) as rejected_on,
            local_date({revoked}) as revoked_on,
            local_date({starts}) as effective_from,
            local_date({ends}) as effective_to,
            -- A later state is always the later one, also on the same day.
            local_text({known}, {32_400 + 60 * number}) as updated_at,
        from turning
        where kind = '{kind}' and day < {size.days}
        """
        for number, (
            kind, ending, known, requested, approved, rejected, revoked, starts, ends
        ) in enumerate(DISCOUNT_STATES)
    )  # fmt: skip
    records = f"""
        with terms as ({terms}),

        turning as (
            select
                *,
                draw('turn', key, {size.days}) as turn,
            from terms
        )

        {states}
    """
    broken = """
        case when number % 2 = 0 then '105' else rate_percent end as rate_percent,
        case when number % 2 = 0 then service_code end as service_code
    """
    _write_records(connection, size, records, broken, folder, "csv", tally)


def _write_records(
    connection: duckdb.DuckDBPyConnection,
    size: Size,
    records: str,
    broken: str,
    folder: Path,
    ending: str,
    tally: Tally,
) -> None:
    """Write records, each on its `day`, with some again on the next day and some broken beside.

    `broken` are the columns that a broken row has in their place.
    """
    connection.execute(
        f"""
        create or replace temp table numbered as
        select
            *,
            row_number() over () as number,
        from ({records} order by all) as records
        """
    )
    connection.execute(
        f"""
        create or replace temp table deliveries as
        select *, 'accepted' as outcome
        from numbered
        union all
        select * replace (least(day + 1, {size.days - 1}) as day), 'ignored' as outcome
        from numbered
        where draw('{folder.name} again', number, 1000) < {REPEATED_RECORDS}
        union all
        select * replace ({broken}), 'rejected' as outcome
        from numbered
        where draw('{folder.name} broken', number, 1000) < {BROKEN_RECORDS}
        order by day, number, outcome
        """
    )
    for outcome, rows in connection.execute(
        "select outcome, count(*) from deliveries group by outcome"
    ).fetchall():
        setattr(tally, outcome, rows)
    for (day,) in connection.execute("select distinct day from deliveries").fetchall():
        query = f"""
            select * exclude (day, number, outcome)
            from deliveries
            where day = {day}
            order by number, outcome
        """
        path = folder / f"batch={_day(day)}" / f"{folder.name}.{ending}"
        _copy(connection, query, path, CSV_GZ if ending == "csv.gz" else CSV)
    connection.execute("drop table numbered")
    connection.execute("drop table deliveries")


# -- focus -------------------------------------------------------------------------------------


def _focus_jobs(size: Size, folder: Path, tally: Tally) -> Iterator[Job]:
    """A job for each delivery: the month to date, and the whole month before when it is over."""
    accounts = min(FOCUS_BILLING_ACCOUNTS, size.partners)
    account_lines = max(size.events // EVENTS_PER_FOCUS_LINE // size.days // accounts, 1)
    day_lines = accounts * account_lines

    def lines(first_day: int, last_day: int, *remainders: int) -> int:
        """Lines of days from `first_day` to before `last_day`: all of them, or those only."""
        if not remainders:
            return (last_day - first_day) * day_lines
        bounds = first_day * day_lines, last_day * day_lines
        return sum(_count(*bounds, remainder, 100) for remainder in remainders)

    month_start = known_until = 0
    for day in range(size.days):
        if day % 7 != 6 and day != size.days - 1:
            continue
        parts = []
        this_month = max((_day(day).replace(day=1) - FIRST_DAY).days, 0)
        if this_month > month_start:
            restated = FOCUS_NEW, FOCUS_CHANGED, FOCUS_BROKEN
            rows = lines(month_start, this_month) - lines(month_start, this_month, FOCUS_GONE)
            tail = lines(known_until, this_month) - lines(known_until, this_month, FOCUS_GONE)
            accepted = tail + lines(month_start, known_until, *restated)
            tally.accepted += accepted
            tally.ignored += rows - accepted
            parts.append((month_start * day_lines, this_month * day_lines, True))
            month_start = known_until = this_month
        rows = lines(month_start, day + 1) - lines(month_start, day + 1, FOCUS_NEW)
        broken = lines(month_start, day + 1, FOCUS_BROKEN)
        accepted = lines(known_until, day + 1) - lines(
            known_until, day + 1, FOCUS_NEW, FOCUS_BROKEN
        )
        tally.accepted += accepted
        tally.rejected += broken
        tally.ignored += rows - broken - accepted
        parts.append((month_start * day_lines, (day + 1) * day_lines, False))
        known_until = day + 1
        yield partial(_write_focus, folder, day, parts, accounts, account_lines)


def _write_focus(
    folder: Path,
    day: int,
    parts: Sequence[tuple[int, int, bool]],
    accounts: int,
    account_lines: int,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Write one delivery. `parts` are ranges of lines and whether they are restated."""
    lines = " union all ".join(
        f"""
        select
            line,
            {is_final} as is_final,
            line // {accounts * account_lines} as day,
            line // {account_lines} % {accounts} as partner,
        from range({first}, {last}) as numbers (line)
        where line % 100 <> {FOCUS_GONE if is_final else FOCUS_NEW}
        """
        for first, last, is_final in parts
    )
    services = (
        "Virtual Machines",
        "Amazon Elastic Compute Cloud",
        "Cloud Storage",
        "Azure Kubernetes Service",
        "Amazon Simple Queue Service",
    )
    query = f"""
        with lines as ({lines}),

        drawn as (
            select
                *,
                draw('focus category', line, 100) as category,
                draw('focus sub account', line, 6) as sub_account,
                draw('focus consumed', line, 5) > 0 as is_consumed,
                local_time(day, draw('focus hour', line, 24) * 3600) as starts_at,
                date_trunc('month', starts_at) as period,
                -- The last decimals tell the lines of a group apart.
                cast(1 + draw('focus cost', line, 100000) as decimal(20, 0))
                * cast(0.0001 as decimal(4, 4))
                + cast(line as decimal(12, 0)) * cast(0.00000000001 as decimal(11, 11)) as cost,
                case when category = 98 then -cost else cost end as list_cost,
                cast(
                    list_cost
                    * case
                        when is_final and line % 100 = {FOCUS_CHANGED} then 0.8
                        else 0.9
                    end
                    as decimal(28, 11)
                ) as billed_cost,
            from lines
        )

        select
            case
                when is_final or line % 100 <> {FOCUS_BROKEN} then cast(billed_cost as varchar)
            end as "BilledCost",
            partner_id(partner) as "BillingAccountId",
            partner_name(partner) as "BillingAccountName",
            'USD' as "BillingCurrency",
            cast(period + interval 1 month as varchar) as "BillingPeriodEnd",
            cast(period as varchar) as "BillingPeriodStart",
            case
                when category < 90 then 'Usage'
                when category < 95 then 'Purchase'
                when category < 98 then 'Tax'
                when category < 99 then 'Credit'
                else 'Adjustment'
            end as "ChargeCategory",
            case
                when category < 90 then 'Usage-Based'
                when category < 93 then 'Recurring'
                else 'One-Time'
            end as "ChargeFrequency",
            cast(starts_at + interval 1 hour as varchar) as "ChargePeriodEnd",
            cast(starts_at as varchar) as "ChargePeriodStart",
            case
                when is_consumed then cast(1 + draw('focus quantity', line, 744) as varchar)
            end as "ConsumedQuantity",
            case when is_consumed then 'Hours' end as "ConsumedUnit",
            cast(list_cost as varchar) as "ListCost",
            cast(1 + draw('focus quantity', line, 744) as varchar) as "PricingQuantity",
            'Hours' as "PricingUnit",
            'Example Cloud' as "ProviderName",
            case when draw('focus region', line, 3) = 0 then 'ap-southeast-1' end as "RegionId",
            {_pick(services, "'focus service', line")} as "ServiceName",
            case
                when sub_account > 0 then 'sub-' || partner_id(partner) || '-0' || sub_account
            end as "SubAccountId",
            case
                when sub_account > 0 then partner_name(partner) || ' / ' || sub_account
            end as "SubAccountName",
        from drawn
    """
    path = folder / f"batch={_day(day)}" / "focus.csv.gz"
    _copy(connection, query, path, f"{CSV_GZ}, nullstr 'NULL'")
