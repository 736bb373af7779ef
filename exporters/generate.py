"""A reproducible synthetic landing folder of all five feeds, for trials and benchmarks.

`--events` counts the distinct events of the credits feed (a fifth) and the revenue feed (the rest).
Rows that repeat, correct, void or spoil an event come on top, and so do accounts, discounts and
FOCUS lines, whose number follows from the partners and the events. The same request gives the same
bytes: every value is a hash of the seed, the number of its event or account and a purpose, so it
depends neither on threads nor on the order of rows, and every file is written by one thread.

Shapes. Days begin with FIRST_DAY and are days of Asia/Ho_Chi_Minh; each holds the same number of
events. A partner has CUSTOMERS_PER_PARTNER customer service accounts on average; their sizes and
those of the partners follow a power law (the n-th gets about 1/n). Usage is metered by the hour.
Every 16 credit events tell one customer's day: the partner tops up and transfers credit (both
sides), the customer uses it, some is held and released, and a grant, coupon, refund, expiry,
adjustment or revaluation comes on top. Discounts come in every status, as chains and as deals.
One account in 40 moves to another partner, one in 50 becomes known only after its first events.
Three billing accounts send FOCUS lines (one for 100 events) every week, the month to date, and
restate the whole month with the first delivery after it.

Files. One batch a day and feed. Most events: Parquet, with native types in revenue and with text in
credits. The odd rows of EVENT_CASES: CSV, in a second batch of the day (18:00) on Thursdays.
Accounts and FOCUS: gzipped CSV. Discounts: CSV.

Rates. Of 1,000 events of credits and of revenue, as many as EVENT_CASES says meet each case; of 1,000
records of accounts and discounts REPEATED_RECORDS and BROKEN_RECORDS; of 100 FOCUS lines one each
is gone from, new in and changed by the restated month, and one is broken until then. Whatever would
arrive after the last day arrives on the last day. The command prints what the files hold and what
a build makes of it: accepted, rejected and ignored rows and unattributed events.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabulate import tabulate

from exporters.errors import RequestError

if TYPE_CHECKING:
    import duckdb

# Near the end of a month, so that even 20 days reach over its close.
FIRST_DAY = date(2024, 1, 22)
CUSTOMERS_PER_PARTNER = 20

LARGEST = {
    "events": 1_000_000_000,
    "partners": 100_000,
    "days": 3_660,
    "seed": 2**63 - 1,
}


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


class Slice(NamedTuple):
    """Every thousandth event from `first` to before `last`, delivered as one row each.

    They happen on `day`, whose events are the `day_events` ones from `day_first`.
    """

    first: int
    last: int
    day: int
    day_first: int
    day_events: int
    delivery: Delivery


IN_TIME = Delivery(0)
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
    EventCase("corrected", 1, (Delivery(0, 2), Delivery(1, 1))),  # before what it corrects
    EventCase("voided", 3, (IN_TIME, Delivery(2, 2, "void"))),
    EventCase("voided", 1, (IN_TIME, Delivery(38, 2, "void"))),
    EventCase("voided", 1, (Delivery(0, 2, "void"), Delivery(1, 1))),  # before what it voids
    EventCase("voided and posted again", 1, (IN_TIME, Delivery(1, 2, "void"), Delivery(5, 3))),
    EventCase("broken beside a good row", 3, (IN_TIME, Delivery(0, is_broken=True))),
    EventCase("broken, then good", 1, (Delivery(0, is_broken=True), Delivery(1))),
    EventCase("of an unknown account", 1, (IN_TIME,)),
)
# Any step without a common divisor with 1,000 spreads the cases over the events.
_CASE_STEP = 617

REPEATED_RECORDS = 10  # of 1,000, on the next day
BROKEN_RECORDS = 5  # of 1,000, beside the good row

STORY = 16  # credit events that belong together

FOCUS_BILLING_ACCOUNTS = 3
EVENTS_PER_FOCUS_LINE = 100
# Remainders of a line's number by 100.
FOCUS_GONE, FOCUS_NEW, FOCUS_CHANGED, FOCUS_BROKEN = 11, 37, 61, 89

# Code, unit, price in VND. The last is not in the reference seed and is shown by its code.
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
    ("ai-inference", "1000 tokens", "7.7"),
    ("iot-hub", "GB", "318"),
)
VND_PER_USD = 25_000

# Of 1,000 charges, up to which number each type goes.
CHARGE_TYPES = (
    ("usage", 880),
    ("subscription", 940),
    ("one_time", 950),
    ("refund", 960),
    ("credit", 970),
    ("adjustment", 980),
    ("tax", 1000),
)
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

# What becomes of a discount: kind, ending of the id, then days from the first one on which the
# state becomes known, requested_on, approved_on, rejected_on, revoked_on, effective_from and
# effective_to. `turn` is a day of the folder that differs from discount to discount.
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


# -- the command -------------------------------------------------------------------------------


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    for name, meaning, default in (
        ("events", "distinct credit and revenue events, together", None),
        ("partners", f"partners, with {CUSTOMERS_PER_PARTNER} customers each on average", None),
        ("days", f"days, the first of which is {FIRST_DAY}", None),
        ("seed", "another seed gives another folder (default: 1)", "1"),
    ):
        # Numbers are checked by run, whose messages say what is allowed.
        parser.add_argument(
            f"--{name}",
            required=default is None,
            default=default,
            metavar="S" if name == "seed" else "N",
            help=meaning,
        )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="DIR",
        help="the landing folder to write: a new or an empty one",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the landing folder and print what it holds. Returns 0.

    Raises:
        RequestError: a number is not a whole number in its bounds, or the output folder is not
            empty. Nothing is written.
        OSError, duckdb.Error: the folder could not be written; what was begun is removed.
    """
    size = Size(
        *(
            _whole_number(name, getattr(arguments, name))
            for name in ("events", "partners", "days", "seed")
        )
    )
    output: Path = arguments.output
    if output.exists() and not output.is_dir():
        raise RequestError(f"--output {output} is not a folder")
    if output.is_dir() and any(output.iterdir()):
        raise RequestError(f"--output {output} is not empty: name a new or an empty folder")
    tallies = write(size, output)
    _print(size, output, tallies)
    return 0


