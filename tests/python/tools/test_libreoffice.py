"""What a spreadsheet shows and works out is what stands in the file."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.formulas import export, found
from support.hostile import COLLECTOR, LAST, Hostile, collected
from support.hostile import FIRST as FIRST_DAY
from support.libreoffice import converted

from exporters.excel import report_sheet, workbook
from exporters.request.report_request import parse
from exporters.warehouse.published import open_published

FIRST = report_sheet.FIRST_ROW


def recalculated(path: Path, folder: Path, change: Callable[[str], str] = str) -> Any:
    """The workbook as LibreOffice works it out without the values of the formulas."""
    without = changed(
        path,
        folder / "bare.xlsx",
        lambda xml: re.sub(r"(</f>)<v>[^<]*</v>", r"\1", change(xml)),
    )
    return load_workbook(converted(without, folder, "xlsx:Calc MS Excel 2007 XML"), data_only=True)


def changed(path: Path, output: Path, change: Callable[[str], str]) -> Path:
    """A copy of a workbook with the XML of its sheets changed."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(output, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = change(content.decode()).encode()
            target.writestr(name, content)
    return output


def continued(
    home: Path, output: Path, rows: int, report: str, given: dict[str, str] | None = None
) -> Path:
    """A workbook whose sheets hold no more than `rows` rows below the header."""
    request = parse(report, "P-001", "2024-02-01", "2024-02-29", given or {})
    with open_published(home) as connection:
        workbook.write(connection, [request], output, row_limit=report_sheet.HEADER_ROW + rows)
    return output


CASES: dict[str, tuple[str, ...]] = {
    "one currency, follows a filter": ("credit-usage", "--account-type", "partner"),
    "several currencies": ("revenue-by-account",),
    "with those of account types": ("credit-balance",),
    "apart by subject": ("discounts",),
    "less what is left out": ("credit-topups",),
    "one currency less what is left out": ("credit-usage",),
    "rows without a currency": ("discounts", "--subject", "customer"),
    "beside an earlier period": ("credit-balance", "--compare", "previous"),
    "beside an earlier period, less what is left out": ("credit-usage", "--compare", "previous"),
    "posted": ("revenue-detail", "--basis", "posted"),
}


@pytest.mark.proof
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


@pytest.mark.proof
@pytest.mark.parametrize(
    ("rows", "request_of", "function"),
    [
        (6, ("credit-outlook",), "SUMPRODUCT"),
        (7, ("credit-outlook",), "SUMPRODUCT"),
        (10, ("credit-balance",), "SUMPRODUCT"),
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


@pytest.mark.proof
@pytest.mark.parametrize("case", CASES)
def test_totals_are_those_of_the_rows_that_a_filter_leaves(
    published_home: Path, tmp_path: Path, case: str
) -> None:
    """Of each currency and part; only what leaves something out stays, beside the rows shown."""

    def hide_first(xml: str) -> str:
        return xml.replace(f'<row r="{FIRST}"', f'<row r="{FIRST}" hidden="1"', 1)

    path = export(published_home, tmp_path / "o.xlsx", *CASES[case])
    book = recalculated(path, tmp_path, hide_first)
    changed = 0
    for (title, cell), (formula, value) in found(path).items():
        sheet = book[title]
        if title == "Control" or formula.startswith("IF("):
            continue
        (letter,) = re.findall("^[A-Z]+", cell)
        labels = [each.value for each in sheet[report_sheet.HEADER_ROW]]
        hidden = dict(zip(labels, (each.value for each in sheet[FIRST]), strict=True))
        line = [each.value for each in sheet[int(cell.removeprefix(letter))]]
        (label,) = [str(each) for each in line if re.match("Total|Rows shown", str(each))]
        part = label.partition(": ")[2]
        is_of_it = hidden["Currency"] in line and part in {"", *map(str, hidden.values())}
        follows = "SUBTOTAL" in formula
        assert follows or label.startswith("Total"), label
        amount = sheet[f"{letter}{FIRST}"].value if follows and is_of_it else 0
        assert sheet[cell].value == pytest.approx(float(value) - amount, abs=1e-9), formula
        changed += follows and is_of_it
    assert changed


HEADER = report_sheet.HEADER_ROW


@pytest.mark.proof
def test_libreoffice_reads_the_same_values(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    export(published_home, output, "credit-balance")
    lines = converted(output, tmp_path, "csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("Credit balance,")
    assert lines[HEADER - 1].startswith("Service account,Service account name,Account,")
    assert lines[HEADER + 2] == (
        "SA-1,Alpha own,A-P1,Alpha,Partner,main,USD,1000,500.5,0,0,0,200,0,0,300.5,1300.5,0,1300.5"
    )
    assert lines[HEADER + 8].startswith(",Total,,,,,KWD,0,1.234,")


@pytest.mark.proof
def test_libreoffice_opens_what_is_hostile(hostile: Hostile, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    collected(hostile.home, output)
    as_csv = converted(output, tmp_path, "csv:Text - txt - csv (StarCalc):44,34,76")
    content = as_csv.read_bytes().decode()
    found = list(csv.reader(io.StringIO(content, newline="")))
    rows = hostile.reference.report("credit-topups", COLLECTOR, FIRST_DAY, LAST, account=COLLECTOR)
    own = found[HEADER : HEADER + len(rows)]
    assert [row[3] for row in own] == [row[3] for row in rows]
    compared = 0
    for row, shown in zip(rows, own, strict=True):
        value = str(row[2])
        # LibreOffice has ideas of its own about control characters and the ends of lines.
        if value.isprintable() and len(value) < 10_001:
            assert shown[2] == value
            compared += 1
    assert compared > 60
