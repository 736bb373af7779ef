"""The cover of a pack: changes, months, charts; and the manifest beside the pack."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from openpyxl import load_workbook
from support.published import write_published

from exporters.catalogue.conditions import BASES
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import DATE_BASES
from exporters.cli import app
from exporters.errors import ReportError
from exporters.excel import workbook
from exporters.output import manifest, pack
from exporters.query.totals import totals_of
from exporters.request.report_request import Request
from exporters.warehouse.published import open_published

NAME = "pack_2024-02-01_2024-02-29.xlsx"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def packed(
    home: Path, output: Path, first: str = "2024-02-01", last: str = "2024-02-29", *more: str
) -> Path:
    """The pack of P-001 for a period."""
    arguments = ["pack", "--home", str(home), "--output", str(output), "--partner", "P-001"]
    assert app.main([*arguments, "--from", first, "--to", last, *more]) == 0
    (path,) = (output / "P-001").glob(f"pack_{first}_{last}*.xlsx")
    return path


def blocks(path: Path) -> dict[str, dict[str, list[Any]]]:
    """The lines of the cover by currency and label."""
    found: dict[str, dict[str, list[Any]]] = {}
    for row in load_workbook(path)["Cover"].iter_rows(values_only=True):
        if str(row[0]).startswith("Key figures in "):
            found[str(row[0]).removeprefix("Key figures in ")] = {}
        elif found and row[0] is not None:
            label = f"{row[0]:%Y-%m}" if isinstance(row[0], datetime) else str(row[0])
            list(found.values())[-1][label] = list(row[1:])
    return found


LABELS = {
    "Topped up": ("credit-topups", "amount"),
    "Used": ("credit-usage", "amount"),
    "Held": ("credit-balance", "held"),
    "Closing balance": ("credit-balance", "closing_balance"),
    "Net amount": ("revenue-by-service", "net_amount"),
    "Partner margin": ("revenue-by-service", "partner_margin_amount"),
}


def sums(home: Path, days: tuple[str, str]) -> dict[str, dict[str, float]]:
    """By currency and label, totals of P-001's reports asked for by themselves."""
    found: dict[str, dict[str, float]] = {}
    first, last = map(date.fromisoformat, days)
    with open_published(home) as connection:
        for label, (report, column) in LABELS.items():
            request = Request(REPORTS[report], "P-001", first, last)
            names = [each.name for each in request.report.totals]
            for each in totals_of(connection, request).by_currency:
                of_currency = found.setdefault(each.currency, {})
                of_currency[label] = float(each.sums[names.index(column)])
    return found


@pytest.mark.parametrize(
    ("period", "previous", "last_year"),
    [
        (
            ("2024-02-01", "2024-02-29"),
            ("2024-01-01", "2024-01-31"),
            ("2023-02-01", "2023-02-28"),  # before the first entry: dashes
        ),
        (
            ("2024-02-10", "2024-02-20"),
            ("2024-01-30", "2024-02-09"),
            ("2023-02-10", "2023-02-20"),
        ),
        (("2025-02-01", "2025-02-28"), ("2025-01-01", "2025-01-31"), ("2024-02-01", "2024-02-29")),
        (
            ("2024-01-01", "2025-01-31"),
            ("2022-12-01", "2023-12-31"),
            ("2023-01-01", "2024-01-31"),
        ),
        (("0001-02-01", "2024-02-29"), None, None),  # the calendar has no such periods
    ],
)
def test_changes_are_those_between_the_totals_of_the_periods(
    published_home: Path,
    tmp_path: Path,
    period: tuple[str, str],
    previous: tuple[str, str] | None,
    last_year: tuple[str, str] | None,
) -> None:
    found = blocks(packed(published_home, tmp_path, *period))
    assert found
    of_periods = [days and sums(published_home, days) for days in (period, previous, last_year)]
    for label in LABELS:
        for currency, lines in found.items():
            # What has nothing in a currency, whatever the figure, has a dash.
            now, *earlier = [
                None
                if each is None
                else each[currency].get(label, 0.0)
                if currency in each
                else "–"
                for each in of_periods
            ]
            expected: list[float | str | None] = [now]
            for before in earlier:
                if isinstance(before, float) and isinstance(now, float):
                    percent = (now - before) / abs(before) * 100 if before else None
                    expected += [before, now - before, percent]
                else:
                    expected += [before, None, None]
            assert lines[label] == [
                pytest.approx(value, abs=0.005) if isinstance(value, float) else value
                for value in expected
            ], (label, currency)


