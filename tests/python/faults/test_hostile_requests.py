"""Hostile requests and hostile data: nothing breaks out, and nobody sees what is another's.

One home is built by the real command from a landing folder whose ids and names are meant to do
harm: SQL, paths, control characters, marks of writing direction, 10,000 characters, ids that only
careful reading keeps apart. Requests made of the same material are put to it.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import itertools
import json
import os
import re
import shlex
import shutil
import tempfile
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from random import Random
from typing import Any, Literal, NamedTuple
from xml.etree import ElementTree

import duckdb
import hypothesis
import pytest
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from support.comparing import REFERENCE, export_csv
from support.homes import build, put_csv
from support.libreoffice import converted, needs_libreoffice
from support.oracle import Oracle
from support.proof import SEED, SOAK, amount, cases, tried
from support.scenarios import write_landing

from exporters import escaping
from exporters.catalogue.conditions import BASES, CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.cli import app
from exporters.errors import ReportError, RequestError
from exporters.excel import workbook
from exporters.excel.ooxml import cell_xml
from exporters.excel.report_sheet import HEADER_ROW
from exporters.i18n.language import LANGUAGES
from exporters.output.export import ENDINGS, default_output, export
from exporters.request.partners import all_partners
from exporters.request.periods import earlier_period
from exporters.request.report_request import Request
from exporters.warehouse.published import open_published

ALWAYS = (date(1, 1, 1), date(9999, 12, 31))
FIRST, LAST = date(2024, 1, 1), date(2024, 4, 30)
PERIOD = [f"--from={FIRST}", f"--to={LAST}"]

# --- what is hostile ----------------------------------------------------------------------------

SQL = [
    "'; drop table reports.partners; --",
    "' or '1'='1",
    '" or ""="',
    "x' union select * from reports.revenue_detail --",
    "'); copy (select 1) to 'stolen.csv'; --",
    "$1",
    "?",
    "$partner",
    ":partner",
    "{{ env_var('HOME') }}",
    "{% raw %}",
    "{conditions}",
    "{0}%s%(prog)s",
    "/* */ --",
    ";",
    "\\'",
]
CONTROL = [
    "nul\x00l",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "bell\x07\x08\x7f\x9b2J",
    "two\npartner-reports: forged line",
    "carriage\rreturn",
    "tab\there",
    "\u202egnp.exe",
    "\u2066isolate\u2069\u200f\u061c",
    "\ufeffmark",
    "zero\u200bwidth",
    "line\u2028paragraph\u2029",
    "\ufffe\uffff",
    "\U0001fffe",
]
PATHS = [
    *["..", ".", "...", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "a:b", "a_b"],
    *["C:\\Windows\\x", "~", "~root", "file:", "CON", "con.", "NUL.xlsx", "nul", "aux.tar.gz"],
    *[
        "-rf",
        "--help",
        ".hidden",
        "dot.",
        "marts.duckdb",
        "$HOME",
        "`id`",
        "$(id)",
        "a b",
        "%2e%2e",
    ],
    # What the folder of `a/b` is called, were it the only one.
    f"a_b-{hashlib.sha256(b'a/b').hexdigest()[:12]}",
]
MARKUP = [
    "_x0041_",
    "_x005F_x0041_",
    "_x000D_\r_x",
    "]]></t></is></c></row><!--",
    "<?xml?><script>&amp;&lt;\"'",
    '&[Path]&P&"Arial"&K0000FF&',
    "=1+1",
    '=HYPERLINK("http://example.org","x")',
    "@SUM(A1)",
    "#N/A",
    "'00123",
]
# Pairs that only careful reading keeps apart.
TWINS = [
    *["Twin", "twin", "TWIN", "twin\u00a0", "twin\u3000"],
    *["\u00c9-1", "E\u0301-1", "\u00e9-1", "e\u0301-1"],
    *["K-1", "\u212a-1", "k-1"],
    *["\ufb00-2", "ff-2", "FF-2"],
    *["\u00df-3", "ss-3", "SS-3"],
    *["\u0130-4", "i\u0307-4", "I-4"],
    *["ＡＢＣ", "ABC"],
    *["null", "NULL", "0042", "42", "４２"],
]
LONG = [
    "L" * 10_000,
    "L" * 9_999 + "l",
    "m" * 200 + "a",
    "m" * 200 + "b",
    "n" * 101,
    "😀" * 300,
    "'" * 5_000,
    "_x0041_" * 1_400,
]
TEXTS = [*SQL, *CONTROL, *PATHS, *MARKUP, *TWINS, *LONG]
# Only on a command line: arguments that are not text, empty or blank ones, and other digits.
ARGUMENTS = [
    *["", " ", "\t", " Twin", "Twin ", "\udcff", "Twin\udc80", os.fsdecode(b"\xf0\x9f")],
    *["\udcff" * 10_000, "x" * 10_000, "-x", "-", "--", "--partner", "--home=/", "-1", "-1 x"],
]
DATES = [
    *["2024-02-30", "2023-02-29", "0000-01-01", "10000-01-01", "-001-01-01", "2024-2-1"],
    *["２０２４-０１-０１", "\u0662\u0660\u0662\u0664-\u0660\u0661-\u0660\u0661", "²⁰²⁴-01-01"],
    *[" 2024-01-01", "2024-01-01 ", "2024-01-01\n", "2024-01-01\x00", "2024-W01-1", "today"],
    *["2024\u201301\u201301", "2024-01-01'; --", "20240101", "infinity", "1e3", "now()"],
]

# --- a landing folder of it ---------------------------------------------------------------------

# Each is a partner, in `make test` all that are close to another or mean something as a path.
_SOME = [
    *TWINS,
    *PATHS[:6],
    *PATHS[9:-1:4],
    PATHS[-1],
    *SQL[::6],
    *CONTROL[:5:2],
    CONTROL[7],
    *MARKUP[::4],
]
PARTNERS = list(dict.fromkeys(TEXTS if SOAK else [*_SOME, *LONG]))
# Names and attributes; the long ones are ids already.
SHORT = [each for each in TEXTS if len(each) <= 100]
# Has top-ups with every one of the texts, and with some that are longer than a cell.
COLLECTOR = "collector"
LONGER_THAN_A_CELL = ["z" * 40_000, "_x0041_" * 5_000, "\x01" * 33_000, "😀" * 17_000 + "]]>"]
# A move on the middle day of the period, and batches before and after months were closed.
MOVED_ON = date(2024, 2, 15)
BATCHES = ["2024-02-03", "2024-03-10", "2024-04-06"]

Row = dict[str, str]


def owned(partner: str) -> list[str]:
    """Service accounts of a partner: its own, a customer's, and one that moves away from it."""
    return [partner, f"c:{partner}", f"m:{partner}"]


