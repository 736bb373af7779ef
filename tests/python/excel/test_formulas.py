"""Totals as formulas: what a spreadsheet works out is what stands in the file."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.formulas import export, found

from exporters.catalogue.reports import REPORTS
from exporters.excel import report_footer, report_sheet
from exporters.excel.ooxml import formulas

FIRST = report_sheet.FIRST_ROW
# All that a formula may be made of: sheets of ours, ranges, words, and few functions.
_RANGE = r"(?:'[A-Za-z -]+(?: \([0-9]+\))?'!)?[A-Z]+[0-9]+:[A-Z]+[0-9]+"
_OF_SHOWN = rf"SUBTOTAL\(109,{_RANGE}(?:,{_RANGE})*\)"
_WANTED = r'(?:[A-Z]+[0-9]+|"[A-Z][a-z]+")'
_WHERE = rf"SUMIFS\({_RANGE}(?:,{_RANGE},{_WANTED})+\)"
_CELL = r"(?:'[A-Za-z -]+(?: \([0-9]+\))?'!)?[A-Z]+[0-9]+"
_EACH_SHOWN = (
    rf"SUMPRODUCT\(SUBTOTAL\(109,OFFSET\({_CELL},ROW\({_RANGE}\)-ROW\({_CELL}\),0\)\)"
    rf"(?:\*\({_RANGE}={_WANTED}\))+\)"
)
_TOTAL = re.compile(
    rf"{_OF_SHOWN}|{_EACH_SHOWN}(?:\+{_EACH_SHOWN})*|{_WHERE}(?:\+{_WHERE})*(?:-[A-Z]+[0-9]+)?"
)
_PERCENT = re.compile(r'IF\(([A-Z]+[0-9]+)=0,"",ROUND\(\(([A-Z]+[0-9]+)-\1\)/ABS\(\1\)\*100,2\)\)')

_SHARE = re.compile(r'IF\(([A-Z]+[0-9]+)=0,"",ROUND\([A-Z]+[0-9]+/\1\*100,2\)\)')


@pytest.mark.parametrize("report", REPORTS)
def test_every_total_is_a_formula_and_nothing_else_is(
    published_home: Path, tmp_path: Path, report: str
) -> None:
    path = export(published_home, tmp_path / "o.xlsx", report)
    cells = found(path)
    sheet = load_workbook(path).worksheets[0]
    words = re.compile("(Total|Rows shown)(: (Partner|Customer))?")
    expected = {
        cell.coordinate
        for row in sheet.iter_rows(FIRST)
        if any(words.fullmatch(str(cell.value)) for cell in row)
        for cell, column in zip(row, REPORTS[report].columns, strict=True)
        if column in REPORTS[report].total_line
    }
    assert {cell for _, cell in cells} == expected
    with zipfile.ZipFile(path) as archive:
        parts = [archive.read(name) for name in archive.namelist() if "/sheet" in name]
    assert sum(len(re.findall(rb"<f[ >/]", part)) for part in parts) == len(cells)
    assert all(_TOTAL.fullmatch(each) or _SHARE.fullmatch(each) for each, _ in cells.values())


def test_percentages_of_totals_come_from_the_totals(published_home: Path, tmp_path: Path) -> None:
    path = export(published_home, tmp_path / "o.xlsx", "credit-usage", "--compare", "previous")
    # 13.345678901235 after 40, and 3 events after 2; then those of customers and of the partner.
    percents = [cell for cell in found(path).values() if cell[0].startswith("IF")]
    assert [value for _, value in percents] == ["50", "-66.64", "200", "-55.51", "-100", "-100"]
    assert all(_PERCENT.fullmatch(formula) for formula, _ in percents)


def test_a_share_of_totals_comes_from_the_totals(published_home: Path, tmp_path: Path) -> None:
    path = export(published_home, tmp_path / "o.xlsx", "margins")
    # 11.28125 of 107.25, and 0 of 100000.
    shares = [value for formula, value in found(path).values() if _SHARE.fullmatch(formula)]
    assert shares == ["10.52", "0"]


def test_a_formula_longer_than_a_spreadsheet_takes_is_left_out() -> None:
    part = b'<c r="A9" s="1" t="n"><v>5</v></c><c r="B9" s="1" t="n"><v>6</v></c>'
    rows = [formulas.Rows("Sheet's", 1, 2)] * 500
    long, short = (formulas.sum_of_shown(*each, {}) for each in ((rows, "A"), (rows[:1], "B")))
    assert formulas.put_into(part, {"A9": long, "B9": short}) == (
        b'<c r="A9" s="1" t="n"><v>5</v></c>'
        b'<c r="B9" s="1" t="n"><f>SUBTOTAL(109,\'Sheet\'\'s\'!B1:B2)</f><v>6</v></c>'
    )


def test_of_very_many_rows_totals_do_not_follow_a_filter(
    published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To ask a spreadsheet for each of them would take too long; the sheet says so."""
    monkeypatch.setattr(report_footer, "_MOST_ASKED", 6)
    path = export(published_home, tmp_path / "o.xlsx", "credit-balance")
    assert all(formula.startswith("SUMIFS(") for formula, _ in found(path).values())
    notes = [cell.value for cell in load_workbook(path).worksheets[0]["A"]]
    assert any(str(note).endswith("A filter does not change them.") for note in notes)


def test_discounts_of_partners_and_customers_are_not_added(
    published_home: Path, tmp_path: Path
) -> None:
    """Each stands once, and nothing is the sum of both; account types stand below their sum."""
    found_of = {}
    for report in ("discounts", "credit-balance"):
        sheet = load_workbook(export(published_home, tmp_path / "o.xlsx", report)).worksheets[0]
        texts = [str(cell.value) for row in sheet.iter_rows(FIRST) for cell in row if cell.value]
        found_of[report] = [text for text in texts if text.startswith("Total") and len(text) < 20]
    # The partner's are in two currencies.
    assert found_of["discounts"] == ["Total: Customer", "Total: Partner", "Total: Partner"]
    assert found_of["credit-balance"][0] == "Total"
    assert {"Total: Customer", "Total: Partner"} < {*found_of["credit-balance"]}
