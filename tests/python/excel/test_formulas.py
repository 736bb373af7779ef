"""Totals as formulas: what a spreadsheet works out is what stands in the file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.libreoffice import converted, needs_libreoffice

from exporters.catalogue.reports import REPORTS
from exporters.cli import app
from exporters.excel import report_sheet, workbook
from exporters.excel.ooxml import formulas
from exporters.request.report_request import parse
from exporters.warehouse.published import open_published

PERIOD = ["--from", "2024-02-01", "--to", "2024-02-29"]
FIRST = report_sheet.FIRST_ROW
_FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"[^>]*><f>([^<]*)</f><v>([^<]*)</v></c>')
# All that a formula may be made of: sheets of ours, ranges, and five functions.
_RANGE = r"(?:'[A-Za-z -]+(?: \([0-9]+\))?'!)?[A-Z]+[0-9]+:[A-Z]+[0-9]+"
_OF_SHOWN = rf"SUBTOTAL\(109,{_RANGE}(?:,{_RANGE})*\)"
_WHERE = rf"SUMIFS\({_RANGE},{_RANGE},[A-Z]+[0-9]+\)"
_TOTAL = re.compile(rf"{_OF_SHOWN}|{_WHERE}(?:\+{_WHERE})*(?:-[A-Z]+[0-9]+)?")
_PERCENT = re.compile(r'IF\(([A-Z]+[0-9]+)=0,"",ROUND\(\(([A-Z]+[0-9]+)-\1\)/ABS\(\1\)\*100,2\)\)')


def export(home: Path, output: Path, report: str, *options: str) -> Path:
    arguments = ["export", report, "--home", str(home), "--partner", "P-001", *PERIOD]
    assert app.main([*arguments, "--output", str(output), *options]) == 0
    return output


def continued(
    home: Path, output: Path, rows: int, report: str, given: dict[str, str] | None = None
) -> Path:
    """A workbook whose sheets hold no more than `rows` rows below the header."""
    request = parse(report, "P-001", "2024-02-01", "2024-02-29", given or {})
    with open_published(home) as connection:
        workbook.write(connection, [request], output, row_limit=report_sheet.HEADER_ROW + rows)
    return output


def found(path: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Formula and value by sheet and cell."""
    titles = load_workbook(path, read_only=True).sheetnames
    with zipfile.ZipFile(path) as archive:
        return {
            (title, cell): (formula, value)
            for number, title in enumerate(titles, start=1)
            for cell, formula, value in _FORMULA.findall(
                archive.read(f"xl/worksheets/sheet{number}.xml").decode()
            )
        }