def write_hostile(rng: Random, landing: Path) -> None:
    """Write a landing folder in which every id and name is hostile."""
    partners = [*PARTNERS, COLLECTOR]

    def account(service_account: str, partner: str, day: date, kind: str) -> Row:
        return {
            "service_account_id": service_account,
            "service_account_name": rng.choice(SHORT),
            "account_id": partner if kind == "partner" else service_account,
            "account_name": rng.choice(SHORT),
            "account_type": kind,
            "partner_id": partner,
            "partner_name": rng.choice(SHORT),
            "updated_at": f"{day}T03:00:00Z",
        }

    accounts, moves, discounts = [], [], []
    for number, partner in enumerate(partners):
        own, customer, mover = owned(partner)
        accounts.append(account(own, partner, FIRST, "partner"))
        accounts.append(account(customer, partner, FIRST, "customer"))
        accounts.append(account(mover, partner, FIRST, "customer"))
        # To the next one, which is often its twin; the collector keeps what it has.
        to = partners[(number + 1) % len(PARTNERS)]
        if partner != COLLECTOR:
            moves.append(account(mover, to, MOVED_ON, "customer"))
        for subject in ("partner", "customer"):
            discounts.append(
                {
                    "discount_id": f"{subject[0]}:{partner}",
                    "subject": subject,
                    "partner_id": partner,
                    "service_account_id": mover if subject == "customer" else "",
                    "service_code": rng.choice(["svc", "SVC", *SQL[:2]]),
                    "rate_percent": str(rng.randrange(101)),
                    "requested_on": str(FIRST),
                    "approved_on": str(FIRST),
                    "effective_from": str(FIRST),
                    "updated_at": f"{FIRST}T00:00:00Z",
                }
            )
    put_csv(landing, "accounts/batch=2024-01-02/a.csv", accounts)
    put_csv(landing, "accounts/batch=2024-02-16/a.csv", moves)
    put_csv(landing, "discounts/batch=2024-01-02/a.csv", discounts)

    # Ids that no account has, however they look.
    known = {each for partner in partners for each in owned(partner)}
    ghosts = {f"{each} " for each in TWINS} | {each.swapcase() for each in PARTNERS}
    ghosts |= {unicodedata.normalize("NFKC", each) for each in PARTNERS}
    ghosts = {each.strip(" \t\r\n") for each in ghosts} - known - {""}
    events: dict[str, dict[str, list[Row]]] = {"credits": {}, "revenue": {}}
    for service_account in [*sorted(known), *sorted(ghosts)]:
        for feed in events:
            for number in range(3):
                event(rng, events[feed], feed, service_account, f"{number}{service_account[:60]}")
    for number, each in enumerate([*TEXTS, *LONGER_THAN_A_CELL]):
        row = credit(rng, COLLECTOR, "top_up") | {"transaction_id": each, "payment_method": each}
        events["credits"].setdefault(BATCHES[0], []).append(row | {"event_id": f"text {number}"})
    for feed, batches in events.items():
        for batch, rows in batches.items():
            put_csv(landing, f"{feed}/batch={batch}/a.csv", rows)


def event(
    rng: Random, batches: dict[str, list[Row]], feed: str, service_account: str, name: str
) -> None:
    """One event in one to three versions, some of them void, some late."""
    versions = rng.choice([1, 1, 2, 3])
    # Accounts may share the beginning of their ids, events may not share theirs.
    event_id = f"{name}#{hashlib.sha256(service_account.encode()).hexdigest()}"
    for version, batch in enumerate(sorted(rng.sample(BATCHES, versions)), start=1):
        kind = rng.choice(["top_up", "transfer_in", "usage", "transfer_out", "hold", "adjustment"])
        row = (
            credit(rng, service_account, kind)
            if feed == "credits"
            else charge(rng, service_account)
        )
        void = version > 1 and rng.random() < 0.4
        row |= {"event_id": event_id, "version": str(version), "operation": "void" if void else ""}
        if rng.random() < 0.05:  # a row that is refused
            row["currency"] = rng.choice(SQL)
        batches.setdefault(batch, []).append(row)


def moment(rng: Random) -> str:
    """A time, next to midnight in the business time zone or not."""
    day = FIRST + timedelta(days=rng.randrange(80))
    return f"{rng.choice([day, MOVED_ON])}T{rng.choice(['16:59:59', '17:00:00', '09:30:00'])}Z"


def credit(rng: Random, service_account: str, kind: str) -> Row:
    return {
        "service_account_id": service_account,
        "wallet": rng.choice(["", "main", "Main", *SQL[:2], "\x00"]),
        "movement_type": kind,
        "amount": f"{rng.randrange(1, 10**9)}.{rng.randrange(10**12):012}",
        "currency": rng.choice(["VND", "USD", "kwd"]),
        "occurred_at": moment(rng),
        "transaction_id": rng.choice(SHORT),
        "counterparty_service_account_id": rng.choice(TWINS),
        "payment_method": rng.choice(SHORT),
        "service_code": rng.choice(["", "svc", "SVC", *TWINS]),
    }


def charge(rng: Random, service_account: str) -> Row:
    list_amount, discount = rng.randrange(-(10**6), 10**6), rng.randrange(10**4)
    return {
        "service_account_id": service_account,
        "service_code": rng.choice(["svc", "SVC", *SQL[:2], *TWINS[:3]]),
        "charge_type": rng.choice(["usage", "subscription", "tax", "refund"]),
        "order_id": rng.choice(SHORT),
        "discount_id": f"c:{service_account[2:]}" if service_account.startswith("m:") else "",
        "quantity": "1.5",
        "unit": rng.choice(SHORT),
        "currency": rng.choice(["VND", "USD"]),
        "list_amount": str(list_amount),
        "discount_amount": str(discount),
        "net_amount": str(list_amount - discount),
        "tax_amount": "1",
        "occurred_at": moment(rng),
    }


@dataclass(frozen=True)
class Hostile:
    """The home built from a hostile landing folder, and what the reference says of it."""

    home: Path
    reference: Oracle
    partners: list[str]


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """A home, in a folder of a hostile name, built by the real command. Only to be read."""
    root: Path = tmp_path_factory.mktemp("hostile")
    write_hostile(Random(SEED), root / "landing")
    home = root / "home'; drop -- ${x} é e\u0301"
    assert build(home, root / "landing") == 0
    reference = Oracle(root / "landing", **REFERENCE)
    partners = sorted(reference.partners())
    assert partners == sorted([*PARTNERS, COLLECTOR])
    return Hostile(home, reference, partners)


# --- requests -----------------------------------------------------------------------------------


class Said(NamedTuple):
    """What a command answered."""

    status: int
    out: str
    err: str


class Screen(io.TextIOWrapper):
    """A terminal, or a pipe, that keeps what is written to it."""

    def __init__(self, terminal: bool, errors: str) -> None:
        self.content = io.BytesIO()
        self._terminal = terminal
        super().__init__(self.content, "utf-8", errors, newline="", write_through=True)

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        return self.content.getvalue().decode()


def ask(*arguments: str, terminal: bool = True) -> Said:
    """Run a command in this process; the error stream is as Python opens it."""
    out, err = Screen(terminal, "strict"), Screen(False, "backslashreplace")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = app.main(list(arguments))
    return Said(status, out.text(), err.text())


@dataclass
class Sandbox:
    """Folders in which a command works: its own, the user's and the one for temporary files.

    Attributes:
        root: everything that could be written to is below it.
        work: the current folder, deep enough for `..` to stay below the root.
    """

    root: Path
    work: Path

    def written(self) -> set[str]:
        """Files below the root."""
        return {
            os.path.join(folder, name) for folder, _, names in os.walk(self.root) for name in names
        }

    def clear(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self.root)
        self.make()

    def make(self) -> None:
        """Make the folders, and be in the current one."""
        for folder in (self.work, self.root / "user", self.root / "tmp"):
            folder.mkdir(parents=True)
        os.chdir(self.work)


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    root = tmp_path / "sandbox"
    monkeypatch.chdir(tmp_path)  # to be back where we were at the end
    monkeypatch.setenv("HOME", str(root / "user"))
    monkeypatch.setattr(tempfile, "tempdir", str(root / "tmp"))
    sandbox = Sandbox(root, root / "1" / "2" / "3" / "4" / "5" / "6")
    sandbox.make()
    return sandbox