TROUBLE = """
insert into fixture.stated_balances values ('c3', 1000);
insert into fixture.credits values
    ('x1', 'original', true, '2024-02-21 12:00:00', '2024-02-21', null, 'SA-2', 'main',
     'usage', null, null, 'compute', 'KWD', 2),
    ('x2', 'original', true, '2024-02-21 12:00:00', '2024-02-21', null, 'SA-2', 'main',
     'usage', null, null, 'compute', 'USD', 100);
insert into fixture.revenue values
    ('y1', 'original', true, '2024-02-21 12:00:00', '2024-02-21', null, 'SA-1', 'storage',
     'usage', 1, 'GB', 'KWD', 100, 50, 0, 0);
"""


def attention(path: Path) -> list[tuple[str, str]]:
    """Sentence and linked sheet of what needs attention."""
    cover = load_workbook(path)["Cover"]
    cells = list(cover["A"])
    start = next(cell.row for cell in cells if cell.value == "Needs attention")
    found = []
    for cell in cells[start:]:
        if cell.hyperlink is None:
            break
        found.append((cell.value, cell.hyperlink.location.split("'")[1]))
    return found


def test_what_needs_attention_is_said_with_a_link(tmp_path: Path) -> None:
    """Available of SA-2 in USD: 200 - 30 - 13.345678901235 - 100 less 25 held; 100 more was used.

    31.654321098765 x 29 days / 113.345678901235 = 8.09.
    """
    write_published(tmp_path, TROUBLE)
    assert attention(packed(tmp_path, tmp_path)) == [
        ("Transfer T4 of service account SA-2 is open: 50,000 VND transferred in.", "Control"),
        (
            "The source states another balance of service account SA-1, wallet main, since "
            "2024-02-05 08:00:00: -300.5 USD beside ours.",
            "Control",
        ),
        ("Service account SA-1, service storage: the margin is -50 KWD.", "Margins"),
        (
            "Service account SA-2, wallet main is overdrawn: -2 KWD available.",
            "Credit outlook",
        ),
        (
            "Service account SA-1, wallet held only is overdrawn: -5 USD available.",
            "Credit outlook",
        ),
        (
            "Service account SA-2, wallet main lasts for 8 days: 31.654321098765 USD available.",
            "Credit outlook",
        ),
        ("Booked after the period was closed: net amount -43 USD.", "Revenue detail"),
        ("Booked after the period was closed: movements of -77 USD.", "Credit statement"),
    ]
    as_posted = attention(
        packed(tmp_path, tmp_path, "2024-03-01", "2024-03-31", "--basis", "posted")
    )
    assert ("Booked in the period for earlier ones: movements of -77 USD.", "Credit statement") in (
        as_posted
    )


def test_of_a_kind_five_are_named_and_the_rest_is_counted(tmp_path: Path) -> None:
    """Eight wallets, and one with held credit of 5."""
    rows = ", ".join(
        f"('t{number}', 'original', true, '2024-02-21 12:00:00', '2024-02-21', null, 'SA-1',"
        f" 'w{number}', 'usage', null, null, null, 'USD', {number + 1})"
        for number in range(8)
    )
    write_published(tmp_path, f"insert into fixture.credits values {rows}")
    lines = [line for line, target in attention(packed(tmp_path, tmp_path)) if "outlook" in target]
    assert [line.rpartition(": ")[2] for line in lines] == [
        *(f"-{amount} USD available." for amount in (8, 7, 6, 5, 5)),
        "and 4 more",
    ]


