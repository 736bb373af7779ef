"""The names by which the columns of a statement are known, in English and Vietnamese.

The labels of our own workbooks are among them, also those of former releases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exporters.reconciliation.reconcile.statement.cells import plain_name

# What a statement's columns are for, in the order in which people are told of them.
ROLES = ("key", "account", "date", "currency", "amount")

_EVENT = ("event id", "event", "mã sự kiện", "sự kiện")
_OTHER_KEYS = {
    "transaction_id": (
        *("transaction id", "transaction", "transaction no", "txn id"),
        *("mã giao dịch", "số giao dịch", "giao dịch"),
    ),
    "order_id": ("order id", "order", "order no", "mã đơn hàng", "số đơn hàng", "đơn hàng"),
}
_DATE = (
    *("report date", "date", "event date", "posted date", "transaction date", "usage date"),
    *("occurred at", "time", "ngày", "ngày giao dịch", "ngày phát sinh", "ngày sử dụng"),
    *("ngày chứng từ", "thời gian"),
)
_CURRENCY = (
    *("currency", "currency code", "ccy"),
    *("loại tiền", "tiền tệ", "mã tiền tệ", "đồng tiền", "đơn vị tiền tệ"),
)
_ACCOUNT = (
    *("service account id", "service account", "tài khoản dịch vụ", "mã tài khoản dịch vụ"),
    *("account id", "account", "mã tài khoản", "số tài khoản", "tài khoản"),
)
_MEASURES = {
    "amount": ("amount", "số tiền", "value", "giá trị", "thành tiền"),
    "net_amount": (
        *("net amount", "net", "thành tiền sau chiết khấu", "doanh thu thuần", "thành tiền"),
        *("amount", "số tiền", "doanh thu", "value", "giá trị"),
    ),
    "list_amount": (
        *("list amount", "list", "thành tiền theo giá niêm yết", "theo giá niêm yết"),
        *("giá niêm yết", "niêm yết"),
    ),
    "discount_amount": (
        *("discount amount", "discount", "tiền chiết khấu", "chiết khấu", "giảm giá"),
    ),
    "tax_amount": ("tax amount", "tax", "VAT", "thuế", "tiền thuế"),
}
_COUNT = ("event count", "events", "số sự kiện")


def names_of(other_key: str, measures: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """For each role the names of its column, best first.

    A row is known by its event id or by `other_key`; `measures` are the ledger's amounts that a
    statement may be compared with, best first.
    """
    return {
        "key": [*_EVENT, *_OTHER_KEYS[other_key]],
        "account": _ACCOUNT,
        "date": _DATE,
        "currency": _CURRENCY,
        "amount": [name for measure in measures for name in _MEASURES[measure]],
    }


def key_of(column: str, other_key: str) -> str | None:
    """`event_id` or `other_id`, whichever a column holds by its name; None if that says neither."""
    if _is_one_of(column, _EVENT):
        return "event_id"
    return "other_id" if _is_one_of(column, _OTHER_KEYS[other_key]) else None


def measure_of(column: str, measures: Sequence[str]) -> str:
    """Which of the ledger's amounts a column is by its name, else the first of `measures`."""
    return next(
        (measure for measure in measures if _is_one_of(column, _MEASURES[measure])), measures[0]
    )


def is_daily(header: Sequence[str]) -> bool:
    """Whether the rows are sums that count their events, as in the export of credit-usage."""
    return any(_is_one_of(name, _COUNT) for name in header)


def _is_one_of(column: str, names: Sequence[str]) -> bool:
    return plain_name(column) in map(plain_name, names)
