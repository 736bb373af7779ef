"""The passes, as data: each takes only what the passes before it have left.

They pair rows one to one, in the order of the file and the ledger:

With a key in the statement's row:

1.  same key, account, currency, amount and day         matched
2.  the same but the day                                date differs
3.  same key, currency and amount, another account      another account
4.  a copy of a row that was paired                     duplicate in statement
5.  same key, account and currency, another amount      amount differs
6.  same key, account and amount, another currency      currency differs
7.  same key and currency, another amount and account   amount differs
8.  same key, another currency                          currency differs
9.  same key, in another period                         another period
10. same key, refused when it was delivered             rejected
11. the key has stood on another row                    duplicate in statement
12. anything else                                       only in statement

Without one:

1.  same account, currency, amount and day              matched
2.  the same, one day before or after                   matched
3.  a copy of a row that was paired                     duplicate in statement
4.  the same in another period                          another period
5.  same currency, amount and day, another account      another account
6.  anything else                                       only in statement

Transfers within the partner that totals leave out take part, and are left out where no row of the
statement is one. What the ledger is then left with is a duplicate in ledger (another event of the
same transaction, account, currency and amount) or only in ledger. A row of the statement in which
something cannot be read takes no part. An account or a day that a row does not name is not
compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

from exporters.reconciliation.reconcile.classes import Class

# What holds of a reconciliation: the statement is a workbook, whose numbers have 15 digits; the
# other key of the report is that of a transaction, which has one amount of an account.
Trait = Literal["workbook", "transactions"]


@dataclass(frozen=True)
class Rows:
    """Open rows of the statement, by what they name; None where it does not matter."""

    key: bool | None = None
    account: bool | None = None
    day: bool | None = None

    @property
    def sql(self) -> str:
        """The condition that they meet."""
        terms = [
            f"{column} is {'not null' if named else 'null'}"
            for column, named in vars(self).items()
            if named is not None
        ]
        return " and ".join(terms) or "true"

    def are_among(self, kinds: set[tuple[bool, bool, bool]]) -> bool:
        """Whether there are any, where rows of these kinds (key, account, day) are open."""
        asked = (self.key, self.account, self.day)
        return any(
            all(named in (None, is_named) for named, is_named in zip(asked, kind, strict=True))
            for kind in kinds
        )


@dataclass(frozen=True)
class Pass:
    """One pass: a file of SQL that reads some of the tables of `tables.sql` and writes others.

    Attributes:
        file: its statements run in turn. When one of them makes no row the pass is over.
        reads: tables.
        writes: tables. Where `pairs` is among them, the last statement makes the table `new_pairs`;
            it is added to `pairs`, and its rows are taken out of the open ones that are written.
        rows: the open rows of the statement that it takes; without any there is no pass. None: it
            takes rows of the ledger.
        blanks: SQL for the blanks of the file.
        only: what must hold for this pass.
    """

    file: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    rows: Rows | None = None
    blanks: Mapping[str, str] = field(default_factory=dict)
    only: Trait | None = None


KEYED, KEYLESS = Rows(key=True), Rows(key=False)
_SAME = ("account", "currency", "amount")
# In place of `amount`: as much of it as a spreadsheet keeps.
_ROUNDED = ("account", "currency", "rounded")
_ELSEWHERE = "open_elsewhere"


def _alike(
    rows: Rows,
    class_: Class,
    match: str,
    *alike: str,
    ledger: str = "open_ledger",
    day: str = "day",
    only: Trait | None = None,
    new_keys: bool = False,
) -> Iterator[Pass]:
    """Pairs of rows that are alike in these columns.

    What a row of the statement does not name is not compared, so there is a pass for each kind of
    row. `day` is the date of the ledger that is compared. With `new_keys` no row of the statement
    with the same key may have its place.
    """
    for has_account, has_day in product((True, False), repeat=2):
        if day != "day" and not has_day:
            continue  # nothing but the date would say which of the dates it is
        is_named = {"account": has_account, "day": has_day}
        compared = [column for column in alike if is_named.get(column, True)]
        is_choice = class_ is Class.ACCOUNT or not (
            "day" in compared and {"amount", "rounded"} & set(compared)
        )
        kind = Rows(rows.key, has_account, has_day)
        where = f"{kind.sql} and key not in (select key from placed_keys)" if new_keys else kind.sql
        yield Pass(
            "alike.sql",
            reads=("open_statement", ledger, *(["placed_keys"] if new_keys else [])),
            writes=("pairs", "open_statement", ledger),
            rows=kind,
            blanks={
                "alike": ", ".join(compared),
                "class_": class_,
                "match": match,
                "is_choice": str(is_choice),
                "rows": where,
                "ledger": ledger,
                "compared_day": day,
            },
            only=only,
        )


def _lone(file: str, rows: Rows, *reads: str, also_writes: tuple[str, ...] = ()) -> Pass:
    """Rows of the statement that are placed alone."""
    return Pass(
        file,
        ("open_statement", *reads),
        (*also_writes, "pairs", "open_statement"),
        rows,
        {"rows": rows.sql},
    )


def _elsewhere(rows: Rows, looked_for: str, key: str) -> Pass:
    """Rows of other periods, which later passes pair."""
    return Pass(
        "elsewhere.sql",
        ("open_statement", "ledger_rows"),
        ("open_elsewhere", "ledger_rows"),
        rows,
        {"looked_for": looked_for, "key_or_none": key},
    )


def _nearest(rows: Rows, *alike: str) -> Pass:
    """Rows that are alike in these columns and lie one day apart."""
    return Pass(
        "nearest.sql",
        ("open_statement", "open_ledger"),
        ("pairs", "open_statement", "open_ledger"),
        rows,
        {"rows": rows.sql, "alike": ", ".join(alike)},
    )


def _on_its_day(rows: Rows, match: str, day: str) -> Iterator[Pass]:
    """Pairs with rows of other periods by one of the dates of the ledger."""
    return _alike(rows, Class.PERIOD, match, *_SAME, "day", ledger=_ELSEWHERE, day=day)


_PLACED_KEYS = Pass("placed_keys.sql", ("pairs", "statement"), ("placed_keys",), KEYED)
_WITH_KEY = (
    Pass(
        "single_keys.sql",
        ("open_statement", "open_ledger"),
        ("pairs", "open_statement", "open_ledger"),
        KEYED,
    ),
    *_alike(KEYED, Class.MATCHED, "key", "key", *_SAME, "day"),
    *_alike(KEYED, Class.MATCHED, "key, to 15 digits", "key", *_ROUNDED, "day", only="workbook"),
    *_alike(KEYED, Class.DATE, "key", "key", *_SAME),
    *_alike(KEYED, Class.ACCOUNT, "key", "key", "currency", "amount"),
    _lone("copies.sql", KEYED, "statement", "pairs"),
    *_alike(KEYED, Class.AMOUNT, "key", "key", "account", "currency"),
    *_alike(KEYED, Class.CURRENCY, "key", "key", "account", "amount"),
    *_alike(KEYED, Class.AMOUNT, "key", "key", "currency"),
    *_alike(KEYED, Class.CURRENCY, "key", "key"),
    _elsewhere(
        KEYED,
        f"{{ledger_key}} in (select key from open_statement where {KEYED.sql})",
        "{ledger_key}",
    ),
    *_alike(KEYED, Class.PERIOD, "key", "key", *_SAME, ledger=_ELSEWHERE),
    *_alike(KEYED, Class.PERIOD, "key", "key", "currency", "amount", ledger=_ELSEWHERE),
    # A key that has been found already is a duplicate rather than another state of it.
    _PLACED_KEYS,
    *_alike(KEYED, Class.PERIOD, "key", "key", ledger=_ELSEWHERE, new_keys=True),
    _lone("rejected.sql", KEYED, also_writes=("rejected_rows_found",)),
    _PLACED_KEYS,
    _lone("repeated_keys.sql", KEYED, "placed_keys"),
    _lone("rest_of_statement.sql", KEYED),
)
_WITHOUT_KEY = (
    *_alike(KEYLESS, Class.MATCHED, "date", *_SAME, "day"),
    *_alike(KEYLESS, Class.MATCHED, "date, to 15 digits", *_ROUNDED, "day", only="workbook"),
    _nearest(Rows(key=False, account=True, day=True), *_SAME),
    _nearest(Rows(key=False, account=False, day=True), "currency", "amount"),
    _lone("copies.sql", KEYLESS, "statement", "pairs"),
    _elsewhere(
        KEYLESS,
        """
        exists (
            select 1
            from open_statement
            where
                open_statement.currency = entries.currency
                and open_statement.amount = entries.amount
        )""",
        "cast(null as varchar)",
    ),
    *_alike(
        KEYLESS, Class.PERIOD, "event date", *_SAME, "day", ledger=_ELSEWHERE, day="event_date"
    ),
    *_alike(
        KEYLESS, Class.PERIOD, "posted date", *_SAME, "day", ledger=_ELSEWHERE, day="posted_date"
    ),
    *_alike(KEYLESS, Class.PERIOD, "day in UTC", *_SAME, "day", ledger=_ELSEWHERE, day="utc_date"),
    *_alike(KEYLESS, Class.ACCOUNT, "date", "currency", "amount", "day"),
    _lone("rest_of_statement.sql", KEYLESS),
)
_OF_LEDGER = (
    Pass(
        "left_out.sql",
        ("ledger_rows", "open_ledger"),
        ("left_out", "open_ledger", "ledger_rows"),
    ),
    Pass(
        "ledger_duplicates.sql",
        ("ledger_rows", "pairs", "open_ledger"),
        ("pairs", "open_ledger"),
        only="transactions",
    ),
    Pass("rest_of_ledger.sql", ("open_ledger",), ("pairs", "open_ledger")),
)
PASSES: tuple[Pass, ...] = (*_WITH_KEY, *_WITHOUT_KEY, *_OF_LEDGER)
