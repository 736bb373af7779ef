"""The names by which the columns of a list are known, in English, Vietnamese and German."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exporters.reconciliation.reconcile.statement.cells import plain_name

# What a statement's columns are for, in the order in which people are told of them.
ROLES = ("key", "account", "date", "currency", "amount")

# The measures of revenue, as people say them.
MEASURE_OF = {
    "net": "net_amount",
    "list": "list_amount",
    "cost": "partner_cost_amount",
    "tax": "tax_amount",
    "margin": "partner_margin_amount",
}

_EVENT = ("event id", "event", "mã sự kiện", "sự kiện", "ereignis", "ereignisnummer")
_OTHER_KEYS = {
    "transaction_id": (
        *("transaction id", "transaction", "transaction no", "transaction number", "txn id"),
        *("mã giao dịch", "số giao dịch", "giao dịch", "mã gd", "số gd"),
        *("transaktion", "transaktionsnummer", "transaktions id"),
    ),
    "order_id": (
        *("order id", "order", "order no", "order number"),
        *("mã đơn hàng", "số đơn hàng", "đơn hàng"),
        *("bestellung", "bestellnummer", "auftrag", "auftragsnummer"),
    ),
}
# Columns that may hold such ids, or numbers of the partner's own books.
_PERHAPS_KEYS = (
    *("reference", "reference no", "ref", "ref no", "document no", "doc no", "voucher no", "id"),
    *("số chứng từ", "mã chứng từ", "chứng từ", "số ct", "chứng từ số", "mã tham chiếu"),
    *("số tham chiếu", "số phiếu", "beleg", "belegnummer", "beleg nr", "belegnr", "referenz"),
)
_DATE = (
    *("report date", "date", "event date", "posted date", "transaction date", "usage date"),
    *("posting date", "booking date", "document date", "invoice date", "value date"),
    *("occurred at", "time", "ngày", "ngày giao dịch", "ngày phát sinh", "ngày sử dụng"),
    *("ngày chứng từ", "ngày ct", "ngày hạch toán", "ngày ghi sổ", "ngày tháng", "ngày nạp"),
    *("thời gian", "thời điểm", "datum", "buchungsdatum", "belegdatum", "leistungsdatum"),
)
_CURRENCY = (
    *("currency", "currency code", "ccy"),
    *("loại tiền", "tiền tệ", "mã tiền tệ", "đồng tiền", "đơn vị tiền tệ", "nguyên tệ"),
    *("währung", "währungscode"),
)
_ACCOUNT = (
    *("service account id", "service account", "tài khoản dịch vụ", "mã tài khoản dịch vụ"),
    *("account id", "account", "account no", "account number"),
    *("mã tài khoản", "số tài khoản", "tài khoản"),
    *("dienstkonto", "servicekonto", "konto", "kontonummer", "konto nr"),
)
_AMOUNT = ("amount", "số tiền", "value", "giá trị", "betrag", "wert")
_MEASURES = {
    "amount": (*_AMOUNT, "thành tiền", "số tiền nạp", "tiền nạp"),
    "net_amount": (
        *("net amount", "net", "net value", "net revenue", "amount before tax"),
        *("thành tiền sau chiết khấu", "doanh thu thuần", "thành tiền", "số tiền trước thuế"),
        *("thành tiền trước thuế", "tiền trước thuế", "nettobetrag", "netto", "nettoumsatz"),
        *("revenue", "doanh thu", "umsatz", *_AMOUNT),
    ),
    "list_amount": (
        *("list amount", "list", "list price", "giá niêm yết", "niêm yết", "theo giá niêm yết"),
        *("thành tiền theo giá niêm yết", "tiền theo giá niêm yết", "listenpreis", "listenbetrag"),
    ),
    "discount_amount": (
        *("discount amount", "discount", "chiết khấu", "tiền chiết khấu", "giảm giá", "rabatt"),
    ),
    "tax_amount": (
        *("tax amount", "tax", "VAT", "VAT amount", "sales tax"),
        *("thuế", "tiền thuế", "thuế GTGT", "tiền thuế GTGT"),
        *("steuer", "steuerbetrag", "MwSt", "USt", "umsatzsteuer", "mehrwertsteuer"),
    ),
    "partner_cost_amount": (
        *("partner cost", "partner cost amount", "cost", "cost amount"),
        *("giá vốn đại lý", "giá vốn", "tiền vốn", "kosten", "einkaufspreis"),
    ),
    "partner_margin_amount": (
        *("partner margin", "partner margin amount", "margin", "gross margin"),
        *("lãi gộp đại lý", "lãi gộp", "lợi nhuận gộp", "marge", "rohertrag"),
    ),
    "closing_balance": (
        *("closing balance", "ending balance", "balance"),
        *("số dư cuối kỳ", "số dư cuối", "dư cuối kỳ", "dư cuối", "số dư"),
        *("endsaldo", "schlusssaldo", "saldo"),
    ),
}
_COUNT = ("event count", "events", "số sự kiện", "orders active")


def names_of(other_key: str | None) -> Mapping[str, Sequence[str]]:
    """For each role but the amount the names of its column, best first.

    A row is known by its event id or by `other_key`; without that its rows have no key, and no day.
    """
    keyed = other_key is not None
    return {
        "key": [*_EVENT, *_OTHER_KEYS[other_key], *_PERHAPS_KEYS] if other_key is not None else [],
        "account": _ACCOUNT,
        "date": _DATE if keyed else [],
        "currency": _CURRENCY,
    }


def names_of_measure(measure: str) -> Sequence[str]:
    """The names of a column with an amount of the ledger, best first."""
    return _MEASURES[measure]


def key_of(column: str, other_key: str) -> str | None:
    """`event_id` or `other_id`, whichever a column holds by its name; None if that says neither."""
    if _is_one_of(column, _EVENT):
        return "event_id"
    return "other_id" if _is_one_of(column, _OTHER_KEYS[other_key]) else None


def is_perhaps_key(column: str) -> bool:
    """Whether a column of this name may as well hold numbers of the partner's own books."""
    return _is_one_of(column, _PERHAPS_KEYS)


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