@pytest.mark.parametrize("basis", DATE_BASES)
def test_the_record_has_the_totals_of_the_reports(tmp_path: Path, basis: str) -> None:
    write_published(tmp_path, TROUBLE)
    path = packed(tmp_path, tmp_path, "2024-02-01", "2024-02-29", "--basis", basis)
    book = load_workbook(path)
    assert book.sheetnames[-2:] == ["Reconciliation record", "Control"]
    rows = [[cell.value for cell in row] for row in book["Reconciliation record"].iter_rows()]
    with open_published(tmp_path) as connection:
        for title, counted, summed in (
            ("Revenue", "revenue-detail", "revenue-detail"),
            ("Credits", "credit-statement", "credit-balance"),
        ):
            start = next(place for place, row in enumerate(rows) if row[0] == title)
            currencies = [each for each in rows[start][1:] if each]
            assert currencies == ["KWD", "USD", "VND"]
            lines = {}
            for row in rows[start + 1 :]:
                if row[0] is None:
                    break
                lines[row[0]] = dict(zip(currencies, row[1:], strict=False))
            of_lines, of_sums = (
                Request(
                    REPORTS[report], "P-001", date(2024, 2, 1), date(2024, 2, 29),
                    basis=BASES[basis],
                )
                for report in (counted, summed)
            )  # fmt: skip
            for total in totals_of(connection, of_lines).by_currency:
                assert lines["Lines"][total.currency] == total.rows
            report = REPORTS[summed]
            for total in totals_of(connection, of_sums).by_currency:
                for column, value in total.line(report).items():
                    if column.label in lines and value is not None:
                        assert lines[column.label][total.currency] == pytest.approx(float(value))
            assert len(lines) == (7 if title == "Revenue" else 10)
    texts = {str(cell) for row in rows for cell in row if cell}
    assert "1. Transfer T4 of service account SA-2 is open: 50,000 VND transferred in." in texts
    assert any(text.startswith("2. The source states another balance") for text in texts)
    assert {"For the provider", "For the partner", "Alpha <Cloud> & Co (P-001)"} <= texts


def test_months_are_those_of_the_period_and_before_it(published_home: Path, tmp_path: Path) -> None:
    found = blocks(packed(published_home, tmp_path, "2024-02-01", "2024-02-29"))
    months = {
        currency: {label: line[:2] for label, line in lines.items() if label[:2] == "20"}
        for currency, lines in found.items()
    }
    assert months == {
        "KWD": {"2024-01": [0, 0], "2024-02": [0, 1.234]},
        "USD": {"2024-01": [0, 980], "2024-02": [107.25, 1464.154321098765]},
        "VND": {"2024-01": [0, 0], "2024-02": [100000, 150000]},
    }


KWD_ENTRY = """
insert into fixture.credits
select 'k' || n, 'original', true, '{day} 12:00:00', '{day}', null, 'SA-1',
    'main', 'grant', null, null, null, 'KWD', 1
from range({count}) as numbers (n);
"""


@pytest.mark.parametrize(
    ("day", "count", "order"),
    [
        ("2024-02-01", 0, ["USD", "VND", "KWD"]),
        ("2024-02-01", 50, ["KWD", "USD", "VND"]),
        ("2024-03-01", 50, ["USD", "VND", "KWD"]),  # after the period
        ("2020-03-01", 50, ["USD", "VND", "KWD"]),  # before the first month that is shown
        # Three entries like VND: by code.
        ("2024-02-01", 2, ["USD", "KWD", "VND"]),
    ],
)
def test_the_currency_in_which_most_is_done_comes_first(
    tmp_path: Path, day: str, count: int, order: list[str]
) -> None:
    write_published(tmp_path, KWD_ENTRY.format(day=day, count=count))
    path = packed(tmp_path, tmp_path)
    assert list(blocks(path)) == order
    checked = [
        row[2]
        for row in load_workbook(path)["Control"].iter_rows(values_only=True)
        if str(row[7]).startswith("Closing balance of the last month")
    ]
    assert checked == sorted(order), "the other sheets have them by code"


