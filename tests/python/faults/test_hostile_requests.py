"""Hostile requests and hostile data: nothing breaks out, and nobody sees what is another's.

One home is built by the real command from a landing folder whose ids and names are meant to do
harm: SQL, paths, control characters, marks of writing direction, 10,000 characters, ids that only
careful reading keeps apart. Requests made of the same material are put to it.
"""

from __future__ import annotations

import hashlib
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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import localcontext
from pathlib import Path
from random import Random
from typing import Any, Literal
from xml.etree import ElementTree

import duckdb
import hypothesis
import pytest
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from support.hostile import (
    ALWAYS,
    COLLECTOR,
    CONTROL,
    FIRST,
    LAST,
    LONGER_THAN_A_CELL,
    MARKUP,
    MOVED_ON,
    PARTNERS,
    PERIOD,
    SQL,
    TEXTS,
    Hostile,
    Said,
    ask,
    collected,
    decoded,
    owned,
)
from support.oracle import Oracle
from support.proof import SEED, SOAK, amount, cases, tried
from support.whose import assert_accounts_stay_apart, assert_exports_are_the_ledger, rows_of

from exporters import escaping
from exporters.catalogue.conditions import CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.errors import ReportError, RequestError
from exporters.excel import workbook
from exporters.excel.ooxml import cell_xml
from exporters.excel.report_sheet import HEADER_ROW
from exporters.i18n.language import LANGUAGES
from exporters.output.formats import ENDINGS
from exporters.output.paths import default_output
from exporters.request.partners import all_partners
from exporters.request.periods import earlier_period
from exporters.request.report_request import Request
from exporters.warehouse.published import open_published

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
            if name == "below":
                if not re.fullmatch("-?[0-9]{1,16}([.][0-9]{1,12})?", values[-1]):
                    return False
                continue
            if name == "basis":
                allowed = REPORTS[self.report].bases
            if name == "account":
                partner, values = self.partner[-1], values[-1:]
                allowed = {*reference.service_accounts(partner), *reference.accounts(partner)}
            elif not CONDITIONS[name].many:
                values = values[-1:]
            if not set(values) <= set(allowed):
                return False
        return self.output is None or Path(self.output).suffix.lower() in ENDINGS


PERCENTS = ("5", "-2.5")


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
                good = {"below": list(PERCENTS), "basis": list(report.bases)}.get(name, good)
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
        for conditions in subsets([name for name in REPORTS[report].conditions if name != "basis"])
        for basis in REPORTS[report].bases or ("",)
    ]
    shapes = rng.sample(shapes, amount(20, len(shapes)))
    shapes.append(("pack", "", (), "event", ""))
    for shape in shapes:
        command, report, conditions, basis, ending = shape
        for partner in (COLLECTOR, *rng.sample(PARTNERS, 2)):
            log.clear()
            options = [f"--partner={partner}", f"--home={hostile.home}"]
            options += [f"--from={FIRST + timedelta(rng.randrange(20))}", f"--to={LAST}"]
            if command != "pack" and basis:
                options.append(f"--basis={basis}")
            for name in conditions:
                percents = PERCENTS if name == "below" else ()
                values = CONDITIONS[name].allowed[:2] or percents or owned(partner)
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
    shown = r"SUBTOTAL\(109,OFFSET\(P8,ROW\(P8:P[0-9]+\)-ROW\(P8\),0\)\)"
    ours = rf"SUMPRODUCT\({shown}\*\(O8:O[0-9]+=O[0-9]+\)\)"
    assert formulas and all(re.fullmatch(ours, each) for each in formulas), formulas
    tried("hostile texts read back from four formats", len(texts))


def frame_of(book: Workbook) -> list[object]:
    """Of a workbook what may not depend on the partner."""
    names = [sheet.title for sheet in book.worksheets]
    links = [
        (cell.hyperlink.location, cell.hyperlink.target)
        for sheet in book.worksheets
        for row in sheet.iter_rows(max_row=60)
        for cell in row
        if cell.hyperlink is not None
    ]
    # Each sheet is linked to once, and again where it says more of what needs attention.
    own = {(f"'{name}'!A1", None) for name in names[1:]}
    assert own == {*links}
    defined = sorted(book.defined_names)
    # The labels of Control's last table stand below sections of any length.
    titles = [sheet.print_title_rows for sheet in book.worksheets[:-1]]
    assert re.fullmatch(r"\$([0-9]+):\$\1", str(book.worksheets[-1].print_title_rows))
    feet = [sheet.oddFooter for sheet in book.worksheets]
    sides = [(foot.left.text, foot.right.text) for foot in feet if foot is not None]
    return [names, defined, titles, sides]


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