@dataclass
class Asked:
    """A request, and what is known of it."""

    command: str
    report: str = ""
    partner: list[str] = field(default_factory=list)
    period: tuple[str, str] = ("", "")
    conditions: dict[str, list[str]] = field(default_factory=dict)
    lang: str | None = None
    output: str | None = None
    home: str | None = None
    joined: bool = True

    def arguments(self, home: Path) -> list[str]:
        options = [("--home", str(home) if self.home is None else self.home)]
        if self.command != "status":
            options += [("--partner", each) for each in self.partner]
            options += [("--from", self.period[0]), ("--to", self.period[1])]
            options += [
                (f"--{name.replace('_', '-')}", each)
                for name, values in self.conditions.items()
                for each in values
            ]
        if self.lang is not None:
            options.append(("--lang", self.lang))
        if self.output is not None:
            options.append(("--output", self.output))
        words = [
            word
            for name, value in options
            for word in ([f"{name}={value}"] if self.joined else [name, value])
        ]
        has_report = self.command in ("export", "show")
        return [self.command, *([self.report] if has_report else []), *words]

    def is_plain(self) -> bool:
        """Whether no word can be taken for an option."""
        words = self.arguments(Path())[1:]
        return self.joined and not (self.command != "status" and words[0].startswith("-"))

    def is_possible(self) -> bool:
        """Whether there can be a file, or a folder, of the output's name."""
        if any(
            "\udc80" <= character <= "\udcff" for character in os.path.dirname(self.output or "")
        ):
            return False  # only a workbook can be written there
        place = os.fsencode(os.path.abspath((self.output or "").replace("\x00", "")))
        return len(place) < 4_000 and all(len(part) <= 250 for part in place.split(b"/"))

    def is_right(self, reference: Oracle) -> bool:
        """Whether specification section 04 allows it, of what a published home can answer."""
        paths = [each for each in (self.output, self.home) if each is not None]
        if any(each in ("", "--") or "\x00" in each for each in paths):
            return False
        if self.command == "status":
            return True
        if self.lang not in (None, *LANGUAGES):
            return False
        days = []
        for day in self.period:
            if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
                return False
            try:
                days.append(date.fromisoformat(day))
            except ValueError:
                return False
        if days[0] > days[1] or not all(each in reference.partners() for each in self.partner):
            return False
        for compare in self.conditions.get("compare", ())[-1:]:
            if compare in CONDITIONS["compare"].allowed:
                try:
                    earlier_period(days[0], days[1], compare)
                except RequestError:
                    return False
            elif self.command == "pack":
                return False
        if self.command == "pack":
            return True
        if self.report not in REPORTS:
            return False
        for name, values in self.conditions.items():
            if name not in REPORTS[self.report].conditions:
                return False
            allowed: Iterable[str] = CONDITIONS[name].allowed
            if name == "account":
                allowed, values = reference.service_accounts(self.partner[-1]), values[-1:]
            elif not CONDITIONS[name].many:
                values = values[-1:]
            if not set(values) <= set(allowed):
                return False
        return self.output is None or Path(self.output).suffix.lower() in ENDINGS


def requests(hostile: Hostile, sandbox: Sandbox) -> st.SearchStrategy[Asked]:
    """Requests with nothing, one thing or two things wrong."""
    characters = st.one_of(
        st.sampled_from("'\";-/\\.$?{}%~_ \x00\x1b\n\u202e\u0301eEx1\udcff"), st.characters()
    )
    bad = st.one_of(
        st.sampled_from([*TEXTS, *ARGUMENTS]),
        st.text(characters, max_size=12),
        st.binary(max_size=8).map(os.fsdecode),
        st.builds(lambda one, times: one * times, characters, st.integers(200, 10_000)),
    )

    def below(path: str) -> bool:
        """Only paths in the sandbox are tried: others are no less the user's to name."""
        place = os.path.abspath(path.replace("\x00", ""))
        return place.startswith(f"{sandbox.root}/") and not place.startswith(str(hostile.home))

    folders = st.sampled_from(
        ["", "out/", "~/", "~root/", "file:", f"file:{sandbox.root}/1/", "sqlite:", "s3://b/",
         "../", "../../x/", "a'b/", "*/", "\x1b[2J/", "\udcff/", f"{sandbox.root}/abs/",
         "http://localhost:1/", "{x}/$y/", f"{'d' * 200}/" * 5, "-/", "--/"]
    )  # fmt: skip
    endings = st.sampled_from([".csv", ".json", ".parquet", ".csv", ".xlsx", ".CSV", "", ".xls"])
    files = st.builds(lambda *parts: "".join(parts), folders, bad, endings).filter(below)
    outputs = st.one_of(st.none(), files, st.sampled_from(["", "x\x00.csv", "out/x.csv"]))
    days = st.sampled_from(
        ["2024-01-01", "2024-02-15", "2024-04-30", "2024-12-31", "0001-01-01", "9999-12-31"]
    )
    wrong_days = st.one_of(st.sampled_from(DATES), bad)
    partners = st.sampled_from(hostile.partners)
    faults = ("report", "partner", "from", "to", "condition", "value", "lang", "home")

    @st.composite
    def request(draw: st.DrawFn) -> Asked:
        command = draw(st.sampled_from(["export"] * 6 + ["show"] * 2 + ["pack", "status"]))
        wrong = draw(st.sets(st.sampled_from(faults), max_size=2))
        asked = Asked(command, joined=draw(st.integers(0, 4)) > 0)
        if "home" in wrong:
            asked.home = draw(st.one_of(bad.filter(below), st.just("")))
        if command == "status":
            return asked
        asked.partner = [draw(bad if "partner" in wrong else partners)]
        start, end = sorted([draw(days), draw(days)])
        asked.period = (
            draw(wrong_days) if "from" in wrong else start,
            draw(wrong_days) if "to" in wrong else end,
        )
        if command in ("export", "show"):
            asked.report = draw(bad if "report" in wrong else st.sampled_from(list(REPORTS)))
            report = REPORTS.get(asked.report, REPORTS["credit-usage"])
            for name in draw(st.sets(st.sampled_from(report.conditions))):
                good = list(CONDITIONS[name].allowed) or owned(asked.partner[0])[:2]
                values = st.one_of(bad, st.just("x")) if "value" in wrong else st.sampled_from(good)
                asked.conditions[name] = draw(st.lists(values, min_size=1, max_size=2))
            if "condition" in wrong:
                asked.conditions[draw(st.sampled_from(list(CONDITIONS)))] = [draw(bad)]
        if command == "pack" and draw(st.booleans()):
            good = list(CONDITIONS["compare"].allowed)
            value = draw(bad if "value" in wrong else st.sampled_from(good))
            asked.conditions["compare"] = [value]
        asked.lang = draw(bad if "lang" in wrong else st.sampled_from([None, *LANGUAGES]))
        if command != "show":
            asked.output = draw(outputs)
            if asked.output is None:
                # Below the sandbox: the home is only read here.
                asked.output = "exports/x.xlsx" if command == "export" else "exports"
        return asked

    return request()


# A message may repeat what is allowed, and an id or a path of a few hundred characters.
LONGEST_MESSAGE = 6_000


def assert_decent(said: Said, shown: object) -> None:
    """An answer that a terminal can take: nothing to obey, nothing to hide, not too much."""
    assert said.status in (0, 1, 2), shown
    for stream in (said.out, said.err):
        odd = {
            character for character in stream if not (character.isprintable() or character == "\n")
        }
        assert not odd, (odd, shown)
    assert len(said.err) <= LONGEST_MESSAGE, shown
    assert "Traceback" not in said.err, shown
    if said.status:
        assert said.out == "" and said.err, shown
    # Every line is ours: what a user or a feed wrote begins none.
    beginnings = ("partner-reports", "usage:", " ", "no rows for these conditions")
    for line in said.err.splitlines():
        assert line.startswith(beginnings), (line, shown)


