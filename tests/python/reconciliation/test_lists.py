"""Lists as accountants in Vietnam, Germany and the United States keep them.

Each is of September 2024 of partner 000100 in the sample (docs/sample.md). It is read without
options or asks one question, which an option answers; and what it says is found in the ledger.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openpyxl import Workbook, load_workbook
from support.homes import PROJECT

from exporters.cli import app
from exporters.i18n.language import ENGLISH
from exporters.reconciliation.reconcile import result
from exporters.reconciliation.reconcile.passes.passes import PASSES

Rows = list[list[Any]]


class Found(NamedTuple):
    """What became of a list."""

    status: int
    classes: Counter[str]
    rows: list[dict[str, str]]
    printed: str

    def not_lines(self) -> list[int]:
        """The rows that are no lines."""
        return [int(row["statement_row"]) for row in self.rows if row["class"] == "not a line"]


# Reconciles the list at a path with a report.
Reconcile = Callable[..., Found]


@pytest.fixture
def reconcile(sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reconcile:
    """A function that reconciles a list with September of partner 000100."""

    def run(path: Path, report: str, *options: str) -> Found:
        output = tmp_path / "result.csv"
        output.unlink(missing_ok=True)
        request = ["reconcile", "--home", str(sample_home), "--partner", "000100"]
        request += ["--from", "2024-09-01", "--to", "2024-09-30", "--report", report]
        request += ["--statement", str(path), "--output", str(output), *options]
        capsys.readouterr()
        status = app.main(request)
        printed = "".join(capsys.readouterr())
        assert "Traceback" not in printed
        if status not in (0, 3):
            assert not output.exists()
            return Found(status, Counter(), [], printed)
        with output.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return Found(status, Counter(row["class"] for row in rows), rows, printed)

    return run


def workbook(
    path: Path,
    sheets: dict[str, Rows],
    merged: Iterable[str] = (),
    change: Callable[[Any], None] = lambda sheet: None,
) -> Path:
    """A workbook with these sheets; `merged` and `change` are for the first."""
    book = Workbook()
    del book["Sheet"]
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    for each in merged:
        book.worksheets[0].merge_cells(each)
    change(book.worksheets[0])
    book.save(path)
    return path


def text_file(path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    """A CSV file with the ends of lines of a spreadsheet."""
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return path


_SIGNATURES: Rows = [
    [],
    [None, None, None, None, None, "Hà Nội, ngày 30 tháng 9 năm 2024"],
    ["Người lập biểu", None, "Kế toán trưởng", None, None, None, "Giám đốc"],
    ["(Ký, họ tên)", None, "(Ký, họ tên)", None, None, None, "(Ký, đóng dấu)"],
    [],
    ["Nguyễn Thị Lan", None, "Trần Văn Minh", None, None, None, "Lê Hoàng"],
]


def test_a_vietnamese_list_of_revenue_with_merged_headers_totals_and_signatures(
    reconcile: Reconcile, tmp_path: Path
) -> None:
    rows: Rows = [
        ["CÔNG TY TNHH SÔNG HỒNG CLOUD"],
        ["BẢNG KÊ DOANH THU DỊCH VỤ"],
        ["Tháng 9 năm 2024"],
        [],
        ["STT", "Chứng từ", None, "Tài khoản dịch vụ", "Giá trị (VNĐ)", None, None, "Ghi chú"],
        [None, "Mã sự kiện", "Ngày", None, "Niêm yết", "Chiết khấu", "Thành tiền", None],
        ["A", "B", "C", "D", 1, 2, "3=1-2", "E"],
        [1, "RV-0013", "05/09/2024", "010001", "6.000.000", "300.000", "5.700.000", None],
        [2, "RV-0011", "14/09/2024", "010001", "1.000.000", "100.000", "900.000", None],
        [3, "RV-0010", "15/09/2024", "010001", "4.500.000", "450.000", "4.050.000", "đã sửa"],
        ["Cộng", None, None, None, "11.500.000", "850.000", "10.650.000", None],
        [4, "RV-0014", "15/09/2024", "010001", "800.000", "0", "800.000", None],
        [5, "RV-0015", "16/09/2024", "010001", "800.000", "0", "800.000", None],
        [6, "RV-0012", "18/09/2024", "010001", "2.000.000", "500.000", "1.500.000", None],
        [7, "RV-0019", "20/09/2024", "010001", "-500.000", "-50.000", "-450.000", "hoàn"],
        [8, "RV-0027", "29/09/2024", "010001", "350.000", "0", "350.000", None],
        [9, "RV-0016", "30/09/2024", "010001", "50.000", "0", "50.000", None],
        [10, "RV-0017", "30/09/2024", "010001", "-200.000", "0", "-200.000", None],
        [11, "RV-0018", "30/09/2024", "010001", "-30.000,5", "0", "-30.000,5", None],
        ["Tổng cộng", None, None, None, "14.769.999,5", None, "13.469.999,5", None],
        *_SIGNATURES,
    ]

    def hide(sheet: Any) -> None:
        sheet.column_dimensions["H"].hidden = True
        sheet.row_dimensions[9].hidden = True

    merged = ["A5:A6", "B5:C5", "D5:D6", "E5:G5", "H5:H6", "A23:B23"]
    path = workbook(tmp_path / "ke.xlsx", {"Tháng 9": rows}, merged, hide)
    found = reconcile(path, "revenue-detail", "--account", "010001")
    assert (found.status, found.classes["matched"]) == (0, 11)
    assert set(found.classes) == {"matched", "not a line"}
    assert found.not_lines() == [1, 2, 3, 7, 11, 20, 22, 23, 24, 26]
    assert "not a line: row 1, 2, 3, 7, 11, 20, 22, 23, 24, 26." in found.printed
    assert "currency: none, taken as VND" in found.printed
    assert (
        "Not read: STT, Giá trị (VNĐ) Niêm yết, Giá trị (VNĐ) Chiết khấu, Ghi chú" in found.printed
    )
    assert "Hidden columns of the sheet: Ghi chú." in found.printed
    assert "Hidden rows of the sheet, which were read: 9." in found.printed
    # The same list says the list price too.
    found = reconcile(path, "revenue-detail", "--account", "010001", "--amount", "list")
    assert (found.status, found.classes["matched"]) == (0, 11)
    assert "amount: Giá trị (VNĐ) Niêm yết" in found.printed


def test_a_vietnamese_list_of_top_ups_asks_for_the_order_of_days(
    reconcile: Reconcile, tmp_path: Path
) -> None:
    path = text_file(
        tmp_path / "nap.csv",
        "BẢNG KÊ NẠP TIỀN THÁNG 9;;;;\n"
        "Đơn vị tính: VND;;;;\n"
        ";;;;\n"
        "Ngày nạp;Mã giao dịch;Tài khoản dịch vụ;Số tiền;Diễn giải\n"
        "03/09/2024;T-0030;000101;30.000.000 đ;Chuyển khoản\n"
        "Tổng cộng;;;30.000.000 đ;\n",
    )
    found = reconcile(path, "credit-topups")
    assert found.status == 2
    for words in (
        "column Ngày nạp of the statement",
        "row 5: '03/09/2024' is 2024-09-03",
        "2024-03-09 where it is written mm/dd/yyyy",
        "--date-format dd/mm/yyyy or --date-format mm/dd/yyyy",
    ):
        assert words in found.printed
    found = reconcile(path, "credit-topups", "--date-format", "dd/mm/yyyy")
    # The transfer within the partner is not missed.
    assert (found.status, found.classes["matched"]) == (0, 1)
    assert "are left out, as totals leave them out (6,000,000 VND)" in found.printed
    assert found.not_lines() == [1, 2, 6]
    # A list that has it is not wrong for it, and one with another amount is.
    for amount, status, class_ in (("6.000.000", 0, "matched"), ("6.000.001", 3, "amount differs")):
        more = f"04/09/2024;T-0031;010001;{amount} đ;Nội bộ\nTổng cộng;;;36"
        text_file(path, path.read_text("utf-8-sig").replace("Tổng cộng;;;30", more))
        found = reconcile(path, "credit-topups", "--date-format", "dd/mm/yyyy")
        assert found.status == status
        assert [row["class"] for row in found.rows if row["statement_row"] == "6"] == [class_]
        assert "left out" not in found.printed
        text_file(path, path.read_text("utf-8-sig").replace(more, "Tổng cộng;;;30"))


def test_a_german_list_of_usage(reconcile: Reconcile, tmp_path: Path) -> None:
    path = text_file(
        tmp_path / "verbrauch.csv",
        "Verbrauch September 2024;;;;;\n"
        ";;;;;\n"
        "Buchungsdatum;Beleg;Konto;Währung;Betrag;Leistung\n"
        "05.09.2024;4711;010001;VND;5.700.000,00;Datenbank\n"
        "10.09.2024;4712;010001;VND;400.000,00;GPU\n"
        "10.09.2024;4713;020001;VND;920.000,00;VM\n"
        "15.09.2024;4714;010001;VND;4.050.000,00;VM\n"
        "18.09.2024;4715;010002;USD;79,50;GPU\n"
        "29.09.2024;4716;010001;VND;350.000,00;CDN\n"
        "Summe VND;;;VND;11.420.000,00;\n"
        "Summe USD;;;USD;79,50;\n"
        ";;;;;\n"
        "Erstellt: Buchhaltung;;;;;\n",
    )
    found = reconcile(path, "credit-usage")
    assert (found.status, found.classes["matched"]) == (0, 6)
    assert found.not_lines() == [1, 10, 11, 13]
    # Its own numbers are no keys of the ledger.
    assert "key: none" in found.printed
    assert "Not read: Beleg, Leistung" in found.printed
    assert "numbers 1.234,56, dates dd.mm.yyyy" in found.printed


def test_an_american_list_with_dollars(reconcile: Reconcile, tmp_path: Path) -> None:
    path = text_file(
        tmp_path / "revenue.csv",
        "Cloud revenue,,,\n"
        "Event ID,Date,Service account,Amount\n"
        "RV-0022,9/18/2024 9:00 AM,010002,$79.50\n"
        "RV-0023,9/19/2024 9:00 AM,010002,$10.005\n"
        "Total,,,$89.505\n",
    )
    found = reconcile(path, "revenue-detail", "--account", "010000", "--currency", "US$")
    assert found.status == 3
    assert found.classes == {"matched": 2, "only in ledger": 11, "not a line": 2}
    found = reconcile(path, "revenue-detail", "--account", "010002")
    assert (found.status, found.classes["matched"]) == (0, 2)
    assert "Written: numbers 1,234.56, dates mm/dd/yyyy" in found.printed
    # A dollar beside the amount and another currency for the list contradict each other.
    found = reconcile(path, "revenue-detail", "--account", "010002", "--currency", "VND")
    assert found.status == 2
    assert "the row has several currencies: USD, VND" in found.printed


def test_amounts_of_two_currencies_side_by_side_ask_which(
    reconcile: Reconcile, tmp_path: Path
) -> None:
    path = text_file(
        tmp_path / "hai-loai-tien.csv",
        "Bảng kê;;;;;\n"
        "STT;Chứng từ;;Tài khoản;Số tiền;\n"
        ";Số;Ngày;;VND;USD\n"
        "1;CT01;05/09/2024;010001;5.700.000;\n"
        "2;CT02;18/09/2024;010002;;79,50\n"
        "3;CT03;29/09/2024;010001;350.000;\n",
    )
    found = reconcile(path, "credit-usage")
    assert found.status == 2
    assert "'Số tiền VND' (E), 'Số tiền USD' (F)" in found.printed
    assert "say which it is with --amount-column E or --amount-column F" in found.printed
    for column, matched in (("E", 2), ("Số tiền USD", 1)):
        found = reconcile(path, "credit-usage", "--amount-column", column)
        assert found.classes["matched"] == matched
        assert found.classes["unreadable"] == 3 - matched


def test_keys_of_another_kind_than_their_label_says_are_found(
    reconcile: Reconcile, tmp_path: Path
) -> None:
    path = text_file(
        tmp_path / "ma.csv",
        "Ngay,Ma giao dich,Tai khoan,So tien\n"
        '05/09/2024,CR-0035,010001,"5,700,001 VND"\n'
        "18/09/2024,CR-0051,010002,79.5 USD\n",
    )
    found = reconcile(path, "credit-usage")
    assert (found.classes["matched"], found.classes["amount differs"]) == (1, 1)


def test_dollars_that_stand_in_some_rows_only(reconcile: Reconcile, tmp_path: Path) -> None:
    path = text_file(
        tmp_path / "revenue.csv",
        "Event ID,Date,Service account,Amount\n"
        "RV-0022,9/18/2024,010002,$79.50\n"
        "RV-0023,9/19/2024,010002,10.005\n"
        "Total,,,$89.505\n",
    )
    found = reconcile(path, "revenue-detail")
    assert found.status == 2
    assert "none stands beside the amount in row 3" in found.printed
    assert "--currency" in found.printed
    found = reconcile(path, "revenue-detail", "--currency", "$", "--account", "010002")
    assert (found.status, found.classes["matched"]) == (0, 2)


def test_unicode_text_of_a_spreadsheet(reconcile: Reconcile, tmp_path: Path) -> None:
    path = text_file(
        tmp_path / "su-dung.csv",
        "Mã sự kiện\tNgày sử dụng\tTài khoản\tSố tiền\tLoại tiền\n"
        "CR-0035\t05/09/2024\t010001\t5.700.000\tVNĐ\n"
        "CR-0037\t10/09/2024\t010001\t400.000\tđ\n"
        "CR-0039\t10/09/2024\t020001\t920.000\t₫\n"
        "CR-0033\t15/09/2024\t010001\t4.050.000\tvnd\n"
        "CR-0051\t18/09/2024\t010002\t79,50\tUSD\n"
        "CR-0060\t29/09/2024\t010001\t350.000\tVND\n"
        "Cộng\t\t\t11.420.000\tVND\n"
        "Cộng\t\t\t79,50\tUSD\n",
        "utf-16",
    )
    found = reconcile(path, "credit-usage")
    assert (found.status, found.classes) == (0, {"matched": 6, "not a line": 2})


def test_a_daily_book_with_subtotals_and_no_keys(reconcile: Reconcile, tmp_path: Path) -> None:
    rows: Rows = [
        ["SỔ CHI TIẾT SỬ DỤNG"],
        [],
        ["Ngày", "Diễn giải", "Mã tài khoản", "Số tiền (VND)"],
        [date(2024, 9, 5), "CSDL", "010001", 5700000],
        [date(2024, 9, 10), "GPU", "010001", 400000],
        [datetime(2024, 9, 10, 14, 30), "Máy ảo", "020001", 920000],
        ["10/09/2024", "Cộng 10 ngày đầu", None, 7020000],
        [date(2024, 9, 15), "Máy ảo", "010001", 4050000],
        [date(2024, 9, 29), "CDN", "010001", 350000],
        ["30/09/2024", "Cộng 20 ngày cuối", None, 4400000],
        ["30/09/2024", "Cộng cả tháng", None, 11420000],
        [],
        ["Số dư chuyển sang tháng sau", None, None, 4900000],
    ]
    path = workbook(tmp_path / "so.xlsx", {"So": rows})
    found = reconcile(path, "credit-usage", "--currency", "đ", "--key-column", "-")
    # Days stand beside the sums: that they are sums, and of no account, tells them from lines.
    assert found.classes == {"matched": 5, "not a line": 5, "only in ledger": 1}
    assert found.not_lines() == [1, 7, 10, 11, 13]
    # The same where lines have keys.
    keys = ["CR-0035", "CR-0037", "CR-0039", None, "CR-0033", "CR-0060", None, None]
    for row, key in zip(rows[3:11], keys, strict=True):
        row.append(key)
    rows[2].append("Mã sự kiện")
    path = workbook(tmp_path / "so.xlsx", {"So": rows})
    found = reconcile(path, "credit-usage")
    assert found.classes == {"matched": 5, "not a line": 5, "only in ledger": 1}
    assert found.not_lines() == [1, 7, 10, 11, 13]
    found = reconcile(path, "credit-usage", "--account", "010001")
    assert found.classes["matched"] == 4


def test_balances_with_numbers_as_text(reconcile: Reconcile, tmp_path: Path) -> None:
    rows: Rows = [
        ["BIÊN BẢN ĐỐI CHIẾU SỐ DƯ", None, None, None],
        ["Ngày 30/09/2024"],
        ["Tài khoản dịch vụ", "Tên", "Loại tiền", "Số dư cuối kỳ"],
        ["000101", "Ví chính", "VND", "57.350.000"],
        ["000101", "Ví chính", "USD", "612,50"],
        ["010001", "Phố Cổ", "VND", "4.900.000"],
        ["010002", "Phố Cổ", "USD", "200"],
        ["020001", "=1+1", "VND", "2.930.000"],
        ["Tổng cộng", None, "VND", "65.180.000"],
        ["Tổng cộng", None, "USD", "812,50"],
        ["Đại diện bên A", None, None, "Đại diện bên B"],
    ]
    path = workbook(tmp_path / "so-du.xlsx", {"Số dư": rows})
    found = reconcile(path, "credit-balance")
    # The wallets of 010001 are one row.
    assert (found.status, found.classes) == (0, {"matched": 5, "not a line": 5})
    rows[5][3] = "4.900.001"
    rows[6][2] = "EUR"
    rows[7][0] = "020002"
    found = reconcile(workbook(path, {"Số dư": rows}), "credit-balance")
    assert found.classes == {
        "matched": 2,
        "amount differs": 1,
        "only in statement": 2,
        "only in ledger": 2,
        "not a line": 5,
    }
    (row,) = [row for row in found.rows if row["class"] == "amount differs"]
    assert (row["difference"], row["service_account_id"]) == ("1", "010001")
    assert row["explanation"] == "the ledger has it with 4900000 in place of 4900001"
    found = reconcile(path, "credit-balance", "--account-type", "partner")
    assert (found.classes["matched"], found.classes["only in ledger"]) == (2, 0)


def test_revenue_by_account_with_a_total_that_is_only_a_sum(
    reconcile: Reconcile, tmp_path: Path
) -> None:
    rows: Rows = [
        ["Konto", "Kunde", "Listenpreis", "Nettobetrag", "USt", "Währung"],
        ["010001", "Phố Cổ", 14769999.5, 13469999.5, 1365000, "VND"],
        ["020001", "=1+1", 1000000, 920000, 92000, "VND"],
        ["zusammen", None, 15769999.5, 14389999.5, 1457000, "VND"],
        ["010002", "Phố Cổ", 89.505, 89.505, 8.95, "USD"],
    ]
    path = workbook(tmp_path / "umsatz.xlsx", {"Umsatz": rows})
    found = reconcile(path, "revenue-by-account")
    assert (found.status, found.classes) == (0, {"matched": 3, "not a line": 1})
    assert found.not_lines() == [4]
    for amount, column in (("list", "Listenpreis"), ("tax", "USt")):
        found = reconcile(path, "revenue-by-account", "--amount", amount)
        assert (found.status, found.classes["matched"]) == (0, 3)
        assert f"amount: {column}" in found.printed
    named = ["--amount", "cost", "--amount-column", "Listenpreis"]
    found = reconcile(path, "revenue-by-account", *named)
    assert (found.status, found.classes["amount differs"]) == (3, 2)


def test_two_months_in_one_workbook_ask_which(reconcile: Reconcile, tmp_path: Path) -> None:
    header = ["Mã đơn hàng", "Mã sự kiện", "Ngày", "Tài khoản", "Loại tiền", "Thành tiền"]
    september: Rows = [header, ["O-500", "RV-0013", "05-09-2024", "010001", "VND", 5700000]]
    september += [[None, "RV-0014", "15-09-2024", "010001", "VND", "800 000"]]
    august: Rows = [header, [None, "RV-0001", "05-08-2024", "010001", "VND", 1]]
    sheets: dict[str, Rows] = {"Bìa": [["Bảng kê"]], "Tháng 8": august, "Tháng 9": september}
    path = workbook(tmp_path / "nam.xlsx", sheets)
    found = reconcile(path, "revenue-detail")
    assert found.status == 2
    assert "'Tháng 8', 'Tháng 9'; say which it is with --sheet" in found.printed
    found = reconcile(path, "revenue-detail", "--sheet", "Tháng 9")
    assert (found.status, found.classes["matched"]) == (3, 2)
    assert "Sheets that were not read: Bìa, Tháng 8." in found.printed
    found = reconcile(path, "revenue-detail", "--sheet", "Tháng 10")
    assert found.status == 2
    assert "unknown --sheet 'Tháng 10'" in found.printed


def test_an_amount_of_three_digits_after_a_mark_is_asked_for(
    reconcile: Reconcile, tmp_path: Path
) -> None:
    text = "Mã sự kiện;Ngày;Số tiền\nRV-0027;2024-09-29;350.000\n"
    path = text_file(tmp_path / "mot-dong.csv", text)
    found = reconcile(path, "revenue-detail", "--currency", "VND")
    assert found.status == 2
    for words in (
        "column Số tiền of the statement",
        "row 2: '350.000' is 350 where it is written 1234.56",
        "350000 where it is written 1.234,56",
        "--numbers 1234.56 or --numbers 1.234,56",
    ):
        assert words in found.printed
    options = ["--currency", "VND", "--numbers", "1.234,56"]
    found = reconcile(path, "revenue-detail", *options)
    assert found.classes["matched"] == 1
    # Which is said once, and kept.
    kept = tmp_path / "mapping.toml"
    reconcile(path, "revenue-detail", *options, "--save-mapping", str(kept))
    found = reconcile(path, "revenue-detail", "--mapping", str(kept))
    assert found.classes["matched"] == 1
    # An option goes before it.
    found = reconcile(path, "revenue-detail", "--mapping", str(kept), "--numbers", "1234.56")
    assert found.classes["amount differs"] == 1


REPORTS = (
    *("credit-topups", "credit-usage", "revenue-detail", "credit-balance"),
    "revenue-by-account",
)
_FORMER = {
    "Mã sự kiện": "Sự kiện",
    "Mã giao dịch": "Giao dịch",
    "Mã đơn hàng": "Đơn hàng",
    "Mã dịch vụ": "Dịch vụ",
    "Thành tiền theo giá niêm yết": "Theo giá niêm yết",
    "Tiền chiết khấu": "Chiết khấu",
    "Thành tiền sau chiết khấu": "Doanh thu thuần",
    "Tiền thuế": "Thuế",
    "Giá vốn": "Giá vốn đại lý",
    "Lợi nhuận gộp": "Lãi gộp đại lý",
    "Partner rate %": "Partner discount %",
    "Discount amount": "Discount",
    "Granted and refunded": "Accrued",
}


@pytest.mark.parametrize("language", ["en", "vi"])
def test_our_own_packs_are_read_without_questions(
    sample_home: Path, reconcile: Reconcile, tmp_path: Path, language: str
) -> None:
    request = ["pack", "--home", str(sample_home), "--from", "2024-09-01", "--to", "2024-09-30"]
    request += ["--partner", "000100", "--lang", language, "--output", str(tmp_path)]
    assert app.main(request) == 0
    (pack,) = (tmp_path / "000100").glob("*.xlsx")
    lines = dict(zip(REPORTS, (2, 7, 14, 6, 3), strict=True))
    for report in REPORTS:
        found = reconcile(pack, report)
        assert (found.status, found.classes) == (0, {"matched": lines[report]}), report
    # As the packs of former versions were labelled.
    book = load_workbook(pack)
    renamed = 0
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=7, max_row=7):
            for cell in row:
                if str(cell.value) in _FORMER:
                    cell.value = _FORMER[str(cell.value)]
                    renamed += 1
    assert renamed > 5
    former = tmp_path / "former.xlsx"
    book.save(former)
    for report in REPORTS:
        found = reconcile(former, report)
        assert (found.status, found.classes) == (0, {"matched": lines[report]}), report


@pytest.mark.parametrize("report", REPORTS)
def test_our_own_exports_are_read_without_questions(
    sample_home: Path, reconcile: Reconcile, tmp_path: Path, report: str
) -> None:
    request = ["export", report, "--home", str(sample_home), "--partner", "000100"]
    request += ["--from", "2024-09-01", "--to", "2024-09-30"]
    for ending in ("csv", "xlsx"):
        path = tmp_path / f"export.{ending}"
        for conditions in ([], ["--account", "010000"], ["--account-type", "customer"]):
            assert app.main([*request, *conditions, "--output", str(path)]) == 0
            found = reconcile(path, report, *conditions)
            assert (found.status, set(found.classes)) == (0, {"matched"})


def test_an_export_with_one_number_that_could_be_two_asks_nothing(
    sample_home: Path, reconcile: Reconcile, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    request = ["export", "revenue-detail", "--home", str(sample_home), "--partner", "000100"]
    request += ["--from", "2024-09-19", "--to", "2024-09-19", "--output", str(path)]
    assert app.main(request) == 0
    assert ",10.005," in path.read_text(encoding="utf-8")
    found = reconcile(path, "revenue-detail", "--account", "010002")
    assert found.classes == {"matched": 1, "only in ledger": 1}


def test_a_result_speaks_vietnamese_and_files_for_programs_do_not(
    sample_home: Path, reconcile: Reconcile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = PROJECT / "docs" / "examples" / "september.csv"
    english, vietnamese = (
        reconcile(example, "revenue-detail", "--lang", code) for code in ("en", "vi")
    )
    assert english.rows == vietnamese.rows
    assert "Lệch số tiền" in vietnamese.printed
    assert "3.600.000" in vietnamese.printed
    values: dict[str, list[list[Any]]] = {}
    for code in ("en", "vi"):
        path = tmp_path / f"{code}.xlsx"
        request = ["reconcile", "--home", str(sample_home), "--partner", "000100"]
        request += ["--month", "2024-09", "--report", "revenue-detail", "--lang", code]
        request += ["--statement", str(example), "--output", str(path)]
        assert app.main(request) == 3
        book = load_workbook(path)
        values[code] = [
            [cell for cell in row if cell is not None]
            for sheet in book.worksheets
            for row in sheet.iter_rows(values_only=True)
        ]
    assert len(values["en"]) == len(values["vi"])
    said = 0
    for row, translated in zip(values["en"], values["vi"], strict=True):
        for cell, other in zip(row, translated, strict=True):
            if not isinstance(cell, str):
                assert other == cell
            said += isinstance(cell, str) and " " in cell and other != cell
    assert said > 100
    (explained,) = (
        cell
        for row in values["vi"]
        for cell in row
        if isinstance(cell, str) and cell.startswith("sổ ghi 4.050.000")
    )
    assert explained == "sổ ghi 4.050.000 thay vì 3.600.000; lô 2024-10-07 đã đảo 3.600.000"


def test_every_code_of_a_result_has_a_word() -> None:
    """The codes for which languages have words are those that SQL writes."""
    folder = Path(str(result.__file__)).parent
    written = (folder / "reconciled.sql").read_text(encoding="utf-8")
    reasons = written[written.index("case\n            when class = 'another period'") :]
    reasons = reasons[: reasons.index("end as reason")]
    found = set(re.findall(r"(?:then|else) '([^']*)'", reasons)) - {"{late}"}
    assert found | {"late", "posted later", "event date", "posted date"} == set(
        ENGLISH.words["reason"]
    )
    matches = {each.blanks["match"] for each in PASSES if "match" in each.blanks}
    assert matches <= set(ENGLISH.words["match"])
