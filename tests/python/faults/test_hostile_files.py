"""Damaged files: each is refused by name before anything is stored, or its rows are right.

Three levels, of which each costs more than the one before: the scan's verdict against that of the
independent reader in oracle.py, DuckDB's reading of accepted CSV files against the same, and real
builds of hundreds of accepted files against all figures of the reference.
"""

from __future__ import annotations

import base64
import gzip
import io
import itertools
import os
import re
import resource
import shutil
import signal
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import duckdb
import jinja2
import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult
from support import oracle
from support.comparing import REFERENCE, differences, in_steps
from support.homes import PROJECT, build, put
from support.oracle import LandingError, Oracle
from support.proof import SEED, SOAK, amount, cases, tried
from support.scenarios import BATCH_IDS, FEEDS, REQUIRED, write_landing

from exporters.landing import scan

PERIODS = [(date(1, 1, 1), date(9999, 12, 31))]
SECONDS = 20  # the most that a verdict on any file may take
MEGABYTES = 1500  # the most that all verdicts may add to the process


# --- damage --------------------------------------------------------------------------------


class Case(NamedTuple):
    """A damaged file."""

    feed: str
    ending: str
    kind: str
    content: bytes


Damage = Callable[[Random, bytes], bytes]

TOKENS = (
    b'"', b'""', b'"""', b'","', b'"\n', b"\r", b"\r\r\n", b"\n\r", b"\x00", b"\xff", b"\xc3",
    b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xef\xbb\xbf", b",", b";",
    b"\t", b",,", b"\n", b"\r\n\r\n", b"\n" * 300, b" ", b"\x0b", b"\xc2\xa0", b"\xe2\x80\xa8",
    b"\x1a", b"\x1b[2J", b"'", b"\\", b'\\"', b"#", b"{{ 7 }}", b"NULL", b"-", b"9" * 40,
    b"no text of a field is null",
)  # fmt: skip


def place(rng: Random, content: bytes) -> int:
    """A position, every other time within the first line."""
    limit = len(content)
    if rng.random() < 0.3:
        limit = content.find(b"\n") + 1 or limit
    return rng.randrange(limit + 1)


def span(rng: Random, content: bytes) -> tuple[int, int]:
    """Two ascending positions, seldom far apart."""
    start = place(rng, content)
    return start, min(len(content), start + rng.choice([1, 1, 2, 7, 60, 500, 5000]))


def flip_bits(rng: Random, content: bytes) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 10])):
        if damaged:
            damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def other_letters(rng: Random, content: bytes) -> bytes:
    """Letters and digits in place of others: the file stays whole, its values do not."""
    damaged = bytearray(content)
    start = content.find(b"\n") + 1 if rng.random() < 0.7 else 0
    for _ in range(rng.choice([1, 2, 10])):
        at = rng.randrange(start, len(damaged)) if start < len(damaged) else 0
        if damaged and damaged[at : at + 1].isalnum():
            damaged[at : at + 1] = rng.choice([b"0", b"1", b"9", b"-", b".", b"e", b"Z", b" "])
    return bytes(damaged)


def insert_token(rng: Random, content: bytes) -> bytes:
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = place(rng, content)
        content = content[:at] + rng.choice(TOKENS) + content[at:]
    return content


def delete_span(rng: Random, content: bytes) -> bytes:
    start, end = span(rng, content)
    return content[:start] + content[end:]


def repeat_span(rng: Random, content: bytes) -> bytes:
    start, end = span(rng, content)
    return content[:end] + content[start:end] * rng.choice([1, 1, 3]) + content[end:]


def swap_spans(rng: Random, content: bytes) -> bytes:
    start, end = span(rng, content)
    at = place(rng, content)
    return content[:start] + content[end:at] + content[start:end] + content[max(end, at) :]


