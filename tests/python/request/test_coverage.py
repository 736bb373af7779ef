"""What is said of periods outside the days of which there is data."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from exporters.cli import app

# The data of the fixture is as of 6 March 2024; the first entry of P-001 is of 5 January, that of
# P-002 of 20 February.
AFTER = "The period begins after the data, which is as of 2024-03-06."
BEFORE = "The period ends before the first entry, which is of {}."
SINCE = (
    "The first entry of the partner is of {}: nothing is known of the days before it, and they "
    "count as 0."
)


def run(home: Path, *arguments: str) -> None:
    assert app.main([*arguments, "--home", str(home)]) == 0


@pytest.mark.parametrize(
    ("first", "last", "warning"),
    [
        ("2024-03-07", "2024-03-07", AFTER),
        ("2042-02-01", "2042-02-28", AFTER),
        ("2024-03-06", "2042-02-28", None),  # the data is as of this day
        ("2024-01-04", "2024-01-05", None),
        ("2023-12-01", "2024-01-04", BEFORE.format("2024-01-05")),
        ("0001-01-01", "9999-12-31", None),
    ],
)
@pytest.mark.parametrize("how", ["show", "csv", "xlsx", "pack", "discounts"])
def test_a_period_outside_the_data_is_warned_of(
    published_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    how: str,
    first: str,
    last: str,
    warning: str | None,
) -> None:
    period = ["--partner", "P-001", "--from", first, "--to", last]
    path = tmp_path / f"o.{how}"
    match how:
        case "show":
            run(published_home, "show", "credit-balance", *period)
        case "pack":
            run(published_home, "pack", *period, "--output", str(tmp_path))
            (path,) = (tmp_path / "P-001").glob("*.xlsx")
        case "discounts":  # listed before the first entry too
            path = tmp_path / "o.xlsx"
            run(published_home, "export", "discounts", *period, "--output", str(path))
        case _:
            run(published_home, "export", "credit-balance", *period, "--output", str(path))
    said = capsys.readouterr()
    warnings = [] if warning is None else [f"partner-reports: warning: {warning}"]
    assert [line for line in said.err.splitlines() if "warning" in line] == warnings
    assert "warning" not in said.out
    if path.suffix == ".xlsx":
        alerts = [sheet.cell(6, 1).value for sheet in load_workbook(path).worksheets[:-1]]
        if how == "pack":
            for place in (0, -1):  # the cover and the record
                alerts[place] = load_workbook(path).worksheets[:-1][place].cell(2, 1).value
        assert set(alerts) == {warning}


def test_a_pack_of_all_is_outside_when_it_is_for_everybody(
    published_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """P-002 has nothing in January, and its workbook says so; others have."""
    period = ["pack", "--from", "2024-01-01", "--to", "2024-01-31", "--output", str(tmp_path)]
    run(published_home, *period)
    assert "warning" not in capsys.readouterr().err
    (path,) = (tmp_path / "P-002").glob("*.xlsx")
    assert load_workbook(path)["Cover"].cell(2, 1).value == BEFORE.format("2024-02-20")
    run(published_home, *period, "--partner", "P-002")
    assert capsys.readouterr().err.splitlines() == [
        f"partner-reports: warning: {BEFORE.format('2024-02-20')}"
    ]


@pytest.mark.parametrize(
    ("basis", "first", "last", "compare", "since"),
    [
        ("event", "2024-02-01", "2024-02-29", "year", "2024-01-05"),
        ("posted", "2024-02-01", "2024-02-29", "year", "2024-01-05"),
        ("event", "2024-02-02", "2024-02-29", "previous", None),  # from 5 January on
        ("event", "2024-02-02", "2024-03-01", "previous", "2024-01-05"),
    ],
)
def test_who_compares_with_days_before_the_first_entry_is_told(
    published_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    basis: str,
    first: str,
    last: str,
    compare: str,
    since: str | None,
) -> None:
    period = ["--partner", "P-001", "--from", first, "--to", last, "--compare", compare]
    request = ["credit-balance", *period, "--basis", basis]
    note = None if since is None else SINCE.format(since)
    run(published_home, "show", *request)
    said = capsys.readouterr()
    assert [line for line in said.out.splitlines() if "first entry" in line] == [note][: bool(note)]
    assert said.err == ""
    path = tmp_path / "o.xlsx"
    run(published_home, "export", *request, "--output", str(path))
    warnings = [f"partner-reports: warning: {note}\n"] if note else [""]
    assert capsys.readouterr().err == warnings[0]
    cells = [row[0] for row in load_workbook(path).worksheets[0].iter_rows(values_only=True)]
    assert (SINCE.format("2024-01-05") in cells) == bool(note)


def test_the_cover_and_the_reports_tell_the_same_of_days_before_the_first_entry(
    published_home: Path, tmp_path: Path
) -> None:
    period = ["--partner", "P-001", "--from", "2024-02-01", "--to", "2024-02-29"]
    run(published_home, "pack", *period, "--compare", "year", "--output", str(tmp_path))
    (path,) = (tmp_path / "P-001").glob("*.xlsx")
    book = load_workbook(path, data_only=True)
    cover = list(book["Cover"].iter_rows(values_only=True))
    in_usd = next(place for place, row in enumerate(cover) if row[0] == "Key figures in USD")
    on_cover = next(row for row in cover[in_usd:] if row[0] == "Closing balance")
    balance = list(book["Credit balance"].iter_rows(values_only=True))
    labels = next(row for row in balance if "Closing balance before" in row)
    (total,) = [row for row in balance if "Total" in row and "USD" in row]
    of_sheet = [
        total[labels.index(f"Closing balance {word}")] for word in ("before", "change", "change %")
    ]
    # A year earlier nothing was known; to subtract nothing the report counts it as 0, and says so.
    assert of_sheet == [0, total[labels.index("Closing balance")], None]
    assert on_cover[5:8] == ("–", None, None)
    assert SINCE.format("2024-01-05") in [row[0] for row in balance]


def test_the_cover_warns_of_a_period_that_begins_before_the_first_entry(
    published_home: Path, tmp_path: Path
) -> None:
    period = ["--partner", "P-001", "--from", "2024-02-01", "--to", "2024-03-05"]
    run(published_home, "pack", *period, "--output", str(tmp_path))
    (path,) = (tmp_path / "P-001").glob("*.xlsx")
    cover = list(load_workbook(path)["Cover"].iter_rows(values_only=True))
    assert SINCE.format("2024-01-05") in [row[0] for row in cover]
