"""A partner's own statement, CSV or a workbook: its columns found, its rows typed in a table.

Nothing is guessed about a value. Amounts are plain decimals, dates ISO dates or, where that was
said, days and months in a fixed order. Whatever cannot be read keeps its row, with the reason in
words; no row is left out but blank ones, and the lines of totals and notes that `Statement` lists.
"""

from __future__ import annotations

import csv
import tempfile
import unicodedata
import warnings
import zipfile
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from xml.etree.ElementTree import ParseError

from exporters.errors import RequestError
from exporters.escaping import in_message, short
from exporters.query.amounts import exact

if TYPE_CHECKING:
    import duckdb

ENDINGS = (".csv", ".xlsx")
NO_COLUMN = "-"  # said in place of a column's name: the statement has none
DATE_FORMATS = ("yyyy-mm-dd", "dd/mm/yyyy", "mm/dd/yyyy")

# What a statement's columns are for, in the order in which people are told of them.
ROLES = ("key", "account", "date", "currency", "amount")

_HEADER_WITHIN = 20  # rows: exports have a title and conditions above their header
_SPACE = " \t\r\n"
_FIELD_LIMIT = 1 << 20  # characters of a CSV field: an open quote must not swallow a whole file
_TOTAL_WORDS = frozenset(
    "total totals subtotal grandtotal sum leftout tong tongcong tongso cong khongtinh".split()
)
_NO_NAMES = _TOTAL_WORDS | {""}
_LISTED = 40  # columns or sheets named in a message
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # how workbooks begin: new ones, old ones

Record: TypeAlias = tuple[int, Sequence[object]]


@dataclass(frozen=True)
class Wanted:
    """Which columns of a statement are looked for.

    Attributes:
        given: a role's column by name; `NO_COLUMN` where the statement is said to have none.
        names: for each other role the names by which its column is known, best first; what
            `plain_name` leaves out does not count.
        sheet: the title of the sheet that is looked at before the others.
    """

    given: Mapping[str, str]
    names: Mapping[str, Sequence[str]]
    sheet: str


@dataclass
class Statement:
    """A statement that was read.

    Attributes:
        path: the file.
        sheet: the sheet of a workbook, None for CSV.
        other_sheets: the workbook's sheets that were not read.
        columns: the name of the column of each role that has one.
        header: the names of all columns.
        passed_over: rows below the header that are lines of totals or notes.
        rows: how many rows there are.
    """

    path: Path
    sheet: str | None
    other_sheets: list[str]
    columns: dict[str, str]
    header: list[str]
    passed_over: list[int] = field(default_factory=list)
    rows: int = 0

    @property
    def is_workbook(self) -> bool:
        """Whether its numbers are what a spreadsheet can hold."""
        return self.sheet is not None


def check_request(path: Path, columns: Mapping[str, str], date_format: str) -> None:
    """Check what can be checked before anything is read.

    Raises:
        RequestError: the file is not there, is a folder or has another ending; the date format
            is unknown; or the amount is said to have no column.
    """
    if date_format not in DATE_FORMATS:
        raise RequestError(
            f"unknown --date-format {short(date_format)!r}: allowed are {', '.join(DATE_FORMATS)}"
        )
    if columns.get("amount") == NO_COLUMN:
        raise RequestError("--amount - is not possible: a statement has amounts")
    if path.suffix.lower() not in ENDINGS:
        raise RequestError(
            f"unknown file ending {short(path.suffix)!r} of --statement {short(str(path))!r}: "
            f"allowed are {', '.join(ENDINGS)}"
        )
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise RequestError(f"--statement {short(str(path))!r} {what}; name a file")


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name without what people write differently: case, blanks, underscores, accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().replace("đ", "d"))
    return "".join(character for character in decomposed if character.isalnum())