def cut(rng: Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def quote_somewhere(rng: Random, content: bytes) -> bytes:
    """A quote beside a comma or line end: sometimes a whole field comes out in quotes."""
    edges = [match.start() for match in re.finditer(rb"[,\n]", content)]
    for at in sorted(rng.sample(edges, min(len(edges), rng.choice([1, 2, 2]))), reverse=True):
        at += rng.choice([0, 1])
        content = content[:at] + b'"' + content[at:]
    return content


def quote_a_field(rng: Random, content: bytes) -> bytes:
    """Quotes around a field, or around a run of fields that then are one."""
    edges = [match.start() for match in re.finditer(rb"[,\n]", content)]
    if len(edges) < 3 or b'"' in content:
        return content
    first = rng.randrange(len(edges) - 1)
    last = min(len(edges) - 1, first + rng.choice([1, 1, 2, 30]))
    start, end = edges[first] + 1, edges[last]
    return content[:start] + b'"' + content[start:end] + b'"' + content[end:]


def swap_delimiters(rng: Random, content: bytes) -> bytes:
    return content.replace(b",", rng.choice([b";", b"\t", b"|", b"\x01", b", ", b" ,"]))


def other_line_ends(rng: Random, content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(
        b"\n", rng.choice([b"\r", b"\r\n", b"\n\n", b"\r\r\n", b"\n\r", b"\n \n"])
    )


def header_again(rng: Random, content: bytes) -> bytes:
    """A name of the header stands twice, or the whole header among the rows."""
    header, newline, rows = content.partition(b"\n")
    names = header.rstrip(b"\r").split(b",")
    if rng.random() < 0.3:
        return header + newline + header + newline + rows
    at, taken = rng.randrange(len(names)), rng.choice(names)
    names[at] = rng.choice([taken, taken.upper(), b" " + taken + b"\t"])
    return b",".join(names) + newline + rows


def odd_header(rng: Random, content: bytes) -> bytes:
    """A name with something around it that looks like a space, or instead of it."""
    header, newline, rows = content.partition(b"\n")
    names = header.rstrip(b"\r").split(b",")
    odd = [b"\xc2\xa0", b"\x0b", b"\x0c", b"\x1c", b"\xe2\x80\x83", b" ", b"\t", b"\x00", b"'"]
    at = rng.randrange(len(names))
    around = rng.choice(odd)
    names[at] = rng.choice([around + names[at], names[at] + around, around, b""])
    return b",".join(names) + newline + rows


def encode_again(rng: Random, content: bytes) -> bytes:
    text = content.decode("utf-8-sig")
    encoding = rng.choice(
        ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "cp1258", "utf-7", "utf-8-sig"]
    )
    return text.encode(encoding, errors="replace")


def bom_somewhere(rng: Random, content: bytes) -> bytes:
    at = rng.choice([0, 0, content.find(b"\n") + 1, place(rng, content)])
    bom = rng.choice([b"\xef\xbb\xbf", b"\xef\xbb\xbf" * 2, b"\xff\xfe", b"\xfe\xff", b"\xef\xbb"])
    return content[:at] + bom + content[at:]


def no_rows(rng: Random, content: bytes) -> bytes:
    header = content.partition(b"\n")[0]
    return rng.choice(
        [header, header + b"\n", b"\n" * 5, b"\r\n" * 5, b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"",
         b"\n\n" + header, b" ", b"\r", b"\n\r\n", b",", b'""', b'"', b"\x00", b'"\n"']
    )  # fmt: skip


def blank_lines(rng: Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    for _ in range(rng.choice([1, 3, 20])):
        lines.insert(rng.randrange(len(lines) + 1), rng.choice([b"", b"", b"\r"]))
    return b"\n".join(lines)


def no_csv(rng: Random, content: bytes) -> bytes:
    """Another format under this ending."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as z:
        z.writestr("xl/workbook.xml" if rng.random() < 0.5 else "a.csv", content)
    return rng.choice(
        [archive.getvalue(), gzip.compress(content, mtime=0), parquet_of("1 as a"), b"PAR1",
         b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", b"\x89PNG\r\n\x1a\n", b'{"event_id": "e1"}\n',
         b"<html><body>403</body></html>", rng.randbytes(300)]
    )  # fmt: skip


TEXT_DAMAGE: dict[str, Damage] = {
    function.__name__: function
    for function in (
        flip_bits, other_letters, insert_token, delete_span, repeat_span, swap_spans, cut,
        quote_somewhere, quote_a_field, swap_delimiters, other_line_ends, header_again, odd_header,
        encode_again, bom_somewhere, no_rows, blank_lines, no_csv,
    )
}  # fmt: skip
BYTE_DAMAGE: dict[str, Damage] = {
    function.__name__: function
    for function in (flip_bits, delete_span, repeat_span, swap_spans, cut, no_csv)
}


def gzip_member(data: bytes, flags: int = 0, extra: bytes = b"") -> bytes:
    """A gzip member with header fields of choice (RFC 1952)."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(data) + packer.flush()
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\x00\x03" + extra
    return head + packed + struct.pack("<II", zlib.crc32(data), len(data) % 2**32)


def gzip_layout(rng: Random, content: bytes) -> bytes:
    """Lawful and unlawful ways to put a gzip file together."""
    packed = gzip.compress(content, mtime=0)
    at = place(rng, content)
    head, tail = content[:at], content[at:]
    return rng.choice(
        [
            packed,
            gzip.compress(packed, mtime=0),
            gzip_member(head) + gzip_member(tail),
            gzip_member(b"") + gzip_member(head) + gzip_member(b"") + gzip_member(tail),
            b"".join(gzip_member(content[i : i + 9]) for i in range(0, len(content), 9)),
            gzip_member(content, 8, b"a.csv\x00"),
            gzip_member(content, 4, b"\x04\x00AB\x00\x00"),
            gzip_member(content, 16, b"a comment\x00"),
            gzip_member(content, 1),
            gzip_member(head, 8, b"a\x00") + gzip_member(tail, 4, b"\x01\x00x"),
            gzip_member(head) + gzip_member(tail, 16, b"c\x00"),
            gzip_member(b""),
            packed + bytes(rng.choice([1, 9, 600])),
            packed + b"garbage",
            packed + packed[:7],
            packed[:-8] + bytes(8),
            packed[:-4] + bytes(4),
            content,
            zlib.compress(content),
        ]
    )


# A column of each type that Parquet has and of which feeds might hold one.
KINDS = (
    "varchar", "boolean", "float", "double", "blob", "integer[]", "struct(a integer)",
    "map(varchar, integer)", "interval", "time", "timetz", "time_ns", "uuid", "date", "timestamp",
    "timestamp_s", "timestamp_ns", "timestamptz", "timestamptz_ns", "json", '"NULL"', "hugeint",
    "uhugeint", "utinyint", "bigint", "decimal(4, 2)", "decimal(38, 20)", "decimal(38, 0)",
    "bignum", "bit", "variant", "integer[2]", "union(a integer, b varchar)",
)  # fmt: skip
VALUES = (
    "null", "1", "'1'", "'2024-03-01'", "'2024-03-01 10:00:00.000001'", "'10:00:00'", "'x'",
    "'2024-03-01 10:00:00.000000001'", "'infinity'", "'12024-01-01 00:00:00'",
    "'0044-03-15 (BC)'", "9999999999", "1.10", "'' || chr(0)",
    "'8a8d2c5e-0b6f-4c0f-9d0e-7f9f6a1f2b3c'",
)  # fmt: skip


@cache
def parquet_of(columns: str, rows: int = 2, options: str = "") -> bytes:
    """The bytes of a Parquet file of a select list."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        path = Path(folder) / "a.parquet"
        connection.execute(
            f"copy (select {columns} from range({rows})) to '{path}' (format parquet{options})"
        )
        return path.read_bytes()


def typed_parquet(rng: Random, feed: str) -> bytes:
    """A file with the required columns and a known column of some type, with some value."""
    columns = []
    for name in REQUIRED[feed]:
        value = rng.choice(VALUES) if rng.random() < 0.3 else "'2024-03-01'"
        kind = rng.choice(KINDS) if rng.random() < 0.3 else "varchar"
        if kind in ("variant", "json") or kind.startswith(("union", "struct", "map")):
            value = "null"
        columns.append(f'try_cast({value} as {kind}) as "{name}"')
    with_options = rng.choice(["", "", ", compression zstd", ", compression gzip",
                               ", parquet_version v2", ", dictionary_size_limit 1"])  # fmt: skip
    return parquet_of(", ".join(columns), rng.choice([0, 1, 2, 3000]), with_options)


def odd_parquet_names(rng: Random, feed: str) -> bytes:
    """Names that mean something to DuckDB, stand twice, or are hardly names."""
    odd = rng.choice(
        ["file_row_number", "FILE_ROW_NUMBER", "landing_path", "filename", "column_0", "batch",
         " ", "\t", "a\nb", "a\x00b", 'a"b', "it's", "{{ 7 }}", "rowid", "file_index", "\u00a0",
         "schema", "row_number", "landing_path_1"]
    )  # fmt: skip
    names = [*REQUIRED[feed], odd]
    quoted = ", ".join("'2024-03-01' as \"" + name.replace('"', '""') + '"' for name in names)
    content = parquet_of(quoted)
    if rng.random() < 0.4:  # a name of the same length as another one takes its place
        first, second = rng.sample(names, 2)
        filler = "".join("\u007e" for _ in first)
        quoted = ", ".join(
            "'x' as \"" + (filler if name == second else name).replace('"', '""') + '"'
            for name in names
        )
        content = parquet_of(quoted).replace(
            filler.encode(), rng.choice([first, first.upper()]).encode()
        )
    return content


def damaged_footer(rng: Random, content: bytes) -> bytes:
    """Damage within the metadata or its length."""
    if len(content) < 12:
        return content
    length = struct.unpack("<I", content[-8:-4])[0]
    if rng.random() < 0.2:
        odd = rng.choice([0, 1, length - 1, length + 1, len(content), 2**31 - 1, 2**32 - 1])
        return content[:-8] + struct.pack("<I", odd) + content[-4:]
    if rng.random() < 0.05:
        return b"PARE" + content[4:-4] + b"PARE"
    start = max(4, len(content) - 8 - length)
    return content[:start] + flip_bits(rng, content[start:-8]) + content[-8:]


def draw_case(rng: Random, number: int, originals: dict[tuple[str, str], list[bytes]]) -> Case:
    """The damaged file of a number: each feed, ending and kind of damage comes in its turn."""
    feed = FEEDS[number % len(FEEDS)]
    ending = ("csv", "csv", "csv.gz", "parquet")[number // len(FEEDS) % 4]
    original = rng.choice(originals[feed, "parquet" if ending == "parquet" else "csv"])
    if ending == "parquet":
        kind = rng.choice(["typed", "typed", "names", "footer", "footer", *BYTE_DAMAGE])
        if kind == "typed":
            return Case(feed, ending, kind, typed_parquet(rng, feed))
        if kind == "names":
            return Case(feed, ending, kind, odd_parquet_names(rng, feed))
        damage = damaged_footer if kind == "footer" else BYTE_DAMAGE[kind]
        return Case(feed, ending, kind, damage(rng, original))
    kind = rng.choice([*TEXT_DAMAGE])
    if ending == "csv":
        return Case(feed, ending, kind, TEXT_DAMAGE[kind](rng, original))
    choice = rng.random()
    if choice < 0.4:
        return Case(feed, ending, kind, gzip.compress(TEXT_DAMAGE[kind](rng, original), mtime=0))
    if choice < 0.7:
        return Case(feed, ending, "gzip layout", gzip_layout(rng, original))
    kind = rng.choice([*BYTE_DAMAGE])
    packed = gzip.compress(original, mtime=0)
    return Case(feed, ending, f"gzip {kind}", BYTE_DAMAGE[kind](rng, packed))


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[bytes]]:
    """The contents of good files (a few rows of them broken) of each feed, CSV and Parquet."""
    found: dict[tuple[str, str], list[bytes]] = {}
    for number in itertools.count():
        folder = tmp_path_factory.mktemp("originals")
        write_landing(Random(f"{SEED} originals {number}"), folder, batches=4, events=5)
        for path in sorted(folder.glob("*/batch=*/*.*")):
            content = path.read_bytes()
            if path.suffix == ".gz":
                content = gzip.decompress(content)
            if len(content) > 300:
                ending = "parquet" if path.suffix == ".parquet" else "csv"
                found.setdefault((path.parts[-3], ending), []).append(content)
        if all(
            len(found.get((feed, end), [])) >= 3 for feed in FEEDS for end in ("csv", "parquet")
        ):
            return found
    raise AssertionError("there is no end to landing folders")


# --- verdicts ------------------------------------------------------------------------------


@contextmanager
def within(seconds: int, what: object) -> Iterator[None]:
    """Fail when the block takes longer."""

    def late(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} s: {what}")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


# One for all files, as in a build: what a damaged file does to it must not reach the next.
DATABASE = scan.Database()


def verdict(path: Path) -> Any:
    """What the scan says of a file: its content, or in words why it is refused."""
    try:
        with within(SECONDS, path):
            return scan.scan_content(path, DATABASE)
    except scan.BrokenFile as error:
        words = str(error)
        assert words and words.isprintable() and len(words) < 500, words
        return words


def independent(path: Path) -> oracle.Table | None:
    """What the independent reader finds in a file; None when it refuses it."""
    if path.stat().st_size == 0:
        return oracle.Table([], [])
    try:
        if path.suffix == ".parquet":
            return oracle.read_parquet(path, set())
        return oracle.read_csv(path)
    except LandingError:
        return None


def disagreement(path: Path, said: Any) -> str | None:
    """Where the scan's verdict is not that of the independent reader."""
    found = independent(path)
    if isinstance(said, str):
        # Limits of the product (docs/feeds.md) that are none of the format.
        limited = any(words in said for words in ("reserved", "of more than", "not supported"))
        return f"only the scan refuses it: {said}" if found is not None and not limited else None
    if found is None:
        return f"only the scan accepts it: {said}"
    trimmed = [name.strip(oracle.SPACE) for name in said.names or []]
    if trimmed != found.header or said.row_count != len(found.rows):
        return f"{said} instead of {found.header} and {len(found.rows)} rows"
    widest = max([len(found.header), *map(len, found.rows)])
    return None if said.field_count == widest else f"{said.field_count} fields, not {widest}"


@cache
def landing_macros() -> Any:
    """The macros of read_landing.sql, without dbt."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals.update({"return": lambda value: value, "modules": {"re": re}})
    text = (PROJECT / "macros" / "intake" / "read_landing.sql").read_text(encoding="utf-8")
    return environment.from_string(text).module


def misreading(path: Path, content: Any) -> str | None:
    """Where the build's own query reads an accepted CSV file wrongly."""
    try:
        got = read_as_the_build_does(path, content)
    except duckdb.Error as error:
        return f"the build cannot read it: {error}"
    expected = oracle.read_csv(path).rows
    differing = [pair for pair in itertools.zip_longest(got, expected) if pair[0] != pair[1]]
    return f"the build reads {differing[0][0]} for {differing[0][1]}" if differing else None


def read_as_the_build_does(path: Path, content: Any) -> list[list[str | None]]:
    """The rows of an accepted CSV file as the build's own query reads them."""
    layout = {
        "paths": [str(path)],
        "names": content.names,
        "width": max(content.field_count, len(content.names)),
    }
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"from {landing_macros().read_csv_rows(layout)} order by row_number"
        )
        width = layout["width"]
        names = [column[0] for column in rows.description]
        taken = [names.index(f"column_{index}") for index in range(width)]
        number = names.index("row_number")
        found = []
        for expected, row in enumerate(rows.fetchall(), start=1):
            assert row[number] == expected
            texts = [row[index] for index in taken]
            while texts and texts[-1] is None:
                texts.pop()
            found.append(texts)
        return found


@pytest.mark.proof
def test_the_scan_and_an_independent_reader_say_the_same(
    tmp_path: Path, originals: dict[tuple[str, str], list[bytes]]
) -> None:
    """Every verdict in bounded time and memory; what is accepted the build then reads whole."""
    wanted = cases(test=400, soak=4_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wrong = []
    refused = read = 0
    for number in range(wanted):
        case = draw_case(Random(f"{SEED} verdict {number}"), number, originals)
        path = tmp_path / f"{number}.{case.ending}"
        path.write_bytes(case.content)
        said = verdict(path)
        fault = disagreement(path, said)
        if fault is None and not isinstance(said, str) and said.names and said.types is None:
            read += 1
            fault = misreading(path, said)
        if fault:
            wrong.append(f"seed {SEED}, case {number} ({case[:3]}): {fault}")
        else:
            path.unlink()
        refused += isinstance(said, str)
    assert not wrong, "\n".join([f"{len(wrong)} of {wanted}, kept in {tmp_path}", *wrong[:20]])
    # Both ends must come often, or nothing was tried.
    assert wanted // 8 < refused < wanted * 7 // 8 and read > wanted // 8
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown < MEGABYTES, f"{grown} MB"
    tried("hostile files: verdicts", wanted)
    tried("hostile files: refused", refused)
    tried("hostile files: read by the build's own query", read)


def test_a_database_that_met_a_broken_file_is_given_up(tmp_path: Path) -> None:
    """Nothing of it is there for the next file."""
    database = scan.Database()
    database.query("create temp table left_behind as select 1", [])
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(scan.BrokenFile):
        scan.scan_content(path, database)
    assert database.query("select count(*) from duckdb_tables()", []) == [(0,)]


# --- figures -------------------------------------------------------------------------------


def fill(
    rng: Random, landing: Path, files: int, originals: dict[tuple[str, str], list[bytes]]
) -> int:
    """Good files and as many damaged ones that the scan accepts; the number of damaged ones."""
    accepted = 0
    for number in itertools.count():
        if accepted == files:
            return number
        # The names of damaged partners and billing accounts are partners of their own.
        case = draw_case(rng, number, originals)
        if case.feed in ("accounts", "focus") and rng.random() < 0.7:
            continue
        folder = landing / case.feed / f"batch={rng.choice(BATCH_IDS)}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{number}.{case.ending}"
        path.write_bytes(case.content)
        if isinstance(verdict(path), str):
            path.unlink()
        else:
            accepted += 1
    raise AssertionError("there is no end to numbers")


@pytest.mark.proof
@pytest.mark.parametrize("landing_number", range(cases(test=1, soak=3)))
def test_what_is_accepted_gives_the_figures_of_the_reference(
    tmp_path: Path, originals: dict[tuple[str, str], list[bytes]], landing_number: int
) -> None:
    """Every row of every surviving file is accepted, rejected or ignored, and counts rightly."""
    landing, home = tmp_path / "landing", tmp_path / "home"
    rng = Random(f"{SEED} landing {landing_number}")
    write_landing(rng, landing, batches=2, events=4)
    files = amount(test=50, soak=250)
    fill(rng, landing, files, originals)
    reference = Oracle(landing, **REFERENCE)
    for _ in in_steps(landing, tmp_path / "portions", amount(test=1, soak=2)):
        assert build(home, tmp_path / "portions") == 0
    found = differences(home, reference, tmp_path / "x.csv", PERIODS)
    assert found == [], f"seed {SEED}, landing {landing_number}: {found[:5]}"
    tried("hostile files: built into figures", files)


# --- refusals ------------------------------------------------------------------------------


ACCOUNTS = (
    b"service_account_id,account_id,account_type,partner_id,updated_at\n"
    b"s1,a1,customer,P1,2024-01-01T00:00:00Z\n"
)
HEADER = b"event_id,service_account_id,movement_type,amount,currency,occurred_at"
ROW = b"%s,s1,top_up,1,USD,2024-01-02T00:00:00Z"


def credits(*event_ids: bytes) -> bytes:
    return b"\n".join([HEADER, *(ROW % event_id for event_id in event_ids), b""])


def built_events(home: Path) -> list[str]:
    with duckdb.connect(str(home / "published/marts.duckdb"), read_only=True) as connection:
        rows = connection.execute("select event_id from reports.credit_topups order by all")
        return [row[0] for row in rows.fetchall()]


# Its metadata gives a column chunk a size of -34 bytes. A database that reads it must be given up:
# were it the build's own, everything after it would fail.
NEGATIVE_SIZE = zlib.decompress(
    base64.b85decode(
        "c-nQ3y$ZrW5QN7oM1l$__Q=5%*BBziaEVDLg3$*MUqDPQV(<?P`fNU)+i7F5@Ug?p&Tdz`lt7wHOoE|LePEn>05Y59"
        "GdrKzl!S^41S9vX&#u~c^{KfYNPvbD1iixqkV0vtLueW*g5o6!DdbYF!@(l(zEQs{5&cnoA4+o@@DUDQN)ZlZi747|"
        "gH35(&7*7YH}lF8n^+T7&-UVsEAqOknz=hpmDX&0^KALS50!E!76"
    )
)


def test_each_kind_of_refused_file_is_named(
    tmp_path: Path, originals: dict[tuple[str, str], list[bytes]], capfd: pytest.CaptureFixture[str]
) -> None:
    """All at once, with what is no file under such a name; nothing is published."""
    landing, home = tmp_path / "landing", tmp_path / "home"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    put(landing, "credits/batch=2024-01-02/a.csv", credits(b"e1"))
    put(landing, "revenue/batch=2024-03-01/good.parquet", parquet_of("1 as event_id"))
    refused: dict[Path, str] = {}
    kinds = set()
    for number in range(1500):
        case = draw_case(Random(f"{SEED} refused {number}"), number, originals)
        if (case.ending, case.kind) in kinds:
            continue
        path = put(landing, f"{case.feed}/batch=2024-02-01/{number}.{case.ending}", case.content)
        said = verdict(path)
        if isinstance(said, str):
            kinds.add((case.ending, case.kind))
            refused[path] = said
        else:
            path.unlink()
    odd: dict[str, tuple[bytes, str]] = {
        "long.csv": (HEADER + b"\n" + ROW % (b"x" * 20_000_000), "line 2: a record of more than"),
        "quoted.csv": (b'"' + b"x" * 20_000_000 + b'"\n', "line 1: a record of more than 20,0"),
        "blank.csv": (credits(b"e1") + b"\n" * 21_000_000 + ROW % b"e2", "a record of more than"),
        "wide.csv": (b"," * 10_000 + b"\n", "line 1: a record of more than 10,000 fields"),
        "ragged.csv": (credits(b"e1") + b"," * 10_000, "line 3: a record of more than 10,000 "),
        "wide.csv.gz": (gzip.compress(b'"",' * 10_000), "line 1: a record of more than 10,000 "),
        "comment.csv.gz": (gzip_member(credits(b"e2"), 16, b"x\x00"), "gzip file that is not supp"),
        "padded.csv.gz": (gzip.compress(credits(b"e3")) + bytes(512), "gzip file that is not supp"),
        "negative.parquet": (NEGATIVE_SIZE, "not a readable Parquet file (INTERNAL Error"),
        "many.parquet": (
            parquet_of(", ".join(f"1 as c{i}" for i in range(10_001))),
            "more than 10,000 columns",
        ),
    }
    for name, (content, words) in odd.items():
        refused[put(landing, f"credits/batch=2024-02-01/{name}", content)] = words
    for path, words in put_what_is_no_file(landing / "discounts" / "batch=2024-02-01"):
        refused[path] = words
    (landing / "credits" / os.fsdecode(b"batch=caf\xe9")).mkdir()
    with within(120, "the build waits"):
        assert build(home, landing) == 1
    message = capfd.readouterr().err
    assert r"the folder credits/batch=caf\xe9 is not named batch=" in message
    for path, words in refused.items():
        line = next(
            (line for line in message.splitlines() if f"- {path.relative_to(landing)}: " in line),
            "",
        )
        assert words in line, (path, words, line)
    assert len(refused) > 30
    assert "Traceback" not in message and "macro" not in message
    assert len(re.findall(r"^ *- \w+/batch=", message, re.MULTILINE)) == len(refused)
    assert not (home / "published" / "marts.duckdb").exists()
    tried("hostile files: refused by the real command", len(refused))


def put_what_is_no_file(batch: Path) -> list[tuple[Path, str]]:
    """A folder, pipe, device or broken link under the name of a data file, and an odd name."""
    (batch / "folder.parquet").mkdir(parents=True)
    os.mkfifo(batch / "pipe.csv")
    (batch / "broken.csv").symlink_to("nowhere")
    (batch / "circle.csv").symlink_to("circle.csv")
    (batch / "zeros.csv.gz").symlink_to("/dev/zero")
    (batch / os.fsdecode(b"caf\xe9.csv")).write_bytes(HEADER)
    (batch / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"passed over, were it not for its name")
    return [
        (batch / "folder.parquet", "not a file but a folder, pipe or device"),
        (batch / "pipe.csv", "not a file but a folder, pipe or device"),
        (batch / "zeros.csv.gz", "not a file but a folder, pipe or device"),
        (batch / "broken.csv", "cannot be read: No such file or directory"),
        (batch / "circle.csv", "cannot be read: Too many levels of symbolic links"),
        (batch / r"caf\xe9.csv", "its name is not UTF-8"),
        (batch / r"caf\xe9.txt", "its name is not UTF-8"),
    ]


def test_huge_fields_and_odd_names_are_read_whole(tmp_path: Path) -> None:
    """Ten megabytes in a field, a thousand columns, names of which DuckDB has its own idea."""
    landing, home = tmp_path / "landing", tmp_path / "home"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    huge = 10_000_000
    described = HEADER + b",description\n"
    batch = "credits/batch=2024-01-02"
    put(landing, f"{batch}/field.csv", described + ROW % b"f1" + b"," + b"x" * huge + b"\n")
    put(
        landing, f"{batch}/quoted.csv",
        described + ROW % b"f2" + b',"' + b'""\n,' * (huge // 4) + b'"\n' + ROW % b"f3" + b",\n",
    )  # fmt: skip
    put(
        landing,
        f"{batch}/refused.csv",
        HEADER + b"\n" + (ROW % b"f4").replace(b",1,", b"," + b"9" * huge + b","),
    )
    put(
        landing,
        f"{batch}/zeros.csv",
        HEADER + b"\n" + (ROW % b"f5").replace(b",1,", b"," + b"0" * huge + b"7,"),
    )
    put(
        landing,
        f"{batch}/limit.csv",
        described + ROW % b"f6" + b"," + b"x" * (20_000_000 - len(ROW % b"f6,")) + b"\n",
    )
    wide = b"".join(b",c%d" % index for index in range(1000))
    put(landing, f"{batch}/wide.csv", HEADER + wide + b"\n" + ROW % b"w1" + b"," * 1000 + b"\n")
    put(
        landing,
        f"{batch}/name.csv",
        (HEADER + b',a\x00b,\x1b[2J,it\'s,{{ 7 }},"x\ny"\n') + ROW % b"w2" + b",1,2,3,4,5\n",
    )
    put(
        landing,
        f"{batch}/null.csv",
        described + ROW % b"w3" + b",no text of a field is null\n" + ROW % b"w4" + b',"\r"\n',
    )
    put(
        landing,
        f"{batch}/space.csv",
        HEADER.replace(b"amount", b"amount\xc2\xa0") + b"\n" + ROW % b"w5" + b"\n",
    )
    put(
        landing,
        f"{batch}/pieces.csv.gz",
        b"".join(gzip_member(bytes([one])) for one in credits(b"w6")),
    )
    names = [name.decode() for name in HEADER.split(b",")]
    values = [value.decode() for value in (ROW % b"w7").split(b",")]
    columns = ", ".join(f"'{value}' as {name}" for name, value in zip(names, values, strict=True))
    for number, odd in enumerate(("landing_path", "LANDING_PATH_", "filename", "column_0", " ")):
        more = ", 0 as landing_path" if odd == "LANDING_PATH_" else ""
        put(landing, f"{batch}/p{number}.parquet", parquet_of(f'{columns}, 1 as "{odd}"{more}', 1))
    elsewhere = put(tmp_path, "elsewhere.csv", credits(b"w8"))
    (landing / batch / "link.csv").symlink_to(elsewhere)
    reference = Oracle(landing, **REFERENCE)
    assert build(home, landing) == 0
    assert differences(home, reference, tmp_path / "x.csv", PERIODS) == []
    events = "f1 f2 f3 f5 f6 w1 w2 w3 w4 w6 w7 w8".split()
    assert built_events(home) == events


def test_a_file_that_may_not_be_read_is_named() -> None:
    """In a child of no rights, since nothing is closed to root."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, stat.S_IRWXU | stat.S_IROTH | stat.S_IXOTH)
        landing = Path(folder) / "landing"
        closed = put(landing, "credits/batch=2024-01-02/a.csv", credits(b"e1"))
        batch = put(landing, "credits/batch=2024-01-03/a.csv", credits(b"e1")).parent
        closed.chmod(0)
        batch.chmod(0)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if os.getuid() == 0:
                    os.setgid(65534)
                    os.setuid(65534)
                told = "\n".join(str(one.problem) for one in scan.scan(landing, {}))
                os.write(writing, told.encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            said = stream.read().decode().splitlines()
        os.waitpid(child, 0)
        batch.chmod(0o700)
    assert said == [
        "cannot be read: Permission denied",
        "the folder credits/batch=2024-01-03 cannot be read: Permission denied",
    ]


@pytest.mark.proof
@pytest.mark.parametrize(
    ("change", "moment"),
    [
        ("folder gone", "landing_files"),
        ("same size", "stg_credits"),
        *(
            [("another file", "landing_files"), ("another file", "stg_credits"),
             ("folder gone", "stg_credits"), ("same size", "landing_files"),
             ("half a file", "landing_files"), ("half a file", "stg_credits")]
            if SOAK
            else [("another file", "stg_credits")]
        ),
    ],
)  # fmt: skip
def test_a_batch_that_changes_between_scan_and_end_of_reading(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    moment: str,
) -> None:
    """Named, and nothing published; a file that comes too late is found by the next build."""
    landing, home = tmp_path / "landing", tmp_path / "home"
    put(landing, "accounts/batch=2024-01-01/a.csv", ACCOUNTS)
    path = put(landing, "credits/batch=2024-01-02/a.csv", credits(b"e1", b"e2"))
    os.utime(path, (1_700_000_000, 1_700_000_000))

    def spoil() -> None:
        if change == "folder gone":
            shutil.rmtree(path.parent)
        elif change == "same size":
            path.write_bytes(credits(b"e1", b"e3"))
        elif change == "another file":
            (path.parent / "b.csv").write_bytes(credits(b"e9"))
        else:
            path.write_bytes(credits(b"e1"))

    class ChangingRunner(dbtRunner):  # type: ignore[misc]
        """Changes the batch as soon as the model has been built."""

        def invoke(self, args: list[str], **options: object) -> dbtRunnerResult:
            def listen(event: Any) -> None:
                if event.info.name == "LogModelResult" and moment in event.data.description:
                    spoil()

            self.callbacks.append(listen)
            return super().invoke(args, **options)

    with monkeypatch.context() as patched:
        patched.setattr("dbt.cli.main.dbtRunner", ChangingRunner)
        status = build(home, landing)
    message = capfd.readouterr().err
    assert "Traceback" not in message
    tried("hostile files: batches changed during a build")
    if change == "another file":
        assert status == 0 and built_events(home) == ["e1", "e2"]
        assert build(home, landing) == 1
        assert "credits/batch=2024-01-02 changed after it was processed" in capfd.readouterr().err
        assert built_events(home) == ["e1", "e2"]
        return
    assert status == 1 and not (home / "published" / "marts.duckdb").exists()
    assert "credits/batch=2024-01-02/a.csv" in message
    if not SOAK:
        return
    if change == "folder gone":
        put(landing, "credits/batch=2024-01-02/a.csv", credits(b"e1", b"e3"))
    assert build(home, landing) == 1
    assert build(home, landing, "--full-refresh") == 0
    assert built_events(home) == (["e1"] if change == "half a file" else ["e1", "e3"])
