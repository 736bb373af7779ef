"""Wrong requests and failures: a message that helps, the right exit status, nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.published import write_published

from exporters.cli import app, parser
from exporters.escaping import visible
from exporters.request.periods import parse_month

PERIOD = ["--from", "2024-02-01", "--to", "2024-02-29"]


WRONG = {
    "report": (
        ["export", "credit-topup", "--partner", "P-001", *PERIOD],
        [
            "unknown report 'credit-topup'",
            "allowed are credit-topups, credit-usage",
            "mean 'credit-topups'?",
        ],
    ),
    "partner": (
        ["export", "discounts", "--partner", "p-001", *PERIOD],
        ["unknown partner 'p-001'", "P-002", "did you mean 'P-001'?"],
    ),
    "account": (
        ["export", "credit-usage", "--partner", "P-001", *PERIOD, "--account", "SA-22"],
        ["unknown account 'SA-22' of partner 'P-001'", "SA-1, SA-2, SA-3", "did you mean 'SA-2'?"],
    ),
    "account of somebody else": (
        ["export", "credit-usage", "--partner", "P-002", *PERIOD, "--account", "SA-1"],
        ["unknown account 'SA-1' of partner 'P-002'", "allowed are A-C9, SA-3"],
    ),
    "account type": (
        ["export", "credit-usage", "--partner", "P-001", *PERIOD, "--account-type", "customers"],
        ["unknown --account-type value 'customers'", "partner, customer, both", "'customer'?"],
    ),
    "subject": (
        ["export", "discounts", "--partner", "P-001", *PERIOD, "--subject", "both"],
        ["unknown --subject value 'both'", "allowed are partner, customer"],
    ),
    "status": (
        [*["export", "discounts", "--partner", "P-001", *PERIOD], "--status", "ACTIVE"],
        ["unknown --status value 'ACTIVE'", "awaiting_approval", "did you mean 'active'?"],
    ),
    "second status": (
        [
            *["export", "discounts", "--partner", "P-001", *PERIOD],
            *["--status", "active", "--status", "expird"],
        ],
        ["unknown --status value 'expird'", "did you mean 'expired'?"],
    ),
    "basis": (
        ["show", "discounts", "--partner", "P-001", *PERIOD, "--basis", "post"],
        ["unknown --basis value 'post'", "allowed are event, posted", "did you mean 'posted'?"],
    ),
    "condition of another report": (
        ["export", "credit-usage", "--partner", "P-001", *PERIOD, "--status", "active"],
        [
            "credit-usage has no condition --status",
            "--account-type, --account, --compare, --basis",
            "reports that have it: discounts",
        ],
    ),
    "basis of a report that has none": (
        ["export", "credit-outlook", "--partner", "P-001", *PERIOD, "--basis", "posted"],
        ["credit-outlook has no condition --basis", "its conditions: --account-type, --account)"],
    ),
    "allocated credit": (
        ["export", "credit-usage", "--partner", "P-001", *PERIOD, "--basis", "allocated"],
        ["unknown --basis value of credit-usage 'allocated'", "allowed are event, posted;"],
    ),
    "below what is no number": (
        ["export", "margins", "--partner", "P-001", *PERIOD, "--below", "5%"],
        ["--below value '5%'", "a plain decimal number of percent is allowed, such as 5 or -2.5"],
    ),
    "compare of another report": (
        ["show", "revenue-detail", "--partner", "P-001", *PERIOD, "--compare", "year"],
        [
            "revenue-detail has no condition --compare",
            "have it: credit-usage, credit-balance, discounts, revenue-by-service, "
            "revenue-by-account, margins\n",
        ],
    ),
    "compare with something else": (
        ["export", "credit-usage", "--partner", "P-001", *PERIOD, "--compare", "years"],
        ["unknown --compare value 'years'", "allowed are previous, year", "did you mean 'year'?"],
    ),
    "compare of a pack": (
        ["pack", *PERIOD, "--compare", "previuos"],
        ["unknown --compare value 'previuos'", "did you mean 'previous'?"],
    ),
    "compare with what the calendar has not": (
        ["pack", "--from", "0001-01-01", "--to", "0001-01-31", "--compare", "year"],
        ["--compare year: the period before 0001-01-01 to 0001-01-31", "the first day"],
    ),
    "month and days": (
        ["pack", "--month", "2024-02", "--to", "2024-02-29"],
        ["--month says --from and --to in one"],
    ),
    "no period": (["pack"], ["give --from and --to, or --month YYYY-MM"]),
    "month": (["pack", "--month", "2024-13"], ["--month '2024-13' is not a month: write YYYY-MM"]),
    "month in words": (["pack", "--month", "02/2024"], ["write YYYY-MM"]),
    "basis of the service period": (
        ["show", "credit-usage", "--partner", "P-001", *PERIOD, "--basis", "allocated"],
        ["unknown --basis value of credit-usage 'allocated'", "allowed are event, posted"],
    ),
    "basis where there is none": (
        ["show", "deferred-revenue", "--partner", "P-001", *PERIOD, "--basis", "event"],
        ["deferred-revenue has no condition --basis"],
    ),
    "margin": (
        ["show", "margins", "--partner", "P-001", *PERIOD, "--below", "5%"],
        ["--below value '5%'", "a plain decimal number"],
    ),
    "order of the dates": (
        ["pack", "--from", "2024-03-01", "--to", "2024-02-29"],
        ["--from 2024-03-01 is after --to 2024-02-29"],
    ),
    "file ending": (
        ["export", "discounts", "--partner", "P-001", *PERIOD, "--output", "x.xls"],
        ["unknown file ending '.xls'", ".xlsx, .csv, .json, .parquet"],
    ),
    "no file ending": (
        ["export", "discounts", "--partner", "P-001", *PERIOD, "--output", "csv"],
        ["unknown file ending ''"],
    ),
    "partner of a pack": (
        ["pack", *PERIOD, "--partner", "P-001", "--partner", "P-0001"],
        ["unknown partner 'P-0001'", "did you mean 'P-001'?"],
    ),
    "no partner": (["export", "discounts", *PERIOD], ["--partner"]),
    "no command": ([], ["COMMAND"]),
    "unknown command": (["exprot"], ["invalid choice: 'exprot'", "did you mean 'export'?"]),
    "unknown option": (["status", "--nothing"], ["usage: partner-reports status", "--nothing"]),
    "misspelt option": (
        ["show", "discounts", "--partner", "P-001", *PERIOD, "--stauts=active"],
        ["usage: partner-reports show", "--stauts=active", "did you mean '--status'?"],
    ),
    "shortened option": (
        ["export", "discounts", "--part", "P-001", *PERIOD],
        ["--partner"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_answered_with_what_is_allowed(
    published_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    arguments, expected = WRONG[name]
    home = tmp_path / "home"
    shutil.copytree(published_home, home)
    given = [*arguments, "--home", str(home)] if arguments else arguments
    assert app.main(given) == 2
    said = capsys.readouterr()
    assert said.out == ""
    for words in expected:
        assert words in said.err
    assert not (home / "exports").exists(), "nothing is written"


@pytest.mark.parametrize(
    "text",
    [
        *["2024-2-01", "2024-02-30", "2023-02-29", "20240201", "2024-02-01T00:00:00", "today"],
        *["", " 2024-02-01", "2024-02-01\n", "0000-01-01", "10000-01-01", "-024-01-01"],
        *["2024-13-01", "2024-00-10", "\u0662\u0660\u0662\u0664-02-01", "2024/02/01"],
    ],
)
@pytest.mark.parametrize("flag", ["--from", "--to"])
def test_what_is_no_real_date_is_refused(
    published_home: Path, capsys: pytest.CaptureFixture[str], flag: str, text: str
) -> None:
    dates = {"--from": "2024-02-01", "--to": "2024-02-29"} | {flag: text}
    arguments = ["show", "discounts", "--home", str(published_home), "--partner", "P-001"]
    given = [f"{name}={value}" for name, value in dates.items()]
    assert app.main([*arguments, *given]) == 2
    error = capsys.readouterr().err
    assert flag in error and visible(repr(text)) in error


def test_a_period_of_one_day_is_fine(published_home: Path) -> None:
    day = ["--from", "2024-02-29", "--to", "2024-02-29"]
    home = ["--home", str(published_home)]
    assert app.main(["show", "discounts", "--partner", "P-001", *day, *home]) == 0


COMMANDS = [
    ["export", "credit-usage", "--partner", "P-001", *PERIOD],
    ["show", "credit-usage", "--partner", "P-001", *PERIOD],
    ["pack", *PERIOD],
    ["status"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_without_a_published_file_the_message_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert app.main([*arguments, "--home", str(tmp_path / "home")]) == 1
    said = capsys.readouterr()
    assert "nothing is published" in said.err and "partner-reports build" in said.err
    assert said.out == ""
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("content", [b"", b"not a database", None], ids=["empty", "text", "cut"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_a_published_file_that_cannot_be_read_is_named(
    published_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    content: bytes | None,
) -> None:
    path = tmp_path / "published" / "marts.duckdb"
    path.parent.mkdir()
    if content is None:
        content = (published_home / "published" / "marts.duckdb").read_bytes()[:10_000]
    path.write_bytes(content)
    assert app.main([*arguments, "--home", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert str(path) in said.err and "--full-refresh" in said.err
    assert "Traceback" not in said.err


def test_a_file_of_another_version_is_a_failure_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_published(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table reports.credit_usage")
    assert app.main([*COMMANDS[0], "--home", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert "credit_usage" in error and "Traceback" not in error


def test_what_cannot_be_written_is_named_and_leaves_nothing(
    published_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("here first")
    home = ["--home", str(published_home)]
    output = ["--output", str(in_the_way / "o.csv")]
    assert app.main([*COMMANDS[0], *home, *output]) == 1
    assert str(in_the_way) in capsys.readouterr().err
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert app.main([*COMMANDS[0], *home, "--output", str(folder)]) == 2
    assert "is a folder" in capsys.readouterr().err
    assert list(folder.iterdir()) == [] and in_the_way.read_text() == "here first"


# Nothing can be made in this folder, also by a user who may do everything.
UNWRITABLE = "/proc/self"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        *(
            ([*COMMANDS[0], "--output", f"{UNWRITABLE}/o.{ending}"], f"{UNWRITABLE}/o.{ending}")
            for ending in ("csv", "json", "parquet", "xlsx")
        ),
        ([*COMMANDS[0], "--output", f"{UNWRITABLE}/new/o.csv"], f"{UNWRITABLE}/new"),
        ([*COMMANDS[0], "--output", "/dev/null/o.csv"], "Not a directory: /dev/null"),
        (["pack", *PERIOD, "--output", f"{UNWRITABLE}/packs"], f"{UNWRITABLE}/packs"),
        (["rejected", "--output", f"{UNWRITABLE}/o.json"], f"{UNWRITABLE}/o.json"),
    ],
)
def test_a_path_that_cannot_be_written_is_named_as_it_was_given(
    published_home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], named: str
) -> None:
    assert app.main([*arguments, "--home", str(published_home)]) == 1
    said = capsys.readouterr().err
    assert f"{named}\n" in said and ".tmp" not in said


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "xlsx"])
def test_a_failed_export_leaves_the_former_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    home = tmp_path / "home"
    write_published(home)
    output = tmp_path / "out" / f"o.{ending}"
    arguments = [*COMMANDS[0], "--home", str(home), "--output", str(output)]
    assert app.main(arguments) == 0
    before = output.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device", str(output))

    monkeypatch.setattr(os, "fsync", full)
    assert app.main(arguments) == 1
    assert output.read_bytes() == before
    assert list(output.parent.iterdir()) == [output]


def test_an_interrupt_ends_with_130(
    published_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from exporters.output import columnar

    arguments = [*COMMANDS[0], "--home", str(published_home), "--output"]
    # DuckDB says it in its own words when Ctrl-C comes during a query.
    for error in (KeyboardInterrupt(), RuntimeError("Query interrupted")):

        def interrupted(*_: object, error: BaseException = error) -> int:
            raise error

        monkeypatch.setattr(columnar, "write", interrupted)
        assert app.main([*arguments, str(published_home / "x" / "o.csv")]) == 130
        assert capsys.readouterr().err == "partner-reports: interrupted\n"
        assert list((published_home / "x").iterdir()) == []


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "exporters.cli.app", *arguments],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | environment,
        check=False,
    )


def test_home_comes_from_the_option_else_the_environment_else_var(
    published_home: Path, tmp_path: Path
) -> None:
    by_environment = run("status", PARTNER_REPORTS_HOME=str(published_home))
    assert by_environment.returncode == 0 and "v-abc123" in by_environment.stdout
    by_option = run("status", "--home", str(tmp_path), PARTNER_REPORTS_HOME=str(published_home))
    assert by_option.returncode == 1 and str(tmp_path) in by_option.stderr
    parser_home = parser.parse(["status"]).home
    assert parser_home == Path(os.environ.get("PARTNER_REPORTS_HOME") or "var")


def test_a_reader_that_stops_reading_hears_no_complaint(published_home: Path) -> None:
    process = subprocess.Popen(
        [
            *[sys.executable, "-m", "exporters.cli.app", "show", "credit-usage"],
            *["--home", str(published_home), "--partner", "P-001", *PERIOD],
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141
    process.stderr.close()


def test_arguments_that_are_not_text_are_refused(published_home: Path, tmp_path: Path) -> None:
    odd = os.fsdecode(b"P\xff")
    home = ["--home", str(published_home)]
    partner = run("export", "discounts", *PERIOD, "--partner", odd, *home)
    assert partner.returncode == 2 and "unknown partner 'P\\udcff'" in partner.stderr
    # The database would write another name; what is written without it may have any name.
    request = ["export", "discounts", *PERIOD, "--partner", "P-001", *home, "--output"]
    path = run(*request, f"{tmp_path}/{odd}/o.csv")
    assert path.returncode == 1 and "P\\udcff' is not valid text" in path.stderr
    assert not list(tmp_path.rglob("*.csv")) and "Traceback" not in path.stderr
    assert run(*request, f"{tmp_path}/{odd}.csv").returncode == 0
    assert [path.name for path in tmp_path.glob("*.csv")] == [f"{odd}.csv"]


HEAVY = ["dbt", "openpyxl", "tqdm", "tabulate", "exporters.warehouse.build"]


def test_an_export_loads_only_what_it_needs(published_home: Path, tmp_path: Path) -> None:
    script = (
        "import json, sys; from exporters.cli import app as cli; status = cli.main(sys.argv[1:]);"
        f"print(json.dumps([status, [name for name in {HEAVY} if name in sys.modules]]))"
    )

    def loaded(*arguments: str) -> list[object]:
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments, "--home", str(published_home)],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        answer: list[object] = json.loads(done.stdout.splitlines()[-1])
        return answer

    export = ["export", "credit-usage", "--partner", "P-001", *PERIOD, "--output"]
    assert loaded(*export, str(tmp_path / "o.csv")) == [0, []]
    assert loaded(*export, str(tmp_path / "o.parquet")) == [0, []]
    assert loaded(*export, str(tmp_path / "o.xlsx")) == [0, ["openpyxl"]]
    assert loaded("show", *export[1:-1]) == [0, ["tabulate"]]
    assert loaded("status") == [0, ["tabulate"]]
    assert loaded("reports") == [0, []]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Đại lý 😀", "plain Đại lý 😀"),
        ("a\x1b[31mb\r\n\t\x00", "a\\x1b[31mb\\r\\n\\t\\x00"),
        ("a\u202eb\u2066\u200b\x9b", "a\\u202eb\\u2066\\u200b\\x9b"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_a_terminal_would_obey_is_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.dates())
def test_a_month_goes_from_its_first_to_its_last_day(day: date) -> None:
    first, last = parse_month(f"{day:%Y-%m}".zfill(7))
    assert first <= day <= last
    assert (first.year, first.month, first.day) == (day.year, day.month, 1)
    assert (last.year, last.month) == (day.year, day.month)
    assert last == date.max or (last + timedelta(1)).day == 1
