"""The documents keep their word: every command in them runs, and prints what they show."""

from __future__ import annotations

import contextlib
import difflib
import io
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.homes import PROJECT

from exporters.cli import app, parser
from exporters.reconciliation.reconcile.classes import LABELS, Class
from exporters.reconciliation.reconcile.passes import passes as passes_of_rows

DOCUMENTS = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
PROGRAM = "partner-reports"
# What a document says of a machine of its own, and where that is here.
LANDING, HOME, SCRATCH = "/srv/landing", "/var/lib/partner-reports", "/tmp/"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the number of its first line, and its lines."""

    language: str
    line: int
    lines: tuple[str, ...]


def blocks(document: Path) -> Iterator[Block]:
    """The fenced blocks of a document."""
    inside: list[str] | None = None
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.startswith("```"):
            if inside is not None:
                inside.append(line)
        elif inside is None:
            language, first, inside = line[3:], number + 1, []
        else:
            yield Block(language, first, tuple(inside))
            inside = None
    assert inside is None, f"{document}: the last block is not closed"


@dataclass(frozen=True)
class Shown:
    """A command and what a document says that it prints."""

    place: str
    command: str
    output: tuple[str, ...]


def shown(document: Path) -> list[Shown]:
    """The commands of a document whose output it shows, in order."""
    found = []
    for block in blocks(document):
        if block.language != "console":
            continue
        starts = [place for place, line in enumerate(block.lines) if line.startswith("$ ")]
        assert starts[:1] == [0], f"{document}:{block.line} shows output of no command"
        for start, end in zip(starts, [*starts[1:], len(block.lines)], strict=True):
            found.append(
                Shown(
                    f"{document.name}:{block.line + start}",
                    block.lines[start][2:],
                    block.lines[start + 1 : end],
                )
            )
    return found


def commands(document: Path) -> list[tuple[str, str]]:
    """Place and text of every other command of this program: in blocks for a shell, in text."""
    found = []
    text = document.read_text(encoding="utf-8")
    for block in blocks(document):
        if block.language == "sh":
            for number, line in enumerate(block.lines):
                joined = line
                for more in block.lines[number + 1 :]:
                    if not joined.endswith("\\"):
                        break
                    joined = joined[:-1] + more
                if re.match(rf"(\.venv/bin/)?{PROGRAM} ", line):
                    found.append((f"{document.name}:{block.line + number}", joined))
    for match in re.finditer(rf"(?<!`)`((?:\.venv/bin/)?{PROGRAM} [^`\n]+)`", text):
        found.append((f"{document.name}:{text.count(chr(10), 0, match.start()) + 1}", match[1]))
    return found


def is_concrete(command: str) -> bool:
    """Whether it can be typed as it stands: no `P`, `[--account ID]` or `"$from"`."""
    words = shlex.split(command, comments=True)
    return not any(re.fullmatch(r"[A-Z]+|.*[\[\]|<>$].*|\.\.\.", word) for word in words)


class Machine:
    """A machine as the documents suppose it: a project folder after `make demo`, a home, a /tmp."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.project = folder / "project"
        self.project.mkdir()
        for name in ("docs", "seeds"):
            (self.project / name).symlink_to(PROJECT / name)
        for place in (self.project / "var", folder / "home"):
            place.mkdir()
            for name in ("published", "last_build.json"):
                (place / name).symlink_to(home / name)
        (folder / "tmp").mkdir()
        self._places = {
            LANDING: str(PROJECT / "seeds" / "landing"),
            HOME: str(folder / "home"),
            SCRATCH: f"{folder / 'tmp'}/",
        }

    def run(self, command: str) -> tuple[int, str]:
        """Exit status of a command, and what it prints, with places as in the documents."""
        words = [self._here(word) for word in shlex.split(command, comments=True)]
        out = io.StringIO(newline="")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            if words[0] == "cat":
                print(Path(words[1]).read_text(encoding="utf-8"), end="")
                status = 0
            else:
                status = app.main(words[1:])
        printed = out.getvalue()
        for theirs, ours in self._places.items():
            printed = printed.replace(ours, theirs)
        return status, printed

    def _here(self, word: str) -> str:
        for theirs, ours in self._places.items():
            if word.startswith(theirs):
                return ours + word[len(theirs) :]
        return word


