"""What the commands print: tables, totals, the reports, what is published."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
from support.published import write_published

from exporters.catalogue.conditions import CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Kind
from exporters.cli import app
from exporters.cli.commands import status
from exporters.warehouse.published import open_published

PROJECT = Path(__file__).resolve().parents[3]

PERIOD = ["--from", "2024-02-01", "--to", "2024-02-29"]


def show(home: Path, report: str, *options: str) -> list[str]:
    """Arguments that show a report of P-001 for February."""
    return ["show", report, "--home", str(home), "--partner", "P-001", *PERIOD, *options]


def test_a_report_is_a_table_with_totals_per_currency(
    published_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(show(published_home, "credit-usage", "--account-type", "customer")) == 0
    head = (
        "Date        Service account    Service account name    Account    Account name    "
        "Account type    Wallet    Movement    Service    Service name    Currency      "
        "Events           Amount"
    )
    rule = (
        "----------  -----------------  ----------------------  ---------  --------------  "
        "--------------  --------  ----------  ---------  --------------  ----------  "
        "--------  ---------------"
    )
    first = "2024-02-07  SA-2               Customer one            A-C1       One (old)       "
    last = "2024-02-20  SA-2               Customer one            A-C1b      One Ltd         "
    assert capsys.readouterr().out.splitlines() == [
        "Credit usage",
        "Partner: P-001",
        "Period: 2024-02-01 to 2024-02-29",
        "Account type: Customer",
        "Account: all",
        "Basis: Event date: late and corrected events count in the month they belong to (restated)",
        "Data as of: 2024-03-06 12:00:00",
        "",
        head,
        rule,
        first + "Customer        main      Usage       compute    Compute         USD         "
        "       1  12.345678901234",
        first + "Customer        main      Usage                                  USD         "
        "       1   0.000000000001",
        last + "Customer        main      Usage       compute    Compute         USD         "
        "       1                1",
        "",
        "3 rows",
        "",
        "Totals",
        "Currency      Events           Amount",
        "----------  --------  ---------------",
        "USD                3  13.345678901235",
    ]


def test_totals_of_all_accounts_leave_internal_transfers_out_and_say_so(
    published_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(show(published_home, "credit-topups")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[lines.index("Totals") + 3 :][:3]] == [
        ["KWD", "1.234"],
        ["USD", "500.5"],
        ["VND", "150,000"],
    ]
    assert lines[-1] == (
        "Totals leave out transfers between accounts of the same partner (200 USD); "
        "their rows are listed."
    )


@pytest.mark.parametrize(("language", "marks"), [("en", (",", ".")), ("vi", (".", ","))])
def test_numbers_have_marks_and_all_their_digits(
    sample_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    language: str,
    marks: tuple[str, str],
) -> None:
    """Every number of every report is that of the file, with marks in the way of the language."""
    thousands, point = marks
    for report in REPORTS.values():
        request = [report.id, "--home", str(sample_home), "--partner", "000100", "--month=2024-09"]
        path = tmp_path / "o.json"
        assert app.main(["export", *request, "--output", str(path)]) == 0
        capsys.readouterr()
        assert app.main(["show", *request, "--lang", language]) == 0
        lines = capsys.readouterr().out.splitlines()
        (rule, *_) = [place for place, line in enumerate(lines) if line.startswith("-----")]
        edges = [match.span() for match in re.finditer("-+", lines[rule])]
        exported = json.loads(path.read_text(encoding="utf-8"))
        assert exported
        for row, line in zip(exported, lines[rule + 1 :], strict=False):
            for column, (start, end) in zip(report.columns, edges, strict=True):
                if not column.kind.is_number:
                    continue
                shown = line[start:end].strip()
                plain = shown.replace(thousands, "").replace(point, ".")
                assert plain == ("" if row[column.name] is None else str(row[column.name]))
                whole = shown.partition(point)[0].lstrip("-")
                if column.kind is not Kind.INTEGER:
                    assert not re.search(r"\d{4}", whole), shown


@pytest.mark.parametrize("columns", [10, 40, 79])
def test_a_table_wider_than_the_terminal_is_shown_as_blocks_with_every_value(
    published_home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: int,
) -> None:
    arguments = show(published_home, "revenue-detail")
    assert app.main(arguments) == 0
    piped = capsys.readouterr().out.splitlines()
    rule = next(line for line in piped if line.startswith("----"))
    headings, *rows = (
        [line[match.start() : match.end()].strip() for match in re.finditer("-+", rule)]
        for line in piped[piped.index(rule) - 1 : piped.index("", piped.index(rule))]
        if line != rule
    )
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    assert app.main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("(as blocks: the table is wider than the terminal)") + 1
    indent = max(map(len, headings)) + 2
    found: list[list[str]] = []
    for line in lines[start : lines.index("", start)]:
        if line.startswith(f"-- {len(found) + 1} / {len(rows)} -"):
            found.append([])
        elif line.startswith(" " * indent):  # a value goes on
            found[-1][-1] += line[indent:]
        else:
            assert line[:indent].strip() == headings[len(found[-1])]
            found[-1].append(line[indent:])
        assert len(line) <= max(columns, indent + 20)
    assert found == rows
    assert lines[lines.index("Totals") + 1].startswith("(as blocks"), "wide too"


def test_a_table_as_wide_as_the_terminal_stays_one(
    published_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = show(published_home, "revenue-detail")
    assert app.main(arguments) == 0
    piped = capsys.readouterr().out
    width = max(map(len, re.findall("(?m)^--[- ]+$", piped)))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for columns, stays in ((width, True), (width - 1, False)):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert app.main(arguments) == 0
        assert (capsys.readouterr().out == piped) == stays


def test_an_empty_report_says_so(published_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(show(published_home, "discounts", "--status", "awaiting_active")) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Discounts",
        "Partner: P-001",
        "Period: 2024-02-01 to 2024-02-29",
        "Subject: both",
        "Status: Awaiting activation",
        "Account: all",
        "Basis: Event date: late and corrected events count in the month they belong to (restated)",
        "Data as of: 2024-03-06 12:00:00",
        "",
        "No rows for these conditions.",
    ]


def test_what_a_terminal_would_obey_is_shown_as_an_escape(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_published(
        tmp_path,
        """
        update reports.service_accounts
        set service_account_name = 'red' || chr(27) || '[31m' || chr(10) || 'x';
        """,
    )
    assert app.main(show(tmp_path, "credit-balance")) == 0
    out = capsys.readouterr().out
    assert "red\\x1b[31m\\nx" in out and "\x1b" not in out


def test_the_reports_are_listed_with_their_conditions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert app.main(["reports"]) == 0
    blocks = capsys.readouterr().out.split("\n\n")
    assert len(blocks) == len(REPORTS) + 1
    for block, report in zip(blocks, REPORTS.values(), strict=False):
        assert block.startswith(f"{report.id}: {report.title}\n    {report.answers}\n")
        for name, condition in CONDITIONS.items():
            assert (f"    {condition.flag} " in block) == (name in report.conditions)
        assert block.endswith(", ".join(column.name for column in report.columns))


def test_status_says_what_is_published(
    published_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_published(published_home) as connection:
        status.show_published(connection, today=date(2024, 3, 10))
    assert capsys.readouterr().out.splitlines() == [
        "Version: v-abc123 (data as of 2024-03-06 12:00:00)",
        "Built: 2024-03-07 01:02:03 UTC by version 0.1.0 of the project",
        "Business time zone: Asia/Ho_Chi_Minh; a month closes after day 5 of the next",
        "",
        "Feed        Batches  Newest batch         Age in days    Rows    Accepted    Rejected"
        "    Ignored    Unattributed",
        "--------  ---------  -----------------  -------------  ------  ----------  ----------"
        "  ---------  --------------",
        "accounts          1  2024-01-01                    69       5           5           0"
        "          0               0",
        "credits           2  2024-03-06T120000              4      25          22           2"
        "          1               0",
        "revenue           1  2024-03-06                     4       9           9           0"
        "          0               1",
        "",
        "Rejected rows: 2 (see `partner-reports rejected`)",
        "Ignored rows: 1 (see `partner-reports ignored`)",
        "Unattributed events: 1 (see `partner-reports unattributed`)",
        "Open transfers: 1 (see sheet Control of a pack)",
        "Wallets that differ from the source: 0",
        "Balances left behind: 1 (see reports.balances_left_behind)",
        "",
        "Partners: 6",
        "Partner    Name",
        "---------  ------------------",
        "../up      Dots",
        "ABC        Upper",
        "P-001      Alpha <Cloud> & Co",
        "P-002      Đại lý B",
        "P-003      Nothing yet",
        "abc        Lower",
    ]


def test_status_lists_a_hundred_partners_and_counts_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_published(
        tmp_path,
        """
        delete from reports.partners;
        insert into reports.partners
        select format('P{:04d}', number), null from range(1500) as numbers (number);
        """,
    )
    assert app.main(["status", "--home", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("Partners: 1,500 (the first 100; all are in reports.partners)")
    assert [line.strip() for line in lines[start + 3 :]] == [
        f"P{number:04d}" for number in range(100)
    ]
    arguments = show(tmp_path, "credit-usage")
    assert app.main(arguments) == 2
    assert " and 1492 more (see `partner-reports status`); did you" in capsys.readouterr().err


def test_the_version_is_said_without_the_database() -> None:
    """It is that of the project file, which build_info tells too."""
    script = """
import sys
from exporters.cli.app import main
status = main(["--version"])
assert "duckdb" not in sys.modules
sys.exit(status)
"""
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert said.stdout == f"partner-reports {project['project']['version']}\n"


def test_status_of_a_file_without_batches(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_published(tmp_path, "delete from reports.batches; delete from reports.rejected_rows;")
    assert app.main(["status", "--home", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "No batches." in out and "Rejected rows: 0\n" in out