def _whole_number(name: str, text: str) -> int:
    smallest, largest = 0 if name == "seed" else 1, LARGEST[name]
    if not re.fullmatch("[0-9]{1,19}", text) or not smallest <= int(text) <= largest:
        raise RequestError(
            f"--{name} {text!r} is not a whole number from {smallest} to {largest:,}"
        )
    return int(text)


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
    """Rows of one feed's files by what a build makes of them, and its events by their case."""

    accepted: int = 0
    rejected: int = 0
    ignored: int = 0
    unattributed: int = 0
    cases: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """All rows of the files."""
        return self.accepted + self.rejected + self.ignored


def write(size: Size, output: Path) -> dict[str, Tally]:
    """Write a landing folder into `output`, which is new or empty; the tally of each feed.

    Uses one thread a core, whose memory does not grow with the number of events.
    """
    output.mkdir(parents=True, exist_ok=True)
    # A build passes this folder over, so that half a landing folder never looks like a whole one.
    draft = output / ".generating"
    draft.mkdir()
    try:
        tallies = _write_feeds(size, draft)
        for feed in sorted(draft.iterdir()):
            feed.rename(output / feed.name)
    except BaseException:
        for feed_name in FEEDS:
            shutil.rmtree(output / feed_name, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return tallies


def _write_feeds(size: Size, folder: Path) -> dict[str, Tally]:
    """Share the files out to one thread a core, each with an engine of its own."""
    tallies = {feed: Tally() for feed in FEEDS}
    jobs = [
        *_focus_jobs(size, folder / "focus", tallies["focus"]),
        partial(_write_accounts, size, folder / "accounts", tallies["accounts"]),
        partial(_write_discounts, size, folder / "discounts", tallies["discounts"]),
        *_event_jobs(
            size.revenue, size.days, _revenue, folder / "revenue", tallies["revenue"]
        ),
        *_event_jobs(
            size.credits, size.days, _credits, folder / "credits", tallies["credits"]
        ),
    ]
    engines = threading.local()

    def work(job: Job) -> None:
        if not hasattr(engines, "connection"):
            engines.connection = _engine(size)
        job(engines.connection)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        try:
            for done in _progress([pool.submit(work, job) for job in jobs]):
                done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return tallies


def _progress(futures: list[Future[None]]) -> Iterable[Future[None]]:
    """The futures as they end, with a progress bar where somebody is looking."""
    if not sys.stderr.isatty():
        return as_completed(futures)
    from tqdm import tqdm

    return tqdm(as_completed(futures), total=len(futures), desc="files", unit="batch")


def _print(size: Size, output: Path, tallies: dict[str, Tally]) -> None:
    files = [path for path in output.rglob("*") if path.is_file()]
    last_day = FIRST_DAY + timedelta(days=size.days - 1)
    print(
        f"Wrote {output}: {len(files):,} files, "
        f"{sum(path.stat().st_size for path in files) / 1e6:,.1f} MB"
    )
    print(
        f"{size.events:,} distinct events ({size.credits:,} credits, {size.revenue:,} revenue) "
        f"of {size.partners:,} partners from {FIRST_DAY} to {last_day}, seed {size.seed}"
    )
    print("\nWhat a build makes of the rows:")
    columns = ("rows", "accepted", "rejected", "ignored", "unattributed")
    print(
        tabulate(
            [
                [feed, *(f"{getattr(tally, column):,}" for column in columns)]
                for feed, tally in tallies.items()
            ],
            headers=["feed", *columns],
            disable_numparse=True,
            colalign=["left", *["right"] * len(columns)],
        )
    )
    print("\nEvents by what happens to them:")
    names = list(dict.fromkeys(case.name for case in EVENT_CASES))
    print(
        tabulate(
            [
                [feed, *(f"{tallies[feed].cases[name]:,}" for name in names)]
                for feed in ("credits", "revenue")
            ],
            headers=["feed", *names],
            disable_numparse=True,
            colalign=["left", *["right"] * len(names)],
        )
    )


# -- the engine --------------------------------------------------------------------------------


def _engine(size: Size) -> duckdb.DuckDBPyConnection:
    """An engine with one thread and the functions that all feeds share."""
    import duckdb

    # With one thread the rows of a file come in one order, and so do its bytes.
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set TimeZone = 'UTC'")
    noon_epoch = (FIRST_DAY - date(1970, 1, 1)).days * 86_400
    for signature, body in (
        # A whole number from 0 to before `choices`, always the same for a purpose and a number.
        # Only a hash of one value scatters: that of two is one's xor the other's.
        (
            "draw(purpose, number, choices)",
            f"""cast(
                hash(
                    cast(number as bigint)
                    + cast(hash(purpose || ' {size.seed}') >> 2 as bigint)
                ) % cast(choices as ubigint) as bigint
            )""",
        ),
        # A power law in whole numbers, the same on every machine: every octave is as likely.
        (
            "in_octave(purpose, number, size, octave)",
            "octave - 1 + draw(purpose, number, least(octave, size - octave + 1))",
        ),
        (
            "some_customer(purpose, number)",
            f"""in_octave(
                purpose, number, {size.customers},
                cast(1 as bigint) << draw(
                    purpose || ' octave', number, {size.customers.bit_length()}
                )
            )""",
        ),
        (
            "some_partner(purpose, number)",
            f"""in_octave(
                purpose, number, {size.partners},
                cast(1 as bigint) << draw(
                    purpose || ' octave', number, {size.partners.bit_length()}
                )
            )""",
        ),
        ("partner_id(partner)", "substr(cast(1000001 + partner as varchar), 2)"),
        ("wallet_id(partner)", "partner_id(partner) || '-00'"),
        ("customer_id(customer)", "substr(cast(100000001 + customer as varchar), 2)"),
        # Every fourth service account is the second one of an account.
        (
            "account_of(customer)",
            "customer - case when customer % 4 = 3 then 1 else 0 end",
        ),
        # Every partner has a customer.
        (
            "first_partner(account)",
            f"""case
                when account < {2 * size.partners} then account // 2
                else some_partner('first partner', account)
            end""",
        ),
        ("is_mover(account)", "account % 40 = 14"),
        ("move_day(account)", f"draw('move day', account, {size.days})"),
        (
            "next_partner(account)",
            f"""(
                first_partner(account) + 1
                + draw('next partner', account, {max(size.partners - 1, 1)})
            ) % {size.partners}""",
        ),
        (
            "partner_on(account, day)",
            """case
                when is_mover(account) and day >= move_day(account) then next_partner(account)
                else first_partner(account)
            end""",
        ),
        # Holders are customers' accounts and, as negative numbers, partners.
        ("partner_holder(partner)", "-1 - partner"),
        (
            "currency_of(holder)",
            "case when draw('currency', holder, 33) = 0 then 'USD' else 'VND' end",
        ),
        ("favourite_service(holder)", f"draw('favourite', holder, {len(SERVICES) - 1})"),
        ("service_code(service)", f"{_list(code for code, _, _ in SERVICES)}[service + 1]"),
        ("has_customer_discount(customer)", "customer % 3 = 0"),
        (
            "customer_rate(customer)",
            f"draw('customer rate', customer, {len(CUSTOMER_RATES)}) + 1",
        ),
        ("deal_of(partner)", "'DL-' || partner_id(partner)"),
        (
            "business_name(account)",
            f"""{_list(BUSINESSES)}[draw('business', account, {len(BUSINESSES)}) + 1]
                || ' ' || {_list(NAMES)}[draw('name', account, {len(NAMES)}) + 1]
                || ' ' || account""",
        ),
        (
            "partner_name(partner)",
            f"""'Đại lý ' || {_list(NAMES)}[draw('partner name', partner, {len(NAMES)}) + 1]
                || ' ' || partner""",
        ),
        # Business time: `day` counts from the first day, `second` from midnight.
        (
            "local_time(day, second)",
            f"make_timestamp(({noon_epoch} + day * 86400 + second) * 1000000)",
        ),
        ("local_text(day, second)", "cast(local_time(day, second) as varchar) || '+07:00'"),
        (
            "instant(day, second)",
            "cast(local_time(day, second - 25200) as timestamptz)",
        ),
        ("local_date(day)", f"date '{FIRST_DAY}' + cast(day as integer)"),
    ):
        connection.execute(f"create macro {signature} as {body}")
    return connection


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path, options: str) -> None:
    """Write the rows of a query to a file of a batch, whose folder is made when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = str(path).replace("'", "''")
    connection.execute(f"copy ({query}) to '{target}' ({options})")


PARQUET = "format parquet, compression zstd"
CSV = "format csv, header"
CSV_GZ = "format csv, header, compression gzip"


def _list(values: Iterable[str]) -> str:
    """A literal list of texts."""
    texts = ("'" + value.replace("'", "''") + "'" for value in values)
    return f"[{', '.join(texts)}]"


def _batch(folder: Path, day: int, hour: str = "") -> Path:
    """The folder of a day's batch."""
    return folder / f"batch={FIRST_DAY + timedelta(days=day)}{hour}"