@pytest.fixture
def machine(tmp_path: Path, sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine of its own, in whose project folder commands run."""
    made = Machine(tmp_path, sample_home)
    monkeypatch.delenv("PARTNER_REPORTS_HOME", raising=False)
    monkeypatch.delenv("PARTNER_REPORTS_LANDING", raising=False)
    monkeypatch.chdir(made.project)
    return made


def without_the_clock(lines: list[str]) -> list[str]:
    """Lines of `status` without what another day says in another way."""
    timeless = [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "(time)", line) for line in lines]
    return [re.sub(r"(  \d{4}-\d\d-\d\d) +\d+  ", r"\1 (age) ", line) for line in timeless]


def has_the_parts(printed: list[str], expected: list[str]) -> bool:
    """Whether `printed` is `expected`, whose lines `...` stand for any number of lines."""
    parts: list[list[str]] = [[]]
    for line in expected:
        if line.strip() == "...":
            parts.append([])
        else:
            parts[-1].append(line)
    if len(parts) == 1:
        return printed == expected
    first, *middle, last = parts
    if printed[: len(first)] != first or printed[len(printed) - len(last) :] != last:
        return False
    rest = printed[len(first) : len(printed) - len(last)]
    for part in middle:
        places = range(len(rest) - len(part) + 1)
        found = next((place for place in places if rest[place : place + len(part)] == part), None)
        if found is None:
            return False
        rest = rest[found + len(part) :]
    return True


@pytest.mark.parametrize(
    "document", [each for each in DOCUMENTS if shown(each)], ids=lambda document: document.name
)
def test_commands_print_what_is_shown(machine: Machine, document: Path) -> None:
    wrong = []
    for each in shown(document):
        _, text = machine.run(each.command)
        printed, expected = text.splitlines(), [*each.output]
        if shlex.split(each.command)[1] == "status":
            printed, expected = without_the_clock(printed), without_the_clock(expected)
        if not has_the_parts(printed, expected):
            diff = difflib.unified_diff(expected, printed, "shown", "printed", lineterm="", n=1)
            wrong.append("\n".join([f"{each.place}: {each.command}", *diff]))
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_commands_that_are_named_run(machine: Machine, document: Path) -> None:
    for place, command in commands(document):
        if not is_concrete(command):
            continue
        words = shlex.split(command, comments=True)
        if words[1] == "build":
            # The sample was built to come here, and a build takes long: it is only read.
            parser.parse(words[1:])
            continue
        status, printed = machine.run(command)
        allowed = (0, 3) if words[1] == "reconcile" else (0,)
        assert status in allowed, f"{place}: {command}\n{printed}"


def test_the_example_is_the_file_that_is_shown() -> None:
    (block,) = [
        each for each in blocks(PROJECT / "docs" / "reconciliation.md") if each.language == "csv"
    ]
    example = PROJECT / "docs" / "examples" / "september.csv"
    assert [*block.lines] == example.read_text(encoding="utf-8").splitlines()


def test_the_passes_and_classes_are_those_of_the_program() -> None:
    text = (PROJECT / "docs" / "reconciliation.md").read_text(encoding="utf-8")
    numbered = r"(?m)^([0-9]+)\. +(\S.*?)  +(\S.*)$"
    passes = [
        (number, compared, LABELS[Class(class_)].lower())
        for number, compared, class_ in re.findall(numbered, passes_of_rows.__doc__ or "")
    ]
    assert len(passes) == 18
    assert re.findall(numbered, text) == passes
    for class_ in Class:
        assert f"\n| {LABELS[class_]} | `{class_}` |" in text


def test_nothing_is_passed_over() -> None:
    """What the tests above look for is there to be found."""
    assert sum(len(shown(document)) for document in DOCUMENTS) >= 20
    concrete = [
        shlex.split(command, comments=True)[1]
        for document in DOCUMENTS
        for _, command in commands(document)
        if is_concrete(command)
    ]
    assert Counter(concrete).keys() >= parser.COMMANDS.keys()
    assert len(parser.COMMANDS) >= 13
    assert has_the_parts(list("abcde"), ["a", "...", "c", " ...", "e"])
    assert has_the_parts(list("abc"), list("abc"))
    for expected in (["a", "...", "d"], ["...", "x", "...", "c"], list("abcd"), ["b", "..."]):
        assert not has_the_parts(list("abc"), expected)
    assert is_concrete(f"{PROGRAM} show discounts --partner P-1 # a discount")
    for vague in ("trace ID", "trace [--account SA]", 'pack --from "$from"', "export a|b"):
        assert not is_concrete(f"{PROGRAM} {vague}")