@pytest.mark.parametrize(
    ("first", "last", "months", "at_the_ends"),
    [
        ("2024-02-10", "2024-02-15", 2, ("2024-01", "2024-02")),
        # The data is as of March 2024; a month that has not begun is not shown.
        ("2024-02-01", "9999-12-31", 3, ("2024-01", "2024-03")),
        ("2025-06-01", "2025-06-30", 12, ("2024-07", "2025-06")),
        ("2000-01-01", "2024-02-29", 2, ("2024-01", "2024-02")),
        ("2034-01-01", "2034-12-31", 12, ("2033-02", "2034-01")),
    ],
)
def test_the_number_of_months_is_bounded(
    published_home: Path,
    tmp_path: Path,
    first: str,
    last: str,
    months: int,
    at_the_ends: tuple[str, str],
) -> None:
    lines = blocks(packed(published_home, tmp_path, first, last))["USD"]
    shown = [label for label in lines if re.fullmatch("[0-9]{4}-[0-9]{2}", label)]
    assert (len(shown), (shown[0], shown[-1])) == (months, at_the_ends)


def test_sixty_months_are_the_most(tmp_path: Path) -> None:
    write_published(
        tmp_path,
        "update fixture.credits set occurred_at = '1990-01-01 00:00:00' where event_id = 'c1';",
    )
    lines = blocks(packed(tmp_path, tmp_path, "1980-01-01", "2024-02-29"))["USD"]
    shown = [label for label in lines if re.fullmatch("[0-9]{4}-[0-9]{2}", label)]
    assert (len(shown), shown[0], shown[-1]) == (60, "2019-03", "2024-02")
    assert lines["2019-03"][:2] == [0, 1000], "what was before is in the balance"


def test_charts_draw_the_cells_that_they_name(published_home: Path, tmp_path: Path) -> None:
    path = packed(published_home, tmp_path)
    cover = load_workbook(path)["Cover"]
    with zipfile.ZipFile(path) as archive:
        charts = [
            ElementTree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.startswith("xl/charts/")
        ]
    assert len(charts) == 6, "revenue and balance in each of three currencies"
    kinds = []
    for chart in charts:
        kinds += [kind for kind in ("barChart", "lineChart") if chart.find(f".//{CHART}{kind}")]
        for role in ("cat", "val"):
            reference = chart.find(f".//{CHART}{role}/{CHART}numRef")
            assert reference is not None
            where = reference.findtext(f"{CHART}f") or ""
            sheet, cells = where.split("!")
            assert sheet == "'Cover'"
            values = [row[0].value for row in cover[cells.replace("$", "")]]
            kept = [
                float(point.text or "")
                for point in reference.findall(f"{CHART}numCache/{CHART}pt/{CHART}v")
            ]
            assert len(values) == len(kept) == 2
            if role == "val":
                assert kept == pytest.approx(values)
            else:
                days = [(value - datetime(1899, 12, 30)).days for value in values]
                assert kept == days
    assert sorted(kinds) == ["barChart"] * 3 + ["lineChart"] * 3


def test_control_checks_that_balances_carry_on(published_home: Path, tmp_path: Path) -> None:
    control = load_workbook(packed(published_home, tmp_path))["Control"]
    lines = {
        (row[7], row[2]): row[4:7]
        for row in control.iter_rows(values_only=True)
        if row[0] == "equal"
    }
    before = "Closing balance of the previous period = opening balance"
    assert lines[before, "USD"] == ("980", "980", "0")
    last = "Closing balance of the last month on the cover = closing balance"
    assert lines[last, "VND"] == ("150,000", "150,000", "0")


