"""The sheet Control: what a reader needs to check the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook
from support.published import write_published

from exporters.catalogue.reports import REPORTS
from exporters.excel import report_sheet, workbook
from exporters.excel.ooxml import cell_xml
from exporters.query import identities
from exporters.query.totals import totals_of
from exporters.request.report_request import Request, parse
from exporters.warehouse.published import open_published

FEBRUARY = date(2024, 2, 1), date(2024, 2, 29)


def written(home: Path, *reports: str, rows: int = 1000, partner: str = "P-001") -> Any:
    """A workbook of some reports for February, opened."""
    path = home / "o.xlsx"
    requests = [Request(REPORTS[report], partner, *FEBRUARY) for report in reports]
    with open_published(home) as connection:
        workbook.write(connection, requests, path, row_limit=report_sheet.HEADER_ROW + rows)
    return load_workbook(path, data_only=True)


def section(book: Any, title: str) -> list[dict[str, Any]]:
    """The lines below a heading of Control, by the labels of their columns."""
    rows = [list(row) for row in book["Control"].iter_rows(values_only=True)]
    start = next(place for place, row in enumerate(rows) if row[0] == title)
    lines: list[dict[str, Any]] = []
    labels: list[Any] = []
    for row in rows[start + 1 :]:
        if not any(row):
            break
        if labels == row:  # again, on the next page
            continue
        if labels:
            lines.append({label: value for label, value in zip(labels, row, strict=True) if label})
        elif sum(map(bool, row)) > 1:
            labels = row
    return lines


def totals(book: Any) -> dict[tuple[str, str, str], list[str]]:
    """Exact total, what is left out, sum as displayed and difference by sheet, currency, column."""
    return {
        (line["Sheet"], line["Currency"], line["Column"]): [
            line[label]
            for label in ("Exact total", "Left out", "Sum as displayed", "Rounding difference")
        ]
        for line in section(book, "Exact totals")
        if line["Currency"]
    }


def credits(*amounts: tuple[str, str, str]) -> str:
    """SQL that leaves only top-ups and transfers of these movement types, currencies, amounts."""
    values = ", ".join(
        f"('z{number}', 'original', true, '2024-02-10 00:00:00', '2024-02-10', 'Z{number}', 'SA-1',"
        f" 'main', '{movement}', null, null, null, '{currency}', {amount})"
        for number, (movement, currency, amount) in enumerate(amounts)
    )
    return f"delete from fixture.credits; insert into fixture.credits values {values};"


def test_the_sum_of_what_is_displayed_is_off_by_what_control_says(tmp_path: Path) -> None:
    write_published(
        tmp_path,
        credits(
            *[("top_up", "VND", "0.5")] * 3,
            ("top_up", "VND", "-0.5"),
            ("top_up", "VND", "1.4999"),
            ("top_up", "USD", "1.005"),
            ("top_up", "USD", "-0.005"),
            ("top_up", "USD", "0.004999999999"),
            ("top_up", "KWD", "0.0005"),
        ),
    )
    book = written(tmp_path, "credit-topups")
    assert totals(book) == {
        ("Credit top-ups", "KWD", "Amount"): ["0.0005", "0", "0.001", "0.0005"],
        ("Credit top-ups", "USD", "Amount"): ["1.004999999999", "0", "1", "-0.004999999999"],
        ("Credit top-ups", "VND", "Amount"): ["2.4999", "0", "3", "0.5001"],
    }
    # What is displayed, rounded by the number formats, adds up to it.
    shown: dict[str, Decimal] = {}
    for row in book.worksheets[0].iter_rows(report_sheet.FIRST_ROW, values_only=True):
        if not any(row):
            break
        places = {"VND": 0, "USD": 2, "KWD": 3}[row[14]]
        unit = Decimal(1).scaleb(-places)
        rounded = Decimal(str(row[15])).quantize(unit, rounding="ROUND_HALF_UP")
        shown[row[14]] = shown.get(row[14], Decimal(0)) + rounded
    assert shown == {"VND": Decimal(3), "USD": Decimal("1.00"), "KWD": Decimal("0.001")}


@pytest.mark.parametrize("report", REPORTS)
def test_what_is_displayed_is_the_total_and_left_out_and_rounding(
    tmp_path: Path, report: str
) -> None:
    write_published(tmp_path)
    found = totals(written(tmp_path, report))
    assert found
    for line in found.values():
        exactly, left_out, shown, difference = (Decimal(text.replace(",", "")) for text in line)
        assert exactly + left_out + difference == shown
        assert line[0] == f"{exactly:,}", "marks between thousands"


@pytest.mark.parametrize(
    "reports",
    [
        list(REPORTS),
        ["credit-usage"],
        ["credit-usage", "revenue-detail", "revenue-by-account", "discounts"],
    ],
)
def test_every_page_of_control_has_the_labels_of_its_table(
    tmp_path: Path, reports: list[str]
) -> None:
    """Pages are not longer than 45 rows, but those of the totals, whose labels a print repeats."""
    write_published(tmp_path)
    control = written(tmp_path, *reports)["Control"]
    titles = [cell.row for cell in control["A"] if cell.font.size == 12]
    labels = [cell.row for cell in control["A"] if cell.fill.fill_type == "solid"]
    breaks = [each.id for each in control.row_breaks.brk]
    assert control.print_title_rows == f"${labels[-1]}:${labels[-1]}"
    assert control.auto_filter.ref == f"A{labels[-1]}:H{control.max_row}"
    ends = [*breaks, max(labels[-1], *(end for end in (breaks or [0])))]
    starts = [1, *(row + 1 for row in breaks)]
    for start, end in zip(starts, ends, strict=True):
        assert end - start < 45
        assert start in {1, *titles, *labels}
    # A title stands on the page of its labels.
    for title in titles:
        after = [row for row in labels if row > title]
        assert not any(title <= row < after[0] for row in breaks)


def test_identities_between_the_reports_are_listed_with_both_sides(tmp_path: Path) -> None:
    write_published(tmp_path)
    lines = section(written(tmp_path, *REPORTS), "Checked")
    assert {line["Result"] for line in lines} == {"equal"}
    assert {line["Difference"] for line in lines} == {"0"}
    by_words = {(line["What must be equal"], line["Currency"]): line for line in lines}
    usage = by_words["Rows of Credit usage = used + transferred out of Credit balance", "USD"]
    assert usage["Left side"] == usage["Right side"] == "213.345678901235"
    assert by_words["Revenue by account = Revenue detail: Tax", "VND"]["Left side"] == "10,000"
    # A single report is checked in itself only.
    (alone,) = {
        line["What must be equal"]
        for line in section(written(tmp_path, "revenue-detail"), "Checked")
    }
    assert alone == "Revenue detail: list amount - discount amount = net amount"


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("revenue_by_account", "tax_amount", "Revenue by account = Revenue detail: Tax"),
        ("revenue_by_service", "net_amount", "Revenue by service = Revenue detail: Net amount"),
        ("revenue_by_service", "net_amount", "Revenue by service: list amount - discount amount ="),
        ("credit_movements", "used", "Rows of Credit usage = used + transferred out"),
        ("credit_movements", "topped_up", "Rows of Credit top-ups = topped up + transferred in"),
        ("credit_movements", "net_movement", "Topped up + transferred in + granted"),
    ],
)
def test_an_identity_that_does_not_hold_stands_out(
    tmp_path: Path, table: str, column: str, words: str
) -> None:
    path = write_published(tmp_path)
    with duckdb.connect(path) as connection:
        connection.execute(
            f"""
            update reports.{table} set {column} = {column} + 0.25
            where rowid = (
                select min(rowid) from reports.{table}
                where partner_id = 'P-001' and event_date between '2024-02-01' and '2024-02-29'
            )
            """
        )
    book = written(tmp_path, *REPORTS)
    wrong = [line for line in section(book, "Checked") if line["Result"] != "equal"]
    assert any(line["What must be equal"].startswith(words) for line in wrong)
    assert {line["Result"] for line in wrong} == {"differs"}
    assert {abs(Decimal(line["Difference"])) for line in wrong} == {Decimal("0.25")}
    loud = [
        row[0].font.color.rgb for row in book["Control"].iter_rows() if row[0].value == "differs"
    ]
    assert loud == ["00C00000"] * len(wrong)


def test_open_transfers_tell_nothing_of_the_other_side(tmp_path: Path) -> None:
    """T9 goes from P-001 to P-002, which got another amount; T4 has one side only."""
    write_published(
        tmp_path,
        """
        insert into fixture.credits values
            ('a', 'original', true, '2024-02-15 00:00:00', '2024-02-15', 'T9', 'SA-1', 'main',
             'transfer_out', 'SA-3', null, null, 'USD', 70),
            ('b', 'original', true, '2024-02-15 00:00:00', '2024-02-15', 'T9', 'SA-3', 'main',
             'transfer_in', 'SA-1', null, null, 'USD', 69),
            ('c', 'original', true, '2024-01-15 00:00:00', '2024-01-15', 'T8', 'SA-1', 'main',
             'transfer_out', 'SA-3', null, null, 'USD', 1000);
        insert into reports.open_transfers values
            ('T9', 'USD', 70, 69, ['SA-1'], ['SA-3'], ['a', 'b'], '2024-02-15', '2024-02-15'),
            ('T8', 'USD', 1000, 0, ['SA-1'], null, ['c'], '2024-01-15', '2024-01-15');
        """,
    )
    of_one = section(written(tmp_path, "credit-usage"), "Open transfers")
    sides = ("Transaction", "Service account", "Currency", "Transferred out", "Transferred in")
    assert [tuple(line[side] for side in sides) for line in of_one] == [
        ("T4", "SA-2", "VND", "0", "50,000"),
        ("T9", "SA-1", "USD", "70", "0"),
    ]
    of_other = section(written(tmp_path, "credit-usage", partner="P-002"), "Open transfers")
    assert [tuple(line[side] for side in sides) for line in of_other] == [
        ("T9", "SA-3", "USD", "0", "69")
    ]
    other = written(tmp_path, "discounts", partner="P-003")
    assert section(other, "Open transfers") == []
    assert ("None in the period.",) in [row[:1] for row in other["Control"].values]
    with open_published(tmp_path) as connection:
        account = parse("credit-usage", "P-001", "2024-02-01", "2024-02-29", {"account": "SA-2"})
        workbook.write(connection, [account], tmp_path / "a.xlsx")
    (line,) = section(load_workbook(tmp_path / "a.xlsx"), "Open transfers")
    assert line["Currency"] == "VND"


def test_wallets_of_which_the_source_states_another_balance(tmp_path: Path) -> None:
    """1,000 and 500.5 topped up, then 200 transferred out: 1,300.5, not 1,000."""
    stated = "insert into fixture.stated_balances values ('c2', 1500.5), ('c3', 1000);"
    write_published(tmp_path, stated)
    title = "Balances that differ from the source"
    assert section(written(tmp_path, "credit-balance"), title) == [
        {
            "Service account": "SA-1", "Wallet": "main", "Currency": "USD",
            "Since": "2024-02-05 08:00:00", "Stated less ours": "-300.5",
        }
    ]  # fmt: skip
    assert section(written(tmp_path, "credit-balance", partner="P-002"), title) == []


def test_refused_rows_count_for_the_partner_that_they_name(tmp_path: Path) -> None:
    """Two refused rows of credits name nobody; those put in name P-001, SA-1 and SA-9 of nobody."""
    rows = ", ".join(
        f"('{feed}', 'b1', 'f.csv', {number}, '{raw}', ['broken'])"
        for number, (feed, raw) in enumerate(
            [
                ("discounts", '{"partner_id":" P-001 ","service_account_id":""}'),
                ("discounts", '{"Partner_ID":"P-001"}'),
                ("credits", '{"service_account_id":"SA-1"}'),
                ("focus", '{"SubAccountId":"SA-1"}'),
                ("revenue", '{"service_account_id":"SA-9"}'),
                ("revenue", '{"service_account_id":null}'),
                ("accounts", '{"service_account_id":"SA-9","partner_id":"P-002"}'),
            ]
        )
    )
    write_published(tmp_path, f"insert into reports.rejected_rows values {rows}")
    book = written(tmp_path, "revenue-detail")
    counts = ("Feed", "Refused, of this partner", "Refused, of nobody known", "Account unknown")
    title = "Not in any figure"
    assert [tuple(line[count] for count in counts) for line in section(book, title)] == [
        ("Credits", 1, 2, 0),
        ("Discounts", 2, 0, 0),
        ("FOCUS", 1, 0, 0),
        ("Revenue", 0, 2, 1),
    ]
    other = section(written(tmp_path, "revenue-detail", partner="P-002"), title)
    assert [tuple(line[count] for count in counts) for line in other] == [
        ("Accounts", 1, 0, 0),
        ("Credits", 0, 2, 0),
        ("Revenue", 0, 2, 1),
    ]
    values = {cell for row in book["Control"].iter_rows(values_only=True) for cell in row}
    assert not {"u1", "SA-X", "4.5", Decimal("4.5"), 4.5} & values


def test_texts_that_were_cut_are_listed_where_they_stand(tmp_path: Path) -> None:
    long, just = "y" * 40_000, "z" * cell_xml.TEXT_LIMIT
    astral = "😀" * 20_000
    write_published(
        tmp_path,
        credits(*[("top_up", "USD", "1")] * 9)
        + f"""
        update fixture.credits set payment_method = '{long}' where event_id = 'z3';
        update fixture.credits set payment_method = '{just}' where event_id = 'z4';
        update fixture.credits set transaction_id = 'Z9{astral}' where event_id = 'z8';
        """,
    )
    book = written(tmp_path, "credit-topups", rows=7)
    lines = section(book, "Texts that were cut")
    assert {(line["Column"], line["Characters"]) for line in lines} == {
        ("Payment method", 40_000),
        ("Transaction", 20_002),
    }
    for line in lines:
        assert book[line["Sheet"]][line["Cell"]].value.endswith(cell_xml.CUT_MARK)
    assert {line["Sheet"] for line in lines} == {"Credit top-ups", "Credit top-ups (2)"}
    whole = sum(
        str(cell).endswith(cell_xml.CUT_MARK)
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    )
    assert whole == len(lines)


def test_a_partner_whose_name_is_cut_is_listed_too(tmp_path: Path) -> None:
    write_published(
        tmp_path,
        f"update reports.partners set partner_name = '{'n' * 33_000}' where partner_id = 'P-001';",
    )
    book = written(tmp_path, "discounts")
    (line,) = section(book, "Texts that were cut")
    assert (line["Sheet"], line["Cell"], line["Characters"]) == ("every sheet", "A2", 33_008)


def test_sheets_that_continue_are_named_with_their_rows(tmp_path: Path) -> None:
    write_published(tmp_path)
    book = written(tmp_path, "credit-balance", rows=6)
    assert section(book, "Sheets that continue") == [
        {"Sheet": "Credit balance", "Rows": 6, "Continues on": "Credit balance (2)"},
        {"Sheet": "Credit balance (2)", "Rows": 1, "Continues on": "Credit balance (3)"},
        {"Sheet": "Credit balance (3)", "Rows": 0, "Continues on": None},
    ]
    whole = written(tmp_path, "credit-topups", "credit-balance")
    titles = [row[0] for row in whole["Control"].iter_rows(values_only=True)]
    assert "Sheets that continue" not in titles and "Texts that were cut" not in titles


def test_totals_by_account_add_up_to_the_rows(tmp_path: Path) -> None:
    write_published(tmp_path)
    book = written(tmp_path, "credit-balance", "credit-usage", "revenue-detail")
    for sheet in book.worksheets[:-1]:
        below = account_lines(sheet)
        assert below, sheet.title
        own: dict[tuple[str, str, str, str], float] = {}
        labels = [cell.value for cell in sheet[report_sheet.HEADER_ROW]]
        for row in sheet.iter_rows(report_sheet.FIRST_ROW, values_only=True):
            if not any(row):
                break
            line = dict(zip(labels, row, strict=True))
            key = line["Service account"], line["Account"], line["Currency"]
            for label, value in below[0].items():
                if isinstance(value, int | float):
                    own[*key, label] = own.get((*key, label), 0) + line[label]
        found = {
            (line["Service account"], line["Account"], line["Currency"], label): value
            for line in below
            for label, value in line.items()
            if isinstance(value, int | float)
        }
        assert found == pytest.approx(own)


def account_lines(sheet: Any) -> list[dict[str, Any]]:
    """The totals by account of a sheet, by the labels above them."""
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    labels = None
    for row in rows:
        if row[0] == "By service account":
            labels = next(rows)
            break
    return [
        {label: value for label, value in zip(labels, row, strict=True) if label}
        for row in rows
        if labels
    ]


@pytest.mark.parametrize("report", ["credit-topups", "revenue-by-account", "discounts"])
def test_totals_by_account_are_not_given_where_they_say_nothing_new(
    tmp_path: Path, report: str
) -> None:
    write_published(tmp_path)
    assert account_lines(written(tmp_path, report).worksheets[0]) == []


def test_checks_take_the_report_that_is_asked_for_whatever_its_conditions(tmp_path: Path) -> None:
    write_published(tmp_path)
    given = {"account_type": "customer", "basis": "posted"}
    request = parse("credit-balance", "P-001", "2024-02-01", "2024-02-29", given)
    with open_published(tmp_path) as connection:
        found = totals_of(connection, request)
    checked = identities.check({"credit-balance": (request.report, found)})
    assert len(checked) == 3 * len(found.by_currency)
    assert not any(each.difference for each in checked)
