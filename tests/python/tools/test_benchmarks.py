"""What benchmarks compare says the same on both sides. Nothing here is about time.

The libraries that are measured beside the project are in the dependency group `bench`, which
`make test-tools` installs.
"""

from __future__ import annotations

import importlib.util
import json
import math
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.homes import PROJECT, build

from benchmarks import agreement, floor, reports, table, xlsx
from benchmarks import dataframes as frames
from benchmarks.measuring import Failed, measure
from exporters.catalogue.reports import REPORTS
from exporters.cli import app
from exporters.excel.report_sheet import HEADER_ROW
from exporters.i18n.language import ENGLISH
from exporters.request.report_request import Request
from exporters.synthetic import generate
from exporters.synthetic.size import Size
from exporters.warehouse.published import published_path

PERIOD = date(2024, 1, 1), date(2024, 12, 31)
# Columns of reports that are no names: the floor has none.
CREDIT_DAYS = (
    "partner_id, event_date, posted_date, service_account_id, account_id, account_type, wallet, "
    "currency, topped_up, transferred_in, accrued, used, transferred_out, expired, adjusted, "
    "net_movement, held, event_count"
)
REVENUE_KEYS = "partner_id, event_date, posted_date, service_account_id, account_id, account_type"
SUMS = (
    "currency, sum(event_count), sum(list_amount), sum(discount_amount), sum(net_amount), "
    "sum(tax_amount), sum(partner_cost_amount), sum(partner_margin_amount)"
)


def needs(*libraries: str) -> None:
    """Fail where one of them is missing, and say how to install it."""
    for library in libraries:
        if importlib.util.find_spec(library) is None:
            pytest.fail(f"{library} is missing: .venv-uv/bin/uv sync --locked --group bench")


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every odd row there is, long enough for those that come after 40 days."""
    folder: Path = tmp_path_factory.mktemp("generated")
    generate.write(Size(events=9_000, partners=6, days=45, seed=3), folder)
    return folder


@pytest.fixture(scope="module")
def home(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build makes of it. Only to be read."""
    folder: Path = tmp_path_factory.mktemp("home")
    assert build(folder, landing) == 0
    return folder