@pytest.mark.parametrize(
    ("first", "last", "month"),
    [("0001-01-01", "0001-01-31", "0001-01-01"), ("0001-02-01", "9999-12-31", "2024-03")],
)
def test_a_period_at_the_end_of_the_calendar_has_a_cover(
    tmp_path: Path, first: str, last: str, month: str
) -> None:
    """A month before 1900 is text: no spreadsheet knows it as a day."""
    write_published(
        tmp_path,
        "update fixture.credits set occurred_at = '0001-01-02 00:00:00' where event_id = 'c1';",
    )
    assert month in blocks(packed(tmp_path, tmp_path, first, last))["USD"]


# -- the manifest --------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [(), ("--compare", "year"), ("--lang", "vi")])
def test_a_manifest_says_what_the_workbook_beside_it_is(
    published_home: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    path = packed(published_home, tmp_path, "2024-02-01", "2024-02-29", *more)
    beside = path.with_suffix(".json")
    content = json.loads(beside.read_text(encoding="utf-8"))
    written = path.read_bytes()
    assert content["file"] == path.name
    assert content["bytes"] == len(written)
    assert content["sha256"] == hashlib.sha256(written).hexdigest()
    assert (content["partner"], content["from"], content["to"]) == (
        "P-001", "2024-02-01", "2024-02-29",
    )  # fmt: skip
    assert (content["basis"], content["version"]) == ("event", "v-abc123")
    assert (content["compare"], content["language"]) == (
        "year" if "year" in more else None,
        "vi" if "vi" in more else "en",
    )
    sheets = {each["report"]: each for each in content["sheets"]}
    assert list(sheets) == list(REPORTS)
    assert content["rows"] == sum(each["rows"] for each in content["sheets"])
    titles = load_workbook(path, read_only=True).sheetnames
    assert [each["sheet"] for each in content["sheets"]] == titles[1:-2]
    usage = sheets["credit-usage"]
    assert usage["totals"]["USD"]["amount"] == "13.345678901235"
    assert usage["totals"]["USD"]["event_count"] == 3
    assert [path.name, beside.name] == sorted(
        (each.name for each in beside.parent.iterdir()), reverse=True
    )


def test_the_same_pack_has_the_same_manifest(published_home: Path, tmp_path: Path) -> None:
    first, second = (
        packed(published_home, tmp_path / folder).with_suffix(".json").read_bytes()
        for folder in ("one", "two")
    )
    assert first == second


def test_a_pack_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_published(tmp_path)
    path = packed(tmp_path, tmp_path)
    before = path.read_bytes(), path.with_suffix(".json").read_bytes()

    def fail(*arguments: object, **options: object) -> None:
        raise ReportError("it does not add up")

    monkeypatch.setattr(workbook, "write", fail)
    arguments = ["pack", "--home", str(tmp_path), "--output", str(tmp_path), "--partner", "P-001"]
    assert app.main([*arguments, "--from", "2024-02-01", "--to", "2024-02-29"]) == 1
    assert (path.read_bytes(), path.with_suffix(".json").read_bytes()) == before
    assert len(list(path.parent.iterdir())) == 2


def test_no_manifest_is_left_that_is_of_another_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the last step fails, the new workbook stands without a manifest."""
    path = write_published(tmp_path)
    written = packed(tmp_path, tmp_path)
    with duckdb.connect(path) as connection:
        connection.execute("update reports.build_info set version = 'v-next'")
    whole = manifest.text_of

    def lone_surrogate(*arguments: Any) -> str:
        return whole(*arguments) + "\ud800"  # cannot be written

    monkeypatch.setattr(manifest, "text_of", lone_surrogate)
    job = pack.Job("P-001", date(2024, 2, 1), date(2024, 2, 29), written)
    before = written.read_bytes()
    with open_published(tmp_path) as connection, pytest.raises(UnicodeEncodeError):
        pack.write(connection, job)
    assert written.read_bytes() != before
    assert [each.name for each in written.parent.iterdir()] == [NAME]
