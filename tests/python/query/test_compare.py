"""`--compare`: the earlier period beside the period, in every output and exact."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from support import proof
from support.compared import COMPARABLE, check_compared, percent
from support.comparing import REFERENCE
from support.oracle import Oracle

from exporters.catalogue.comparison import compared
from exporters.catalogue.conditions import BASES, CONDITIONS
from exporters.catalogue.percent import percent_sql
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Kind
from exporters.cli import app
from exporters.errors import RequestError
from exporters.excel.report_sheet import HEADER_ROW
from exporters.i18n.language import ENGLISH
from exporters.query.amounts import change_percent, exact
from exporters.request.periods import earlier_period
from exporters.request.report_request import Request, comparing
from exporters.warehouse.published import open_published

PERIODS = {
    "previous": [
        ("2024-08-01", "2024-08-31", "2024-07-01", "2024-07-31"),
        ("2024-03-01", "2024-03-31", "2024-02-01", "2024-02-29"),
        ("2024-01-01", "2024-03-31", "2023-10-01", "2023-12-31"),
        ("2023-12-01", "2025-01-31", "2022-10-01", "2023-11-30"),
        ("2024-03-01", "2024-03-30", "2024-01-31", "2024-02-29"),
        ("2024-02-10", "2024-02-10", "2024-02-09", "2024-02-09"),
        ("9999-12-01", "9999-12-31", "9999-11-01", "9999-11-30"),
    ],
    "year": [
        ("2024-08-01", "2024-08-31", "2023-08-01", "2023-08-31"),
        ("2024-02-01", "2024-02-29", "2023-02-01", "2023-02-28"),
        ("2025-02-01", "2025-02-28", "2024-02-01", "2024-02-29"),
        ("2025-01-10", "2025-02-27", "2024-01-10", "2024-02-27"),
        ("2024-02-29", "2024-03-05", "2023-02-28", "2023-03-05"),
        ("2024-02-28", "2024-02-28", "2023-02-28", "2023-02-28"),
        ("2023-11-01", "2025-01-31", "2022-11-01", "2024-01-31"),
    ],
}


@pytest.mark.parametrize(
    ("compare", "period"), [(name, period) for name, each in PERIODS.items() for period in each]
)
def test_the_earlier_period_of(compare: str, period: tuple[str, str, str, str]) -> None:
    first, last, earlier_first, earlier_last = map(date.fromisoformat, period)
    assert earlier_period(first, last, compare) == (earlier_first, earlier_last)


@given(st.dates(date(1, 4, 1)), st.integers(0, 80))
def test_the_previous_period_ends_where_the_period_begins(first: date, days: int) -> None:
    last = min(first, date.max - timedelta(days)) + timedelta(days)
    first = min(first, last)
    start, end = earlier_period(first, last, "previous")
    assert end + timedelta(1) == first
    whole_months = first.day == 1 and (last == date.max or (last + timedelta(1)).day == 1)
    if whole_months:
        assert start.day == 1
        months = [
            12 * (b.year - a.year) + b.month - a.month for a, b in ((start, end), (first, last))
        ]
        assert months[0] == months[1]
    else:
        assert end - start == last - first


@given(st.dates(date(2, 1, 1)))
def test_a_year_earlier_days_keep_their_month(day: date) -> None:
    start, end = earlier_period(day, day, "year")
    assert (start.year, start.month) == (end.year, end.month) == (day.year - 1, day.month)
    is_end_of_february = (day.month, day.day) in ((2, 28), (2, 29))
    assert start <= end
    if not is_end_of_february:
        assert start == end == day.replace(year=day.year - 1)


@pytest.mark.parametrize(
    ("compare", "first", "last"),
    [
        ("year", "0001-05-01", "0001-05-31"),
        ("year", "0001-12-31", "0002-01-05"),
        ("previous", "0001-01-01", "0001-01-31"),
        ("previous", "0001-02-01", "0001-03-31"),
        ("previous", "0001-01-10", "0001-03-30"),
    ],
)
def test_before_the_calendar_begins_there_is_no_earlier_period(
    compare: str, first: str, last: str
) -> None:
    with pytest.raises(RequestError, match=f"--compare {compare}.*{first} to {last}.*0001-01-01"):
        earlier_period(date.fromisoformat(first), date.fromisoformat(last), compare)


# --- figures ------------------------------------------------------------------------------------

# Up to ten times the greatest amount that a row may have.
WIDE = Context(prec=60)
units = st.one_of(
    st.integers(-(10**4), 10**4),
    st.sampled_from([10**30, 10**30 - 1, 10**31, -(10**31)]),
    st.integers(-(10**31), 10**31),
    st.integers(-(10**6), 10**6).map(lambda hundreds: hundreds * 10**14),
)


@st.composite
def two_amounts(draw: st.DrawFn) -> tuple[int, int]:
    """Two amounts in units of the 12th decimal; often a change that is half of a hundredth."""
    before = draw(units)
    if draw(st.booleans()):
        return draw(units), before
    before = before // 20_000 * 20_000
    return before + before // 20_000 * draw(st.integers(-99, 99)) + draw(st.integers(-1, 1)), before


@settings(deadline=None)
@given(st.lists(two_amounts(), min_size=1, max_size=20))
def test_a_change_in_percent_is_exact(pairs: list[tuple[int, int]]) -> None:
    """In rows (by SQL) and in totals (by Python) the same, rounded half away from zero."""
    expected = [percent(now, before) for now, before in pairs]
    assert percents(pairs) == expected
    assert [change_percent(*map(Decimal, pair)) for pair in pairs] == expected


def test_a_change_in_percent_of_amounts_beyond_all_bounds_is_empty() -> None:
    assert percents([(10**37, 1), (1, 10**37)]) == [None, None]


def percents(pairs: list[tuple[int, int]]) -> list[Decimal | None]:
    """What the query of a compared report says of later and earlier amounts, in small units."""
    amounts = [
        [f"{Decimal(one).scaleb(-12, WIDE):f}" for one in side] for side in zip(*pairs, strict=True)
    ]
    with duckdb.connect() as connection:
        found = connection.execute(
            f"""
            select {percent_sql("now - before", "before")} from (
                select
                    cast(unnest($now) as decimal(38, 12)) as now,
                    cast(unnest($before) as decimal(38, 12)) as before,
            ) as pairs
            """,
            {"now": amounts[0], "before": amounts[1]},
        ).fetchall()
    return [row[0] for row in found]


FIRST, LAST = date(2023, 12, 1), date(2025, 6, 30)
months = st.dates(FIRST, LAST).map(lambda day: day.replace(day=1))
periods = st.one_of(
    st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)).map(lambda days: sorted(days)),
    st.tuples(months, months).map(
        lambda starts: [min(starts), (max(starts) + timedelta(31)).replace(day=1) - timedelta(1)]
    ),
)


@pytest.mark.proof
def test_an_earlier_period_is_what_its_own_request_gives(
    random_homes: list[tuple[Path, Path]],
) -> None:
    """Any period and conditions: every row and total of two requests, and nothing else."""
    for landing, home in random_homes:
        with open_published(home) as connection:
            assert rows_compared(connection, Oracle(landing, **REFERENCE)) > 0


def rows_compared(connection: duckdb.DuckDBPyConnection, reference: Oracle) -> int:
    """Try many requests; the number of rows that were the right ones."""
    rows = 0

    @seed(proof.SEED)
    @settings(
        max_examples=proof.cases(test=40, soak=500),
        deadline=None,
        database=None,
        derandomize=not proof.SOAK,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data(), periods)
    def try_one(data: st.DataObject, period: list[date]) -> None:
        nonlocal rows
        partner = data.draw(st.sampled_from(sorted(reference.partners())))
        accounts = sorted(reference.service_accounts(partner))
        report = REPORTS[data.draw(st.sampled_from(COMPARABLE))]
        account_types = ["both", "both", "partner", "customer"]
        if "account_type" not in report.conditions:
            account_types = ["both"]
        request = Request(
            report,
            partner,
            period[0],
            period[1],
            account_type=data.draw(st.sampled_from(account_types)),
            account=data.draw(st.sampled_from([None, None, *accounts])),
            basis=BASES[data.draw(st.sampled_from(report.bases))],
        )
        compare = data.draw(st.sampled_from(CONDITIONS["compare"].allowed))
        rows += check_compared(connection, reference, comparing(request, compare))
        proof.tried("compared requests checked against two of the reference")

    try_one()
    return rows


# --- outputs ------------------------------------------------------------------------------------

REQUEST = ["--partner", "P-001", "--from", "2024-02-01", "--to", "2024-02-29"]
WORDS = "2024-01-01 to 2024-01-31 (previous period)"


def run(home: Path, *arguments: str) -> None:
    assert app.main([*arguments, "--home", str(home)]) == 0


USAGE = """\
service_account_id,service_account_name,account_id,account_name,account_type,wallet,\
movement_type,service_code,service_name,currency,\
event_count,event_count_before,event_count_change,event_count_change_percent,\
amount,amount_before,amount_change,amount_change_percent
SA-1,Alpha own,A-P1,Alpha,partner,main,transfer_out,,,USD,1,0,1,,200,0,200,
SA-1,Alpha own,A-P1,Alpha,partner,spent,usage,compute,Compute,USD,0,1,-1,-100,0,10,-10,-100
SA-2,Customer one,A-C1,One (old),customer,main,usage,compute,Compute,USD,1,1,0,0,\
12.345678901234,30,-17.654321098766,-58.85
SA-2,Customer one,A-C1,One (old),customer,main,usage,,,USD,1,0,1,,0.000000000001,0,\
0.000000000001,
SA-2,Customer one,A-C1b,One Ltd,customer,main,usage,compute,Compute,USD,1,0,1,,1,0,1,
"""


def test_usage_of_a_month_beside_the_month_before(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.csv"
    options = ["--compare", "previous", "--output", str(output)]
    run(published_home, "export", "credit-usage", *REQUEST, *options)
    assert output.read_text(encoding="utf-8") == USAGE


@pytest.mark.parametrize("report", COMPARABLE)
def test_all_formats_say_the_same(published_home: Path, tmp_path: Path, report: str) -> None:
    texts = {}
    for ending in ("csv", "json", "parquet", "xlsx"):
        output = tmp_path / f"o.{ending}"
        options = ["--compare", "previous", "--output", str(output)]
        run(published_home, "export", report, *REQUEST, *options)
        texts[ending] = output
    columns = compared(REPORTS[report]).columns
    names = [column.name for column in columns]
    with texts["csv"].open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == names
    assert len(lines) >= 3
    objects = json.loads(texts["json"].read_text(encoding="utf-8"))
    assert [list(each) for each in objects] == [names] * len(lines)
    assert [["" if v is None else str(v) for v in each.values()] for each in objects] == lines
    with duckdb.connect() as connection:
        found = connection.execute("from read_parquet(?)", [str(texts["parquet"])])
        types = [str(column[1]) for column in found.description or ()]
        assert types == [column.kind.sql_type.upper().replace(" ", "") for column in columns]
        values = found.fetchall()
    plain = [
        [exact(v) if isinstance(v, Decimal) else "" if v is None else str(v) for v in row]
        for row in values
    ]
    assert plain == lines

    sheet = load_workbook(texts["xlsx"]).worksheets[0]
    assert [cell.value for cell in sheet[HEADER_ROW]] == [column.label for column in columns]
    assert WORDS in f"{sheet['A4'].value}"
    for number, row in enumerate(values, start=HEADER_ROW + 1):
        for place, (value, column) in enumerate(zip(row, columns, strict=True), start=1):
            cell = sheet.cell(number, place)
            if column.kind.is_number and value is not None:
                assert cell.value == pytest.approx(float(value), rel=1e-14)
            elif isinstance(value, str):
                assert cell.value == ENGLISH.word(column.name, value)
            elif isinstance(value, date):
                assert cell.value == datetime.combine(value, time())
            else:
                assert cell.value == value
            if column.kind is Kind.PERCENT:
                assert cell.number_format == '#,##0.00"%";[Red]-#,##0.00"%"'


def test_totals_have_their_own_per_cent_and_both_notes(
    published_home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Of the sums without transfers inside the partner, in a terminal and on a sheet."""
    period = ["--partner", "P-001", "--from", "2024-02-06", "--to", "2024-02-07"]
    options = ["--compare", "previous"]
    run(published_home, "show", "credit-usage", *period, *options)
    printed = capsys.readouterr().out
    assert "Compared with: 2024-02-04 to 2024-02-05 (previous period)" in printed
    note = (
        "Totals leave out transfers between accounts of the same partner "
        "(there are none in the period; in the earlier period: 200 USD); their rows are listed."
    )
    assert printed.splitlines()[-1] == note
    lines = printed.splitlines()
    total = lines[lines.index("Totals") + 3].split()
    assert total == ["USD", "2", "0", "2", "12.345678901235", "0", "12.345678901235"]

    run(published_home, "show", "credit-usage", *REQUEST, *options)
    printed = capsys.readouterr().out
    assert "(200 USD; in the earlier period: there are none)" in printed
    lines = printed.splitlines()
    total = lines[lines.index("Totals") + 3].split()
    assert total == [
        *["USD", "3", "2", "1", "50"],
        *["13.345678901235", "40", "-26.654321098765", "-66.64"],
    ]
    output = tmp_path / "o.xlsx"
    run(published_home, "export", "credit-usage", *REQUEST, *options, "--output", str(output))
    book = load_workbook(output, data_only=True)
    sheet = book["Credit usage"]
    row = next(row for row in sheet.iter_rows(values_only=True) if "Total" in row)
    assert row[9:14] == ("USD", 3, 2, 1, 50)
    assert row[14:] == pytest.approx([13.345678901235, 40, -26.654321098765, -66.64])
    control = {row[3]: row[4] for row in book["Control"].iter_rows(values_only=True)}
    assert control["Amount before"] == "40"
    assert control["Amount change"] == "-26.654321098765"