def _count(first: int, last: int, remainder: int, divisor: int) -> int:
    """How many numbers from `first` to before `last` leave the remainder."""
    return (last - remainder + divisor - 1) // divisor - (
        first - remainder + divisor - 1
    ) // divisor


# -- events ------------------------------------------------------------------------------------


def _event_jobs(
    total: int, days: int, select: Callable[[str, bool], str], folder: Path, tally: Tally
) -> Iterator[Job]:
    """One job a day. `select` makes the query for rows from one for their deliveries."""
    slots = [case for case in EVENT_CASES for _ in range(case.per_mille)]
    remainders = [number * _CASE_STEP % 1000 for number in range(len(slots))]
    not_in_time = [
        remainder
        for case, remainder in zip(slots, remainders, strict=True)
        if case.deliveries[0] != IN_TIME
    ]
    bounds = [total * day // days for day in range(days + 1)]
    odd_rows: list[list[Slice]] = [[] for _ in range(days)]
    tally.accepted = total
    for day in range(days):
        first, last = bounds[day], bounds[day + 1]
        for case, remainder in zip(slots, remainders, strict=True):
            events = _count(first, last, remainder, 1000)
            if not events:
                continue
            arrivals = []
            for position, delivery in enumerate(case.deliveries):
                arrives = min(day + delivery.after, days - 1)
                is_odd = position > 0 or delivery != IN_TIME
                arrivals.append((arrives, is_odd and _has_second_batch(arrives)))
                if is_odd:
                    odd_rows[arrives].append(
                        Slice(
                            first + (remainder - first) % 1000,
                            last,
                            day,
                            first,
                            last - first,
                            delivery,
                        )
                    )
            tally.add_events(case, arrivals, events)
    for day in range(days):
        first, last = bounds[day], bounds[day + 1]
        in_time = last - first - sum(_count(first, last, one, 1000) for one in not_in_time)
        in_time_rows = f"""
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
        yield partial(
            _write_events,
            select,
            folder,
            day,
            in_time_rows if in_time else None,
            odd_rows[day],
        )


def _write_events(
    select: Callable[[str, bool], str],
    folder: Path,
    day: int,
    in_time_rows: str | None,
    odd_rows: Sequence[Slice],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """The files of one day and one feed of events."""
    if in_time_rows:
        path = _batch(folder, day) / f"{folder.name}.parquet"
        _copy(connection, select(in_time_rows, folder.name == "credits"), path, PARQUET)
    if odd_rows:
        values = ", ".join(
            f"({one.first}, {one.last}, {one.day}, {one.day_first}, {one.day_events}, "
            f"{one.delivery.version}, '{one.delivery.operation}', {one.delivery.is_broken})"
            for one in odd_rows
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
            from (values {values}) as slices (
                first_event, last_event, day, day_first, day_events, version, operation, is_broken
            )
            order by event, version, is_broken desc
        """
        batch = _batch(folder, day, "T180000" if _has_second_batch(day) else "")
        _copy(connection, select(rows, True), batch / f"{folder.name}_odd.csv", CSV)


def _has_second_batch(day: int) -> bool:
    """Whether the day's odd rows come in a batch of their own, in the evening."""
    return day % 7 == 3


# The remainder by which the events of unknown accounts are known.
def _unknown_remainder() -> int:
    slots = [case.name for case in EVENT_CASES for _ in range(case.per_mille)]
    return slots.index(UNKNOWN) * _CASE_STEP % 1000