def changed(path: Path, output: Path, change: Callable[[str], str]) -> Path:
    """A copy of a workbook with the XML of its sheets changed."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(output, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = change(content.decode()).encode()
            target.writestr(name, content)
    return output


def recalculated(path: Path, folder: Path, change: Callable[[str], str] = str) -> Any:
    """The workbook as LibreOffice works it out without the values of the formulas."""
    without = changed(
        path,
        folder / "bare.xlsx",
        lambda xml: re.sub(r"(</f>)<v>[^<]*</v>", r"\1", change(xml)),
    )
    return load_workbook(converted(without, folder, "xlsx:Calc MS Excel 2007 XML"), data_only=True)


CASES: dict[str, tuple[str, ...]] = {
    "one currency, follows a filter": ("credit-usage", "--account-type", "partner"),
    "several currencies": ("revenue-by-account",),
    "less what is left out": ("credit-topups",),
    "one currency less what is left out": ("credit-usage",),
    "rows without a currency": ("discounts", "--subject", "customer"),
    "beside an earlier period": ("credit-balance", "--compare", "previous"),
    "beside an earlier period, less what is left out": ("credit-usage", "--compare", "previous"),
    "posted": ("revenue-detail", "--basis", "posted"),
}


@needs_libreoffice
@pytest.mark.parametrize("case", CASES)
def test_a_spreadsheet_works_out_the_totals_that_stand_there(
    published_home: Path, tmp_path: Path, case: str
) -> None:
    path = export(published_home, tmp_path / "o.xlsx", *CASES[case])
    cells = found(path)
    assert cells
    book = recalculated(path, tmp_path)
    for (sheet, cell), (formula, value) in cells.items():
        assert book[sheet][cell].value == pytest.approx(float(value), abs=1e-9), formula


@needs_libreoffice
@pytest.mark.parametrize(
    ("rows", "request_of", "function"),
    [
        (6, ("credit-balance",), "SUMIFS"),
        (7, ("credit-balance",), "SUMIFS"),
        (10, ("credit-balance",), "SUMIFS"),
        (5, ("discounts", {"subject": "customer"}), "SUBTOTAL"),
        (3, ("discounts", {"subject": "customer"}), "SUBTOTAL"),
    ],
)
def test_totals_reach_over_all_sheets_of_a_report(
    published_home: Path,
    tmp_path: Path,
    rows: int,
    request_of: tuple[str, dict[str, str]],
    function: str,
) -> None:
    path = continued(published_home, tmp_path / "o.xlsx", rows, *request_of)
    cells = found(path)
    book = recalculated(path, tmp_path)
    assert len({sheet for sheet, _ in cells}) == 1
    assert all(function in formula and "'!" in formula for formula, _ in cells.values())
    for (sheet, cell), (formula, value) in cells.items():
        assert book[sheet][cell].value == pytest.approx(float(value), abs=1e-9), formula


@needs_libreoffice
def test_a_filter_changes_the_total_of_one_currency_only(
    published_home: Path, tmp_path: Path
) -> None:
    def hide_first(xml: str) -> str:
        return xml.replace(f'<row r="{FIRST}"', f'<row r="{FIRST}" hidden="1"')

    for number, case in enumerate(("one currency, follows a filter", "several currencies")):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = export(published_home, folder / "o.xlsx", *CASES[case])
        book = recalculated(path, folder, hide_first)
        for (sheet, cell), (formula, value) in found(path).items():
            (letter,) = re.findall("^[A-Z]+", cell)
            hidden = book[sheet][f"{letter}{FIRST}"].value if "SUBTOTAL" in formula else 0
            expected = float(value) - hidden
            assert book[sheet][cell].value == pytest.approx(expected, abs=1e-9), formula


@pytest.mark.parametrize("report", REPORTS)
def test_every_total_is_a_formula_and_nothing_else_is(
    published_home: Path, tmp_path: Path, report: str
) -> None:
    path = export(published_home, tmp_path / "o.xlsx", report)
    cells = found(path)
    sheet = load_workbook(path).worksheets[0]
    totals = [row for row in sheet.iter_rows(FIRST) if "Total" in [cell.value for cell in row]]
    expected = {
        cell.coordinate
        for row in totals
        for cell, column in zip(row, REPORTS[report].columns, strict=True)
        if column.total
    }
    assert {cell for _, cell in cells} == expected
    with zipfile.ZipFile(path) as archive:
        parts = [archive.read(name) for name in archive.namelist() if "/sheet" in name]
    assert sum(len(re.findall(rb"<f[ >/]", part)) for part in parts) == len(cells)
    assert all(_TOTAL.fullmatch(formula) for formula, _ in cells.values())


def test_percentages_of_totals_come_from_the_totals(published_home: Path, tmp_path: Path) -> None:
    path = export(published_home, tmp_path / "o.xlsx", "credit-usage", "--compare", "previous")
    # 13.345678901235 after 40, and 3 events after 2.
    percents = [cell for cell in found(path).values() if cell[0].startswith("IF")]
    assert [value for _, value in percents] == ["50", "-66.64"]
    assert all(_PERCENT.fullmatch(formula) for formula, _ in percents)


def test_a_formula_longer_than_a_spreadsheet_takes_is_left_out() -> None:
    part = b'<c r="A9" s="1" t="n"><v>5</v></c><c r="B9" s="1" t="n"><v>6</v></c>'
    rows = [formulas.Rows("Sheet's", 1, 2)] * 500
    long, short = formulas.sum_of_shown(rows, "A"), formulas.sum_of_shown(rows[:1], "B")
    assert formulas.put_into(part, {"A9": long, "B9": short}) == (
        b'<c r="A9" s="1" t="n"><v>5</v></c>'
        b'<c r="B9" s="1" t="n"><f>SUBTOTAL(109,\'Sheet\'\'s\'!B1:B2)</f><v>6</v></c>'
    )
