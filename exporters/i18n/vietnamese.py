"""What reports say in Vietnamese, with the terms of the portal."""

from __future__ import annotations

_REVENUE_REPORTS = {
    "Revenue detail": "Doanh thu chi tiết",
    "Revenue by service": "Doanh thu theo dịch vụ",
    "Revenue by account": "Doanh thu theo tài khoản",
}
_REVENUE_MEASURES = (
    "List amount",
    "Discount",
    "Net amount",
    "Tax",
    "Partner cost",
    "Partner margin",
)

# Columns that can be compared with those of an earlier period.
_MEASURES = {
    "Accrued": "Tặng và hoàn credit",
    "Adjusted": "Điều chỉnh",
    "Amount": "Số tiền",
    "Available": "Số dư khả dụng",
    "Closing balance": "Số dư cuối kỳ",
    "Discount": "Chiết khấu",
    "Events": "Số sự kiện",
    "Expired": "Credit hết hạn",
    "Held": "Đang tạm giữ",
    "List amount": "Theo giá niêm yết",
    "Net amount": "Doanh thu thuần",
    "Net movement": "Phát sinh trong kỳ",
    "Opening balance": "Số dư đầu kỳ",
    "Partner cost": "Giá vốn đại lý",
    "Partner margin": "Lãi gộp đại lý",
    "Tax": "Thuế",
    "Topped up": "Nạp credit",
    "Transferred in": "Nhận chuyển credit",
    "Transferred out": "Chuyển credit đi",
    "Used": "Sử dụng credit",
}
_COMPARED = {
    "{measure} before": "{measure} (kỳ so sánh)",
    "{measure} change": "{measure} (chênh lệch)",
    "{measure} change %": "{measure} (chênh lệch %)",
}

