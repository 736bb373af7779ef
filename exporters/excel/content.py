"""The content of a workbook's sheets, before it is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from exporters.i18n.language import ENGLISH, N_, Language
from exporters.query.account_totals import AccountTotals
from exporters.query.totals import Totals
from exporters.request.report_request import Request

# Titles of the sheets that are no report's.
COVER, RECORD, CONTROL = N_("Cover"), N_("Reconciliation record"), N_("Control")


@dataclass(frozen=True)
class About:
    """The source that every sheet names: partner and published version."""

    partner: str
    partner_name: str | None
    version: str
    version_at: datetime
    language: Language = ENGLISH

    @property
    def who(self) -> str:
        """The partner's name and id."""
        return f"{self.partner_name} ({self.partner})" if self.partner_name else self.partner

    @property
    def source(self) -> str:
        """The published version."""
        return self.language.say(
            "Data as of {moment}, version {version}",
            moment=self.language.moment(self.version_at),
            version=self.version,
        )


@dataclass(frozen=True)
class Content:
    """All that a report's sheets say, except its rows.

    Attributes:
        request: the report and its conditions.
        totals: its row count and totals.
        extents: how much room its columns need (`query.extents`).
        words: lines that say what is listed, above the rows; at most two.
        notes: what a reader of the totals must know, below them.
        by_account: totals by service account, below everything, if there are any.
        alert: what a reader must not overlook, in a sentence above the rows.
    """

    request: Request
    totals: Totals
    extents: dict[str, int | Decimal | None]
    words: tuple[str, ...]
    notes: tuple[str, ...]
    by_account: AccountTotals | None = None
    alert: str | None = None
