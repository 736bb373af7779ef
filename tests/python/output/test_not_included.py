"""Rows that are in no figure: what `rejected`, `ignored` and `unattributed` say of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook
from support.published import write_published

from exporters.cli import app

REJECTED = [
    ("credits", "2024-01-31", "a.csv", "3", "amount is not a number", '{"amount": "x"}'),
    ("credits", "2024-03-06T120000", "b.csv", "1", "currency is missing", "{}"),
]


def test_rejected_rows_are_a_table_with_their_reasons(
    published_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["rejected", "--home", str(published_home)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Rejected rows",
        "Feed: all; all batches",
        "Data as of 2024-03-06 12:00:00, version v-abc123",
        "",
        "Feed     Batch              File      Row  Reasons",
        "-------  -----------------  ------  -----  ----------------------",
        "credits  2024-01-31         a.csv       3  amount is not a number",
        "credits  2024-03-06T120000  b.csv       1  currency is missing",
        "",
        "2 rows",
    ]


@pytest.mark.parametrize(
    ("command", "row"),
    [
        ("ignored", ["credits", "2024-03-06T120000", "b.csv", "2", "c1", "1", "repeated"]),
        (
            "unattributed",
            [
                *["revenue", "2024-03-06", "r.csv", "9", "u1", "1", "SA-X", "2024-02-01"],
                *["2024-02-01", "usage", "USD", "4.5"],
            ],
        ),
    ],
)
def test_the_others_are_listed_likewise(
    published_home: Path, capsys: pytest.CaptureFixture[str], command: str, row: list[str]
) -> None:
    assert app.main([command, "--home", str(published_home)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3].split() == row
    assert lines[-1] == "1 row"


def test_all_reasons_and_only_the_rows_that_were_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_published(
        tmp_path,
        """
        insert into reports.rejected_rows values
            ('revenue', '2024-03-06', null, null, '{}', ['one', 'two, three', 'four' || chr(27)]);
        """,
    )
    home = ["--home", str(tmp_path)]
    assert app.main(["rejected", "--feed", "revenue", *home]) == 0
    out = capsys.readouterr().out
    assert "Feed: revenue; all batches\n" in out
    assert "one; two, three; four\\x1b\n\n1 row\n" in out
    assert app.main(["rejected", "--feed", "credits", "--batch", "2024-01-31", *home]) == 0
    out = capsys.readouterr().out
    assert "Feed: credits; batch 2024-01-31\n" in out and out.endswith("a number\n\n1 row\n")
    assert app.main(["rejected", "--feed", "accounts", *home]) == 0
    assert capsys.readouterr().out.endswith("v-abc123\n\nNo rows.\n")


def test_more_rows_than_anybody_reads_are_left_to_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_published(
        tmp_path,
        """
        insert into reports.ignored_rows
        select 'revenue', '2024-03-06', 'r.csv', number, 'e' || number, 1, 'repeated'
        from range(1500) as numbers (number);
        """,
    )
    assert app.main(["ignored", "--home", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 + 1 + 2 + 1_000 + 2
    assert lines[-1] == "The first 1,000 of 1,501 rows; --output FILE writes all of them."


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "xlsx"])
def test_a_file_has_the_rows_with_what_was_delivered(
    published_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    path = tmp_path / f"rejected.{ending}"
    assert app.main(["rejected", "--home", str(published_home), "--output", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    header = ["feed", "batch_id", "file", "row_number", "reasons", "raw"]
    if ending == "csv":
        with path.open(encoding="utf-8", newline="") as file:
            names, *rows = csv.reader(file)
    elif ending == "json":
        objects = json.loads(path.read_text(encoding="utf-8"))
        names = list(objects[0])
        rows = [[str(value) for value in each.values()] for each in objects]
    elif ending == "parquet":
        read = duckdb.read_parquet(str(path))
        names, rows = read.columns, [[str(each) for each in row] for row in read.fetchall()]
    else:
        sheet = load_workbook(path)["Rejected rows"]
        labels, *cells = list(sheet.iter_rows(min_row=7, values_only=True))
        assert labels == ("Feed", "Batch", "File", "Row", "Reasons", "Row as delivered")
        # A workbook has words in place of codes.
        names, rows = header, [[f"{row[0]}".lower(), *map(str, row[1:])] for row in cells]
    assert names == header
    assert [tuple(row) for row in rows] == REJECTED


def test_a_file_without_rows_says_so(
    published_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ignored.csv"
    options = ["--feed", "focus", "--home", str(published_home), "--output", str(path)]
    assert app.main(["ignored", *options]) == 0
    assert capsys.readouterr().err == "no rows for these conditions\n"
    assert path.read_text() == "feed,batch_id,file,row_number,event_id,version,reason\n"


@pytest.mark.parametrize("command", ["rejected", "ignored", "unattributed"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--feed", "credit"],
            "unknown --feed value 'credit': allowed are accounts, credits, discounts, revenue, "
            "focus; did you mean 'credits'?",
        ),
        (
            ["--batch", "2024-01-30"],
            "unknown batch '2024-01-30': allowed are 2024-03-06T120000, 2024-03-06, 2024-01-31, "
            "2024-01-01; did you mean '2024-01-31'?",
        ),
        (
            ["--feed", "revenue", "--batch", "2024-01-31"],
            "unknown batch '2024-01-31' of revenue: allowed are 2024-03-06; did you mean "
            "'2024-03-06'?",
        ),
        (
            ["--output", "rows.txt"],
            "unknown file ending '.txt' of --output 'rows.txt': allowed are .xlsx, .csv, .json, "
            ".parquet",
        ),
    ],
)
def test_a_wrong_request_is_answered_with_what_is_allowed(
    published_home: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    options: list[str],
    message: str,
) -> None:
    assert app.main([command, "--home", str(published_home), *options]) == 2
    assert capsys.readouterr().err == f"partner-reports: {message}\n"
