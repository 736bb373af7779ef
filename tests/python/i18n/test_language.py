"""Reports in another language: every text has an entry, and nothing but texts is different."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from string import Formatter

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from support.published import write_published

from exporters.catalogue.conditions import BASES, CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import DATE_BASES, Kind
from exporters.cli import app
from exporters.cli.commands import show
from exporters.excel import attention_words, cover_sheet, report_footer, report_sheet, workbook
from exporters.excel.sections import checked_totals, truncated_texts
from exporters.i18n.language import ENGLISH, LANGUAGES, Language, language_of
from exporters.output import pack
from exporters.query import account_totals, attention, builder, identities
from exporters.query.amounts import exact
from exporters.reconciliation.bridge import bridge
from exporters.reconciliation.bridge import tables as bridge_tables
from exporters.reconciliation.bridge.workbook import known_on
from exporters.reconciliation.reconcile import reconcile
from exporters.reconciliation.reconcile.classes import LABELS, MEANINGS, Class
from exporters.reconciliation.reconcile.result import summary
from exporters.reconciliation.reconcile.statement.reading import Reading
from exporters.request.report_request import Request, comparing
from exporters.warehouse import published
from exporters.warehouse.published import open_published
from scripts import messages

PROJECT = Path(__file__).resolve().parents[3]
PERIOD = ["--from", "2024-02-01", "--to", "2024-02-29"]
FEBRUARY = date(2024, 2, 1), date(2024, 2, 29)
CURRENCIES = ("KWD", "USD", "VND")
NEVER = date(2022, 1, 1), date(2022, 1, 31)  # before the first entry
NOT_YET = date(2025, 1, 1), date(2025, 1, 31)  # after the data
HEADER = report_sheet.HEADER_ROW
VIETNAMESE = language_of("vi")
# The catalogue: what is said for each text, and the plural of those that have one.
TEXTS: dict[str, str] = {}
PLURALS: dict[str, str] = {}
for _message in messages.updated("vi"):
    if _message.id and not _message.context:
        if isinstance(_message.id, str):
            TEXTS[_message.id] = str(_message.string)
        else:
            _one, _many = _message.id
            (TEXTS[_one],) = tuple(_message.string or ())
            PLURALS[_one] = _many
VIETNAMESE_FORMATS = {Kind.DATE: "dd/mm/yyyy", Kind.TIMESTAMP: "dd/mm/yyyy hh:mm:ss"}

# Charges of the types that the fixture has none of.
EVERY_CODE = """
insert into fixture.revenue
select
    'every-' || charge_type, 'original', true, timestamp '2024-02-11 00:00:00',
    date '2024-02-11', null, 'SA-2', 'compute', charge_type, null, null, 'USD', 1, 1, 0, 0
from (values ('refund'), ('adjustment')) as types (charge_type);
"""


@pytest.fixture(scope="module")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small published file, and entries of every type that reports list."""
    home: Path = tmp_path_factory.mktemp("published")
    write_published(home, EVERY_CODE)
    return home


# More than a cell and the foot of a sheet can hold, and nothing that no partner is known for.
TOO_MUCH = """
update reports.partners set partner_name = repeat('n', 40000) where partner_id = 'P-001';
update fixture.credits set payment_method = repeat('m', 40000) where payment_method = 'card';
delete from reports.batches;
delete from reports.unattributed_events;
"""