def mark(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written to."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


@pytest.mark.proof
def test_no_request_breaks_out(hostile: Hostile, sandbox: Sandbox) -> None:
    """Exit status 0, 1 or 2 as section 04 says, a decent message, and no file but the named one."""
    marts = hostile.home / "published" / "marts.duckdb"
    before, untouched = hashlib.sha256(marts.read_bytes()).digest(), mark(marts)
    homes_files = {path for path in hostile.home.rglob("*")}
    statuses: Counter[tuple[str, int]] = Counter()

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=cases(300, 4_000),
        deadline=None,
        database=None,
        derandomize=not SOAK,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(requests(hostile, sandbox))
    def try_one(asked: Asked) -> None:
        arguments = asked.arguments(hostile.home)
        shown = " ".join(shlex.quote(each[:500]) for each in arguments)
        try:
            said = ask(*arguments)
            written = sandbox.written()
        finally:
            sandbox.clear()
        statuses[asked.command, said.status] += 1
        assert_decent(said, shown)
        if asked.is_plain():
            right = asked.is_right(hostile.reference)
            if asked.home is None and asked.is_possible():
                assert said.status == (0 if right else 2), (shown, said)
        assert mark(marts) == untouched, shown
        if said.status or asked.command not in ("export", "pack"):
            assert written == set(), shown
        elif asked.is_plain():
            assert asked.output is not None
            place = os.path.abspath(asked.output)
            if asked.command == "export":
                assert written == {place}, shown
            else:
                assert {os.path.dirname(os.path.dirname(path)) for path in written} == {place}
        tried("hostile requests")

    try_one()
    assert hashlib.sha256(marts.read_bytes()).digest() == before
    assert {path for path in hostile.home.rglob("*")} == homes_files
    for command in ("export", "show", "pack"):
        assert statuses[command, 0] and statuses[command, 2], statuses
    assert statuses["export", 1], statuses


@pytest.mark.parametrize("folder", ["~", "file:", "sqlite:", "*", "a'b;--", "$x", "s3:"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_relative_path_is_what_it_says(
    hostile: Hostile, sandbox: Sandbox, folder: str, ending: str
) -> None:
    """The database would take some beginnings for the user's folder or for an address."""
    below = f"{folder}{sandbox.root}" if folder.endswith(":") else folder
    output = f"{below}/o{ending}"
    said = ask("export", "credit-usage", f"--home={hostile.home}", "--partner=Twin", *PERIOD,
               f"--output={output}")  # fmt: skip
    assert said == (0, f"{output}\n", "")
    assert sandbox.written() == {str(sandbox.work / output)}


@pytest.mark.parametrize("name", ["~", "file:", "sqlite:x"])
def test_a_relative_home_is_what_it_says(hostile: Hostile, sandbox: Sandbox, name: str) -> None:
    (sandbox.work / name / "published").mkdir(parents=True)
    shutil.copy(hostile.home / "published" / "marts.duckdb", sandbox.work / name / "published")
    assert ask("status", "--home", name).status == 0


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_folder_whose_name_is_not_text_is_named(
    hostile: Hostile, sandbox: Sandbox, ending: str
) -> None:
    """File systems have such names; the database does not take them."""
    folder = os.fsdecode(b"caf\xe9")
    request = ["export", "credit-usage", f"--home={hostile.home}", "--partner=Twin", *PERIOD]
    said = ask(*request, f"--output={folder}/o{ending}")
    assert_decent(said, ending)
    if ending == ".xlsx":
        assert said.status == 0 and sandbox.written() == {str(sandbox.work / folder / "o.xlsx")}
    else:
        assert said.status == 1 and "'caf\\udce9' is not valid text" in said.err
        assert "Conversion" not in said.err and sandbox.written() == set()
    # The name of the file itself, and the current folder, never reach the database.
    os.chdir(sandbox.work / folder)
    assert ask(*request, f"--output={folder}{ending}").status == 0
    (sandbox.work / folder / "published").mkdir()
    shutil.copy(hostile.home / "published" / "marts.duckdb", sandbox.work / folder / "published")
    os.chdir(sandbox.work)
    said = ask("status", f"--home={folder}")
    assert said.status == 1 and "is not valid text" in said.err


@pytest.mark.parametrize("option", ["--home", "--output"])
@pytest.mark.parametrize("value", ["", "a\x00b.csv"])
def test_what_is_no_path_is_refused(
    hostile: Hostile, sandbox: Sandbox, option: str, value: str
) -> None:
    """An empty one is a variable that was not set; it does not mean the current folder."""
    for command in (["export", "credit-usage", "--partner=Twin"], ["pack", "--partner=Twin"]):
        said = ask(*command, f"--home={hostile.home}", *PERIOD, f"{option}={value}")
        assert said.status == 2, said
        assert option in said.err and escaping.visible(repr(value)) in said.err
        assert sandbox.written() == set() and os.listdir() == []


@pytest.mark.parametrize(
    "option",
    "--partner --from --to --account --account-type --basis --lang --output --home".split(),
)
@pytest.mark.parametrize("command", ["export", "show", "pack"])
def test_two_dashes_are_no_value(
    hostile: Hostile, sandbox: Sandbox, command: str, option: str
) -> None:
    """Some versions of argparse hand on a list without a value for `--from=--`."""
    request = [command] if command == "pack" else [command, "credit-usage"]
    said = ask(*request, f"--home={hostile.home}", "--partner=Twin", *PERIOD, f"{option}=--")
    assert_decent(said, option)
    assert said.status == 2 and sandbox.written() == set(), said
    assert option in said.err or "'--'" in said.err or "unrecognized" in said.err


def test_long_values_are_shortened_in_messages_and_still_named(
    hostile: Hostile, sandbox: Sandbox
) -> None:
    home = f"--home={hostile.home}"
    long = "x" * 9_999 + "y"
    twin = [home, "--partner=Twin"]
    for arguments in (
        ["export", long, *twin, *PERIOD],
        ["export", "discounts", home, f"--partner={long}", *PERIOD],
        ["export", "credit-usage", *twin, *PERIOD, f"--account={long}"],
        ["show", "discounts", *twin, *PERIOD, f"--status={long}"],
        ["show", "discounts", *twin, "--to=2024-01-01", f"--from={long}"],
        ["status", long],
        [long],
    ):
        said = ask(*arguments)
        assert_decent(said, arguments[0][:20])
        assert said.status == 2
        assert "x" * 50 in said.err and len(said.err) < 2_000
        assert re.search("10,[01][0-9][0-9] characters", said.err), said.err


def test_long_texts_do_not_flood_a_table(hostile: Hostile, sandbox: Sandbox) -> None:
    for partner in ("L" * 10_000, "L" * 9_999 + "l"):
        for report in REPORTS:
            said = ask("show", report, f"--home={hostile.home}", f"--partner={partner}", *PERIOD)
            assert (
                said.status == 0 and f"Partner: {'L' * 200}... (10,000 characters) ..." in said.out
            )
            assert max(map(len, said.out.splitlines())) < 300 * len(REPORTS[report].columns)
            assert said.out.splitlines()[1].endswith(partner[-50:]), "the end tells two apart"


def test_a_partner_whose_pack_fails_forges_no_message(
    hostile: Hostile, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise ReportError("it does not add up")

    monkeypatch.setattr(workbook, "write", fail)
    forger = "two\npartner-reports: forged line"
    named = [f"--partner={each}" for each in (forger, "L" * 10_000)]
    said = ask("pack", f"--home={hostile.home}", *PERIOD, "--output=out", *named)
    assert said.status == 1 and sandbox.written() == set()
    first, second, last = said.err.splitlines()
    assert first.endswith("partner two\\npartner-reports: forged line: it does not add up")
    assert "(10,000 characters)" in second and len(second) < 500
    assert last == "partner-reports: 2 of 2 packs failed"
    monkeypatch.undo()
    said = ask("pack", f"--home={hostile.home}", *PERIOD, f"--output={sandbox.root}/{'x' * 5_000}",
               "--partner=Twin")  # fmt: skip
    assert said.status == 1 and "File name too long: " in said.err and len(said.err) < 600


def test_a_path_is_printed_as_it_is_for_programs_and_visibly_for_people(
    hostile: Hostile, sandbox: Sandbox
) -> None:
    output = "a\u202e\x1b[31m\u3000b.csv"
    request = ["export", "credit-usage", f"--home={hostile.home}", "--partner=Twin", *PERIOD]
    assert ask(*request, f"--output={output}", terminal=False).out == f"{output}\n"
    assert ask(*request, f"--output={output}").out == "a\\u202e\\x1b[31m\\u3000b.csv\n"
    pack = ["pack", f"--home={hostile.home}", "--partner=Twin", *PERIOD, "--output=a\nb"]
    assert ask(*pack, terminal=False).out.startswith("a\nb/Twin")
    assert ask(*pack).out.startswith("a\\nb/Twin")


# --- SQL ----------------------------------------------------------------------------------------


class Recorder:
    """A connection that keeps the text of every statement; what else it could do is an error."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, log: list[str]) -> None:
        self._connection = connection
        self._log = log

    def execute(self, statement: str, parameters: object = None) -> Recorder:
        self._log.append(statement)
        self._connection.execute(statement, parameters)
        return self

    def fetchone(self) -> Any:
        return self._connection.fetchone()

    def fetchall(self) -> Any:
        return self._connection.fetchall()

    def fetchmany(self, size: int) -> Any:
        return self._connection.fetchmany(size)

    def close(self) -> None:
        self._connection.close()


def is_of_an_earlier_period(statement: str, command: str) -> bool:
    """Whether it asks for totals that the cover of a pack compares its own with.

    The marts are asked for them where there were any entries; for its own, copies are asked.
    """
    return command == "pack" and "as row_count" in statement and "temp.rows_" not in statement


@pytest.mark.proof
def test_no_sql_is_run_that_was_not_written_by_us(
    hostile: Hostile, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests that differ in values only run the same statements, letter by letter."""
    log: list[str] = []
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda **options: Recorder(connect(**options), log))
    rng = Random(SEED)
    statements: dict[tuple[object, ...], set[frozenset[str]]] = defaultdict(set)
    compared: set[frozenset[str]] = set()
    texts: set[str] = set()
    # A shape is asked for with values that do no harm, and with two that want to.
    shapes = [
        (command, report, conditions, basis, ending)
        for command, ending in [("show", ""), *(("export", ending) for ending in ENDINGS)]
        for report in REPORTS
        for conditions in subsets(REPORTS[report].conditions[:-1])
        for basis in BASES
    ]
    shapes = rng.sample(shapes, amount(20, len(shapes)))
    shapes.append(("pack", "", (), "event", ""))
    for shape in shapes:
        command, report, conditions, basis, ending = shape
        for partner in (COLLECTOR, *rng.sample(PARTNERS, 2)):
            log.clear()
            options = [f"--partner={partner}", f"--home={hostile.home}"]
            options += [f"--from={FIRST + timedelta(rng.randrange(20))}", f"--to={LAST}"]
            if command != "pack":
                options.append(f"--basis={basis}")
            for name in conditions:
                values = CONDITIONS[name].allowed[:2] or owned(partner)
                options.append(f"--{name.replace('_', '-')}={rng.choice(values)}")
            if command != "show":
                options.append(f"--output=out/{rng.choice(SQL).replace('/', '|')}{ending}")
            said = ask(*([command, report] if report else [command]), *options)
            sandbox.clear()
            assert said.status == 0, (options, said.err)
            # `both` is no condition in the query: asked for or not, it is one shape.
            both = "--account-type=both" in options
            # Texts that do not fit are looked for where there are long ones, and when the data
            # begins where nothing is listed.
            as_needed = ("as lengths", "as first_day")
            always = {each for each in log if not any(word in each for word in as_needed)}
            earlier = {each for each in always if is_of_an_earlier_period(each, command)}
            compared.add(frozenset(earlier))
            statements[*shape, both].add(frozenset(always - earlier))
            texts.update(log)
            tried("requests whose SQL was recorded")
    assert len(statements) >= len(shapes)
    # Some of them or all, but the same ones.
    assert max(compared, key=len) == frozenset().union(*compared)
    for kind, seen in statements.items():
        assert len(seen) == 1, (kind, [set(one) - set(other) for one in seen for other in seen])
    for value in (COLLECTOR, *PARTNERS):
        if len(value) > 4:  # shorter ones stand in the catalogue's own texts
            assert value == "$partner" or not any(value in statement for statement in texts), value
    assert not any(re.search(r"home'|out/|2024-", statement) for statement in texts)


def subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every choice of the names."""
    for bits in range(1 << len(names)):
        yield tuple(name for place, name in enumerate(names) if bits >> place & 1)


# --- names of files -----------------------------------------------------------------------------


def assert_apart(paths: Sequence[Path], folder: Path) -> None:
    """No two are one on any file system, and all are below the folder, with names that fit."""
    forms: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
    for form in forms:
        seen = Counter(unicodedata.normalize(form, str(path)).casefold() for path in paths)
        assert max(seen.values()) == 1, seen.most_common(1)
    for path in paths:
        assert os.path.normpath(path) == str(path) and path.is_relative_to(folder), path
        for part in path.relative_to(folder).parts:
            assert len(os.fsencode(part)) <= 255 and part not in (".", "..")
            assert re.fullmatch(r"[A-Za-z0-9._-]+", part) and not part.endswith(".")
            device = re.fullmatch(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", part.lower())
            assert not device, part


@pytest.fixture(scope="session")
def packs(hostile: Hostile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packs of all partners. Only to be read."""
    output: Path = tmp_path_factory.mktemp("packs")
    said = ask("pack", f"--home={hostile.home}", *PERIOD, f"--output={output}")
    assert said.status == 0, said.err
    printed = [Path(line) for line in said.out.splitlines()]
    assert len(printed) == len(hostile.partners)
    assert sorted(printed) == sorted(path for path in output.rglob("*") if path.suffix == ".xlsx")
    assert_apart(printed, output)
    return output


@pytest.mark.proof
def test_every_partner_has_files_of_its_own(
    hostile: Hostile, sandbox: Sandbox, packs: Path
) -> None:
    days = [date(1, 1, 1), FIRST, LAST, date(9999, 12, 31)]
    with open_published(hostile.home) as connection:
        partners = all_partners(connection)
        assert sorted(partners) == hostile.partners
        # The names of all exports, without writing them.
        names = [
            default_output(connection, Path("var"), Request(report, partner, from_, to))
            for report in REPORTS.values()
            for partner in partners
            for from_, to in itertools.pairwise(days)
        ]
    assert_apart(names, Path("var/exports"))
    # And some that are written.
    home = sandbox.work / "home"
    (home / "published").mkdir(parents=True)
    shutil.copy(hostile.home / "published" / "marts.duckdb", home / "published")
    written = []
    rng = Random(SEED)
    for partner in rng.sample(partners, amount(8, len(partners))):
        for report in rng.sample(list(REPORTS), amount(1, 2)):
            said = ask("export", report, f"--home={home}", f"--partner={partner}", *PERIOD)
            assert said.status == 0, (partner[:200], said.err)
            written.append(Path(said.out.removesuffix("\n")))
    assert_apart(written, home / "exports")
    assert sorted(written) == sorted(path for path in home.rglob("*.xlsx"))
    tried("names of files told apart", len(names) + len(written))


# --- whose rows ---------------------------------------------------------------------------------

Key = tuple[object, ...]


@dataclass(frozen=True)
class LedgerEntry:
    """An entry as the published ledger has it, with whose it is as the reference says."""

    facts: Mapping[str, Any]
    partner: str | None
    account_id: str
    account_type: str
    is_standing: bool

    def day(self, basis: str) -> date:
        found: date = self.facts["event_date" if basis == "event" else "posted_date"]
        return found

    @property
    def count(self) -> int:
        return 1 if self.facts["entry_type"] == "original" else -1


def read_ledger(home: Path, reference: Oracle) -> dict[str, list[LedgerEntry]]:
    """All entries of the published ledger, which are those of the reference."""
    ledger: dict[str, list[LedgerEntry]] = {}
    for kind, table in (("credits", "fct_credit_entries"), ("revenue", "fct_revenue_entries")):
        with duckdb.connect(str(home / "published" / "marts.duckdb"), read_only=True) as connection:
            cursor = connection.execute(f"from ledger.{table}")
            names = [column[0] for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        for row in rows:
            row.setdefault("feed", kind)
        reversed_versions = {
            (row["feed"], row["event_id"], row["reversed_version"])
            for row in rows
            if row["entry_type"] == "reversal"
        }
        ledger[kind] = []
        for row in rows:
            owner = reference.account_at(row["service_account_id"], row["event_date"])
            standing = (
                row["entry_type"] == "original"
                and (row["feed"], row["event_id"], row["version"]) not in reversed_versions
            )
            ledger[kind].append(
                LedgerEntry(
                    row,
                    owner.partner_id if owner else None,
                    owner.account_id if owner else "",
                    owner.account_type if owner else "",
                    standing,
                )
            )
    own = Counter(
        identity(entry.facts, entry.is_standing) for each in ledger.values() for entry in each
    )
    theirs = Counter(identity(vars(entry), entry.is_standing) for entry in reference.entries())
    assert own == theirs
    return ledger


def identity(facts: Mapping[str, Any], is_standing: bool) -> Key:
    """What an entry has in the published ledger and in the reference, FOCUS ids aside."""
    names = ["feed", "entry_type", "service_account_id", "service_code", "currency"]
    names += ["event_date", "posted_date", "batch_id"]
    names += ["amount", "list_amount", "net_amount", "tax_amount"]
    name = "" if facts["feed"] == "focus" else facts["event_id"]
    return (name, is_standing, *(facts.get(each) for each in names))


REVENUE_SUMS = ("list_amount", "discount_amount", "net_amount", "tax_amount")


def listed_rows(
    report: str, basis: str, entries: Iterable[LedgerEntry], from_: date, to: date
) -> Counter[Key]:
    """The rows of a report that lists entries, by partner, as the ledger has them."""
    kinds, columns = {
        "credit-topups": (
            ("top_up", "transfer_in"),
            ("event_id", "entry_type", "service_account_id", "wallet", "movement_type",
             "transaction_id", "counterparty_service_account_id", "payment_method", "currency"),
        ),
        "revenue-detail": (
            None,
            ("event_id", "entry_type", "service_account_id", "service_code", "charge_type",
             "order_id", "unit", "currency"),
        ),
    }[report]  # fmt: skip
    sums = ("amount",) if report == "credit-topups" else REVENUE_SUMS
    return Counter(
        (
            entry.partner,
            str(entry.day(basis)),
            entry.account_id,
            entry.account_type,
            *(entry.facts[name] or "" for name in columns),
            *(entry.facts[name] for name in sums),
        )
        for entry in entries
        if entry.partner is not None
        and from_ <= entry.day(basis) <= to
        and (basis == "posted" or entry.is_standing)
        and (kinds is None or entry.facts["movement_type"] in kinds)
    )


def listed_in(report: str, partner: str, exported: Iterable[Row]) -> Iterator[Key]:
    """The same of what was exported."""
    names = (
        ("event_id", "entry_type", "service_account_id", "wallet", "movement_type",
         "transaction_id", "counterparty_service_account_id", "payment_method", "currency")
        if report == "credit-topups"
        else ("event_id", "entry_type", "service_account_id", "service_code", "charge_type",
              "order_id", "unit", "currency")
    )  # fmt: skip
    sums = ("amount",) if report == "credit-topups" else REVENUE_SUMS
    for row in exported:
        yield (
            partner,
            row["report_date"],
            row["account_id"],
            row["account_type"],
            *(row[name] for name in names),
            *(Decimal(row[name]) for name in sums),
        )


GROUPED = {
    "credit-usage": (
        ("report_date", "service_account_id", "account_id", "account_type", "wallet",
         "movement_type", "service_code", "currency"),
        ("amount",),
    ),
    "revenue-by-service": (("service_code", "currency"), REVENUE_SUMS),
    "revenue-by-account": (
        ("service_account_id", "account_id", "account_type", "currency"), REVENUE_SUMS
    ),
}  # fmt: skip


def grouped_rows(
    report: str, basis: str, entries: Iterable[LedgerEntry], from_: date, to: date
) -> dict[Key, tuple[Decimal, ...]]:
    """Count and sums of a report of sums, by partner and its other columns."""
    keys, sums = GROUPED[report]
    groups: dict[Key, list[Decimal]] = {}
    for entry in entries:
        if (
            entry.partner is None
            or not from_ <= entry.day(basis) <= to
            or (basis == "event" and not entry.is_standing)
            or (report == "credit-usage"
                and entry.facts["movement_type"] not in ("usage", "transfer_out"))
        ):  # fmt: skip
            continue
        own = {
            "report_date": str(entry.day(basis)),
            "account_id": entry.account_id,
            "account_type": entry.account_type,
        }
        key = (entry.partner, *(own.get(name) or entry.facts[name] or "" for name in keys))
        group = groups.setdefault(key, [Decimal(0)] * (1 + len(sums)))
        for place, value in enumerate([entry.count, *(entry.facts[name] for name in sums)]):
            group[place] += value
    return {key: tuple(group) for key, group in groups.items()}


def balances(
    basis: str, entries: Iterable[LedgerEntry], from_: date, to: date
) -> dict[Key, tuple[Decimal, ...]]:
    """Opening, net movement, closing and held, by partner, service account, wallet, currency."""
    movements = REFERENCE["movement_types"]
    groups: dict[Key, list[Decimal]] = {}
    moved: set[Key] = set()
    for entry in entries:
        facts, day = entry.facts, entry.day(basis)
        if entry.partner is None or day > to or (basis == "event" and not entry.is_standing):
            continue
        key = (entry.partner, facts["service_account_id"], facts["wallet"], facts["currency"])
        kind = movements[facts["movement_type"]]
        group = groups.setdefault(key, [Decimal(0)] * 4)
        effect = kind.balance_effect * facts["amount"]
        group[1 if day >= from_ else 0] += effect
        group[2] += effect
        group[3] += kind.held_effect * facts["amount"]
        if day >= from_:
            moved.add(key)
    return {
        key: tuple(group) for key, group in groups.items() if key in moved or group[0] or group[3]
    }


def rows_of(exported: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(exported, newline="")))


def exports_of_all(
    home: Path, output: Path, partners: Sequence[str], periods: Sequence[tuple[date, date]]
) -> dict[tuple[str, str, str, str, str], str]:
    """The CSV text of every report, partner, basis and period, as the command writes it."""
    exports = {}
    with open_published(home) as connection:
        for report, partner, basis, (from_, to) in itertools.product(
            REPORTS.values(), partners, BASES.values(), periods
        ):
            request = Request(report, partner, from_, to, basis=basis)
            export(connection, home, request, output)
            key = (report.id, partner, basis.name, str(from_), str(to))
            exports[key] = output.read_bytes().decode()
    return exports


def assert_exports_are_the_ledger(
    home: Path,
    reference: Oracle,
    output: Path,
    periods: list[tuple[date, date]],
    checked: Collection[str],
) -> None:
    """All partners' exports together are the ledger, each row once, and each with its owner.

    The discounts of the partners in `checked` are compared with the reference in full.
    """
    ledger = read_ledger(home, reference)
    partners = sorted(reference.partners())
    exports = exports_of_all(home, output, partners, periods)
    by_request: dict[tuple[str, str, str, str], dict[str, str]] = defaultdict(dict)
    for (report, partner, basis, start, end), exported in exports.items():
        by_request[report, basis, start, end][partner] = exported
    for (report, basis, start, end), by_partner in by_request.items():
        from_, to = date.fromisoformat(start), date.fromisoformat(end)
        shown = (report, basis, start, end)
        entries = ledger["credits" if report.startswith("credit") else "revenue"]
        if report in ("credit-topups", "revenue-detail"):
            listed = listed_rows(report, basis, entries, from_, to)
            together = Counter(
                key
                for partner, exported in by_partner.items()
                for key in listed_in(report, partner, rows_of(exported))
            )
            assert together == listed, shown
            # Without the owner: no row stands in two exports.
            assert Counter(key[1:] for key in together.elements()) == Counter(
                key[1:] for key in listed.elements()
            ), shown
        elif report == "discounts":
            assert_discounts_are_whole(basis, entries, reference, by_partner, from_, to)
            for partner in checked:
                rows = reference.report(report, partner, from_, to, basis=basis)
                expected_rows = rows_of(reference.to_csv(report, rows))
                assert rows_of(by_partner[partner]) == expected_rows, (partner, shown)
        else:
            if report == "credit-balance":
                names: tuple[str, ...] = ("service_account_id", "wallet", "currency")
                values: tuple[str, ...] = (
                    "opening_balance", "net_movement", "closing_balance", "held"
                )  # fmt: skip
                expected = balances(basis, entries, from_, to)
            else:
                names, values = GROUPED[report][0], ("event_count", *GROUPED[report][1])
                expected = grouped_rows(report, basis, entries, from_, to)
            found: dict[Key, tuple[Decimal, ...]] = {}
            for partner, exported in by_partner.items():
                for row in rows_of(exported):
                    key = (partner, *(row[name] for name in names))
                    assert key not in found, (key, shown)
                    found[key] = tuple(Decimal(row[name]) for name in values)
            assert found == expected, (
                shown, [item for item in found.items() ^ expected.items()][:5]
            )  # fmt: skip
        tried("exports compared with the ledger", len(by_partner))
    assert_sums_are_whole(home, ledger, exports)


def assert_discounts_are_whole(
    basis: str,
    entries: Iterable[LedgerEntry],
    reference: Oracle,
    by_partner: Mapping[str, str],
    from_: date,
    to: date,
) -> None:
    """Every discount is in its partner's export only, with the entries that name it."""
    owners = {each.discount_id: each.record["partner_id"] for each in reference.discounts}
    worth: dict[Key, list[Decimal]] = {}
    for entry in entries:
        name = entry.facts["discount_id"]
        if (
            entry.partner is not None
            and owners.get(name) == entry.partner
            and from_ <= entry.day(basis) <= to
            and (basis == "posted" or entry.is_standing)
        ):
            sums = worth.setdefault((name, entry.facts["currency"]), [Decimal(0)] * 3)
            sums[0] += entry.count
            sums[1] += entry.facts["list_amount"]
            sums[2] += entry.facts["discount_amount"]
    found: dict[Key, list[Decimal]] = {}
    for partner, exported in by_partner.items():
        for row in rows_of(exported):
            assert owners[row["discount_id"]] == partner, (partner, row)
            if row["subject"] == "customer" and row["currency"]:
                key = (row["discount_id"], row["currency"])
                assert key not in found
                found[key] = [
                    Decimal(row[name]) for name in ("event_count", "list_amount", "discount_amount")
                ]
    customers = {each.discount_id for each in reference.discounts
                 if each.record["subject"] == "customer"}  # fmt: skip
    assert found == {key: sums for key, sums in worth.items() if key[0] in customers}
    if (from_, to) == ALWAYS:
        listed = {row["discount_id"] for each in by_partner.values() for row in rows_of(each)}
        assert listed == {name for name, partner in owners.items() if partner in by_partner}


def assert_sums_are_whole(
    home: Path,
    ledger: dict[str, list[LedgerEntry]],
    exports: Mapping[tuple[str, str, str, str, str], str],
) -> None:
    """Identity 6: what all partners' totals say and what is unattributed is all there is."""
    movements = REFERENCE["movement_types"]
    start, end = (str(day) for day in ALWAYS)
    exported: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for (report, _, basis, from_, to), content in exports.items():
        if (from_, to) != (start, end) or report not in (
            "credit-balance", "revenue-by-service", "revenue-by-account", "revenue-detail"
        ):  # fmt: skip
            continue
        name = "closing_balance" if report == "credit-balance" else "net_amount"
        for row in rows_of(content):
            exported[report, basis, row["currency"]] += Decimal(row[name])
    with duckdb.connect(str(home / "published" / "marts.duckdb"), read_only=True) as connection:
        listed = {
            (row[0], row[1])
            for row in connection.execute(
                "select feed, event_id from reports.unattributed_events"
            ).fetchall()
        }
    standing = [entry for each in ledger.values() for entry in each if entry.is_standing]
    assert listed == {
        (entry.facts["feed"], entry.facts["event_id"]) for entry in standing if not entry.partner
    }
    for report, basis, currency in list(exported):
        kind = "credits" if report == "credit-balance" else "revenue"
        whole = unattributed = Decimal(0)
        for entry in ledger[kind]:
            if entry.facts["currency"] != currency or (basis == "event" and not entry.is_standing):
                continue
            value = (
                movements[entry.facts["movement_type"]].balance_effect * entry.facts["amount"]
                if kind == "credits"
                else entry.facts["net_amount"]
            )
            whole += value
            unattributed += value if entry.partner is None else 0
        assert exported[report, basis, currency] + unattributed == whole, (report, basis, currency)


def assert_accounts_stay_apart(
    home: Path, reference: Oracle, output: Path, partners: Sequence[str], rng: Random
) -> None:
    """One account of a partner at a time gives its export; an account of others is unknown."""
    everybody = sorted(reference.history)
    for partner in partners:
        own = reference.service_accounts(partner)
        for report in REPORTS:
            if "account" not in REPORTS[report].conditions:
                continue
            basis = rng.choice(list(BASES))
            request = [report, f"--partner={partner}", f"--basis={basis}", *PERIOD]
            whole = rows_of(export_csv(home, output, *request))
            parts = {
                account: rows_of(export_csv(home, output, *request, f"--account={account}"))
                for account in own
            }
            together = [row for rows in parts.values() for row in rows]
            shown = (partner, report, basis)
            if report == "revenue-by-service":
                assert summed(together) == summed(whole), shown
            else:
                for account, rows in parts.items():
                    assert {row["service_account_id"] for row in rows} <= {account}, shown
                assert Counter(map(str, together)) == Counter(map(str, whole)), shown
            tried("exports of one account", len(parts))
            others = [each for each in everybody if each not in own]
            near = {variant(rng.choice(own)) for variant in VARIANTS} - set(own)
            for account in [*rng.sample(others, min(2, len(others))), *sorted(near)]:
                if "\x00" in account or not account:
                    continue
                said = ask("export", *request, f"--home={home}", f"--account={account}",
                           f"--output={output.with_name('refused.csv')}")  # fmt: skip
                assert said.status == 2, (shown, account)
                assert "unknown account" in said.err and not said.out
                assert not output.with_name("refused.csv").exists()
                tried("accounts of others refused")


VARIANTS: list[Callable[[str], str]] = [
    str.swapcase,
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: unicodedata.normalize("NFKC", name),
    lambda name: f"{name}\u00a0",
    lambda name: name[:-1],
]


def summed(rows: Iterable[Row]) -> dict[Key, tuple[Decimal, ...]]:
    """revenue-by-service, added up over accounts."""
    keys, sums = GROUPED["revenue-by-service"]
    groups: dict[Key, list[Decimal]] = {}
    for row in rows:
        group = groups.setdefault(tuple(row[name] for name in keys), [Decimal(0)] * len(sums))
        for place, name in enumerate(sums):
            group[place] += Decimal(row[name])
    return {key: tuple(group) for key, group in groups.items()}


@pytest.mark.proof
def test_hostile_exports_together_are_the_ledger(hostile: Hostile, tmp_path: Path) -> None:
    periods = [ALWAYS] if not SOAK else [ALWAYS, (date(2024, 2, 1), MOVED_ON)]
    with localcontext(prec=60):
        checked = Random(SEED).sample(hostile.partners, amount(2, 4))
        assert_exports_are_the_ledger(
            hostile.home, hostile.reference, tmp_path / "o.csv", periods, checked
        )


@pytest.mark.proof
def test_hostile_accounts_stay_apart(hostile: Hostile, tmp_path: Path) -> None:
    rng = Random(SEED)
    partners = rng.sample(hostile.partners, amount(2, 40))
    # Every character of an argument that the system can hand over.
    partners = [each for each in partners if "\x00" not in each]
    with localcontext(prec=60):
        assert_accounts_stay_apart(
            hostile.home, hostile.reference, tmp_path / "o.csv", partners, rng
        )


@pytest.mark.proof
@pytest.mark.parametrize("number", range(cases(1, 3)))
def test_exports_of_any_ledger_together_are_that_ledger(tmp_path: Path, number: int) -> None:
    """Accounts that move between partners, late and tied records, corrections, voids."""
    rng = Random(SEED * 1_000 + 500 + number)
    landing, home = tmp_path / "landing", tmp_path / "home"
    write_landing(rng, landing, events=amount(40, 80))
    assert build(home, landing) == 0
    reference = Oracle(landing, **REFERENCE)
    start = date(2024, 1, 28) + timedelta(rng.randrange(60))
    periods = [ALWAYS, (start, start + timedelta(rng.randrange(40)))]
    partners = sorted(reference.partners())
    with localcontext(prec=60):
        assert_exports_are_the_ledger(home, reference, tmp_path / "o.csv", periods, partners)
        some = rng.sample(partners, amount(1, len(partners)))
        assert_accounts_stay_apart(home, reference, tmp_path / "o.csv", some, rng)


# --- formats ------------------------------------------------------------------------------------


def collected(home: Path, output: Path) -> None:
    """Export the top-ups that have all the texts; in order of their transaction."""
    said = ask("export", "credit-topups", f"--home={home}", f"--partner={COLLECTOR}",
               f"--account={COLLECTOR}", *PERIOD, f"--output={output}")  # fmt: skip
    assert (said.status, said.err) == (0, "")


def decoded(value: str) -> str:
    """Text of a cell as a spreadsheet shows it: `_xHHHH_` is a character."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), value)


def test_hostile_texts_survive_in_every_format(hostile: Hostile, tmp_path: Path) -> None:
    rows = hostile.reference.report("credit-topups", COLLECTOR, FIRST, LAST, account=COLLECTOR)
    texts = [(row[2], row[13]) for row in rows if str(row[3]).startswith("text ")]
    assert Counter(texts) == Counter(
        (each.strip(" \t\r\n"),) * 2 for each in [*TEXTS, *LONGER_THAN_A_CELL]
    )
    csv_path, json_path = tmp_path / "o.csv", tmp_path / "o.json"
    parquet_path, xlsx_path = tmp_path / "o.parquet", tmp_path / "o.xlsx"
    for path in (csv_path, json_path, parquet_path, xlsx_path):
        collected(hostile.home, path)
    in_csv = rows_of(csv_path.read_bytes().decode())
    assert in_csv == rows_of(hostile.reference.to_csv("credit-topups", rows))
    content = json.loads(json_path.read_bytes().decode())
    ids = [(row["event_id"], row["transaction_id"], row["payment_method"]) for row in content]
    expected = [(row[3], row[2], row[13]) for row in rows]
    assert ids == expected
    with duckdb.connect() as connection:
        in_parquet = connection.execute(
            "select event_id, transaction_id, payment_method from read_parquet($path)",
            {"path": str(parquet_path)},
        ).fetchall()
    assert in_parquet == expected
    sheet = load_workbook(xlsx_path).worksheets[0]
    for number, row in enumerate(rows):
        for place, value in ((3, row[2]), (4, row[3]), (14, row[13])):
            cell = sheet.cell(HEADER_ROW + 1 + number, place)
            if value is None:
                assert cell.value is None
                continue
            assert isinstance(value, str) and isinstance(cell.value, str)
            assert cell.data_type == "s" and cell.hyperlink is None
            assert cell.value == cell_xml.plain_text(value), value[:100]
            units = len(value.encode("utf-16-le")) // 2
            if units <= cell_xml.TEXT_LIMIT:
                assert decoded(cell.value) == value
            else:
                shown = decoded(cell.value)
                assert shown.endswith(cell_xml.CUT_MARK)
                assert value.startswith(shown.removesuffix(cell_xml.CUT_MARK))
                assert len(shown.encode("utf-16-le")) // 2 <= cell_xml.TEXT_LIMIT
    with zipfile.ZipFile(xlsx_path) as archive:
        part = archive.read("xl/worksheets/sheet1.xml").decode()
    assert ">_x005F_x0041_</t>" in part and ">_x0041_</t>" not in part
    assert "<f " not in part and "<hyperlink" not in part
    formulas = re.findall("<f>(.*?)</f>", part)
    ours = r"SUMIFS\(P8:P[0-9]+,O8:O[0-9]+,O[0-9]+\)"
    assert formulas and all(re.fullmatch(ours, each) for each in formulas), formulas
    tried("hostile texts read back from four formats", len(texts))


def frame_of(book: Workbook) -> list[object]:
    """Of a workbook what may not depend on the partner."""
    names = [sheet.title for sheet in book.worksheets]
    links = [
        (cell.hyperlink.ref, cell.hyperlink.location, cell.hyperlink.target)
        for sheet in book.worksheets
        for row in sheet.iter_rows(max_row=30)
        for cell in row
        if cell.hyperlink is not None
    ]
    defined = sorted(book.defined_names)
    titles = [sheet.print_title_rows for sheet in book.worksheets]
    feet = [sheet.oddFooter for sheet in book.worksheets]
    sides = [(foot.left.text, foot.right.text) for foot in feet if foot is not None]
    return [names, links, defined, titles, sides]


@pytest.mark.proof
def test_no_partner_breaks_the_frame_of_its_pack(hostile: Hostile, packs: Path) -> None:
    folders = {}
    with open_published(hostile.home) as connection:
        for partner in hostile.partners:
            request = Request(REPORTS["discounts"], partner, FIRST, LAST)
            folders[partner] = default_output(connection, Path(), request).parent.name
    plain = load_workbook(next((packs / folders["42"]).glob("*.xlsx")))
    nasty = [*MARKUP, *CONTROL, "L" * 10_000, "'" * 5_000, "_x0041_" * 1_400, "😀" * 300]
    rng = Random(SEED)
    nasty = [each for each in nasty if each in hostile.partners]
    for partner in hostile.partners if SOAK else rng.sample(nasty, 10):
        (path,) = (packs / folders[partner]).glob("*.xlsx")
        book = load_workbook(path)
        assert frame_of(book) == frame_of(plain), partner[:100]
        name = hostile.reference.partners()[partner]
        who = f"{name} ({partner})" if name else partner
        cover = book["Cover"]["B3"].value
        assert isinstance(cover, str) and decoded(cover) == who, partner[:100]
        with zipfile.ZipFile(path) as archive:
            for part in archive.namelist():
                content = archive.read(part)
                ElementTree.fromstring(content)
                for footer in re.findall(rb"<oddFooter>(.*?)</oddFooter>", content, re.DOTALL):
                    shown = decoded(ElementTree.fromstring(b"<x>" + footer + b"</x>").text or "")
                    assert len(shown.encode("utf-16-le")) // 2 <= 255
                    # Left, centre and right: nothing of the partner's is a code.
                    codes = re.sub("&&", "", shown)
                    assert re.findall("&.", codes) == ["&L", "&C", "&R", "&P", "&N"], shown
        tried("packs whose frame was compared")


@needs_libreoffice
def test_libreoffice_opens_what_is_hostile(hostile: Hostile, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    collected(hostile.home, output)
    as_csv = converted(output, tmp_path, "csv:Text - txt - csv (StarCalc):44,34,76")
    content = as_csv.read_bytes().decode()
    found = list(csv.reader(io.StringIO(content, newline="")))
    rows = hostile.reference.report("credit-topups", COLLECTOR, FIRST, LAST, account=COLLECTOR)
    own = found[HEADER_ROW : HEADER_ROW + len(rows)]
    assert [row[3] for row in own] == [row[3] for row in rows]
    compared = 0
    for row, shown in zip(rows, own, strict=True):
        value = str(row[2])
        # LibreOffice has ideas of its own about control characters and the ends of lines.
        if value.isprintable() and len(value) < 10_001:
            assert shown[2] == value
            compared += 1
    assert compared > 60