def test_files_do_not_overwrite_each_other(
    published_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options: list[list[str]] = [[], ["--compare", "previous"], ["--compare", "year"]]
    for more in options:
        run(published_home, "export", "credit-usage", *REQUEST, *more)
        run(published_home, "pack", *REQUEST, *more)
    names = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    period = "2024-02-01_2024-02-29"
    assert names == [
        f"{what}_{period}{ending}.xlsx"
        for ending in ("", "_compare-previous", "_compare-year")
        for what in ("credit-usage", "pack")
    ]


def test_a_pack_compares_what_can_be_compared(
    published_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--compare", "previous", "--output", str(tmp_path)]
    run(published_home, "pack", *REQUEST, *options)
    book = load_workbook(capsys.readouterr().out.removesuffix("\n"))
    for report in REPORTS.values():
        shown = compared(report) if report.id in COMPARABLE else report
        sheet = book[report.title]
        assert [cell.value for cell in sheet[HEADER_ROW]] == [each.label for each in shown.columns]
        assert (WORDS in f"{sheet['A4'].value}") == (report.id in COMPARABLE)
        # What does not lead is folded away, where anything leads.
        folded = {letter for letter, each in sheet.column_dimensions.items() if each.outlineLevel}
        assert all(sheet.column_dimensions[letter].hidden for letter in folded)
        in_view = [
            column.name
            for number, column in enumerate(shown.columns, start=1)
            if get_column_letter(number) not in folded
        ]
        if shown is report or not report.leading:
            assert {each.name for each in shown.columns} - {*in_view} == {*shown.folded}
            continue
        assert in_view[-4 * len(report.leading) :] == [
            f"{name}{ending}"
            for name in report.leading
            for ending in ("", "_before", "_change", "_change_percent")
        ]
        others = {column.name for column in report.total_line} - {*report.leading}
        assert not others & {*in_view}
        assert sheet.page_setup.fitToWidth == 1


def test_the_reports_that_can_be_compared() -> None:
    assert [each.id for each in REPORTS.values() if "compare" in each.conditions] == [*COMPARABLE]
    for report in map(REPORTS.__getitem__, COMPARABLE):
        labels = [column.label for column in compared(report).columns]
        assert len(set(labels)) == len(labels)