@pytest.fixture(scope="module")
def connection(published_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, opened as the commands open it."""
    with open_published(published_home) as opened:
        yield opened


# -- every text that reaches a reader has an entry ---------------------------------------------


@dataclass(frozen=True)
class Marked(Language):
    """Vietnamese, with ⟨marks⟩ around all that comes from the dictionary.

    What a blank is filled with stands outside of the marks, so that it needs an entry or must
    be data. A text without an entry is an error.
    """

    used: set[str] = field(default_factory=set)

    def say(self, text: str, **blanks: object) -> str:
        said = TEXTS[text]  # a missing entry is a KeyError that names the text
        self.used.add(text)
        filled = {name: f"⟩{value}⟨" for name, value in blanks.items()}
        return f"⟨{said.format(**filled) if blanks else said}⟩"

    def say_count(self, one: str, many: str, number: int, **blanks: object) -> str:
        assert PLURALS[one] == many
        return self.say(one, **blanks)


def marked() -> Marked:
    """A fresh marked language that has used nothing."""
    words = {
        column: {code: f"⟨{word}⟩" for code, word in codes.items()}
        for column, codes in VIETNAMESE.words.items()
    }
    values = {each.name: getattr(VIETNAMESE, each.name) for each in fields(VIETNAMESE)}
    return Marked(**{**values, "words": words})


def requests_of(language: Language) -> list[Request]:
    """Requests of each report: on both bases, with rows and without, and with each condition."""
    made = []
    periods = FEBRUARY, NEVER, NOT_YET
    bases = [
        (report, BASES[name]) for report in REPORTS.values() for name in report.bases or ("event",)
    ]
    for (report, basis), period in product(bases, periods):
        plain = Request(report, "P-001", *period, basis=basis, language=language)
        made.append(plain)
        if period != FEBRUARY or basis.name != "event":
            continue
        for value in ("partner", "customer"):
            if "account_type" in report.conditions:
                made.append(replace(plain, account_type=value, account="SA-1"))
            if "subject" in report.conditions:
                made.append(replace(plain, subject=value))
        if "below" in report.conditions:
            made.append(replace(plain, below=Decimal("12.5")))
        if "status" in report.conditions:
            made.append(replace(plain, status=CONDITIONS["status"].allowed))
        if "compare" in report.conditions:
            made += [comparing(plain, value) for value in CONDITIONS["compare"].allowed]
    january = date(2024, 1, 1), date(2024, 1, 31)  # without transfers within the partner
    made.append(Request(REPORTS["credit-topups"], "P-001", *january, language=language))
    return made


@dataclass(frozen=True)
class Outputs:
    """Texts of workbooks and terminals with what of them is data, and the entries used."""

    texts: list[tuple[str, str, frozenset[str]]]
    used: frozenset[str]


@pytest.fixture(scope="module")
def outputs(
    connection: duckdb.DuckDBPyConnection,
    sample_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Outputs:
    """All that the reports can say, in the marked language."""
    folder: Path = tmp_path_factory.mktemp("marked")
    language = marked()
    texts: list[tuple[str, str, frozenset[str]]] = []
    about = frozenset(["Alpha <Cloud> & Co (P-001)", "P-001", "v-abc123", *CURRENCIES])
    about |= {"SA-1", "SA-2", "T4"}  # a condition, and an open transfer on Control
    everything = frozenset(about)
    for number, request in enumerate(requests_of(language)):
        data = about | data_of(connection, request)
        everything |= data
        path = folder / f"{number}.xlsx"
        rows = workbook.write(connection, [request], path, row_limit=HEADER + 14).rows
        texts += [(where, text, data) for where, text in workbook_texts(path)]
        with redirect_stdout(io.StringIO()) as out:
            show.show(connection, request)
        where = f"show {request.report.id} {request.in_words()}"
        shown = out.getvalue().splitlines()
        # The words of a line; headings and values are apart by two spaces.
        texts += [(where, cell, data) for line in shown for cell in re.split("  +", line)]
        assert rows or "⟨Không có dòng nào" in out.getvalue()
    half = FEBRUARY[0], FEBRUARY[0].replace(day=15)
    packs = [*product((FEBRUARY, NEVER), (None, "year")), (half, None), (NOT_YET, None)]
    for number, (period, compare) in enumerate(packs):
        path = folder / f"pack-{number}.xlsx"
        pack.write(connection, pack.Job("P-001", *period, path, compare, language=language))
        texts += [(where, text, everything) for where, text in workbook_texts(path)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as out:
        patch.setattr(out, "isatty", lambda: True)
        patch.setenv("COLUMNS", "80")
        show.show(connection, requests_of(language)[0])
    lines = out.getvalue().splitlines()
    texts += [("blocks", cell, everything) for line in lines for cell in re.split("  +", line)]
    texts += bridge_texts(sample_home, language, folder)
    reconcile_all(sample_home, language, folder)
    texts += [(where, text, about | {"A2", "main"}) for where, text in rare_texts(language, folder)]
    return Outputs(texts, frozenset(language.used))


def rare_texts(language: Language, folder: Path) -> Iterator[tuple[str, str]]:
    """The texts of Control where something is too much for a workbook, or wrong in it."""
    write_published(folder, TOO_MUCH)
    with open_published(folder) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(account_totals, "MOST", 2)
        patch.setattr(truncated_texts, "_MOST", 1)
        request = Request(REPORTS["credit-topups"], "P-001", *FEBRUARY, language=language)
        workbook.write(connection, [request], folder / "rare.xlsx")
        book = load_workbook(folder / "rare.xlsx")
        yield from sheet_texts(book.worksheets[1], but="A2")
        wrong = identities.Checked(
            "Closing balance - held = available", "USD", Decimal(1), Decimal(2)
        )
        (line,) = checked_totals.section(language, [wrong]).lines
        yield from (("an identity", str(value)) for value in line.values())
        # Of what needs attention, only the rest is counted.
        patch.setattr(cover_sheet, "_MOST_OF_A_KIND", 0)
        patch.setattr(report_footer, "_MOST_ASKED", 0)
        pack.write(connection, pack.Job("P-001", *FEBRUARY, folder / "p.xlsx", language=language))
        yield from sheet_texts(load_workbook(folder / "p.xlsx").worksheets[0], but="B3")
    whose = "SA-1", "main", "USD"
    found = attention.Attention(
        [attention.OpenTransfer("SA-1", "SA-1", "USD", Decimal(1), Decimal(2))],
        [
            attention.Difference(*whose, datetime(2024, 1, 1), difference)
            for difference in (None, Decimal(1))
        ],
        [attention.Loss("SA-1", "main", "USD", Decimal(-1))],
        [attention.Wallet(*whose, Decimal(1), 1, level) for level in ("low", "overdrawn")],
        [attention.Late(ledger, "USD", Decimal(1)) for ledger in ("credits", "revenue")],
    )
    for basis in DATE_BASES:
        for _, sentences in attention_words.lines(language, BASES[basis], found):
            yield from (("attention", sentence) for sentence in sentences)


def bridge_texts(
    home: Path, language: Language, folder: Path
) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The texts of two bridges of the sample, one with nothing in it, and what of them is data."""
    with open_published(home) as connection:
        for month in ("2024-09", "2001-01"):
            request = replace(bridge.parse_request("000100", month), language=language)
            path = folder / f"bridge-{month}.xlsx"
            written = bridge.write(connection, home, request, path)
            data = frozenset(["Sông Hồng Cloud (000100)", "000100"])
            data |= {published.version(connection)[0]}
            for report in (
                bridge_tables.BRIDGE,
                bridge_tables.CREDIT_ENTRIES,
                bridge_tables.REVENUE_ENTRIES,
            ):
                data |= data_of(connection, replace(request, report=report), ("step", "measure"))
            yield from ((where, text, data) for where, text in workbook_texts(path))
            printed = bridge.totals_table(written, language) if written.lines else ""
            for line in printed.splitlines():
                yield from (("bridge", cell, data) for cell in re.split("  +", line))
    # Before any batch of a feed has come.
    with duckdb.connect() as empty:
        empty.execute("create schema reports")
        empty.execute("create table reports.batches (feed varchar, recorded_date date)")
        known_on(empty, language)


def reconcile_all(home: Path, language: Language, folder: Path) -> None:
    """Say all that a reconciliation can say: of lists with everything that is told of a list."""
    # Classes that no small list has together.
    for class_ in Class:
        language.say(LABELS[class_])
        language.say(MEANINGS[class_])
    export, book = folder / "export.xlsx", folder / "balances.xlsx"
    lists = {
        "keys": "Event,Amount\nnobody,5\n",
        "days": "Amount,Currency\n800000,VND\n800000,VND\n",
    }
    for name, text in lists.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    with redirect_stdout(io.StringIO()):
        request = ["--home", str(home), "--partner", "000100", "--month", "2024-09"]
        assert app.main(["export", "credit-usage", *request, "--output", str(export)]) == 0
    balances = Workbook()
    sheet = balances.worksheets[0]
    sheet.append(["Account", "Currency", "Closing balance", "Notes"])
    sheet.append(["010001", "VND", 4900000])
    sheet.row_dimensions[2].hidden = sheet.column_dimensions["D"].hidden = True
    balances.create_sheet("Notes")
    balances.save(book)
    with open_published(home) as connection:
        for report, path, currency in (
            ("revenue-detail", PROJECT / "docs" / "examples" / "september.csv", None),
            ("revenue-detail", folder / "keys.csv", "VND"),
            ("revenue-detail", folder / "days.csv", None),
            ("credit-topups", folder / "keys.csv", "VND"),
            ("credit-usage", export, None),
            ("credit-balance", book, None),
        ):
            of = reconcile.parse_request(report, "000100", "2024-09-01", "2024-09-30", {})
            _, result = reconcile.write(
                connection,
                home,
                replace(of, language=language),
                path,
                Reading(currency=currency),
                folder / "reconciled.xlsx",
            )
            assert list(summary.lines(result))


def data_of(
    connection: duckdb.DuckDBPyConnection, request: Request, labelled: Collection[str] = ()
) -> frozenset[str]:
    """Texts of the report's rows that come from feeds: all but codes, days and numbers.

    `labelled` are names of columns that hold names of columns.
    """
    names = [
        column.name
        for column in request.report.columns
        if column.kind in (Kind.ID, Kind.TEXT) and column.name not in {*VIETNAMESE.words, *labelled}
    ]
    rows = builder.ordered(request)
    found = connection.execute(
        f"select distinct unnest([{', '.join(names)}]) from ({rows.sql})", rows.parameters
    ).fetchall()
    return frozenset(row[0] for row in found if row[0])


def workbook_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Where a text stands in a workbook, and the text: whatever a reader can see."""
    book = load_workbook(path)
    yield "properties", book.properties.title
    for sheet in book.worksheets:
        yield "name of a sheet", sheet.title
        for at in ("oddHeader", "oddFooter"):
            for part in ("left", "center", "right"):
                text = getattr(getattr(sheet, at), part).text
                yield f"{at} of {sheet.title}", re.sub("&[A-Z]", "", text or "")
        yield from sheet_texts(sheet)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/charts/"):
                drawn = archive.read(name).decode()
                yield from ((name, text) for text in re.findall("<a:t>([^<]*)</a:t>", drawn))


def sheet_texts(sheet: Worksheet, but: str = "") -> Iterator[tuple[str, str]]:
    """The texts of cells, also within formulas, of all cells but one."""
    for row in sheet.iter_rows():
        for cell in row:
            where = f"{sheet.title}!{cell.coordinate}"
            if cell.comment is not None:
                yield where, cell.comment.text
            if cell.hyperlink is not None:
                yield where, cell.hyperlink.tooltip or ""
            if cell.data_type == "f":
                yield from ((where, text) for text in re.findall('"([^"]*)"', str(cell.value)))
            elif isinstance(cell.value, str) and cell.coordinate != but:
                yield where, cell.value


def test_whatever_a_reader_sees_comes_from_the_dictionary_or_is_data(outputs: Outputs) -> None:
    """What is left without the marked pieces is data, or has no letters."""
    strange = set()
    for where, text, data in outputs.texts:
        rest = re.sub("⟨[^⟨⟩]*⟩", "", text)
        if rest in data:
            continue
        for known in sorted(data, key=len, reverse=True):
            rest = rest.replace(known, "")
        if re.search(r"[^\W\d_]|\d{4}-\d\d", rest):
            strange.add((where, text))
    assert not strange
    assert len(outputs.texts) > 2000
    assert any(where.startswith("xl/charts/") for where, *_ in outputs.texts)


def test_no_entry_is_left_over(outputs: Outputs) -> None:
    assert set(TEXTS) - outputs.used == set()


def test_every_definition_of_a_report_has_an_entry() -> None:
    texts = {
        *(report.title for report in REPORTS.values()),
        *(report.answers for report in REPORTS.values()),
        *(column.label for report in REPORTS.values() for column in report.columns),
        *(condition.label for condition in CONDITIONS.values()),
        *(basis.words for basis in BASES.values()),
    }
    assert texts - set(TEXTS) == set()


def test_every_code_has_a_word() -> None:
    codes = messages.codes_of_columns()
    assert {"usage", "tax"} < codes["charge_type"] and {"top_up", "usage"} < codes["movement_type"]
    for language in map(language_of, LANGUAGES):
        assert {column: set(words) for column, words in language.words.items()} == codes
        for column, words in language.words.items():
            # The words are told apart, or a filter on the sheet could not tell the rows apart.
            assert len(set(words.values())) == len(words), column
            assert not any("_" in word for word in words.values())


def test_a_translation_has_the_blanks_of_its_text() -> None:
    def blanks(text: str) -> list[str]:
        fields = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
        return sorted(fields + re.findall("&[A-Z]", text))

    for text, said in TEXTS.items():
        assert blanks(said) == blanks(text), text
        assert said.strip() == said and said, text


def test_the_catalogue_has_the_texts_of_the_code_and_is_compiled() -> None:
    """`make messages` would change nothing: what was extracted, translated and compiled is here."""
    for language in LANGUAGES[1:]:
        catalog = messages.updated(language)
        path = messages.po_of(language)
        assert messages.untranslated(catalog) == []
        assert path.read_bytes() == messages.po(catalog), "run: make messages"
        assert path.with_suffix(".mo").read_bytes() == messages.mo(catalog), "run: make messages"


def test_a_count_takes_the_form_of_its_number() -> None:
    for count, said in ((0, "0 rows"), (1, "1 row"), (2, "2 rows")):
        assert ENGLISH.say_count("{count} row", "{count} rows", count, count=count) == said
    for count in (0, 1, 2):
        text = VIETNAMESE.say_count("{count} row", "{count} rows", count, count=count)
        assert text == f"{count} dòng"


def test_titles_are_names_of_sheets() -> None:
    titles = [report.title for report in REPORTS.values()]
    names = [VIETNAMESE.say(title) for title in (*titles, "Cover", "Control")]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert len(name) <= 25
        assert not re.search(r"[\[\]:*?/\\']", name)


# -- and nothing but texts is different --------------------------------------------------------


@pytest.mark.parametrize("report", REPORTS)
def test_rows_and_totals_are_those_of_english(
    report: str, published_home: Path, tmp_path: Path
) -> None:
    sheets = {}
    for code in LANGUAGES:
        path = tmp_path / f"{code}.xlsx"
        arguments = ["export", report, "--home", str(published_home), "--partner", "P-001"]
        assert app.main([*arguments, *PERIOD, "--lang", code, "--output", str(path)]) == 0
        sheets[code] = load_workbook(path).worksheets[0]
    english, vietnamese = sheets["en"], sheets["vi"]
    assert vietnamese.dimensions == english.dimensions
    assert vietnamese.title == VIETNAMESE.say(english.title)
    columns = REPORTS[report].columns
    compared, is_row = 0, True
    for row, said_row in zip(
        english.iter_rows(HEADER + 1), vietnamese.iter_rows(HEADER + 1), strict=True
    ):
        is_row &= any(cell.value is not None for cell in row)  # totals and notes come after a gap
        for column, cell, said in zip(columns, row, said_row, strict=True):
            compared += cell.value is not None
            if not isinstance(cell.value, str):
                assert said.value == cell.value
                in_english = cell.number_format
                expected = VIETNAMESE_FORMATS.get(column.kind, in_english) if is_row else in_english
                assert said.number_format == expected
            elif is_row and column.name in VIETNAMESE.words:
                codes = {word: code for code, word in ENGLISH.words[column.name].items()}
                assert said.value == VIETNAMESE.words[column.name][codes[cell.value]]
            elif is_row:
                assert said.value == cell.value
    assert compared > 10


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_files_for_programs_are_the_same(ending: str, published_home: Path, tmp_path: Path) -> None:
    contents = set()
    for code in LANGUAGES:
        path = tmp_path / f"{code}.{ending}"
        arguments = ["export", "discounts", "--home", str(published_home), "--partner", "P-001"]
        assert app.main([*arguments, *PERIOD, "--lang", code, "--output", str(path)]) == 0
        contents.add(path.read_bytes())
    assert len(contents) == 1


def test_a_pack_speaks_vietnamese(published_home: Path, tmp_path: Path) -> None:
    arguments = ["pack", "--home", str(published_home), "--partner", "P-001", *PERIOD]
    assert app.main([*arguments, "--lang", "vi", "--output", str(tmp_path)]) == 0
    (path,) = tmp_path.rglob("*.xlsx")
    book = load_workbook(path)
    titles = [VIETNAMESE.say(report.title) for report in REPORTS.values()]
    assert book.sheetnames == ["Trang bìa", *titles, "Biên bản đối soát", "Kiểm soát"]
    links = [cell.hyperlink for row in book["Trang bìa"].iter_rows() for cell in row]
    places = [str(link.location) for link in links if link is not None]
    assert places and all(place.split("'")[1] in book.sheetnames for place in places)


def test_a_table_on_the_terminal(published_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["show", "credit-topups", "--home", str(published_home), "--partner", "P-002"]
    assert app.main([*arguments, "--from", "2024-02-01", "--to", "2024-02-29", "--lang", "vi"]) == 0
    assert capsys.readouterr().out.splitlines()[:8] == [
        "Nạp credit",
        "Đại lý: P-002",
        "Kỳ báo cáo: từ 01/02/2024 đến 29/02/2024",
        "Loại tài khoản: Cả hai",
        "Tài khoản: Tất cả",
        "Căn cứ: Theo ngày phát sinh (cập nhật khi có giao dịch ghi nhận muộn)",
        "Số liệu đến: 06/03/2024 12:00:00",
        "",
    ]
    arguments[1], arguments[-1] = "credit-balance", "P-001"
    assert app.main([*arguments, *PERIOD, "--lang", "vi", "--account", "SA-2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if re.match("SA-2 .* main +USD", line)]
    assert re.split("  +", line)[3:10] == [
        "One Ltd", "Khách hàng", "main", "USD", "-30", "0", "200",
    ]  # fmt: skip
    assert "13,345678901235" in line


def test_a_code_without_a_word_is_shown_as_it_is(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A provider adds a movement type by adding a row of a seed."""
    words = {**VIETNAMESE.words, "movement_type": {"transfer_in": "Nhận chuyển credit"}}
    language = replace(VIETNAMESE, words=words)
    request = Request(REPORTS["credit-topups"], "P-001", *FEBRUARY, language=language)
    workbook.write(connection, [request], tmp_path / "o.xlsx")
    sheet = load_workbook(tmp_path / "o.xlsx").worksheets[0]
    movements = [row[11] for row in sheet.iter_rows(HEADER + 1, values_only=True) if row[11]]
    assert set(movements) == {"top_up", "Nhận chuyển credit"}
    with redirect_stdout(io.StringIO()) as out:
        show.show(connection, request)
    assert "  top_up  " in out.getvalue()


def test_a_text_without_an_entry_is_said_in_english() -> None:
    assert VIETNAMESE.say("Not {yet}", yet="known") == "Not known"
    assert VIETNAMESE.word("status", "unheard_of") == "unheard_of"


@pytest.mark.parametrize("command", ["export", "show", "pack", "bridge"])
def test_an_unknown_language_is_a_wrong_request(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = ["discounts"] if command in ("export", "show") else []
    period = ["--month", "2024-02"] if command == "bridge" else PERIOD
    arguments = [command, *report, "--home", str(tmp_path), "--partner", "P-001", *period]
    assert app.main([*arguments, "--lang", "vn"]) == 2
    assert capsys.readouterr().err == (
        "partner-reports: unknown --lang value 'vn': allowed are en, vi; did you mean 'vi'?\n"
    )


def test_english_does_not_wait_for_the_dictionary(published_home: Path, tmp_path: Path) -> None:
    script = f"""
import sys
from exporters.cli import app as cli
opened = []
sys.addaudithook(lambda event, given: event == "open" and opened.append(str(given[0])))
arguments = ["export", "discounts", "--partner", "P-001", "--home", {str(published_home)!r}]
arguments += {PERIOD!r}
assert cli.main([*arguments, "--output", {str(tmp_path / "o.xlsx")!r}]) == 0
assert opened and not any(path.endswith(".mo") for path in opened)
assert cli.main([*arguments, "--output", {str(tmp_path / "o.csv")!r}, "--lang", "vi"]) == 0
assert any(path.endswith(".mo") for path in opened)
assert "babel" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=PROJECT)


# -- days and numbers --------------------------------------------------------------------------


def test_days_and_numbers() -> None:
    assert ENGLISH.day(date(2024, 2, 1)) == "2024-02-01"
    assert VIETNAMESE.day(date(2024, 2, 1)) == VIETNAMESE.day("2024-02-01") == "01/02/2024"
    assert VIETNAMESE.moment("2024-02-01 10:11:12") == "01/02/2024 10:11:12"
    assert VIETNAMESE.day(date.min) == "01/01/0001"
    assert ENGLISH.grouped("1234567.89") == "1,234,567.89"
    assert ENGLISH.grouped(1234567) == "1,234,567"
    assert VIETNAMESE.grouped("1234567.89") == "1.234.567,89"
    assert VIETNAMESE.grouped("-0.000000000001") == "-0,000000000001"
    assert [language_of(code).code for code in LANGUAGES] == list(LANGUAGES)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_a_number_keeps_every_digit(number: Decimal) -> None:
    text = exact(number)
    assert ENGLISH.grouped(text).replace(",", "") == text
    assert VIETNAMESE.grouped(text).replace(".", "").replace(",", ".") == text
