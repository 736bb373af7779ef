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

COLUMNS = {
    "feed": "varchar",
    "batch_id": "varchar",
    "file": "varchar",
    "size_bytes": "bigint",
    "modified_ns": "bigint",
    "sha256": "varchar",
    "row_count": "bigint",
    "column_names": "varchar[]",
    "column_types": "varchar[]",
    "field_count": "integer",
    "problem": "varchar",
}


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
    """Rows and top-level columns of a Parquet file, read from its footer."""
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
    rows = session.execute("select num_rows from parquet_file_metadata(?)", [pattern]).fetchone()[0]
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


def fingerprint(path: Path) -> tuple[int, int, str]:
    """Size in bytes, modification time in ns and sha256 of a file."""
    stat = path.stat()
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return stat.st_size, stat.st_mtime_ns, digest


def scan_file(
    feed: str, batch_id: str, path: Path, remembered: dict[Any, tuple[Any, ...]], session: Any
) -> tuple[Any, ...]:
    """The row of COLUMNS for one file."""
    stat = path.stat()
    known = remembered.get((feed, batch_id, path.name, stat.st_size, stat.st_mtime_ns))
    if known is not None:
        return known
    try:
        size, modified, digest = fingerprint(path)
        content = scan_content(path, session)
        again = path.stat()
        if (again.st_size, again.st_mtime_ns) != (size, modified):
            raise BrokenFile("the file changed while it was read; build again when it is complete")
    except BrokenFile as error:
        return (
            feed,
            batch_id,
            path.name,
            stat.st_size,
            stat.st_mtime_ns,
            None,
            None,
            None,
            None,
            None,
            str(error),
        )
    except OSError as error:
        return (
            feed,
            batch_id,
            path.name,
            stat.st_size,
            stat.st_mtime_ns,
            None,
            None,
            None,
            None,
            None,
            f"cannot be read: {error.strerror}",
        )
    return (
        feed,
        batch_id,
        path.name,
        size,
        modified,
        digest,
        content.row_count,
        content.names,
        content.types,
        content.field_count,
        None,
    )


def scan(
    landing: Path, remembered: dict[Any, tuple[Any, ...]], session: Any
) -> list[tuple[Any, ...]]:
    """Rows of COLUMNS for a landing folder.

    A folder that is wrong as such gives one row with a problem and no file; a batch folder without
    data files gives one row without file and problem.
    """

    def note(feed: str, batch_id: str | None, problem: str | None) -> tuple[Any, ...]:
        return (feed, batch_id, None, None, None, None, None, None, None, None, problem)

    if not landing.is_dir():
        return [note("", None, f"the landing folder {landing} does not exist")]
    rows = []
    for feed in FEEDS:
        folder = landing / feed
        if not folder.is_dir():
            continue
        for batch in sorted(folder.iterdir()):
            if not batch.name.startswith("batch=") or not batch.is_dir():
                continue
            batch_id = batch.name.removeprefix("batch=")
            if not is_batch_id(batch_id):
                rows.append(
                    note(
                        feed,
                        batch_id,
                        f"the folder {feed}/{batch.name} is not named batch=YYYY-MM-DD or "
                        "batch=YYYY-MM-DDTHHMMSS with a real date and time",
                    )
                )
                continue
            files = [
                path for path in batch.iterdir() if path.name.endswith(ENDINGS) and path.is_file()
            ]
            if not files:
                rows.append(note(feed, batch_id, None))
            rows.extend(scan_file(feed, batch_id, path, remembered, session) for path in files)
    return rows


def model(dbt: Any, session: Any) -> Any:
    """dbt's entry point: the scan of the configured landing folder as a table of COLUMNS."""
    dbt.config(materialized="table")
    landing = Path(os.path.abspath(dbt.config.get("meta")["landing"]))
    schema, name = dbt.this.schema, dbt.this.identifier
    remembered = {}
    exists = session.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?", [schema, name]
    ).fetchone()
    if exists:
        for row in session.execute(
            f"select {', '.join(COLUMNS)} from {schema}.{name} where sha256 is not null"
        ).fetchall():
            remembered[row[:5]] = row
    rows = scan(landing, remembered, session)
    session.execute(
        "create or replace temp table scanned ("
        + ", ".join(f"{column} {kind}" for column, kind in COLUMNS.items())
        + ")"
    )
    if rows:
        session.executemany(f"insert into scanned values ({', '.join('?' * len(COLUMNS))})", rows)
    return session.sql("from scanned")
