"""One row per data file in the landing folder, with what can be known of it before any row is used.

A file that cannot be read as a whole (broken quoting, not UTF-8, a truncated gzip, not Parquet)
would lose rows silently, so it is described in `problem` and `landing_files` stops the build on it.
Fingerprints of files whose size and modification time have not changed are taken from the last
scan: such a file is not read again.
"""

import codecs
import gzip
import hashlib
import os
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import duckdb

FEEDS = ("accounts", "credits", "discounts", "revenue", "focus")
ENDINGS = (".csv", ".csv.gz", ".parquet")
BATCH_ID = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{6})?")

CHUNK = 1 << 22
# Each has a database of its own, with threads of its own.
MOST_READERS = 8
# DuckDB is told the first length that is too much when it reads the file.
LONGEST_RECORD = 20_000_000
# Each field is a column of the query that reads the file.
MOST_FIELDS = 10_000
# RFC 4180: quotes enclose a whole field or do not occur in it.
FIELD = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r\n]*+)'
ONE_FIELD = re.compile(FIELD)
FIELDS = re.compile(rb"%s(?:,%s){0,%d}+" % (FIELD, FIELD, MOST_FIELDS - 1))
LINE_END = re.compile(rb"\r?\n")
RECORDS = re.compile(rb"(?:%s\r?\n)*+" % FIELDS.pattern)
# Between two separators, the ends included. It begins with a quote, so that it is quick to find.
ENCLOSED = re.compile(rb'"(?<![^,\r\n]")[^"]*+(?:""[^"]*+)*+"(?![^,\r\n])')


class Scanned(NamedTuple):
    """A row of the model. Without a file it says something of a folder."""

    feed: str
    batch_id: str | None = None
    file: str | None = None
    size_bytes: int | None = None
    modified_ns: int | None = None
    sha256: str | None = None
    row_count: int | None = None
    column_names: list[str] | None = None
    column_types: list[str] | None = None
    field_count: int | None = None
    problem: str | None = None
    notice: str | None = None


COLUMN_TYPES = (
    "varchar", "varchar", "varchar", "bigint", "bigint", "varchar", "bigint", "varchar[]",
    "varchar[]", "integer", "varchar", "varchar",
)  # fmt: skip


class Content(NamedTuple):
    """Rows, header and widest row of a file; `types` are DuckDB's and only Parquet has them."""

    row_count: int
    names: list[str] | None
    types: list[str] | None
    field_count: int


class BrokenFile(Exception):
    """The file cannot be read as a whole; the message says where and why."""


