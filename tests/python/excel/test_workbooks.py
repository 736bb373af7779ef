"""Workbooks: what a reader of the file finds in its cells."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from support.published import write_published

from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Kind
from exporters.cli import app
from exporters.errors import ReportError
from exporters.excel import assembly, report_sheet, verify, workbook
from exporters.excel.ooxml import cell_xml, row_stream
from exporters.query import builder
from exporters.request.report_request import Request, parse
from exporters.warehouse.published import open_published

PERIOD = ["--from", "2024-02-01", "--to", "2024-02-29"]
HEADER = report_sheet.HEADER_ROW


def export(home: Path, output: Path, report: str, *options: str) -> Workbook:
    """Export a report of P-001 for February and open it, as values."""
    arguments = ["export", report, "--home", str(home), "--partner", "P-001", *PERIOD]
    assert app.main([*arguments, "--output", str(output), *options]) == 0
    return load_workbook(output, data_only=True)


def values(sheet: Worksheet, first: int, last: int | None = None) -> list[list[Any]]:
    """Cells of rows `first` to `last`, without what is empty at their right."""
    rows = []
    for row in sheet.iter_rows(first, last or sheet.max_row, values_only=True):
        filled = list(row)
        while filled and filled[-1] is None:
            filled.pop()
        rows.append(filled)
    return rows


def test_a_sheet_has_conditions_labels_rows_and_totals(
    published_home: Path, tmp_path: Path
) -> None:
    book = export(published_home, tmp_path / "o.xlsx", "credit-topups")
    assert book.sheetnames == ["Credit top-ups", "Control"]
    own, one = ["SA-1", "Alpha own", "A-P1", "Alpha", "Partner"], ["A-C1", "One (old)", "Customer"]
    assert values(book.worksheets[0], 1) == [
        ["Credit top-ups"],
        ["Alpha <Cloud> & Co (P-001)"],
        [
            "Period: 2024-02-01 to 2024-02-29. Event date: late and corrected events count in "
            "the month they belong to (restated)"
        ],
        ["Account type: both; Account: all"],
        ["Data as of 2024-03-06 12:00:00, version v-abc123"],
        [],
        [
            *["Date", "Time", "Transaction", "Event", "Entry", "Service account"],
            *["Service account name", "Account", "Account name", "Account type", "Wallet"],
            *["Movement", "Counterparty", "Payment method", "Currency", "Amount"],
        ],
        [
            *[datetime(2024, 2, 2), datetime(2024, 2, 2, 12), "T13", "c13", "Original", "SA-3"],
            *[None, "A-C2", None, "Customer", "main", "Top-up", None, "bank", "VND", 100000],
        ],
        [
            *[datetime(2024, 2, 3), datetime(2024, 2, 3, 10, 11, 12), "T2", "c2", "Original"],
            *[*own, "main", "Top-up", None, "card", "USD", 500.5],
        ],
        [
            *[datetime(2024, 2, 5), datetime(2024, 2, 5, 8), "T3", "c4", "Original", "SA-2"],
            *["Customer one", *one, "main", "Transfer in", "SA-1", None, "USD", 200],
        ],
        [
            *[datetime(2024, 2, 6), datetime(2024, 2, 6), "T4", "c5", "Original", "SA-2"],
            *["Customer one", *one, "main", "Transfer in", None, None, "VND", 50000],
        ],
        [
            *[datetime(2024, 2, 29), datetime(2024, 2, 29, 12), "0012", "=1+1", "Original"],
            *[*own, "main", "Top-up", None, "@SUM(A1)", "KWD", 1.234],
        ],
        [],
        ["Total", *[None] * 13, "KWD", 1.234],
        ["Total", *[None] * 13, "USD", 500.5],
        ["Total", *[None] * 13, "VND", 150000],
        [],
        ["Left out", *[None] * 13, "USD", 200],
        ["Rows shown", *[None] * 13, "KWD", 1.234],
        ["Rows shown", *[None] * 13, "USD", 700.5],
        ["Rows shown", *[None] * 13, "VND", 150000],
        [],
        [
            "Totals leave out transfers between accounts of the same partner (200 USD); "
            "their rows are listed."
        ],
        [
            "Totals are formulas: all rows of the currency less what is left out. "
            "A filter does not change them, but the line of the rows shown."
        ],
    ]
    assert values(book.worksheets[1], 1) == [
        ["Control totals"],
        ["Alpha <Cloud> & Co (P-001)"],
        [],
        ["Checked"],
        [
            "Every sheet was read again after it was written: its rows and their sums are those of "
            "the ledger."
        ],
        [],
        ["Open transfers"],
        ["The other side has not arrived yet, or has another amount. This side is in the figures."],
        [
            *["Transaction", "Service account", "Currency", None],
            *["Transferred out", "Transferred in"],
        ],
        ["T4", "SA-2", "VND", None, "0", "50,000"],
        [],
        ["Balances that differ from the source"],
        ["At the last instant at which the source states a balance. No figure is corrected by it."],
        [
            "A movement that the source booked later than it occurred differs until its next "
            "statement after that: nobody need have erred."
        ],
        ["None."],
        [],
        ["Not in any figure"],
        [
            "Refused rows count for the partner whose service account or id they name. What names "
            "nobody known, and events of unknown service accounts, are counted over all deliveries."
        ],
        [
            *["Feed", None, None, "Refused, of this partner", "Refused, of nobody known"],
            "Account unknown",
        ],
        ["Credits", None, None, 0, 2, 0],
        ["Revenue", None, None, 0, 0, 1],
        [],
        ["Exact totals"],
        ["They are text: a spreadsheet keeps about 15 digits of a number."],
        [
            "Sum as displayed: each row rounded to the decimals of its currency, then added. It is "
            "the exact total + what is left out + the rounding difference."
        ],
        [
            *["Sheet", "Rows", "Currency", "Column", "Exact total", "Left out"],
            *["Sum as displayed", "Rounding difference"],
        ],
        ["Credit top-ups", 1, "KWD", "Amount", "1.234", "0", "1.234", "0"],
        ["Credit top-ups", 2, "USD", "Amount", "500.5", "200", "700.5", "0"],
        ["Credit top-ups", 2, "VND", "Amount", "150,000", "0", "150,000", "0"],
    ]


def totals_of(book: Workbook) -> tuple[dict[str, list[Any]], list[str]]:
    """The totals of the first sheet by currency, and the notes below them."""
    sheet = book.worksheets[0]
    rows = values(sheet, HEADER + 1)
    first = rows.index([]) + 1
    currency = [cell.value for cell in sheet[HEADER]].index("Currency")
    totals = {row[currency]: row[currency + 1 :] for row in rows[first:] if "Total" in row}
    return totals, [row[0] for row in rows[first:] if len(row) == 1]


@pytest.mark.parametrize(
    ("options", "amounts", "noted"),
    [
        ([], {"KWD": [1.234], "USD": [500.5], "VND": [150000]}, True),
        (["--basis", "posted"], {"KWD": [1.234], "USD": [577.5], "VND": [150000]}, True),
        (["--account-type", "both"], {"KWD": [1.234], "USD": [500.5], "VND": [150000]}, True),
        (["--account-type", "customer"], {"USD": [200], "VND": [150000]}, False),
        (["--account", "SA-2"], {"USD": [200], "VND": [50000]}, False),
    ],
)
def test_totals_leave_out_transfers_within_the_partner_only_for_all_accounts(
    published_home: Path,
    tmp_path: Path,
    options: list[str],
    amounts: dict[str, list[float]],
    noted: bool,
) -> None:
    book = export(published_home, tmp_path / "o.xlsx", "credit-topups", *options)
    totals, notes = totals_of(book)
    assert totals == amounts
    assert any("(200 USD)" in note for note in notes) == noted


def test_totals_of_usage_leave_the_other_side_out(published_home: Path, tmp_path: Path) -> None:
    totals, notes = totals_of(export(published_home, tmp_path / "o.xlsx", "credit-usage"))
    assert totals == {"USD": [3, 13.345678901235]}
    assert [note.split(" ")[0] for note in notes] == ["Totals", "Totals", "By"]
    partner = export(
        published_home, tmp_path / "o.xlsx", "credit-usage", "--account-type", "partner"
    )
    single = "Totals are formulas: with a filter they are those of the rows shown."
    assert totals_of(partner) == ({"USD": [1, 200]}, [single])


@pytest.mark.parametrize("report", REPORTS)
def test_totals_are_the_sums_of_the_rows_and_ids_stay_empty(
    published_home: Path, tmp_path: Path, report: str
) -> None:
    book = export(published_home, tmp_path / "o.xlsx", report)
    sheet = book.worksheets[0]
    columns = REPORTS[report].columns
    assert [cell.value for cell in sheet[HEADER]] == [column.label for column in columns]
    rows = values(sheet, HEADER + 1)
    count = rows.index([])
    currency = [column.name for column in columns].index("currency")
    left_out = {"credit-topups": {"USD": 200}, "credit-usage": {"USD": 200}}.get(report, {})
    for total in rows[count + 1 :]:
        if "Total" not in total:
            break
        assert total[currency] in ("KWD", "USD", "VND")
        for place, column in enumerate(columns):
            value = total[place] if place < len(total) else None
            if column.kind is Kind.ID:
                assert value is None
            if column.kind is Kind.MONEY and column.total:
                own = [row[place] for row in rows[:count] if row[currency] == total[currency]]
                less = left_out.get(total[currency], 0)
                assert value == pytest.approx(sum(own) - less, abs=1e-9)
            if column not in REPORTS[report].total_line and column.kind.is_number:
                assert value is None
            if column.share_of:
                part, whole = (
                    total[[each.name for each in columns].index(name)] for name in column.share_of
                )
                assert value == pytest.approx(part / whole * 100, abs=0.005)


def test_cells_have_types_and_formats(published_home: Path, tmp_path: Path) -> None:
    book = export(published_home, tmp_path / "o.xlsx", "revenue-detail", "--basis", "posted")
    sheet = book.worksheets[0]
    columns = REPORTS["revenue-detail"].columns
    expected = {
        Kind.ID: ("@", "s"),
        Kind.TEXT: ("@", "s"),
        Kind.DATE: ("yyyy-mm-dd", "d"),
        Kind.TIMESTAMP: ("yyyy-mm-dd hh:mm:ss", "d"),
        Kind.QUANTITY: ("#,##0.00##########;[Red]-#,##0.00##########", "n"),
        Kind.RATE: ('0.00####"%"', "n"),
    }
    money = {"USD": "#,##0.00;[Red]-#,##0.00", "VND": "#,##0;[Red]-#,##0"}
    currency = [column.name for column in columns].index("currency") + 1
    for row in range(HEADER + 1, HEADER + 7):
        code = str(sheet.cell(row, currency).value)
        for place, column in enumerate(columns, start=1):
            cell = sheet.cell(row, place)
            number_format, data_type = expected.get(column.kind, (money[code], "n"))
            assert cell.number_format == number_format, column.name
            assert cell.data_type == data_type or cell.value is None, column.name
    assert sheet.freeze_panes == f"A{HEADER + 1}"
    assert sheet.auto_filter.ref == f"A{HEADER}:W{HEADER + 6}"
    assert sheet.print_title_rows == f"${HEADER}:${HEADER}"
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    set_up = sheet.sheet_properties.pageSetUpPr
    assert set_up is not None and set_up.fitToPage


@pytest.mark.parametrize(
    ("name", "report", "options", "paper"),
    [
        ("Short", "credit-topups", (), Worksheet.PAPERSIZE_A4),
        ("Short", "revenue-detail", (), Worksheet.PAPERSIZE_A4),
        ("Long" * 14, "credit-topups", (), Worksheet.PAPERSIZE_A4),
        ("Long" * 14, "revenue-detail", (), Worksheet.PAPERSIZE_A3),
        # Most measures are folded away.
        ("Short", "credit-balance", ("--compare", "year"), Worksheet.PAPERSIZE_A4),
        ("Long" * 14, "credit-balance", ("--compare", "year"), Worksheet.PAPERSIZE_A4),
        ("Long" * 14, "margins", ("--compare", "year"), Worksheet.PAPERSIZE_A3),
    ],
)
def test_a_sheet_that_is_too_wide_for_a4_prints_on_a3(
    tmp_path: Path, name: str, report: str, options: tuple[str, ...], paper: str
) -> None:
    write_published(
        tmp_path,
        f"update reports.service_accounts set service_account_name = '{name}';"
        f"update dimensions.account_names set account_name = '{name}';",
    )
    sheet = export(tmp_path, tmp_path / "o.xlsx", report, *options).worksheets[0]
    widths = [each.width for each in sheet.column_dimensions.values()]
    assert str(sheet.page_setup.paperSize) == paper, sum(widths)
    assert sheet.page_setup.orientation == "landscape"
    place = [cell.value for cell in sheet[HEADER]].index("Service account name") + 1
    of_names = sheet.column_dimensions[get_column_letter(place)].width
    assert of_names >= len(name), "a name is not cut"


def test_an_amount_has_the_decimals_of_its_currency(published_home: Path, tmp_path: Path) -> None:
    sheet = export(published_home, tmp_path / "o.xlsx", "credit-balance").worksheets[0]
    formats = {
        (sheet.cell(row, 7).value, sheet.cell(row, 8).number_format)
        for row in [*range(HEADER + 1, HEADER + 8), *range(HEADER + 9, HEADER + 12)]
    }
    assert formats == {
        ("KWD", "#,##0.000;[Red]-#,##0.000"),
        ("USD", "#,##0.00;[Red]-#,##0.00"),
        ("VND", "#,##0;[Red]-#,##0"),
    }


def test_an_empty_report_says_so_below_its_header(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    arguments = ["export", "discounts", "--home", str(published_home), "--partner", "P-003"]
    assert app.main([*arguments, *PERIOD, "--output", str(output)]) == 0
    sheet = load_workbook(output).worksheets[0]
    assert values(sheet, HEADER + 1) == [["No rows for these conditions."]]
    assert sheet.auto_filter.ref is None


def test_the_default_output_is_in_the_folder_of_the_partner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_published(tmp_path)
    arguments = ["export", "discounts", "--home", str(tmp_path), "--partner", "P-001", *PERIOD]
    assert app.main(arguments) == 0
    path = tmp_path / "exports" / "P-001" / "discounts_2024-02-01_2024-02-29.xlsx"
    assert capsys.readouterr().out == f"{path}\n"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def raw_rows(path: Path, part: str = "xl/worksheets/sheet1.xml") -> Iterator[list[str]]:
    """The texts and numbers of each row as they stand in the XML."""
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read(part))
    for row in root.iter(f"{name}row"):
        yield ["".join(cell.itertext()) for cell in row]


HUGE = "12345678901234567.123456789012"


def test_amounts_are_exact_in_the_file_and_as_text_on_control(tmp_path: Path) -> None:
    write_published(
        tmp_path,
        f"""
        insert into fixture.credits values
            ('h1', 'original', true, '2024-02-01 00:00:01', '2024-02-01', 'H', 'SA-1', 'main',
             'top_up', null, null, null, 'USD', {HUGE}),
            ('h2', 'original', true, '2024-02-01 23:59:59', '2024-02-01', 'H', 'SA-1', 'main',
             'top_up', null, null, null, 'USD', -0.000000000001);
        """,
    )
    output = tmp_path / "o.xlsx"
    book = export(tmp_path, output, "credit-topups")
    rows = list(raw_rows(output))
    amounts = [row[-1] for row in rows if "H" in row]
    assert amounts == [HUGE, "-0.000000000001"]
    total = next(row for row in rows if row[:1] == ["Total"] and "USD" in row)
    assert total[-1] == "SUMIFS(P8:P14,O8:O14,O17)-P2012345678901235067.623456789011"
    control = {row[2]: row[4] for row in values(book.worksheets[1], 1) if len(row) > 4}
    assert control["USD"] == "12,345,678,901,235,067.623456789011"
    times = [row[1] for row in rows if "H" in row]
    assert times == ["45323.000011574074", "45323.999988425926"]
    times_read = [row[1] for row in values(book.worksheets[0], HEADER + 1, HEADER + 2)]
    assert times_read == [datetime(2024, 2, 1, 0, 0, 1), datetime(2024, 2, 1, 23, 59, 59)]


def test_days_that_a_spreadsheet_does_not_know_are_text(tmp_path: Path) -> None:
    days = ["0001-01-01", "1900-02-28", "1900-03-01", "9999-12-31"]
    rows = ", ".join(
        f"('d{day}', 'original', true, '{day} 06:00:00', '{day}', 'T', 'SA-1', 'main', 'top_up', "
        "null, null, null, 'USD', 1)"
        for day in days
    )
    write_published(
        tmp_path,
        f"delete from fixture.credits; insert into fixture.credits {rows};".replace(
            "insert into fixture.credits (", "insert into fixture.credits values ("
        ),
    )
    output = tmp_path / "o.xlsx"
    arguments = ["export", "credit-topups", "--home", str(tmp_path), "--partner", "P-001"]
    arguments += ["--from", "0001-01-01", "--to", "9999-12-31", "--output", str(output)]
    assert app.main(arguments) == 0
    in_file = [row[:2] for row in raw_rows(output) if "Top-up" in row]
    assert in_file == [
        ["0001-01-01", "0001-01-01 06:00:00"],
        ["1900-02-28", "1900-02-28 06:00:00"],
        ["61", "61.250000000000"],
        ["2958465", "2958465.250000000000"],
    ]


DANGEROUS = [
    "=1+1",
    '=HYPERLINK("http://example.org","x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "#N/A",
    "TRUE",
    "1e5",
    "00123",
    "2024-01-01",
    "<b>&amp;\"'</b>]]>",
    "a  b",
    "tab\tand\nline",
    "e\u0301\u202e😀",
]


def test_text_stays_text_whatever_it_looks_like(tmp_path: Path) -> None:
    rows = ", ".join(
        f"('x{number:02}', 'original', true, '2024-02-01 00:00:00', '2024-02-01', "
        f"'{text.replace(chr(39), chr(39) * 2)}', 'SA-1', 'main', 'top_up', null, null, null, "
        "'USD', 1)"
        for number, text in enumerate(DANGEROUS)
    )
    write_published(tmp_path, f"insert into fixture.credits values {rows};")
    output = tmp_path / "o.xlsx"
    sheet = export(tmp_path, output, "credit-topups").worksheets[0]
    found = [sheet.cell(row, 3) for row in range(HEADER + 1, HEADER + 1 + len(DANGEROUS))]
    assert [cell.value for cell in found] == sorted(DANGEROUS, key=lambda text: text.encode())
    assert {cell.data_type for cell in found} == {"s"}
    formulas: set[bytes] = set()
    with zipfile.ZipFile(output) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            assert b"<f " not in content and b"<hyperlink" not in content
            formulas |= set(re.findall(rb"<f>(.*?)</f>", content))
    assert formulas == {
        b"SUMIFS(P8:P26,O8:O26,O28)",
        b"SUMIFS(P8:P26,O8:O26,O29)-P32",
        b"SUMIFS(P8:P26,O8:O26,O30)",
        *(
            b"SUMPRODUCT(SUBTOTAL(109,OFFSET(P8,ROW(P8:P26)-ROW(P8),0))*(O8:O26=O%d))" % row
            for row in (33, 34, 35)
        ),
    }


def test_the_partner_itself_cannot_be_a_formula(tmp_path: Path) -> None:
    write_published(
        tmp_path,
        """
        insert into reports.partners values ('=P&1', '=2+2' || chr(1)), (chr(2) || '<', null);
        insert into dimensions.partner_accounts values
            ('=P&1', '=SA', '=A', '=name', 'customer', '0001-01-01', '9999-12-31');
        """,
    )
    arguments = ["export", "discounts", "--home", str(tmp_path), "--partner", "=P&1", *PERIOD]
    output = tmp_path / "o.xlsx"
    assert app.main([*arguments, "--output", str(output)]) == 0
    sheet = load_workbook(output).worksheets[0]
    assert sheet["A2"].value == "=2+2_x0001_ (=P&1)" and sheet["A2"].data_type == "s"
    with zipfile.ZipFile(output) as archive:
        assert b"&amp;C=P&amp;&amp;1&amp;R" in archive.read("xl/worksheets/sheet1.xml")
    arguments = ["pack", "--home", str(tmp_path), "--partner", "=P&1", "--partner", "\x02<"]
    assert app.main([*arguments, *PERIOD]) == 0


# What a spreadsheet shows for an inline string: XML unescaped, then _xHHHH_ taken as a character.
def shown(element: str) -> str:
    content = re.fullmatch(r'<t(?: xml:space="preserve")?>(.*)</t>', element, re.DOTALL)
    assert content is not None
    text = html.unescape(content[1])
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


@given(
    st.text(
        st.one_of(
            st.sampled_from("_x0041F&<>;\r\n\t \x00\x0b\x1f\ufffe\uffff=😀"),
            st.characters(exclude_categories=["Cs"]),
        ),
        max_size=40,
    )
)
def test_every_text_is_shown_as_it_is(macros: duckdb.DuckDBPyConnection, text: str) -> None:
    row = macros.execute("select row_text(cell_text($text))", {"text": text}).fetchone()
    assert row is not None
    assert shown(row[0]) == text
    parsed = ElementTree.fromstring(row[0].replace("xml:space", "space")).text or ""
    assert parsed == cell_xml.plain_text(text), "SQL and Python write the same"
    if text != text.strip(" \t\n") or "  " in text or "\n" in text:
        assert "preserve" in row[0]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("a" * 32_767, 32_767),
        ("a" * 32_768, 32_767),
        ("é" * 32_767, 32_767),
        ("é" * 40_000, 32_767),
        ("😀" * 16_383 + "a", 32_767),
        ("😀" * 16_384, None),
        ("a" * 32_000 + "😀" * 1000, None),
        ("&" * 32_767, 32_767),
    ],
)
def test_text_longer_than_a_cell_is_cut_with_a_mark(
    macros: duckdb.DuckDBPyConnection, text: str, units: int | None
) -> None:
    row = macros.execute("select row_text(cell_text($text))", {"text": text}).fetchone()
    assert row is not None
    found = shown(row[0])
    assert found == cell_xml.plain_text(text)
    length = len(found.encode("utf-16-le")) // 2
    assert length <= cell_xml.TEXT_LIMIT
    if len(text.encode("utf-16-le")) // 2 <= cell_xml.TEXT_LIMIT:
        assert found == text
    else:
        assert found.endswith(cell_xml.CUT_MARK)
        assert text.startswith(found.removesuffix(cell_xml.CUT_MARK))
    assert units is None or length == units


def february(report: str) -> Request:
    return parse(report, "P-001", "2024-02-01", "2024-02-29", {})


# Seven rows; below them ten with totals, those of the account types and a note, and eight more with
# totals by account, which are left out where not even a sheet of their own would hold them.
@pytest.mark.parametrize(
    ("room", "rows"),
    [
        *[(100, [7]), (25, [7]), (24, [7, 0]), (18, [7, 0]), (17, [7]), (16, [7, 0])],
        (10, [7, 0]),
    ],
)
def test_rows_that_do_not_fit_continue_on_a_further_sheet(
    published_home: Path, tmp_path: Path, room: int, rows: list[int]
) -> None:
    output = tmp_path / "o.xlsx"
    limit = HEADER + room
    with open_published(published_home) as connection:
        request = february("credit-balance")
        assert workbook.write(connection, [request], output, row_limit=limit).rows == 7
    book = load_workbook(output, data_only=True)
    whole = values(export(published_home, tmp_path / "w.xlsx", "credit-balance").worksheets[0], 1)
    names = ["Credit balance", "Credit balance (2)", "Credit balance (3)"][: len(rows)]
    assert book.sheetnames == [*names, "Control"]
    listed = []
    for name, count in zip(names, rows, strict=True):
        sheet = book[name]
        assert sheet.max_row <= limit
        assert values(sheet, 1, HEADER) == whole[:HEADER]
        listed += values(sheet, HEADER + 1, HEADER + count) if count else []
        assert sheet.auto_filter.ref == (f"A{HEADER}:S{HEADER + count}" if count else None)
        below = values(sheet, HEADER + count + 1)
        whole_below = whole[HEADER + 7 :] if room >= 18 else whole[HEADER + 7 : HEADER + 17]
        assert below == (whole_below if name == names[-1] else [])
    assert listed == whole[HEADER : HEADER + 7]


def test_the_file_has_no_time_but_the_versions(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    export(published_home, output, "discounts")
    with zipfile.ZipFile(output) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2024, 3, 6, 12, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r">([0-9T:Z-]{20})<", core) == ["2024-03-06T12:00:00Z"] * 2


def check(part: bytes, rows: int) -> dict[str, list[Decimal]]:
    import io

    sums: dict[str, list[Decimal]] = {}
    verify.check_rows(io.BytesIO(part), REPORTS["credit-topups"], HEADER + 1, rows, sums)
    return sums


def test_a_sheet_that_was_damaged_is_noticed(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    export(published_home, output, "credit-topups")
    with zipfile.ZipFile(output) as archive:
        part = archive.read("xl/worksheets/sheet1.xml")
    whole = {"KWD": [Decimal("1.234")], "USD": [Decimal("700.5")], "VND": [Decimal(150000)]}
    assert check(part, 5) == whole
    assert check(part.replace(b"<v>500.5</v>", b"<v>500.4</v>"), 5) != whole
    gone = re.sub(rb'<row r="10">.*?</row>', b"", part)
    with pytest.raises(ReportError, match="row 10"):
        check(gone, 5)
    with pytest.raises(ReportError, match="row 13"):
        check(part, 6)
    with pytest.raises(ReportError, match="not well formed"):
        check(part.replace(b"</is>", b"", 1), 5)
    with pytest.raises(ReportError, match="not well formed"):
        check(part[:-20], 5)
    with pytest.raises(ReportError, match="not well formed"):
        check(part.replace(b"card", b"ca\x01d"), 5)


def test_a_workbook_that_says_something_else_than_the_query_gets_no_name(
    published_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    honest = row_stream.row_query

    def dishonest(*arguments: Any) -> builder.Query:
        rows = honest(*arguments)
        return builder.Query(
            f"select encode(replace(decode(row_xml), '>500.5<', '>500.51<')) from ({rows.sql})",
            rows.parameters,
        )

    monkeypatch.setattr(assembly, "row_query", dishonest)
    output = tmp_path / "o.xlsx"
    arguments = ["export", "credit-topups", "--home", str(published_home), "--partner", "P-001"]
    assert app.main([*arguments, *PERIOD, "--output", str(output)]) == 1
    error = capsys.readouterr().err
    assert "Credit top-ups" in error and "700.51" in error and "700.5" in error
    assert list(tmp_path.iterdir()) == []
