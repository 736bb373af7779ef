"""What is a row below the header, and what is a line of totals, a note, or blank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from exporters.reconciliation.reconcile.statement.cells import Record, plain_name, text
from exporters.reconciliation.reconcile.statement.columns import Header
from exporters.reconciliation.reconcile.statement.labels import ROLES

_TOTAL_WORDS = frozenset(
    "total totals subtotal grandtotal sum leftout tong tongcong tongso cong khongtinh".split()
)
_NO_NAMES = _TOTAL_WORDS | {""}


class Lines:
    """The rows below a header, to be iterated once: number, texts by role, what is wrong.

    What is wrong is the shape of a row of CSV: with more or fewer fields than the header it is not
    known which is which, so it has no texts but the currency.

    Attributes:
        passed_over: numbers of the lines of totals and notes that have been met.
        rows: how many rows have been met.
    """

    def __init__(self, header: Header, records: Iterator[Record], is_workbook: bool) -> None:
        self._header, self._records, self._is_workbook = header, records, is_workbook
        self.passed_over: list[int] = []
        self.rows = 0

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        header = self._header
        key, account, day, currency, amount = (header.places.get(role) for role in ROLES)
        width = len(header.names)
        labels = {place: header.names[place] for place in header.places.values()}
        amount_label = header.columns["amount"]
        after_gap = True

        def stated(cells: Sequence[object], place: int | None) -> str | None:
            return None if place is None or place >= len(cells) else text(cells[place])

        for number, cells in self._records:
            if number <= header.row:
                continue
            value = stated(cells, amount)
            if value == amount_label and self._is_workbook and _begins_summary(labels, cells):
                self.passed_over.append(number)
                return
            names = (stated(cells, key), stated(cells, account), stated(cells, day))
            # Most rows need no second look.
            if value is None or plain_name(names[0] or names[1] or names[2] or "") in _NO_NAMES:
                filled = [found for cell in cells if (found := text(cell)) is not None]
                if not filled:
                    after_gap = True
                    continue
                if _is_no_row(filled, names, value, after_gap):
                    self.passed_over.append(number)
                    continue
            after_gap = False
            self.rows += 1
            shape = None
            if not self._is_workbook and len(cells) != width:
                shape = f"the row has {len(cells)} fields under a header of {width}"
                names, value = (None, None, None), None
            yield (self.rows, number, *names, stated(cells, currency), value, shape)


def _begins_summary(labels: Mapping[int, str], cells: Sequence[object]) -> bool:
    """Whether a row has some of the header's labels again: below it sums of the rows stand.

    With all of them it may be that of a further file, whose rows follow.
    """
    again = [text(cells[place]) if place < len(cells) else None for place in labels]
    is_missing = [label is None for label in again]
    return any(is_missing) and all(
        missing or label == labels[place]
        for missing, label, place in zip(is_missing, again, labels, strict=True)
    )


def _is_no_row(
    filled: Sequence[str], names: Sequence[str | None], value: str | None, after_gap: bool
) -> bool:
    """Whether a row is a line of totals, or a note below the rows.

    A total names no key, account or day: the word may stand in the column of one of them.
    """
    first = filled[0]
    if plain_name(first) in _TOTAL_WORDS and set(names) <= {None, first}:
        return True
    return after_gap and value is None and len(filled) == 1