class Database(threading.local):
    """A database to read files with, never the warehouse's own; each thread has another.

    A file can be so damaged that the database which reads it must be given up, so that after an
    error the next file gets a new one.
    """

    def __init__(self) -> None:
        self._session: Any = None

    def query(self, sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        if self._session is None:
            self._session = duckdb.connect(config={"enable_external_file_cache": False})
        try:
            rows: list[tuple[Any, ...]] = self._session.execute(sql, parameters).fetchall()
        except Exception:
            self.close()
            raise
        return rows

    def close(self) -> None:
        """Give the present one up."""
        if self._session is not None:
            self._session.close()
            self._session = None


def is_batch_id(text: str) -> bool:
    """True for a real date `YYYY-MM-DD` or a real date and time `YYYY-MM-DDTHHMMSS`."""
    if not BATCH_ID.fullmatch(text):
        return False
    try:
        datetime.strptime(text, "%Y-%m-%dT%H%M%S" if "T" in text else "%Y-%m-%d")
    except ValueError:
        return False
    return True


def in_one_line(error: Exception) -> str:
    """The first line of what an error says, which may quote bytes of the file, as plain text."""
    words = (str(error).splitlines() or [type(error).__name__])[0][:300]
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def unquote(field: bytes) -> str:
    """The text of one raw CSV field."""
    if field.startswith(b'"'):
        field = field[1:-1].replace(b'""', b'"')
    return field.decode("utf-8")


def split_fields(record: bytes) -> list[str]:
    """The texts of all fields of one raw record."""
    fields = []
    position = 0
    while position <= len(record):
        field = ONE_FIELD.match(record, position)
        assert field is not None  # the pattern matches the empty string
        fields.append(unquote(field[0]))
        position = field.end() + 1
    return fields


def whole_records(buffer: bytes, position: int) -> tuple[bytes, list[int]]:
    """All good records from there on with their line ends, and the commas of those not blank."""
    block = buffer[position : buffer.rfind(b"\n") + 1]
    commas = count_commas(block)
    if commas is None:
        found = RECORDS.match(buffer, position)
        assert found is not None  # the pattern matches the empty string
        block = found[0]
        commas = count_commas(block)
        assert commas is not None  # the pattern matches good records only
    return block, commas


def count_commas(block: bytes) -> list[int] | None:
    """The commas of each record of a block that is not blank; None when not all are good."""
    # With good quotes gone, text by text from the start, a quote that is left is a bad one.
    bare = ENCLOSED.sub(b"x", block) if b'"' in block else block
    bare = bare.replace(b"\r\n", b"\n")
    commas = [record.count(b",") for record in bare.split(b"\n") if record]
    if b'"' in bare or b"\r" in bare or max(commas, default=0) >= MOST_FIELDS:
        return None
    return commas


def scan_csv(stream: BinaryIO) -> Content:
    """Check a whole CSV stream against RFC 4180 and UTF-8 and count its records.

    Blank lines are not records. Raises BrokenFile with the line where it first goes wrong.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    pending = b""
    blank = 0  # bytes of blank lines since the last record; DuckDB counts them to the next one
    line = 1
    records = 0
    widest = 0
    header: bytes | None = None
    at_start = True
    at_end = False
    while not at_end:
        chunk = stream.read(CHUNK)
        at_end = not chunk
        try:
            decoder.decode(chunk, final=at_end)
        except UnicodeDecodeError as error:
            bad_line = line + pending.count(b"\n") + chunk[: error.start].count(b"\n")
            raise BrokenFile(f"line {bad_line}: the file is not UTF-8") from None
        buffer = pending + chunk
        if at_start and buffer:
            buffer = buffer.removeprefix(codecs.BOM_UTF8)
            at_start = False
        position = 0
        while position < len(buffer):
            fields = FIELDS.match(buffer, position)
            assert fields is not None  # the pattern matches the empty string
            stop = fields.end()
            line_end = LINE_END.match(buffer, stop)
            if line_end is None and not (at_end and stop == len(buffer)):
                if not at_end and _may_go_on(buffer, stop, fields.start()):
                    break
                raise BrokenFile(_what_is_wrong(buffer, stop, line, position))
            record = buffer[position:stop]
            if blank + len(record) > LONGEST_RECORD:
                raise BrokenFile(_too_long(line))
            if record:
                blank = 0
                if header is None:
                    header = record
                else:
                    records += 1
                commas = count_commas(record)
                assert commas is not None  # the pattern matches good records only
                widest = max(widest, commas[0] + 1)
            else:
                blank += len(line_end[0]) if line_end else 0
            position = line_end.end() if line_end else stop
            line += buffer.count(b"\n", stop - len(record), position)
            if header is None:
                continue
            # All that follow within this chunk are quick to count at once.
            block, commas = whole_records(buffer, position)
            if commas:
                start = len(block) - len(block.lstrip(b"\r\n"))
                first = FIELDS.match(block, start)
                assert first is not None  # the pattern matches the empty string
                # The others are shorter than a chunk, and that than the limit.
                if blank + first.end() > LONGEST_RECORD:
                    raise BrokenFile(_too_long(line + block.count(b"\n", 0, start)))
                ends = block[len(block.rstrip(b"\r\n")) :]
                blank = len(ends) - (2 if ends.startswith(b"\r") else 1)
            else:
                blank += len(block)
            records += len(commas)
            widest = max(widest, max(commas, default=-1) + 1)
            position += len(block)
            line += block.count(b"\n")
        pending = buffer[position:]
        if blank + len(pending) > LONGEST_RECORD:
            raise BrokenFile(_too_long(line))
    if header is None:
        return Content(0, None, None, 0)
    return Content(records, split_fields(header), None, widest)


def _may_go_on(buffer: bytes, stop: int, start: int) -> bool:
    """True when the bytes still to come may make a good record of what stands before them."""
    rest = buffer[stop : stop + 2]
    if rest in (b"", b"\r"):
        return True
    return rest[:1] == b'"' and (stop == start or buffer[stop - 1 : stop] == b",")


def _too_long(line: int) -> str:
    return (
        f"line {line}: a record of more than {LONGEST_RECORD:,} bytes, "
        "or a quote that is never closed"
    )


def _too_wide(line: int) -> str:
    return f"line {line}: a record of more than {MOST_FIELDS:,} fields"


def _what_is_wrong(buffer: bytes, stop: int, line: int, position: int) -> str:
    line += buffer.count(b"\n", position, stop)
    if buffer[stop : stop + 1] == b",":
        return _too_wide(line)
    if buffer[stop : stop + 1] == b"\r":
        return f"line {line}: a carriage return that does not end a line stands outside quotes"
    before = buffer[stop - 1 : stop] if stop > position else b""
    if buffer[stop : stop + 1] == b'"':
        if before in (b"", b","):
            return f"line {line}: a quote is opened and never closed"
        return f"line {line}: a quote stands inside a field that is not quoted"
    return f"line {line}: text follows a closing quote"


def check_gzip(path: str, content: Content, database: Database) -> None:
    """Raise BrokenFile when DuckDB, which knows fewer kinds of gzip, does not read what Python did.

    The build could only find out when fingerprints are committed.
    """
    # dbt takes two braces in a row for a template of its own.
    names = (f"'column_{index}': 'varchar'" for index in range(content.field_count))
    columns = "{" + ", ".join(names) + "}"
    query = (
        "select count(*) from read_csv(?, auto_detect = false, header = false, "
        "strict_mode = false, null_padding = true, parallel = false, delim = ',', "
        f"quote = '\"', escape = '\"', max_line_size = {LONGEST_RECORD + 1}, "
        f"hive_partitioning = false, columns = {columns})"
    )
    try:
        ((records,),) = database.query(query, [plain_path(path)])
    except Exception as error:
        raise BrokenFile(
            f"a kind of gzip file that is not supported ({in_one_line(error)})"
        ) from None
    if records != content.row_count + 1:
        raise BrokenFile("a kind of gzip file that is not supported (its end is not found)")


def plain_path(path: str) -> str:
    """A path in which nothing acts as a wildcard."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def scan_parquet(path: str, database: Database) -> Content:
    """Rows and top-level columns of a Parquet file, all of which is read once."""
    pattern = plain_path(path)
    schema = database.query("select name, num_children from parquet_schema(?)", [pattern])
    names: list[str] = []
    position = 1

    def after(index: int) -> int:
        children = schema[index][1] or 0
        index += 1
        for _ in range(children):
            index = after(index)
        return index

    while position < len(schema):
        names.append(schema[position][0])
        position = after(position)
    if len(names) > MOST_FIELDS:
        raise BrokenFile(f"more than {MOST_FIELDS:,} columns")
    # DuckDB's own name for the position of a row cannot be changed.
    if any(name.lower() == "file_row_number" for name in names):
        raise BrokenFile("a column is named file_row_number, which is reserved; rename it")
    described = database.query(
        "describe select * from read_parquet(?, hive_partitioning = false)", [pattern]
    )
    types = [str(row[1]) for row in described]
    for index, (column, column_type) in enumerate(
        zip([row[0] for row in described], types, strict=True)
    ):
        if column_type.endswith("_NS"):
            quoted = '"' + column.replace('"', '""') + '"'
            ((finer,),) = database.query(
                "select count(*) from read_parquet(?, hive_partitioning = false) "
                f"where epoch_ns({quoted}) % 1000 <> 0",
                [pattern],
            )
            if finer:
                types[index] = f"{column_type} with parts of a microsecond"
    # Damaged pages show only when they are read, and must show before anything is stored.
    ((rows, _),) = database.query(
        "select count(*), bit_xor(hash(whole_row)) "
        "from read_parquet(?, hive_partitioning = false) as whole_row",
        [pattern],
    )
    return Content(rows, names, types, len(names))


def scan_content(path: Path, database: Database) -> Content:
    """Rows and header of one file. Raises BrokenFile when it cannot be read as a whole."""
    try:
        if path.name.endswith(".parquet"):
            if path.stat().st_size == 0:
                return Content(0, None, None, 0)
            try:
                return scan_parquet(str(path), database)
            except (OSError, BrokenFile):
                raise
            except Exception as error:
                raise BrokenFile(f"not a readable Parquet file ({in_one_line(error)})") from None
        if path.name.endswith(".gz"):
            if path.stat().st_size == 0:
                return Content(0, None, None, 0)
            with gzip.open(path, "rb") as stream:
                content = scan_csv(stream)  # type: ignore[arg-type]
            if content.names is not None:
                check_gzip(str(path), content, database)
            return content
        with path.open("rb") as stream:
            return scan_csv(stream)
    except EOFError:
        raise BrokenFile("the gzip stream is truncated") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise BrokenFile(f"not a readable gzip file ({error})") from None


def sha256_of(path: Path) -> str:
    """The file's SHA-256, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def readable_name(name: str) -> str:
    """The name, with bytes that are not UTF-8 spelled out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def scan_file(
    feed: str, batch_id: str, path: Path, remembered: dict[Any, Scanned], database: Database
) -> Scanned:
    """The row for one file."""
    seen = Scanned(feed, batch_id, readable_name(path.name))
    if seen.file != path.name:
        return seen._replace(problem="its name is not UTF-8")
    try:
        stat = path.stat()
        if not path.is_file():
            return seen._replace(problem="not a file but a folder, pipe or device")
        seen = seen._replace(size_bytes=stat.st_size, modified_ns=stat.st_mtime_ns)
        known = remembered.get(seen[:5])
        if known is not None:
            return known
        digest = sha256_of(path)
        content = scan_content(path, database)
        again = path.stat()
        if (again.st_size, again.st_mtime_ns) != (stat.st_size, stat.st_mtime_ns):
            raise BrokenFile("the file changed while it was read; build again when it is complete")
    except BrokenFile as error:
        return seen._replace(problem=str(error))
    except OSError as error:
        return seen._replace(problem=f"cannot be read: {error.strerror}")
    return seen._replace(
        sha256=digest,
        row_count=content.row_count,
        column_names=content.names,
        column_types=content.types,
        field_count=content.field_count,
    )


def scan_batch(
    feed: str, batch: Path, remembered: dict[Any, Scanned], database: Database
) -> Iterator[Scanned | Callable[[], Scanned]]:
    """The rows of one batch folder; one without a file where it holds no data file.

    A row that takes reading is handed out as what makes it.
    """
    batch_id = readable_name(batch.name).removeprefix("batch=")
    if not is_batch_id(batch_id):
        yield Scanned(
            feed,
            batch_id,
            problem=f"the folder {feed}/batch={batch_id} is not named batch=YYYY-MM-DD or "
            "batch=YYYY-MM-DDTHHMMSS with a real date and time",
        )
        return
    try:
        paths = list(batch.iterdir())
    except OSError as error:
        problem = f"the folder {feed}/{batch.name} cannot be read: {error.strerror}"
        yield Scanned(feed, batch_id, problem=problem)
        return
    # DuckDB, which lists the folder later, knows no name that is not UTF-8, whatever its ending.
    files = [
        path
        for path in paths
        if path.name.endswith(ENDINGS) or path.name != readable_name(path.name)
    ]
    if not files:
        yield Scanned(feed, batch_id)
    for path in files:
        yield partial(scan_file, feed, batch_id, path, remembered, database)
    for path in paths:
        if path not in files and path.name.lower().endswith(ENDINGS):
            place = f"{feed}/{batch.name}/{readable_name(path.name)}"
            counted = ", ".join(ENDINGS)
            notice = f"{place} is passed over: only lower-case endings count ({counted})"
            yield Scanned(feed, batch_id, notice=notice)


def scan_folders(
    landing: Path, remembered: dict[Any, Scanned]
) -> Iterator[Scanned | Callable[[], Scanned]]:
    """The rows for a landing folder, as `scan_batch` hands them out.

    What is wrong with a folder has a row without a file.
    """
    if not landing.is_dir():
        yield Scanned("", problem=f"the landing folder {landing} does not exist")
        return
    database = Database()
    for folder in sorted(landing.iterdir()):
        if folder.name not in FEEDS:
            if any(folder.glob("batch=*")):
                place = readable_name(folder.name)
                notice = f"{place}/ is passed over: the feeds are {', '.join(FEEDS)}"
                yield Scanned("", notice=notice)
        elif folder.is_dir():
            for batch in sorted(folder.glob("batch=*")):
                if batch.is_dir():
                    yield from scan_batch(folder.name, batch, remembered, database)


def scan(landing: Path, remembered: dict[Any, Scanned]) -> list[Scanned]:
    """The rows for a landing folder, whose files are read side by side, in their order."""
    # Its threads, unlike those of concurrent.futures, do not outlive a build that is stopped.
    with ThreadPool(min(os.cpu_count() or 1, MOST_READERS)) as pool:
        return list(
            pool.imap(
                lambda row: row if isinstance(row, Scanned) else row(),
                scan_folders(landing, remembered),
            )
        )


def scan_into(session: Any, landing: Path, remembered_in: tuple[str, str, str]) -> Any:
    """The scan of `landing` as a relation of `session`, a connection of DuckDB.

    `remembered_in` are catalog, schema and name of the table of the last scan, if there was one.
    """
    names = ", ".join(Scanned._fields)
    remembered: dict[Any, Scanned] = {}
    if session.execute(
        "select 1 from duckdb_tables() where (database_name, schema_name, table_name) = (?, ?, ?)",
        [*remembered_in],
    ).fetchone():
        for row in session.execute(
            f"select {names} from {'.'.join(remembered_in)} where sha256 is not null"
        ).fetchall():
            remembered[row[:5]] = Scanned(*row)
    columns = ", ".join(map(" ".join, zip(Scanned._fields, COLUMN_TYPES, strict=True)))
    session.execute(f"create or replace temp table scanned ({columns})")
    # A list for each column: a parameter for each value takes ten times as long.
    lists = ", ".join(f"unnest(cast(? as {each}[]))" for each in COLUMN_TYPES)
    rows = scan(landing, remembered)
    if rows:
        values = [list(column) for column in zip(*rows, strict=True)]
        session.execute(f"insert into scanned select {lists}", values)
    return session.sql("from scanned")