TEXTS = {
    # Reports, and what each answers.
    "Credit top-ups": "Nạp credit",
    "Credit usage": "Sử dụng credit",
    "Credit balance": "Số dư credit",
    "Discounts": "Chiết khấu",
    **_REVENUE_REPORTS,
    "Which credits were topped up or received, transaction by transaction?": (
        "Những khoản credit nào đã được nạp hoặc nhận, theo từng giao dịch?"
    ),
    "How much credit was used, per day, service account and service?": (
        "Đã sử dụng bao nhiêu credit, theo ngày, tài khoản dịch vụ và dịch vụ?"
    ),
    "What was the balance, what arose in the period, and what is it now?": (
        "Số dư đầu kỳ, phát sinh trong kỳ và số dư cuối kỳ là bao nhiêu?"
    ),
    "Which discounts were there, in which status, and what were they worth?": (
        "Có những chiết khấu nào, ở trạng thái nào và giá trị bao nhiêu?"
    ),
    "Which charges make up the revenue, line by line?": (
        "Doanh thu gồm những khoản phí nào, theo từng dòng?"
    ),
    "What was the revenue of each service?": "Doanh thu của từng dịch vụ là bao nhiêu?",
    "What was the revenue from each service account?": (
        "Doanh thu từ từng tài khoản dịch vụ là bao nhiêu?"
    ),
    # Columns.
    "Account": "Tài khoản",
    "Account name": "Tên tài khoản",
    "Account type": "Loại tài khoản",
    "Charge": "Loại phí",
    "Counterparty": "Tài khoản đối ứng",
    "Currency": "Loại tiền",
    "Date": "Ngày",
    "Deal": "Thương vụ",
    "Discount amount": "Tiền chiết khấu",
    "Ends on": "Ngày kết thúc",
    "Entry": "Loại bút toán",
    "Event": "Sự kiện",
    "Movement": "Loại phát sinh",
    "Order": "Đơn hàng",
    "Partner rate %": "Chiết khấu đại lý %",
    "Payment method": "Phương thức thanh toán",
    "Quantity": "Số lượng",
    "Rate %": "Tỷ lệ %",
    "Service": "Dịch vụ",
    "Service account": "Tài khoản dịch vụ",
    "Service account name": "Tên tài khoản dịch vụ",
    "Service name": "Tên dịch vụ",
    "Starts on": "Ngày bắt đầu",
    "Status": "Trạng thái",
    "Subject": "Đối tượng",
    "Time": "Thời điểm",
    "Transaction": "Giao dịch",
    "Unit": "Đơn vị tính",
    "Wallet": "Ví",
    **_MEASURES,
    **{
        label.format(measure=measure): said_label.format(measure=said)
        for measure, said in _MEASURES.items()
        for label, said_label in _COMPARED.items()
    },
    # Conditions.
    "Basis": "Căn cứ",
    "Compared with": "So sánh với",
    "Partner": "Đại lý",
    "Period": "Kỳ báo cáo",
    "a year earlier": "cùng kỳ năm trước",
    "all": "Tất cả",
    "both": "Cả hai",
    "event date: every event in the period to which it belongs, restated when late ones come": (
        "ngày phát sinh: mỗi sự kiện nằm ở kỳ mà nó thuộc về, tính lại khi có sự kiện đến muộn"
    ),
    "posted date: as reported, late and corrected amounts in the month they were posted": (
        "ngày ghi sổ: như đã báo cáo, khoản đến muộn và khoản điều chỉnh nằm ở tháng ghi sổ"
    ),
    "previous period": "kỳ trước",
    "{from_date} to {to_date}": "từ {from_date} đến {to_date}",
    "Period: {period}, by {basis}": "Kỳ báo cáo: {period}, theo {basis}",
    # What stands around the rows.
    "Data as of {moment}, version {version}": "Số liệu đến {moment}, phiên bản {version}",
    "(as blocks: the table is wider than the terminal)": "(theo khối: bảng rộng hơn màn hình)",
    "No rows for these conditions.": "Không có dòng nào theo các điều kiện này.",
    "Page &P of &N": "Trang &P/&N",
    "Total": "Tổng cộng",
    "Totals": "Tổng cộng",
    "{count} row": "{count} dòng",
    "{count} rows": "{count} dòng",
    "Totals add partner and customer discounts; a sale to which both apply counts in both.": (
        "Tổng cộng gồm cả chiết khấu cho đại lý và chiết khấu cho khách hàng; giao dịch bán được "
        "hưởng cả hai thì tính ở cả hai."
    ),
    "Totals leave out transfers between accounts of the same partner "
    "({amounts}); their rows are listed.": (
        "Tổng cộng không gồm các khoản chuyển giữa những tài khoản của cùng đại lý "
        "({amounts}); các dòng đó vẫn được liệt kê."
    ),
    "; in the earlier period: {amounts}": "; ở kỳ so sánh: {amounts}",
    "there are none": "không phát sinh",
    "there are none in the period": "không phát sinh trong kỳ",
    # Cover and control.
    "A year earlier": "Cùng kỳ năm trước",
    "Change": "Chênh lệch",
    "Change %": "Chênh lệch %",
    "Closing balance of the last month on the cover = closing balance": (
        "Số dư cuối kỳ của tháng cuối trên trang bìa = số dư cuối kỳ"
    ),
    "Closing balance of the previous period = opening balance": (
        "Số dư cuối kỳ của kỳ trước = số dư đầu kỳ"
    ),
    "Contents": "Mục lục",
    "Control": "Kiểm soát",
    "Control totals": "Tổng kiểm soát",
    "Column": "Cột",
    "Cover": "Trang bìa",
    "Data as of": "Số liệu đến",
    "Do the figures add up, and what is not in them?": (
        "Số liệu có khớp không, và những gì không nằm trong số liệu?"
    ),
    "Exact total": "Tổng chính xác",
    "Exact totals as text: a spreadsheet keeps about 15 digits of a number.": (
        "Tổng chính xác ở dạng văn bản: bảng tính chỉ giữ khoảng 15 chữ số của một số."
    ),
    "Figure": "Chỉ tiêu",
    "Key figures": "Số liệu chính",
    "Key figures in {currency}": "Số liệu chính bằng {currency}",
    "Month": "Tháng",
    "None in the period.": "Không phát sinh trong kỳ.",
    "Previous period": "Kỳ trước",
    "The first entry of the partner is of {day}: nothing is known of the days before it, and "
    "they count as 0.": (
        "Bút toán đầu tiên của đại lý là ngày {day}: không có số liệu của các ngày trước đó, các "
        "ngày này được tính là 0."
    ),
    "The period begins after the data, which is as of {day}.": (
        "Kỳ báo cáo bắt đầu sau ngày của số liệu: số liệu đến {day}."
    ),
    "The period ends before the first entry, which is of {day}.": (
        "Kỳ báo cáo kết thúc trước bút toán đầu tiên, là ngày {day}."
    ),
    "The last month of the tables and charts ends with {day}, as the period does.": (
        "Tháng cuối trong các bảng và biểu đồ tính đến {day}, như kỳ báo cáo."
    ),
    "Partner reports": "Báo cáo đại lý",
    "Rows": "Số dòng",
    "Sheet": "Trang tính",
    "Topped up and used leave out transfers between accounts of the partner.": (
        "Nạp credit và sử dụng credit không gồm các khoản chuyển giữa những tài khoản của đại lý."
    ),
    "Version": "Phiên bản",
    # What Control tells besides totals.
    "A cell holds {limit} characters. These texts are cut, and marked at the end; the "
    "other file formats have them whole.": (
        "Một ô chứa được {limit} ký tự. Các văn bản này bị cắt và được đánh dấu ở cuối; các định "
        "dạng tệp khác có đầy đủ."
    ),
    "A sheet cannot have more rows; totals stand on the last one.": (
        "Một trang tính không chứa được nhiều dòng hơn; tổng cộng nằm ở trang cuối."
    ),
    "Account unknown": "Chưa rõ tài khoản",
    "By service account": "Theo tài khoản dịch vụ",
    "Cell": "Ô",
    "Characters": "Số ký tự",
    "Checked": "Đã kiểm tra",
    "Continues on": "Tiếp theo ở",
    "Difference": "Chênh lệch",
    "Every sheet was read again after it was written: its rows and their sums are "
    "those of the ledger.": (
        "Mỗi trang tính được đọc lại sau khi ghi: các dòng và tổng của chúng khớp với sổ."
    ),
    "Feed": "Nguồn dữ liệu",
    "In all that has been delivered, for all partners: whose these rows are is not known, so "
    "only their number is given.": (
        "Trong toàn bộ dữ liệu đã nhận, của mọi đại lý: không biết các dòng này thuộc về ai, nên "
        "chỉ nêu số lượng."
    ),
    "Left out": "Không tính",
    "Left side": "Vế trái",
    "None.": "Không có.",
    "Not in any figure": "Không nằm trong số liệu nào",
    "Open transfers": "Khoản chuyển chưa khớp",
    "Rejected": "Bị từ chối",
    "Repeated": "Trùng lặp",
    "Result": "Kết quả",
    "Right side": "Vế phải",
    "Rounding difference": "Chênh lệch làm tròn",
    "Sheets that continue": "Trang tính có phần tiếp theo",
    "Sum as displayed": "Tổng theo số hiển thị",
    "Sum as displayed: each row rounded to the decimals of its currency, then added. "
    "It is the exact total + what is left out + the rounding difference.": (
        "Tổng theo số hiển thị: từng dòng được làm tròn theo số lẻ của loại tiền rồi cộng lại. "
        "Bằng tổng chính xác + phần không tính + chênh lệch làm tròn."
    ),
    "Texts that were cut": "Văn bản bị cắt",
    "The total is a formula (SUBTOTAL): with a filter it is that of the rows shown.": (
        "Tổng cộng là công thức (SUBTOTAL): khi lọc thì là tổng của các dòng đang hiện."
    ),
    "There are more than the {most} below.": "Có nhiều hơn {most} dòng dưới đây.",
    "There are more than {most} service accounts: see the reports by account.": (
        "Có hơn {most} tài khoản dịch vụ: xem các báo cáo theo tài khoản."
    ),
    "These totals of all rows must be equal:": "Các tổng của mọi dòng sau đây phải bằng nhau:",
    "Totals are formulas (SUMIFS): all rows of the currency. A filter does not change them.": (
        "Tổng cộng là công thức (SUMIFS): mọi dòng của loại tiền. Bộ lọc không làm thay đổi tổng."
    ),
    "Totals are formulas: all rows of the currency less what is left out. "
    "A filter does not change them.": (
        "Tổng cộng là công thức: mọi dòng của loại tiền trừ phần không tính. Bộ lọc không làm "
        "thay đổi tổng."
    ),
    "Transfers": "Số khoản chuyển",
    "Transfers of the period of which the other side has not arrived, or has another amount: "
    "what is on this side is in the figures.": (
        "Các khoản chuyển trong kỳ mà bên kia chưa về hoặc có số tiền khác: phần của bên này đã "
        "nằm trong số liệu."
    ),
    "What must be equal": "Đẳng thức phải đúng",
    "differs": "lệch",
    "equal": "khớp",
    "every sheet": "mọi trang tính",
    "Opening balance + net movement = closing balance": (
        "Số dư đầu kỳ + phát sinh trong kỳ = số dư cuối kỳ"
    ),
    "Topped up + transferred in + accrued - used - transferred out - expired + adjusted = "
    "net movement": (
        "Nạp credit + nhận chuyển + tặng và hoàn - sử dụng - chuyển đi - hết hạn + điều chỉnh = "
        "phát sinh trong kỳ"
    ),
    "Closing balance - held = available": "Số dư cuối kỳ - đang tạm giữ = số dư khả dụng",
    "Rows of Credit top-ups = topped up + transferred in of Credit balance": (
        "Các dòng của Nạp credit = nạp credit + nhận chuyển của Số dư credit"
    ),
    "Rows of Credit usage = used + transferred out of Credit balance": (
        "Các dòng của Sử dụng credit = sử dụng + chuyển đi của Số dư credit"
    ),
    **{
        f"{report}: list amount - discount = net amount": (
            f"{said}: theo giá niêm yết - chiết khấu = doanh thu thuần"
        )
        for report, said in _REVENUE_REPORTS.items()
    },
    **{
        f"{report} = Revenue detail: {measure}": (
            f"{said} = {_REVENUE_REPORTS['Revenue detail']}: {_MEASURES[measure]}"
        )
        for report, said in _REVENUE_REPORTS.items()
        if report != "Revenue detail"
        for measure in _REVENUE_MEASURES
    },
    # The bridge from what was reported to what is true now.
    "As posted": "Đã ghi sổ",
    "Bridge": "Diễn giải chênh lệch",
    "Credit entries": "Bút toán credit",
    "Earlier corrections": "Điều chỉnh của kỳ trước",
    "Earlier events": "Sự kiện của kỳ trước",
    "Event date": "Ngày phát sinh",
    "File": "Tệp",
    "From what was reported to what is true now": "Từ số đã báo cáo đến số hiện tại",
    "Held (change)": "Tạm giữ (thay đổi)",
    "How to read it": "Cách đọc",
    "Late corrections": "Điều chỉnh muộn",
    "Late events": "Sự kiện đến muộn",
    "Ledger": "Sổ",
    "Line": "Thứ tự",
    "Measure": "Chỉ tiêu",
    "Posted date": "Ngày ghi sổ",
    "Recorded in batch": "Lô ghi nhận",
    "Restated": "Tính lại",
    "Revenue entries": "Bút toán doanh thu",
    "Row": "Dòng",
    "Step": "Bước",
    "Summary": "Tóm tắt",
    "What was posted in the month: what the reports said.": (
        "Số đã ghi sổ trong tháng: số mà các báo cáo đã nêu."
    ),
    "Events that belong to the month and were posted later; they are added.": (
        "Sự kiện thuộc tháng nhưng được ghi sổ sau đó; được cộng vào."
    ),
    "Corrections and voids of events of the month, posted later; they are added.": (
        "Điều chỉnh và hủy sự kiện của tháng, được ghi sổ sau đó; được cộng vào."
    ),
    "Events of earlier months, posted in this one; they are taken out.": (
        "Sự kiện của các tháng trước, được ghi sổ trong tháng này; được trừ ra."
    ),
    "Corrections and voids of events of earlier months, posted in this one; taken out.": (
        "Điều chỉnh và hủy sự kiện của các tháng trước, được ghi sổ trong tháng này; được trừ ra."
    ),
    "The month as it is now: the five columns before, added up.": (
        "Số của tháng theo dữ liệu hiện tại: tổng của năm cột trước."
    ),
    "Accounts, names, rates, cost and margin follow the latest records in every column: "
    "accounts as known on {accounts}, discounts as known on {discounts}.": (
        "Tài khoản, tên, tỷ lệ, giá vốn và lãi gộp ở mọi cột theo dữ liệu mới nhất: "
        "tài khoản tại ngày {accounts}, chiết khấu tại ngày {discounts}."
    ),
    "no day yet": "chưa có",
    "To open an amount of the bridge, filter by step, account, currency and, for credits, wallet "
    "and measure. Amounts have the sign with which they count there.": (
        "Để xem chi tiết một số tiền, hãy lọc theo bước, tài khoản, loại tiền và, với credit, theo "
        "ví và chỉ tiêu. Số tiền mang dấu mà nó được tính ở đó."
    ),
    "Totals per currency and measure are on sheet Summary.": (
        "Tổng theo loại tiền và chỉ tiêu nằm ở trang Tóm tắt."
    ),
    "Totals are what the month is now less what was posted in it.": (
        "Tổng cộng là số hiện tại của tháng trừ số đã ghi sổ trong tháng."
    ),
    "Nothing was posted in the month, and nothing belongs to it.": (
        "Không có gì được ghi sổ trong tháng, và không có gì thuộc về tháng."
    ),
    "Sheet Bridge has the same per service account; sheets Credit entries and Revenue entries "
    "have every entry behind the four steps.": (
        "Trang Diễn giải chênh lệch có cùng số liệu theo tài khoản dịch vụ; các trang Bút toán "
        "credit và Bút toán doanh thu có mọi bút toán của bốn bước."
    ),
}

