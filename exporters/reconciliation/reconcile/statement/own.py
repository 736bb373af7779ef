"""Our own exports, handed back as somebody's list: known by the labels of their columns.

Labels of earlier versions and of every language count, since people keep what they were sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exporters.catalogue.comparison import compared
from exporters.catalogue.types import Column, Report
from exporters.i18n.language import LANGUAGES, language_of
from exporters.reconciliation.reconcile.statement.cells import plain_name

# What columns were called in workbooks, besides what they are called now.
_FORMER: Mapping[str, tuple[str, ...]] = {
    "transaction_id": ("Transaction", "Giao dịch"),
    "event_id": ("Event", "Sự kiện"),
    "order_id": ("Order", "Đơn hàng"),
    "service_code": ("Service", "Dịch vụ"),
    "counterparty_service_account_id": ("Counterparty", "Tài khoản đối ứng"),
    "event_count": ("Events", "Số sự kiện"),
    "list_amount": ("List amount", "Theo giá niêm yết", "Tiền theo giá niêm yết"),
    "discount_amount": ("Discount", "Discount amount", "Chiết khấu", "Tiền chiết khấu"),
    "net_amount": ("Net amount", "Doanh thu thuần"),
    "tax_amount": ("Tax", "Thuế"),
    "partner_discount_rate": ("Partner rate %", "Partner discount %", "Chiết khấu đại lý %"),
    "partner_cost_amount": ("Partner cost", "Giá vốn đại lý"),
    "partner_margin_amount": ("Partner margin", "Lãi gộp đại lý"),
    "accrued": ("Accrued", "Tặng và hoàn credit"),
}
_COLUMN_OF = {
    "key": "event_id",
    "account": "service_account_id",
    "date": "report_date",
    "currency": "currency",
}


# Columns that a report of an earlier version may lack.
_ADDED = 2


def places(
    report: Report, names: Sequence[str], measure: str, has_labels: bool
) -> dict[str, int] | None:
    """The place of the column of each role, where `names` are the header of an export of `report`.

    `measure` is the column that is compared. The header of a workbook `has_labels`, that of a CSV
    file the names of the columns. None where a column is none of the report's, or too many are
    lacking.
    """
    known = _known(report) if has_labels else {each.name: each.name for each in _columns(report)}
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        if not name:
            continue
        column = known.get(plain_name(name) if has_labels else name)
        if column is None or column in found:
            return None
        found[column] = place
    has = {column.name for column in report.columns}
    roles = {**_COLUMN_OF, "amount": measure}
    roles = {role: column for role, column in roles.items() if column in has}
    lacking = has - found.keys()
    if lacking & set(roles.values()) or len(lacking) > (_ADDED if has_labels else 0):
        return None
    return {role: found[column] for role, column in roles.items()}


def titles(report: Report) -> set[str]:
    """What the sheet of a report is called."""
    return {language_of(code).say(report.title) for code in LANGUAGES}


def _columns(report: Report) -> list[Column]:
    """All columns that an export may have."""
    also = compared(report).columns if "compare" in report.conditions else ()
    return [*report.columns, *also]


def _known(report: Report) -> dict[str, str]:
    """The name of a column by each of its labels."""
    known = {}
    for column in _columns(report):
        labels = {language_of(code).say(column.label) for code in LANGUAGES}
        for label in (*_FORMER.get(column.name, ()), *labels, column.name):
            known[plain_name(label)] = column.name
    return known
