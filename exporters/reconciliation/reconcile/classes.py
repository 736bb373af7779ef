"""The classes in which every row of a statement and of the ledger stands."""

from __future__ import annotations

from enum import StrEnum

from exporters.i18n.language import N_


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
    Class.MATCHED: N_("Matched"),
    Class.DATE: N_("Date differs"),
    Class.AMOUNT: N_("Amount differs"),
    Class.CURRENCY: N_("Currency differs"),
    Class.ACCOUNT: N_("Under another account"),
    Class.PERIOD: N_("In another period"),
    Class.REJECTED: N_("Rejected on arrival"),
    Class.STATEMENT_DUPLICATE: N_("Duplicate in statement"),
    Class.LEDGER_DUPLICATE: N_("Duplicate in ledger"),
    Class.STATEMENT_ONLY: N_("Only in the statement"),
    Class.LEDGER_ONLY: N_("Only in the ledger"),
    Class.UNREADABLE: N_("Unreadable in statement"),
    Class.NOT_A_LINE: N_("Not a line"),
}
MEANINGS = {
    Class.MATCHED: N_("In both: the same amount. Nothing to do."),
    Class.DATE: N_("The same but for the day. No money differs: agree on whose day counts."),
    Class.AMOUNT: N_("The same key, another amount. The command trace tells its history."),
    Class.CURRENCY: N_("The same key, another currency: two rows each, one in either."),
    Class.ACCOUNT: N_("The ledger has it under another service account. No total differs."),
    Class.PERIOD: N_(
        "The ledger has it, in another period: it counts there, and no money is lost."
    ),
    Class.REJECTED: N_("It was delivered and refused. Correct it and deliver it again."),
    Class.STATEMENT_DUPLICATE: N_("The statement has it more often than the ledger."),
    Class.LEDGER_DUPLICATE: N_("The ledger has it twice, as two events. If it was one, void one."),
    Class.STATEMENT_ONLY: N_(
        "The ledger does not have it: it was never delivered, or was taken back."
    ),
    Class.LEDGER_ONLY: N_("The statement does not have it: it came late, or the partner lacks it."),
    Class.UNREADABLE: N_("Not compared. Correct it in the statement and run again."),
    Class.NOT_A_LINE: N_(
        "A title, total, note or signature: without key and date, or the sum of the "
        "rows before it. Nothing to do."
    ),
}
