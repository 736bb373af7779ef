"""A request for a report, read from the words of a user.

Everything is checked here before data is read, except the partner and the account, for which
`partners.check_known` needs the published marts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from exporters.catalogue.comparison import compared
from exporters.catalogue.conditions import BASES, CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Basis, Condition, Report
from exporters.errors import RequestError
from exporters.escaping import in_message
from exporters.i18n.language import ENGLISH, LANGUAGES, N_, Language, language_of
from exporters.request.names import unknown_name
from exporters.request.periods import earlier_period, parse_period


@dataclass(frozen=True)
class Request:
    """One report for one partner and period, each condition with its value.

    Attributes:
        report: the report.
        partner: id of the partner.
        from_date: first day of the period.
        to_date: last day of the period, included.
        account_type: `partner`, `customer` or `both`.
        account: id of one service account, or None for all.
        subject: `partner` or `customer`, or None for both.
        below: the margin, in percent, below which rows are listed, or None for any.
        status: the statuses wanted, sorted and without repetition; empty for all.
        basis: which date decides.
        language: what workbooks and the terminal say it in.
        compare: `previous` or `year` where the report is a compared one (`comparing`).
    """

    report: Report
    partner: str
    from_date: date
    to_date: date
    account_type: str = "both"
    account: str | None = None
    subject: str | None = None
    status: tuple[str, ...] = ()
    below: Decimal | None = None
    basis: Basis = BASES["event"]
    language: Language = ENGLISH
    compare: str | None = None

    @property
    def earlier(self) -> tuple[date, date] | None:
        """First and last day of the period that this one is compared with, if any."""
        if self.compare is None:
            return None
        return earlier_period(self.from_date, self.to_date, self.compare)

    @property
    def leaves_out_internal_transfers(self) -> bool:
        """Whether totals leave out transfers between accounts of the partner.

        With all accounts in one total, the same money would be counted where it was used and
        again where it arrived.
        """
        return (
            self.report.internal_transfer is not None
            and self.account_type == "both"
            and self.account is None
        )

    def in_words(self) -> list[tuple[str, str]]:
        """The period and every condition of the report, as label and value for people."""
        say, day = self.language.say, self.language.day

        def days(start: date, end: date) -> str:
            return say("{from_date} to {to_date}", from_date=day(start), to_date=day(end))

        lines = [(say("Period"), days(self.from_date, self.to_date))]
        if self.earlier is not None:
            which = {"previous": N_("previous period"), "year": N_("a year earlier")}[
                self.compare or ""
            ]
            lines.append(
                (say(CONDITIONS["compare"].label), f"{days(*self.earlier)} ({say(which)})")
            )
        for name in self.report.conditions:
            if name == "compare":
                continue
            condition = CONDITIONS[name]
            value = getattr(self, name)
            if isinstance(value, Basis):
                text = say(value.words)
            elif isinstance(value, Decimal):
                text = self.language.grouped(f"{value:f}") + " %"
            elif value:
                values = value if isinstance(value, tuple) else (value,)
                text = ", ".join(self.language.word(name, each) for each in values)
            else:
                text = say(condition.everything)
            lines.append((say(condition.label), text))
        return lines


def parse(
    report: str,
    partner: str,
    from_date: str,
    to_date: str,
    conditions: Mapping[str, str | Sequence[str] | None],
    language: str = ENGLISH.code,
) -> Request:
    """A request from the words of a user, with all checks that need no data.

    `conditions` has a value, or None where it was not given, for names of `CONDITIONS`.

    Raises:
        RequestError: names the value, what is allowed, and the nearest match.
    """
    found = find_report(report)
    spoken = parse_language(language)
    start, end = parse_period(from_date, to_date)
    given: dict[str, object] = {}
    for name, value in conditions.items():
        if value is None:
            continue
        condition = CONDITIONS[name]
        if name not in found.conditions:
            has = ", ".join(CONDITIONS[each].flag for each in found.conditions)
            others = ", ".join(each.id for each in REPORTS.values() if name in each.conditions)
            raise RequestError(
                f"{found.id} has no condition {condition.flag} (its conditions: {has}); "
                f"reports that have it: {others}"
            )
        given[name] = _condition_value(condition, value)
    if "below" in given:
        given["below"] = _percent(CONDITIONS["below"], str(given["below"]))
    if "basis" in given:
        given["basis"] = parse_basis(str(given["basis"]), found.bases, found.id)
    compare = parse_compare(given.pop("compare", None), start, end)
    request = Request(found, partner, start, end, language=spoken, **given)  # type: ignore[arg-type]
    return comparing(request, compare) if compare else request


def comparing(request: Request, compare: str) -> Request:
    """The same request compared with an earlier period; its report must allow that."""
    return replace(request, report=compared(request.report), compare=compare)


def parse_compare(value: object, from_date: date, to_date: date) -> str | None:
    """What a period is compared with, or None when nothing was given.

    Raises:
        RequestError: the value is none of the allowed ones, or the calendar has no such period.
    """
    if value is None:
        return None
    compare = str(_condition_value(CONDITIONS["compare"], str(value)))
    earlier_period(from_date, to_date, compare)
    return compare


def parse_basis(name: str, allowed: Sequence[str], of: str) -> Basis:
    """The basis of that name, one of those that a report or a command allows.

    Raises:
        RequestError: it is none of them.
    """
    if name not in allowed:
        raise RequestError(unknown_name(f"--basis value of {of}", name, allowed))
    return BASES[name]


def find_report(report: str) -> Report:
    """The report of that id.

    Raises:
        RequestError: there is none.
    """
    if report not in REPORTS:
        raise RequestError(unknown_name("report", report, REPORTS))
    return REPORTS[report]


def parse_language(code: str) -> Language:
    """The language of a value of `--lang`.

    Raises:
        RequestError: there is none.
    """
    if code not in LANGUAGES:
        raise RequestError(unknown_name("--lang value", code, LANGUAGES))
    return language_of(code)


def _percent(condition: Condition, text: str) -> Decimal:
    if not re.fullmatch(r"-?[0-9]{1,16}([.][0-9]{1,12})?", text):
        raise RequestError(
            f"{condition.flag} value {in_message(text)!r}: a plain decimal number of percent is "
            "allowed, such as 5 or -2.5"
        )
    return Decimal(text)


def _condition_value(condition: Condition, value: str | Sequence[str]) -> str | tuple[str, ...]:
    values = [value] if isinstance(value, str) else list(value)
    if condition.allowed:
        for each in values:
            if each not in condition.allowed:
                raise RequestError(unknown_name(f"{condition.flag} value", each, condition.allowed))
    return tuple(sorted(set(values))) if condition.many else values[0]