_ACCOUNT_TYPES = {"partner": "Đại lý", "customer": "Khách hàng"}
WORDS = {
    "account_type": {**_ACCOUNT_TYPES, "both": "Cả hai"},
    "charge_type": {
        "usage": "Sử dụng",
        "subscription": "Thuê bao",
        "one_time": "Một lần",
        "refund": "Hoàn tiền",
        "credit": "Khấu trừ credit",
        "adjustment": "Điều chỉnh",
        "tax": "Thuế",
    },
    "entry_type": {"original": "Gốc", "reversal": "Đảo"},
    "feed": {
        "accounts": "Tài khoản",
        "credits": "Credit",
        "discounts": "Chiết khấu",
        "focus": "FOCUS",
        "revenue": "Doanh thu",
    },
    "ledger": {"credits": "Credit", "revenue": "Doanh thu"},
    "movement_type": {
        "top_up": "Nạp credit",
        "transfer_in": "Nhận chuyển credit",
        "grant": "Tặng credit",
        "coupon": "Phiếu ưu đãi",
        "refund": "Hoàn credit",
        "usage": "Sử dụng credit",
        "transfer_out": "Chuyển credit đi",
        "expiry": "Credit hết hạn",
        "adjustment": "Điều chỉnh",
        "revaluation": "Đánh giá lại",
        "hold": "Tạm giữ",
        "release": "Giải tỏa tạm giữ",
    },
    "status": {
        "rejected": "Bị từ chối",
        "awaiting_approval": "Chờ duyệt",
        "revoked": "Đã thu hồi",
        "awaiting_active": "Chờ kích hoạt",
        "expired": "Hết hạn",
        "active": "Đang có hiệu lực",
    },
    "subject": _ACCOUNT_TYPES,
}
