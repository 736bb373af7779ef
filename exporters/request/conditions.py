"""A request for a report: checked word by word before anything is read or written.

What needs no data is checked first (`parse`), so that a typing mistake is answered at once; the
partner and the account are then checked against the published marts (`check_known`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

from exporters.catalogue.comparison import compared
from exporters.catalogue.conditions import BASES, CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Basis, Condition, Report
from exporters.errors import RequestError
from exporters.escaping import in_message, short
from exporters.i18n.language import ENGLISH, LANGUAGES, Language, language_of

if TYPE_CHECKING:
    import duckdb

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LISTED = 8  # names shown of what is allowed, before the rest is only counted


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
    basis: Basis = BASES["event"]
    language: Language = ENGLISH
    compare: str | None = None

    @property
    def earlier(self) -> tuple[date, date] | None:
        """First and last day of the period with which this one is compared, if it is."""
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
            which = {"previous": "previous period", "year": "a year earlier"}[self.compare or ""]
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
    if "basis" in given:
        given["basis"] = BASES[str(given["basis"])]
    compare = parse_compare(given.pop("compare", None), start, end)
    request = Request(found, partner, start, end, language=spoken, **given)  # type: ignore[arg-type]
    return comparing(request, compare) if compare else request


def comparing(request: Request, compare: str) -> Request:
    """The request of a report that can be compared, with an earlier period beside its period."""
    return replace(request, report=compared(request.report), compare=compare)


def parse_compare(value: object, from_date: date, to_date: date) -> str | None:
    """With what a period is compared, or None when nothing was given.

    Raises:
        RequestError: the value is none of the allowed ones, or the calendar has no such period.
    """
    if value is None:
        return None
    compare = str(_condition_value(CONDITIONS["compare"], str(value)))
    earlier_period(from_date, to_date, compare)
    return compare


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


def parse_period(from_date: str, to_date: str) -> tuple[date, date]:
    """First and last day of a period.

    Raises:
        RequestError: one of them is not a real date `YYYY-MM-DD`, or they are in wrong order.
    """
    start, end = parse_date("--from", from_date), parse_date("--to", to_date)
    if start > end:
        raise RequestError(f"--from {start} is after --to {end}: a period starts before it ends")
    return start, end


def earlier_period(from_date: date, to_date: date, compare: str) -> tuple[date, date]:
    """First and last day of the period with which a period is compared.

    `year`: the same days one year earlier. 29 February becomes 28 February, and a period that
    ends with February does so in the other year too. `previous`: the period right before; of
    whole months as many whole months, else as many days.

    Raises:
        RequestError: the calendar begins later than that.
    """
    try:
        if compare == "year":
            start_of_month = from_date.replace(from_date.year - 1, day=1)
            end_of_month = to_date.replace(to_date.year - 1, day=1)
            first_day = min(from_date.day, _days_of_month(start_of_month))
            last_day = _days_of_month(end_of_month) if ends_month(to_date) else to_date.day
            return start_of_month.replace(day=first_day), end_of_month.replace(day=last_day)
        before = from_date - timedelta(1)
        if from_date.day == 1 and ends_month(to_date):
            months = 12 * from_date.year + from_date.month - 1
            count = 12 * to_date.year + to_date.month - months
            return date((months - count) // 12, (months - count) % 12 + 1, 1), before
        return before - (to_date - from_date), before
    except (ValueError, OverflowError):
        raise RequestError(
            f"--compare {compare}: the period before {from_date} to {to_date} would begin before "
            f"{date.min}, the first day of the calendar"
        ) from None


def _days_of_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def ends_month(day: date) -> bool:
    """Whether a day is the last of its month."""
    return day.day == _days_of_month(day)


def check_known(connection: duckdb.DuckDBPyConnection, request: Request) -> None:
    """Check the partner and the account of a request against the published marts.

    Raises:
        RequestError: the partner is unknown, or the account is not one that has ever been the
            partner's; an account of somebody else is answered as one that does not exist.
    """
    check_partner(connection, request.partner)
    if request.account is None:
        return
    accounts = [
        row[0]
        for row in connection.execute(
            """
            select service_account_id
            from ledger.partner_accounts
            where partner_id = $partner
            group by service_account_id
            order by service_account_id
            """,
            {"partner": request.partner},
        ).fetchall()
    ]
    if request.account not in accounts:
        of = f" of partner {short(request.partner)!r}"
        raise RequestError(unknown_name("account", request.account, accounts, of))


def check_partner(connection: duckdb.DuckDBPyConnection, partner: str) -> None:
    """Check that a partner is known.

    Raises:
        RequestError: it is not.
    """
    partners = all_partners(connection)
    if partner not in partners:
        where = " (see `partner-reports status`)"
        raise RequestError(unknown_name("partner", partner, partners, listed_in=where))


def all_partners(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Ids of all known partners, in order."""
    query = "select partner_id from reports.partners order by partner_id"
    return [row[0] for row in connection.execute(query).fetchall()]


def _condition_value(condition: Condition, value: str | Sequence[str]) -> str | tuple[str, ...]:
    values = [value] if isinstance(value, str) else list(value)
    if condition.allowed:
        for each in values:
            if each not in condition.allowed:
                raise RequestError(unknown_name(f"{condition.flag} value", each, condition.allowed))
    return tuple(sorted(set(values))) if condition.many else values[0]


def parse_date(flag: str, text: str) -> date:
    """A day from the text of an option.

    Raises:
        RequestError: it is not a real date `YYYY-MM-DD`.
    """
    if not _DATE.fullmatch(text):
        raise RequestError(
            f"{flag} {short(text)!r} is not a date: write YYYY-MM-DD, like 2024-01-31"
        )
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RequestError(f"{flag} {text!r} is not a day of the calendar: {error}") from error


def unknown_name(
    what: str, value: str, allowed: Iterable[str], of: str = "", listed_in: str = ""
) -> str:
    """What to say of a name that is none of the allowed ones, with the nearest of them.

    `of` says of what it would be the name, `listed_in` where there is a list when it is long.
    """
    names = list(allowed)
    value = short(value)
    listed = ", ".join(in_message(name) for name in names[:_LISTED]) or "none"
    more = f" and {len(names) - _LISTED} more{listed_in}" if len(names) > _LISTED else ""
    return f"unknown {what} {value!r}{of}: allowed are {listed}{more}{did_you_mean(value, names)}"


def did_you_mean(value: str, names: Sequence[str]) -> str:
    """The end of a message on a value that is none of `names`: the nearest, if one is near."""
    folded = {short(name).casefold(): short(name) for name in reversed(names)}
    near = get_close_matches(short(value).casefold(), folded, n=1, cutoff=0.5)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""