def load(connection: duckdb.DuckDBPyConnection, path: Path, wanted: Wanted) -> Statement:
    """Read the statement at `path` into the temporary table `statement_text`.

    The table has `id` (1, 2, ... in the order of the file), `row` (its number in the file or
    sheet, the first row being 1), a text for each of `ROLES` (null where there is none) and
    `shape` (what is wrong with the row as a whole, or null).

    Raises:
        RequestError: the file cannot be read, or a column that is needed is not in it; the
            message names the file and the line, or the columns and what is looked for.
    """
    # By way of a file: rows handed over as parameters would take three times as long.
    with tempfile.TemporaryDirectory(prefix="partner-reports-") as folder:
        texts = Path(folder) / "texts.csv"
        with (
            _opened(path, wanted) as (statement, places, records),
            texts.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.writer(file)
            # DuckDB takes the first end of a line for that of all: it must not be in a text.
            writer.writerow(("id", "row", *ROLES, "shape"))
            writer.writerows(_counted(statement, places, records))
        columns = {
            "id": "bigint",
            "row": "bigint",
            **dict.fromkeys((*ROLES, "shape"), "varchar"),
        }
        connection.execute(
            f"""
            create or replace temp table statement_text as
            select *
            from read_csv(
                $path, columns = {columns}, auto_detect = false, header = true, delim = ',',
                quote = '"', escape = '"', nullstr = '', parallel = false, strict_mode = true,
                max_line_size = {_FIELD_LIMIT * (len(ROLES) + 2)}
            )
            """,
            {"path": str(texts)},
        )
    return statement


def type_rows(
    connection: duckdb.DuckDBPyConnection,
    read: Statement,
    zone: str,
    date_format: str,
    currency: str | None,
) -> None:
    """Make the temporary table `statement` of `statement_text`: each text as what it means.

    It has `id`, `row`, `key`, `account`, `currency`, `amount` (decimal(38, 12)), `day` (date,
    business time) and `problem`, which is null where everything could be read. A row that has a
    problem keeps what could be. `currency` is that of all rows of a statement without a column
    for it; `zone` the business time zone.

    Raises:
        RequestError: no row can be read, or the dates are written in another way than was said.
    """
    shown = "'\"' || left({0}, 60) || '\"'"
    day = _DAY_SQL[date_format]
    connection.execute(
        f"""
        create or replace temp table statement as
        with texts as (
            select
                * exclude (currency),
                upper(coalesce(currency, $currency)) as currency,
                {_day(date_format)} as day,
            from statement_text
        ),

        parsed as (
            select
                texts.* exclude (currency, amount),
                known.currency,
                texts.currency as currency_text,
                texts.amount as amount_text,
                case
                    when regexp_full_match(texts.amount, '-?[0-9]+([.][0-9]+)?')
                        then cast(try_cast(texts.amount as decimal(30, 12)) as decimal(38, 12))
                end as amount,
            from texts
            left join reference.currencies as known on texts.currency = known.currency
        )

        select
            id,
            row,
            key,
            account,
            currency,
            amount,
            day,
            nullif(
                concat_ws(
                    '; ',
                    shape,
                    case
                        when amount_text is null then 'the amount is empty'
                        when amount is null
                            then 'the amount ' || {shown.format("amount_text")}
                                || ' is not a plain decimal number like 1234567.89'
                                || ' of at most 18 digits before the point'
                    end,
                    case
                        when date is not null and day is null
                            then 'the date ' || {shown.format("date")}
                                || ' is not a day {date_format}{day["also"]}'
                    end,
                    case
                        when currency_text is null then 'the currency is empty'
                        when currency is null
                            then 'the currency ' || {shown.format("currency_text")}
                                || ' is not an ISO 4217 code'
                    end
                ),
                ''
            ) as problem,
        from parsed
        """,
        {"currency": currency, **_zone_of(date_format, zone)},
    )
    _check_readable(connection, read, zone, date_format)
    connection.execute("drop table statement_text")


def _check_readable(
    connection: duckdb.DuckDBPyConnection, read: Statement, zone: str, date_format: str
) -> None:
    """Check that it was not the statement as a whole that was misunderstood.

    Raises:
        RequestError: no row can be read, or all dates can be read in another format.
    """
    problem = connection.execute(
        "select row, problem from statement where problem is not null order by id limit 1"
    ).fetchone()
    if problem is None:
        return
    bad_date = connection.execute(
        """
        select texts.row, left(texts.date, 60)
        from statement_text as texts
        inner join statement on texts.id = statement.id
        where statement.problem is not null and statement.day is null and texts.date is not null
        order by texts.id
        limit 1
        """
    ).fetchone()
    if bad_date is not None:
        others = [
            other
            for other in DATE_FORMATS
            if other != date_format
            and connection.execute(
                "select count(*) from statement_text "
                f"where date is not null and {_day(other)} is null",
                _zone_of(other, zone),
            ).fetchone()
            == (0,)
        ]
        if others:
            raise RequestError(
                f"the date {in_message(bad_date[1])!r} in row {bad_date[0]} of the statement "
                f"{in_message(read.path)}, column {in_message(read.columns['date'])}, is not a "
                f"day {date_format}; all its dates can be read with --date-format "
                f"{' or '.join(others)}"
            )
    readable = connection.execute("select count(*) from statement where problem is null")
    if readable.fetchone() == (0,):
        taken = [role for role in ("date", "currency", "amount") if role in read.columns]
        columns = ", ".join(f"{role} {in_message(read.columns[role])!r}" for role in taken)
        formats = f" (--date-format: {', '.join(DATE_FORMATS)})" if bad_date is not None else ""
        raise RequestError(
            f"no row of the statement {in_message(read.path)} can be read. Row {problem[0]}: "
            f"{in_message(problem[1])}{formats}. Its columns were taken to be {columns}; "
            f"name others with {', '.join(map(flag, taken))}"
        )


_TIME = r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?( ?(Z|[+-][0-9]{2}:?[0-9]{2}))?)?"
_DAY_SQL = {
    "yyyy-mm-dd": {
        "matches": f"regexp_full_match(date, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}')",
        "value": """
            case
                when regexp_matches(date, '(Z|[+-][0-9]{2}:?[0-9]{2})$') and length(date) > 10
                    then cast(timezone($zone, try_cast(date as timestamptz)) as date)
                when length(date) = 10 then try_cast(date as date)
                else cast(try_cast(date as timestamp) as date)
            end""",
        "also": ", with or without a time",
    },
    **{
        name: {
            "matches": (
                r"regexp_full_match(date, '[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}( .*)?')"
                r" or regexp_full_match(date, '[0-9]{4}-[0-9]{2}-[0-9]{2}( 00:00:00)?')"
            ),
            # A cell that a workbook knows to be a date is one whatever the format of the others.
            "value": rf"""
            coalesce(
                try_cast(left(date, 10) as date),
                try_cast(
                    regexp_replace(
                        date,
                        '^([0-9]{{1,2}})[/.-]([0-9]{{1,2}})[/.-]([0-9]{{4}}).*$',
                        '{order}'
                    ) as date
                )
            )""",
            "also": "",
        }
        for name, order in (("dd/mm/yyyy", r"\3-\2-\1"), ("mm/dd/yyyy", r"\3-\1-\2"))
    },
}