@pytest.fixture(scope="module")
def floor_of_landing(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the hand-written script makes of it. Only to be read."""
    output: Path = tmp_path_factory.mktemp("floor") / "floor.duckdb"
    floor.run(landing, output)
    return output


def rows_apart(home: Path, output: Path) -> dict[str, tuple[int, int, int]]:
    """Rows of the published file, of them only there, and of the floor only there, by table.

    Whose an entry is stands in the ledger's entries; in those of the floor it shows in the sums.
    """
    # How the id of a FOCUS line is derived is not part of the specification.
    ids = "* replace (if(feed = 'focus', 'focus', event_id) as event_id)"
    by_service = "partner_id, event_date, posted_date, account_type, service_code"
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published_path(home)}' as ours (read_only)")
        connection.execute(f"attach '{output}' as floor (read_only)")
        for what, select, ours, theirs in (
            ("credit entries", "*", "ledger.fct_credit_entries", "credits_entries"),
            ("revenue entries", ids, "ledger.fct_revenue_entries", "revenue_entries"),
            ("credit days", CREDIT_DAYS, "reports.credit_movements", "credit_days"),
            ("by account", f"{REVENUE_KEYS}, {SUMS}", "reports.revenue_by_account", "revenue_days"),
            ("by service", f"{by_service}, {SUMS}", "reports.revenue_by_service", "revenue_days"),
        ):
            group = "group by all" if SUMS in select else ""
            described = connection.execute(f"describe from floor.{theirs}").fetchall()
            order = ", ".join(row[0] for row in described) if "*" in select else "*"
            mine = f"select {select} from (select {order} from ours.{ours}) {group}"
            other = f"select {select} from floor.{theirs} {group}"
            found[what] = connection.execute(
                f"""
                select
                    (select count(*) from ({mine})),
                    (select count(*) from (({mine}) except all ({other}))),
                    (select count(*) from (({other}) except all ({mine})))
                """
            ).fetchall()[0]
    return found


def test_the_floor_has_the_ledgers_entries_and_the_reports_sums(
    home: Path, floor_of_landing: Path
) -> None:
    apart = rows_apart(home, floor_of_landing)
    assert {what: rows[1:] for what, rows in apart.items()} == dict.fromkeys(apart, (0, 0))
    assert all(rows[0] > 100 for rows in apart.values())


def test_so_it_does_for_real_focus_lines(sample_home: Path, tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "seeds" / "landing" / "focus", tmp_path / "landing" / "focus")
    output = tmp_path / "floor.duckdb"
    floor.run(tmp_path / "landing", output)
    described = "select * exclude (event_id) from {} where feed = 'focus'"
    with duckdb.connect(str(output), read_only=True) as connection:
        names = connection.execute(f"describe {described.format('revenue_entries')}").fetchall()
        columns = ", ".join(row[0] for row in names)
        select = f"select {columns} from {{}} where feed = 'focus' order by all"
        theirs = connection.execute(select.format("revenue_entries")).fetchall()
    with duckdb.connect(str(published_path(sample_home)), read_only=True) as connection:
        ours = connection.execute(select.format("ledger.fct_revenue_entries")).fetchall()
    assert ours == theirs
    assert len(ours) > 900


def test_entries_of_the_floor_have_the_ledgers_types(home: Path, floor_of_landing: Path) -> None:
    def types(path: Path, name: str) -> dict[str, str]:
        with duckdb.connect(str(path), read_only=True) as connection:
            return {row[0]: row[1] for row in connection.execute(f"describe {name}").fetchall()}

    for ours, theirs in (("credit", "credits"), ("revenue", "revenue")):
        stored = types(published_path(home), f"ledger.fct_{ours}_entries")
        written = types(floor_of_landing, f"{theirs}_entries")
        assert written == {name: stored[name] for name in written}


def test_a_figure_that_differs_stops_the_benchmark(
    home: Path, floor_of_landing: Path, tmp_path: Path
) -> None:
    ours = agreement.of_published(published_path(home))
    agreement.same(ours, agreement.of_floor(floor_of_landing), "the floor")
    spoilt = tmp_path / "floor.duckdb"
    spoilt.write_bytes(floor_of_landing.read_bytes())
    with duckdb.connect(str(spoilt)) as connection:
        connection.execute(
            "update revenue_entries set posted_date = posted_date + 1 "
            "where event_id = (select min(event_id) from revenue_entries)"
        )
    with pytest.raises(agreement.Disagreement, match="the floor has other revenue entries"):
        agreement.same(ours, agreement.of_floor(spoilt), "the floor")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_data_frames_have_the_same_sums(
    library: str, home: Path, landing: Path, tmp_path: Path
) -> None:
    needs(library, "pyarrow")
    frames.main(library, landing, tmp_path)
    agreement.close(
        agreement.of_published(published_path(home)), agreement.of_frames(tmp_path), library
    )
    with duckdb.connect(str(published_path(home)), read_only=True) as connection:
        details = f"select count(*) from '{tmp_path}/revenue_entries.parquet'"
        assert (
            connection.execute(details).fetchall()
            == connection.execute("select count(*) from reports.revenue_detail").fetchall()
        )
        topups = f"""
            select count(*)
            from '{tmp_path}/credit_entries.parquet'
            where movement_type in ('top_up', 'transfer_in')
        """
        assert (
            connection.execute(topups).fetchall()
            == connection.execute("select count(*) from reports.credit_topups").fetchall()
        )
        worth = f"""
            with theirs as (
                select
                    partner_discount_id as discount_id,
                    currency,
                    sum(list_amount) as list_amount,
                    sum(partner_discount_amount) as discount_amount
                from '{tmp_path}/revenue_days.parquet'
                where partner_discount_id is not null
                group by all
            )

            select
                count(*),
                count(theirs.discount_id),
                max(abs(ours.list_amount - theirs.list_amount)),
                max(abs(ours.discount_amount - theirs.discount_amount))
            from (
                select
                    discount_id,
                    currency,
                    sum(list_amount) as list_amount,
                    sum(discount_amount) as discount_amount
                from ledger.discount_worth
                semi join (from dimensions.discount_periods where subject = 'partner') as partners
                    using (discount_id)
                group by all
            ) as ours
            left join theirs using (discount_id, currency)
        """
        ((discounts, found, list_error, discount_error),) = connection.execute(worth).fetchall()
    assert discounts == found > 10
    assert max(list_error, discount_error) < 1e-3


def cells(path: Path) -> Iterator[tuple[list[Any], list[str]]]:
    """Values and number formats of a sheet's rows from the row of labels to the first empty one."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    for row in book.worksheets[0].iter_rows(min_row=HEADER_ROW):
        values = [cell.value for cell in row]
        if all(value is None for value in values):
            break
        yield values, [cell.number_format for cell in row]
    book.close()


@pytest.mark.parametrize("library", ["openpyxl", "xlsxwriter"])
@pytest.mark.parametrize("report", ["revenue-detail", "credit-usage"])
def test_workbooks_of_other_libraries_have_the_same_cells(
    library: str, report: str, home: Path, tmp_path: Path
) -> None:
    needs(library)
    ours, theirs = tmp_path / "ours.xlsx", tmp_path / "theirs.xlsx"
    arguments = ["--partner", "000002", "--from", str(PERIOD[0]), "--to", str(PERIOD[1])]
    command = ["export", report, "--home", str(home), *arguments, "--output", str(ours)]
    assert app.main(command) == 0
    xlsx.main(library, home, Request(REPORTS[report], "000002", *PERIOD), theirs)
    mine, other = list(cells(ours)), list(cells(theirs))
    assert len(mine) == len(other) > 20
    # The other workbooks have the codes for which ours have words.
    codes = [column.name for column in REPORTS[report].columns]
    assert mine[0][0] == other[0][0]
    for (values, formats), (other_values, other_formats) in zip(mine[1:], other[1:], strict=True):
        assert formats == other_formats
        for column, value, other_value in zip(codes, values, other_values, strict=True):
            if isinstance(value, float):
                assert math.isclose(value, other_value, rel_tol=1e-14)
            else:
                assert value == ENGLISH.word(column, other_value)


def test_queries_by_hand_give_the_reports_rows(home: Path) -> None:
    needs("pyarrow")
    figures = reports.main(home, partners=3, months=2, repeats=1)
    # The other reports are made of the same marts, and have no query by hand.
    assert set(figures) == set(reports.BY_HAND) < set(REPORTS)
    assert all(each["requests"] == 6 and each["rows"] > 0 for each in figures.values())


def run_python(code: str, folder: Path) -> Any:
    return measure([sys.executable, "-c", code], {}, folder)


def test_memory_of_a_process_and_its_children_is_seen(tmp_path: Path) -> None:
    hold = "import time; held = bytearray(100_000_000); time.sleep(0.4); print('done')"
    both = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    alone, with_parent = run_python(hold, tmp_path), run_python(f"{both}", tmp_path)
    assert 100_000_000 < alone.peak_bytes < 150_000_000
    assert alone.peak_bytes < with_parent.peak_bytes < 200_000_000
    assert alone.output == "done\n"
    assert run_python("pass", tmp_path).peak_bytes < 50_000_000


def test_a_command_that_fails_stops_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"ended with 3:\nwhy"):
        run_python("import sys; print('why'); sys.exit(3)", tmp_path)


def row(name: str, ratio: float) -> table.Row:
    """A line of the table."""
    return table.Row(name, "ours", "other", "1 s", "2 s", ratio, "", True, 1_000_000, "", {})


def names_and_ratios(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Of the rows of a Markdown table."""
    return [
        (cells[1].strip(), cells[6].strip())
        for cells in (line.split("|") for line in lines if line.startswith("| "))
    ][1:]


def test_lines_of_several_calls_stand_in_one_table(tmp_path: Path) -> None:
    first = table.Results(tmp_path, "quick", {"events": 1})
    first.add(row("build", 2.5))
    first.add(row("pack", 1.5))
    table.Results(tmp_path, "quick", {"events": 1}).add(row("build", 1.5))
    text = (tmp_path / "quick.md").read_text(encoding="utf-8")
    assert names_and_ratios(text.splitlines()) == [("build", "1.50 x"), ("pack", "1.50 x")]
    lines = json.loads((tmp_path / "quick.json").read_text(encoding="utf-8"))["lines"]
    assert {"machine", "versions", "commit", "measured_at"} <= set(lines["pack"])
