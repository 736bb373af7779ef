"""The classes in which every row of a statement and of the ledger stands."""

from __future__ import annotations

from enum import StrEnum


class Class(StrEnum):
    """What became of a row, in the order in which people are told of it."""

    MATCHED = "matched"
    DATE = "date differs"
    AMOUNT = "amount differs"
    CURRENCY = "currency differs"
    ACCOUNT = "another account"
    PERIOD = "another period"
    REJECTED = "rejected"
    STATEMENT_DUPLICATE = "duplicate in statement"
    LEDGER_DUPLICATE = "duplicate in ledger"
    STATEMENT_ONLY = "only in statement"
    LEDGER_ONLY = "only in ledger"
    UNREADABLE = "unreadable"
    NOT_A_LINE = "not a line"


# What is no difference.
AGREEING = frozenset({Class.MATCHED, Class.NOT_A_LINE})


LABELS = {
    Class.MATCHED: "Matched",
    Class.DATE: "Date differs",
    Class.AMOUNT: "Amount differs",
    Class.CURRENCY: "Currency differs",
    Class.ACCOUNT: "Under another account",
    Class.PERIOD: "In another period",
    Class.REJECTED: "Rejected on arrival",
    Class.STATEMENT_DUPLICATE: "Duplicate in statement",
    Class.LEDGER_DUPLICATE: "Duplicate in ledger",
    Class.STATEMENT_ONLY: "Only in the statement",
    Class.LEDGER_ONLY: "Only in the ledger",
    Class.UNREADABLE: "Unreadable in statement",
    Class.NOT_A_LINE: "Not a line",
}
MEANINGS = {
    Class.MATCHED: "In both: the same amount. Nothing to do.",
    Class.DATE: "The same but for the day. No money differs: agree on whose day counts.",
    Class.AMOUNT: "The same key, another amount. The command trace tells its history.",
    Class.CURRENCY: "The same key, another currency: two rows each, one in either.",
    Class.ACCOUNT: "The ledger has it under another service account. No total differs.",
    Class.PERIOD: "The ledger has it, in another period: it counts there, and no money is lost.",
    Class.REJECTED: "It was delivered and refused. Correct it and deliver it again.",
    Class.STATEMENT_DUPLICATE: "The statement has it more often than the ledger.",
    Class.LEDGER_DUPLICATE: "The ledger has it twice, as two events. If it was one, void one.",
    Class.STATEMENT_ONLY: "The ledger does not have it: it was never delivered, or was taken back.",
    Class.LEDGER_ONLY: "The statement does not have it: it came late, or the partner lacks it.",
    Class.UNREADABLE: "Not compared. Correct it in the statement and run again.",
    Class.NOT_A_LINE: "A title, total, note or signature: without key and date, or the sum of the "
    "rows before it. Nothing to do.",
}