def _day(date_format: str) -> str:
    """SQL for the day that a text in column `date` is, null where it is none."""
    return "case when {matches} then {value} end".format(**_DAY_SQL[date_format])


def _zone_of(date_format: str, zone: str) -> dict[str, str]:
    """The parameters of `_day`."""
    return {"zone": zone} if "$zone" in _DAY_SQL[date_format]["value"] else {}


# -- the rows of a file --------------------------------------------------------------------------


@contextmanager
def _opened(
    path: Path, wanted: Wanted
) -> Iterator[tuple[Statement, dict[str, int], Iterator[Record]]]:
    """The statement as its header tells it, the places of its columns, and what is below."""
    _check_beginning(path)
    opened = _opened_csv if path.suffix.lower() == ".csv" else _opened_workbook
    with opened(path, wanted) as found:
        yield found


def _check_beginning(path: Path) -> None:
    """Check that the file is what its ending says, as far as its first bytes tell.

    Raises:
        RequestError: it is something else.
    """
    with path.open("rb") as file:
        beginning = file.read(4)
    is_csv = path.suffix.lower() == ".csv"
    if beginning == _OLE:
        what = (
            "is a workbook of an old kind, or has a password: save it as .xlsx without a password, "
            "or as CSV UTF-8"
        )
    elif is_csv and beginning == _ZIP:
        what = "is a workbook and no CSV: give it the ending .xlsx"
    elif is_csv and beginning[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
        what = "is UTF-16: save it as CSV UTF-8"
    elif not is_csv and beginning != _ZIP:
        what = "is no workbook: if it is CSV, give it the ending .csv"
    else:
        return
    raise RequestError(f"the statement {in_message(path)} {what}")


@contextmanager
def _opened_csv(
    path: Path, wanted: Wanted
) -> Iterator[tuple[Statement, dict[str, int], Iterator[Record]]]:
    tops = {}
    for delimiter in ",;\t":
        with path.open(encoding="utf-8-sig", newline="") as file:
            top = list(islice(_records(path, file, delimiter), _HEADER_WITHIN))
        found = _find_header(top, wanted)
        if found is not None:
            break
        tops[delimiter] = top
    else:
        raise _no_header(path, max(tops.values(), key=_columns), wanted)
    row, places = found
    header = next([_text(cell) or "" for cell in cells] for number, cells in top if number == row)
    columns = {role: header[place] for role, place in places.items()}
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = _records(path, file, delimiter)
        below = (record for record in records if record[0] > row)
        yield Statement(path, None, [], columns, header), places, below


def _records(path: Path, file: Iterator[str], delimiter: str) -> Iterator[Record]:
    """Rows of a CSV file as a spreadsheet would number them."""
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    try:
        yield from enumerate(reader, start=1)
    except csv.Error as error:
        raise RequestError(
            f"the statement {in_message(path)} is broken in line {reader.line_num}: {error}"
        ) from error
    except UnicodeDecodeError as error:
        raise RequestError(
            f"the statement {in_message(path)} is not UTF-8 in line {_bad_line(path)}: "
            "save it as CSV UTF-8"
        ) from error


def _bad_line(path: Path) -> int:
    """The number of the first line that is not UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


@contextmanager
def _opened_workbook(
    path: Path, wanted: Wanted
) -> Iterator[tuple[Statement, dict[str, int], Iterator[Record]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    from exporters.reconciliation.reconcile import sheet_reader

    broken = (
        *(zipfile.BadZipFile, InvalidFileException, ParseError, EOFError, zlib.error),
        *(KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError),
    )

    def unreadable(error: Exception) -> RequestError:
        return RequestError(
            f"the statement {in_message(path)} cannot be read as a workbook: "
            f"{in_message(error) or type(error).__name__}"
        )

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts of a workbook that nobody asked for
        try:
            book = load_workbook(path, read_only=True, data_only=True)
            tops: list[list[Record]] = []
            fitting = []
            refused = []
            for sheet in sorted(book.worksheets, key=lambda sheet: sheet.title != wanted.sheet):
                sheet.reset_dimensions()  # what a file says of its size need not be so
                rows = enumerate(sheet.iter_rows(max_row=_HEADER_WITHIN, values_only=True), start=1)
                tops.append(list(rows))
                try:
                    found = _find_header(tops[-1], wanted)
                except RequestError as error:
                    refused.append(error)
                    continue
                if found is not None:
                    fitting.append((sheet, tops[-1], found))
                    if sheet.title == wanted.sheet:
                        break
        except broken as error:
            raise unreadable(error) from error
        try:
            if not tops:
                raise RequestError(f"the statement {in_message(path)} has no sheet with cells")
            if not fitting:
                raise refused[0] if refused else _no_header(path, max(tops, key=_columns), wanted)
            if len(fitting) > 1:
                titles = ", ".join(repr(short(sheet.title)) for sheet, *_ in fitting[:_LISTED])
                raise RequestError(
                    f"several sheets of {in_message(path)} can be the statement: {titles}; "
                    "leave one of them in the workbook, or save it as CSV UTF-8"
                )
            ((sheet, top, (row, places)),) = fitting
            others = [other for other in book.sheetnames if other != sheet.title]
            if f"{sheet.title} (2)" in others:
                raise RequestError(
                    f"the statement {in_message(path)} goes on in sheet "
                    f"{sheet.title + ' (2)'!r}: give it as CSV"
                )
            header = next([_text(c) or "" for c in cells] for number, cells in top if number == row)
            columns = {role: header[place] for role, place in places.items()}
            below = (
                record
                for record in sheet_reader.rows(
                    sheet, len(header), set(places.values()), places["amount"]
                )
                if record[0] > row
            )
            yield (
                Statement(path, sheet.title, others, columns, header),
                places,
                _guarded(below, broken, unreadable),
            )
        finally:
            book.close()


def _guarded(
    records: Iterator[Record],
    broken: tuple[type[Exception], ...],
    unreadable: object,
) -> Iterator[Record]:
    """`records`, with what breaks on the way as a message."""
    assert callable(unreadable)
    while True:
        try:
            record = next(records, None)
        except broken as error:
            raise unreadable(error) from error
        if record is None:
            return
        yield record


def _counted(
    statement: Statement, places: dict[str, int], records: Iterator[Record]
) -> Iterator[tuple[object, ...]]:
    """The rows below the header: id, number, texts by role, what is wrong with the shape."""
    key, account, day, currency, amount = (places.get(role) for role in ROLES)
    width = len(statement.header)
    is_csv = not statement.is_workbook
    labels = {place: statement.header[place] for place in places.values()}
    after_gap = True

    def text(cells: Sequence[object], place: int | None) -> str | None:
        return None if place is None or place >= len(cells) else _text(cells[place])

    for number, cells in records:
        stated = text(cells, amount)
        if stated == labels[places["amount"]] and not is_csv and _begins_summary(labels, cells):
            statement.passed_over.append(number)
            return
        names = (text(cells, key), text(cells, account), text(cells, day))
        # Most rows need no second look.
        if stated is None or plain_name(names[0] or names[1] or names[2] or "") in _NO_NAMES:
            filled = [found for cell in cells if (found := _text(cell)) is not None]
            if not filled:
                after_gap = True
                continue
            if _is_no_row(filled, names, stated, after_gap):
                statement.passed_over.append(number)
                continue
        after_gap = False
        statement.rows += 1
        shape = None
        if is_csv and len(cells) != width:
            shape = f"the row has {len(cells)} fields under a header of {width}"
            names, stated = (None, None, None), None
        yield (statement.rows, number, *names, text(cells, currency), stated, shape)


def _begins_summary(labels: Mapping[int, str], cells: Sequence[object]) -> bool:
    """Whether a row has some of the header's labels again: below it sums of the rows stand.

    With all of them it may be that of a further file, whose rows follow.
    """
    again = [_text(cells[place]) if place < len(cells) else None for place in labels]
    is_missing = [label is None for label in again]
    return any(is_missing) and all(
        missing or label == labels[place]
        for missing, label, place in zip(is_missing, again, labels, strict=True)
    )


def _is_no_row(
    filled: Sequence[str], names: Sequence[str | None], stated: str | None, after_gap: bool
) -> bool:
    """Whether a row is a line of totals, or a note below the rows.

    A total names no key, account or day: the word may stand in the column of one of them.
    """
    first = filled[0]
    if plain_name(first) in _TOTAL_WORDS and set(names) <= {None, first}:
        return True
    return after_gap and stated is None and len(filled) == 1


def _text(value: object) -> str | None:
    """A cell as text: numbers as plain decimals, dates as ISO, nothing as None."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip(_SPACE) or None
    if isinstance(value, float):
        return exact(Decimal(repr(value)))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


# -- the columns ---------------------------------------------------------------------------------


def _find_header(top: list[Record], wanted: Wanted) -> tuple[int, dict[str, int]] | None:
    """The number of the first row that can be the header, and the place of each role's column."""
    for number, cells in top:
        names = [_text(cell) or "" for cell in cells]
        if sum(map(bool, names)) < 2:
            continue
        places = {
            role: place for role in ROLES if (place := _place(role, names, wanted)) is not None
        }
        given = {role for role, name in wanted.given.items() if name != NO_COLUMN}
        if "amount" in places and given <= set(places):
            return number, places
    return None


def _place(role: str, names: list[str], wanted: Wanted) -> int | None:
    """The place of a role's column.

    Raises:
        RequestError: two columns have its name.
    """
    given = wanted.given.get(role)
    if given == NO_COLUMN:
        return None
    if given is not None:
        exactly = [place for place, name in enumerate(names) if name == given.strip(_SPACE)]
        if len(exactly) == 1:
            return exactly[0]
    for known in wanted.names[role] if given is None else [given]:
        found = [place for place, name in enumerate(names) if plain_name(name) == plain_name(known)]
        if len(found) > 1:
            raise RequestError(
                f"two columns of the statement can be the {role} column: "
                f"{', '.join(repr(short(names[place])) for place in found)}; "
                f"name the right one with {flag(role)}, by a name that stands once"
            )
        if found:
            return found[0]
    return None


def flag(role: str) -> str:
    """The option that names the column of a role."""
    return "--statement-account" if role == "account" else f"--{role}"


def _columns(top: list[Record]) -> int:
    """How many columns a file seems to have."""
    return max((sum(_text(cell) is not None for cell in cells) for _, cells in top), default=0)


def _no_header(path: Path, top: list[Record], wanted: Wanted) -> RequestError:
    """What is said when no row can be the header."""
    if not any(plain_name(_text(cell) or "") for _, cells in top for cell in cells):
        return RequestError(f"the statement {in_message(path)} has no rows")
    width = _columns(top)
    names = next(
        [text for cell in cells if (text := _text(cell))]
        for _, cells in top
        if sum(_text(cell) is not None for cell in cells) == width
    )
    present = {plain_name(name) for name in names}
    lacking = [
        f"{flag(role)} {short(name)!r}"
        for role, name in wanted.given.items()
        if name != NO_COLUMN and name not in names and plain_name(name) not in present
    ]
    columns = ", ".join(in_message(name) for name in names[:_LISTED])
    if lacking:
        what = f"no column {', '.join(lacking)}"
    else:
        what = (
            "no column for the amount (known are "
            f"{', '.join(dict.fromkeys(wanted.names['amount']))}; name another with --amount)"
        )
    hint = ""
    if width == 1 and path.suffix.lower() == ".csv":
        hint = "; columns are separated by a comma, a semicolon or a tab"
    return RequestError(
        f"the statement {in_message(path)} has {what} in its first {_HEADER_WITHIN} rows; "
        f"its columns are {columns}{hint}"
    )


_EVENT_NAMES = ("event id", "event", "mã sự kiện", "sự kiện")
_OTHER_NAMES = {
    "transaction_id": (
        *("transaction id", "transaction", "transaction no", "txn id"),
        *("mã giao dịch", "số giao dịch", "giao dịch"),
    ),
    "order_id": ("order id", "order", "order no", "mã đơn hàng", "số đơn hàng", "đơn hàng"),
}
_DATE_NAMES = (
    *("report date", "date", "event date", "posted date", "transaction date", "usage date"),
    *("occurred at", "time", "ngày", "ngày giao dịch", "ngày phát sinh", "ngày sử dụng"),
    *("ngày chứng từ", "thời gian"),
)
_CURRENCY_NAMES = (
    *("currency", "currency code", "ccy"),
    *("loại tiền", "tiền tệ", "mã tiền tệ", "đồng tiền", "đơn vị tiền tệ"),
)
_ACCOUNT_NAMES = (
    *("service account id", "service account", "tài khoản dịch vụ", "mã tài khoản dịch vụ"),
    *("account id", "account", "mã tài khoản", "số tài khoản", "tài khoản"),
)
_MEASURE_NAMES = {
    "amount": ("amount", "số tiền", "value", "giá trị", "thành tiền"),
    "net_amount": (
        *("net amount", "net", "thành tiền", "amount", "số tiền", "doanh thu"),
        *("value", "giá trị"),
    ),
    "list_amount": ("list amount", "list", "giá niêm yết", "niêm yết"),
    "discount_amount": ("discount amount", "discount", "chiết khấu", "giảm giá"),
    "tax_amount": ("tax amount", "tax", "VAT", "thuế", "tiền thuế"),
}
_COUNT_NAMES = ("event count", "events", "số sự kiện")


def wanted_columns(
    given: Mapping[str, str], other_key: str, measures: Sequence[str], sheet: str
) -> Wanted:
    """What to look for where a row is known by its event id or by `other_key`.

    `measures` are the ledger's amounts that a statement may be compared with, best first.
    """
    return Wanted(
        {role: name for role, name in given.items() if name is not None},
        {
            "key": [*_EVENT_NAMES, *_OTHER_NAMES[other_key]],
            "account": _ACCOUNT_NAMES,
            "date": _DATE_NAMES,
            "currency": _CURRENCY_NAMES,
            "amount": [name for measure in measures for name in _MEASURE_NAMES[measure]],
        },
        sheet,
    )


def key_of(column: str, other_key: str) -> str | None:
    """Which of the ledger's keys a column holds by its name, None where its name does not say."""
    if _is_one_of(column, _EVENT_NAMES):
        return "event_id"
    return other_key if _is_one_of(column, _OTHER_NAMES[other_key]) else None


def measure_of(column: str, measures: Sequence[str]) -> str:
    """Which of the ledger's amounts a column is by its name, else the first of `measures`."""
    return next(
        (measure for measure in measures if _is_one_of(column, _MEASURE_NAMES[measure])),
        measures[0],
    )


def is_daily(header: Sequence[str]) -> bool:
    """Whether the rows are sums that count their events, as in the export of credit-usage."""
    return any(_is_one_of(name, _COUNT_NAMES) for name in header)


def _is_one_of(column: str, names: Sequence[str]) -> bool:
    return plain_name(column) in map(plain_name, names)
