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
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

FEEDS = ("accounts", "credits", "discounts", "revenue", "focus")
ENDINGS = (".csv", ".csv.gz", ".parquet")
BATCH_ID = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{6})?")

CHUNK = 1 << 22
# DuckDB is told the same limit when it reads the file.
LONGEST_RECORD = 20_000_000
# RFC 4180: quotes enclose a whole field or do not occur in it.
FIELD = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r\n]*+)'
ONE_FIELD = re.compile(FIELD)
FIELDS = re.compile(rb"%s(?:,%s)*+" % (FIELD, FIELD))
QUOTED = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"')
LINE_END = re.compile(rb"\r?\n")


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


def is_batch_id(text: str) -> bool:
    """True for a real date `YYYY-MM-DD` or a real date and time `YYYY-MM-DDTHHMMSS`."""
    if not BATCH_ID.fullmatch(text):
        return False
    try:
        datetime.strptime(text, "%Y-%m-%dT%H%M%S" if "T" in text else "%Y-%m-%d")
    except ValueError:
        return False
    return True


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


def count_fields(record: bytes) -> int:
    """Number of fields of one raw record."""
    if b'"' in record:
        record = QUOTED.sub(b"", record)
    return record.count(b",") + 1


def scan_csv(stream: BinaryIO) -> Content:
    """Check a whole CSV stream against RFC 4180 and UTF-8 and count its records.

    Blank lines are not records. Raises BrokenFile with the line where it first goes wrong.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    pending = b""
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
        if header is not None and b'"' not in buffer and b"\r" not in buffer:
            # Without quotes every line is a record, and lines are quick to count.
            end = len(buffer) if at_end else buffer.rfind(b"\n") + 1
            lines = buffer[:end].split(b"\n")
            line += len(lines) - 1
            commas = [text.count(b",") for text in lines if text]
            records += len(commas)
            widest = max(widest, max(commas, default=-1) + 1)
            position = end
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
            if record:
                if header is None:
                    header = record
                else:
                    records += 1
                widest = max(widest, count_fields(record))
            position = line_end.end() if line_end else stop
            line += buffer.count(b"\n", stop - len(record), position)
        pending = buffer[position:]
        if len(pending) > LONGEST_RECORD:
            raise BrokenFile(
                f"line {line}: a record of more than {LONGEST_RECORD:,} bytes, "
                "or a quote that is never closed"
            )
    if header is None:
        return Content(0, None, None, 0)
    return Content(records, split_fields(header), None, widest)


def _may_go_on(buffer: bytes, stop: int, start: int) -> bool:
    """True when the bytes still to come may make a good record of what stands before them."""
    rest = buffer[stop : stop + 2]
    if rest in (b"", b"\r"):
        return True
    return rest[:1] == b'"' and (stop == start or buffer[stop - 1 : stop] == b",")


def _what_is_wrong(buffer: bytes, stop: int, line: int, position: int) -> str:
    line += buffer.count(b"\n", position, stop)
    if buffer[stop : stop + 1] == b"\r":
        return f"line {line}: a carriage return that does not end a line stands outside quotes"
    before = buffer[stop - 1 : stop] if stop > position else b""
    if buffer[stop : stop + 1] == b'"':
        if before in (b"", b","):
            return f"line {line}: a quote is opened and never closed"
        return f"line {line}: a quote stands inside a field that is not quoted"
    return f"line {line}: text follows a closing quote"


def scan_parquet(path: str, session: Any) -> Content:
    """Rows and top-level columns of a Parquet file, all of which is read once."""
    pattern = re.sub(r"([*?\[])", r"[\1]", path)
    schema = session.execute(
        "select name, num_children from parquet_schema(?)", [pattern]
    ).fetchall()
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
    # DuckDB's own name for the position of a row cannot be changed.
    if any(name.lower() == "file_row_number" for name in names):
        raise BrokenFile("a column is named file_row_number, which is reserved; rename it")
    described = session.execute(
        "describe select * from read_parquet(?, hive_partitioning = false)", [pattern]
    ).fetchall()
    types = [str(row[1]) for row in described]
    for index, (column, column_type) in enumerate(
        zip([row[0] for row in described], types, strict=True)
    ):
        if column_type == "TIMESTAMP_NS":
            quoted = '"' + column.replace('"', '""') + '"'
            finer = session.execute(
                "select count(*) from read_parquet(?, hive_partitioning = false) "
                f"where epoch_ns({quoted}) % 1000 <> 0",
                [pattern],
            ).fetchone()[0]
            if finer:
                types[index] = "TIMESTAMP_NS with parts of a microsecond"
    # Damaged pages show only when they are read, and must show before anything is stored.
    rows, _ = session.execute(
        "select count(*), bit_xor(hash(whole_row)) "
        "from read_parquet(?, hive_partitioning = false) as whole_row",
        [pattern],
    ).fetchone()
    return Content(rows, names, types, len(names))


def scan_content(path: Path, session: Any) -> Content:
    """Rows and header of one file. Raises BrokenFile when it cannot be read as a whole."""
    try:
        if path.name.endswith(".parquet"):
            if path.stat().st_size == 0:
                return Content(0, None, None, 0)
            try:
                return scan_parquet(str(path), session)
            except (OSError, BrokenFile):
                raise
            except Exception as error:
                first_line = str(error).splitlines()[0]
                raise BrokenFile(f"not a readable Parquet file ({first_line})") from None
        if path.name.endswith(".gz"):
            if path.stat().st_size == 0:
                return Content(0, None, None, 0)
            with gzip.open(path, "rb") as stream:
                return scan_csv(stream)  # type: ignore[arg-type]
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


def scan_file(
    feed: str, batch_id: str, path: Path, remembered: dict[Any, Scanned], session: Any
) -> Scanned:
    """The row for one file."""
    stat = path.stat()
    seen = Scanned(feed, batch_id, path.name, stat.st_size, stat.st_mtime_ns)
    known = remembered.get(seen[:5])
    if known is not None:
        return known
    try:
        digest = sha256_of(path)
        content = scan_content(path, session)
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
    feed: str, batch: Path, remembered: dict[Any, Scanned], session: Any
) -> Iterator[Scanned]:
    """The rows of one batch folder; one without a file where it holds no data file."""
    batch_id = batch.name.removeprefix("batch=")
    if not is_batch_id(batch_id):
        yield Scanned(
            feed,
            batch_id,
            problem=f"the folder {feed}/{batch.name} is not named batch=YYYY-MM-DD or "
            "batch=YYYY-MM-DDTHHMMSS with a real date and time",
        )
        return
    paths = [path for path in batch.iterdir() if path.is_file()]
    files = [path for path in paths if path.name.endswith(ENDINGS)]
    if not files:
        yield Scanned(feed, batch_id)
    for path in files:
        yield scan_file(feed, batch_id, path, remembered, session)
    for path in paths:
        if path not in files and path.name.lower().endswith(ENDINGS):
            place = f"{feed}/{batch.name}/{path.name}"
            notice = f"{place} is passed over: only lower-case endings count ({', '.join(ENDINGS)})"
            yield Scanned(feed, batch_id, notice=notice)


def scan(landing: Path, remembered: dict[Any, Scanned], session: Any) -> Iterator[Scanned]:
    """The rows for a landing folder. What is wrong with a folder has a row without a file."""
    if not landing.is_dir():
        yield Scanned("", problem=f"the landing folder {landing} does not exist")
        return
    for folder in sorted(landing.iterdir()):
        if folder.name not in FEEDS:
            if any(folder.glob("batch=*")):
                notice = f"{folder.name}/ is passed over: the feeds are {', '.join(FEEDS)}"
                yield Scanned("", notice=notice)
        elif folder.is_dir():
            for batch in sorted(folder.glob("batch=*")):
                if batch.is_dir():
                    yield from scan_batch(folder.name, batch, remembered, session)


def model(dbt: Any, session: Any) -> Any:
    """dbt's entry point: the scan of the configured landing folder as a table."""
    dbt.config(materialized="table")
    # dbt finds the key only in a call that stands by itself.
    meta = dbt.config.get("meta")
    landing = Path(os.path.abspath(meta["landing"]))
    schema, name = dbt.this.schema, dbt.this.identifier
    names = ", ".join(Scanned._fields)
    remembered: dict[Any, Scanned] = {}
    if session.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?", [schema, name]
    ).fetchone():
        for row in session.execute(
            f"select {names} from {schema}.{name} where sha256 is not null"
        ).fetchall():
            remembered[row[:5]] = Scanned(*row)
    columns = ", ".join(map(" ".join, zip(Scanned._fields, COLUMN_TYPES, strict=True)))
    session.execute(f"create or replace temp table scanned ({columns})")
    for scanned in scan(landing, remembered, session):
        session.execute(f"insert into scanned values ({', '.join('?' * len(scanned))})", scanned)
    return session.sql("from scanned")
