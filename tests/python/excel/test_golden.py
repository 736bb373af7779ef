"""Golden files: a small workbook per feature, whose parts are kept and compared.

After a wanted change write them again with `PARTNER_REPORTS_GOLDEN=write`, and look at the
difference.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from support.published import write_published

from exporters.excel import report_sheet, workbook
from exporters.output import pack
from exporters.request.periods import parse_period
from exporters.request.report_request import parse
from exporters.warehouse.published import open_published

GOLDEN = Path(__file__).parent / "golden"
SHEET = "xl/worksheets/sheet{}.xml"
FROM, TO = "2024-02-01", "2024-02-29"


def export(
    home: Path,
    output: Path,
    report: str,
    given: dict[str, str] | None = None,
    *,
    partner: str = "P-001",
    rows: int = 1000,
) -> None:
    request = parse(report, partner, FROM, TO, given or {})
    with open_published(home) as connection:
        workbook.write(connection, [request], output, row_limit=report_sheet.HEADER_ROW + rows)


def lines(part: bytes) -> str:
    """XML with a line per element, so that a difference can be read."""
    return part.decode().replace("><", ">\n<") + "\n"


def compare(feature: str, path: Path, *parts: str) -> None:
    """Compare parts of a workbook with those that are kept for a feature."""
    with zipfile.ZipFile(path) as archive:
        found = {name.rpartition("/")[2]: lines(archive.read(name)) for name in parts}
    folder = GOLDEN / feature
    if os.environ.get("PARTNER_REPORTS_GOLDEN") == "write":
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in found.items():
            (folder / name).write_text(text, encoding="utf-8")
    kept = {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir()}
    assert sorted(found) == sorted(kept)
    for name, text in found.items():
        assert text.splitlines() == kept[name].splitlines(), f"{feature}/{name}"


def test_every_type_of_cell(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    export(published_home, output, "revenue-detail", {"basis": "posted"})
    compare("types", output, SHEET.format(1), "xl/styles.xml", "xl/workbook.xml")


def test_the_total_of_one_currency(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    export(published_home, output, "credit-usage", {"account_type": "partner"})
    compare("one_currency", output, SHEET.format(1))


def test_totals_that_leave_something_out_and_totals_by_account(
    published_home: Path, tmp_path: Path
) -> None:
    output = tmp_path / "o.xlsx"
    export(published_home, output, "credit-usage")
    compare("left_out", output, SHEET.format(1), SHEET.format(2))


def test_an_empty_report(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    export(published_home, output, "discounts", partner="P-003")
    compare("empty", output, SHEET.format(1), SHEET.format(2))


def test_a_report_that_continues_on_a_further_sheet(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    export(published_home, output, "credit-balance", rows=6)
    compare("continued", output, *(SHEET.format(number) for number in (1, 2, 3, 4)))


def test_an_earlier_period_beside_the_period(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.xlsx"
    export(published_home, output, "revenue-by-service", {"compare": "previous"})
    compare("compared", output, SHEET.format(1))


def test_the_cover_of_a_pack(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "pack.xlsx"
    days = parse_period(FROM, TO)
    with open_published(published_home) as connection:
        pack.write(connection, pack.Job("P-001", *days, output))
    charts = [f"xl/charts/chart{number}.xml" for number in (3, 4)]
    compare("cover", output, SHEET.format(1), "xl/drawings/drawing1.xml", *charts)


def test_text_that_means_something_to_a_spreadsheet(tmp_path: Path) -> None:
    home = tmp_path / "home"
    texts = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        '=HYPERLINK("http://example.org")',
        "a\x01b",
        "_x0041_",
    ]
    rows = ", ".join(
        f"('h{number}', 'original', true, '2024-02-01 00:00:00', '2024-02-01', "
        f"'{text}', 'SA-1', 'main', 'top_up', null, null, null, 'USD', 1)"
        for number, text in enumerate(texts)
    )
    write_published(
        home, f"delete from fixture.credits; insert into fixture.credits values {rows};"
    )
    export(home, tmp_path / "o.xlsx", "credit-topups")
    compare("hostile", tmp_path / "o.xlsx", SHEET.format(1))
