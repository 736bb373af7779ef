"""Every entry that makes up the balances of an account, with the balance after each.

A balance belongs to the partner that an entry is attributed to, so a service account that changed
hands has one for each of its partners. Of an account (a customer) they are those of the service
accounts that the balance report shows under it on that day. The last of each is held against that
report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import sql
from exporters.catalogue.conditions import BASES
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import DATE_BASES, Basis, Column, Kind, Report
from exporters.errors import ReportError, RequestError
from exporters.escaping import in_message, short
from exporters.files import whole_file
from exporters.i18n.language import ENGLISH
from exporters.landing.delivered import BLANKS
from exporters.output import columnar
from exporters.output.formats import check_output
from exporters.query import builder
from exporters.query.amounts import exact
from exporters.reconciliation.entry_columns import DATES, SOURCE, VERSION, columns_of
from exporters.reconciliation.trace.tables import prepare_entries
from exporters.request.names import unknown_name
from exporters.request.periods import parse_date
from exporters.request.report_request import Request
from exporters.terminal_table import table
from exporters.warehouse import published

if TYPE_CHECKING:
    import duckdb


ACCOUNT_ENTRIES = Report(
    "account-entries",
    "Account entries",
    "Which entries make up the balance of the account?",
    ("basis",),
    (
        Column("partner_id", "Partner", Kind.ID, "Whose the entry is; empty when not known."),
        *columns_of("credit-balance", "service_account_id", "wallet", "currency"),
        Column("number", "No.", Kind.COUNT, "Running number of the entries of one balance."),
        Column("report_date", "Date", Kind.DATE, "The event or the posted date, by basis."),
        *columns_of("credit-topups", "event_id", "entry_type"),
        VERSION,
        *columns_of("credit-topups", "movement_type", "transaction_id"),
        *columns_of("credit-topups", "counterparty_service_account_id"),
        Column("effect", "Effect", Kind.MONEY, "What it adds to the balance."),
        Column("balance", "Balance", Kind.MONEY, "The balance after it."),
        Column("held_effect", "Held (change)", Kind.MONEY, "What it adds to held credit."),
        Column("held", "Held", Kind.MONEY, "Held credit after it."),
        *DATES,
        *SOURCE,
    ),
    "select * from temp.account_entries",
)

ONE_BALANCE_EACH = (
    "One balance per partner, service account, wallet and currency; entries in order of date and "
    "record."
)
_PAGE = 2_000  # rows of a printed table
_PLACES = {column.name: place for place, column in enumerate(ACCOUNT_ENTRIES.columns)}
_PRINTED = {
    "number", "report_date", "event_id", "entry_type", "version", "movement_type",
    "transaction_id", "effect", "balance", "held_effect", "held", "batch_id", "file", "row_number",
}  # fmt: skip

_ACCOUNT_ENTRIES = sql.load(__file__, "account_entries.sql")
# Which entries are asked for: of a service account, or of an account as the balance report has it.
_OF_SERVICE_ACCOUNT = "service_account_id = $account"
_OF_ACCOUNT = """(partner_id, service_account_id) in (
    select (holders.partner_id, holders.service_account_id)
    from dimensions.partner_accounts as holders
    where holders.account_id = $account and $day between holders.valid_from and holders.valid_to
)"""


@dataclass(frozen=True)
class AccountRequest:
    """The entries of a service account, or of an account, up to the end of a day.

    Attributes:
        account: id of the service account, whoever its partner is, or else of an account.
        day: the day, included.
        basis: by which of an entry's dates.
        wallet: one wallet, or None for all.
        currency: one currency, or None for all.
    """

    account: str
    day: date
    basis: Basis
    wallet: str | None = None
    currency: str | None = None

    @property
    def words(self) -> str:
        """The request for people."""
        chosen = [f"wallet {in_message(self.wallet)}"] if self.wallet is not None else []
        chosen += [in_message(self.currency)] if self.currency is not None else []
        asked = "; ".join([f"Up to the end of {self.day}", *chosen])
        return f"{asked}. {self.basis.words}"


def parse_request(
    account: str,
    day: str,
    basis: str | None = None,
    wallet: str | None = None,
    currency: str | None = None,
) -> AccountRequest:
    """A request from the words of a user, with all checks that need no data.

    Raises:
        RequestError: the day is not a date, or the basis is unknown.
    """
    basis = basis or "event"
    if basis not in DATE_BASES:
        raise RequestError(unknown_name("--basis value", basis, DATE_BASES))
    return AccountRequest(
        account.strip(BLANKS),
        parse_date("--date", day),
        BASES[basis],
        wallet,
        None if currency is None else currency.upper(),
    )


def prepare(connection: duckdb.DuckDBPyConnection, request: AccountRequest) -> None:
    """Put the entries into a temporary table, from which `ACCOUNT_ENTRIES` is read.

    Raises:
        RequestError: the account is unknown, or has no such wallet or currency.
        ReportError: a balance is not that of the balance report.
    """
    chosen = _chosen(connection, request)
    prepare_entries(connection)
    _check_known(connection, request, chosen)
    sql.run(
        connection,
        _ACCOUNT_ENTRIES.format(date=request.basis.blanks["date"], chosen=chosen),
        {
            "account": request.account,
            "day": request.day,
            "wallet": request.wallet,
            "currency": request.currency,
        },
    )
    _check_closing(connection, request)


def write(connection: duckdb.DuckDBPyConnection, request: AccountRequest, output: Path) -> int:
    """Write the entries of a request to `output`; their number.

    Raises:
        RequestError, ReportError: as `prepare`, and for the ending of `output`.
    """
    ending = check_output(output)
    prepare(connection, request)
    with whole_file(output) as temporary:
        if ending != ".xlsx":
            return columnar.write(connection, _table(request), ending, temporary)
        from exporters.excel import workbook
        from exporters.excel.content import About

        about = About(_title(connection, request), None, *published.version(connection))
        content = workbook.content_of(
            connection, _table(request), words=[request.words, ONE_BALANCE_EACH], notes=[]
        )
        return workbook.write_contents(connection, about, [content], temporary)


def lines(connection: duckdb.DuckDBPyConnection, request: AccountRequest) -> Iterator[str]:
    """The entries of a request as text to be printed, a table for each balance.

    Raises:
        RequestError, ReportError: as `prepare`, before the first line.
    """
    prepare(connection, request)
    yield _title(connection, request)
    yield request.words
    version, version_at = published.version(connection)
    yield f"Data as of {version_at}, version {in_message(version)}"
    balances = connection.execute(
        """
        select entries.partner_id, service_account_id, service_account_name, wallet, currency,
            count(*)
        from temp.account_entries as entries
        left join reports.service_accounts using (service_account_id)
        group by all
        order by entries.partner_id nulls last, service_account_id, wallet, currency
        """
    ).fetchall()
    if not balances:
        yield "\nNo entries."
        return
    wanted = builder.as_text(_table(request))
    cursor = connection.execute(wanted.sql, wanted.parameters)
    for partner, service_account, name, wallet, currency, count in balances:
        whose = "no partner yet" if partner is None else f"partner {in_message(partner)}"
        if service_account != request.account:
            named = f"{service_account} {name or ''}".strip()
            whose += f", service account {in_message(named)}"
        yield f"\n{whose}, wallet {in_message(wallet)}, {currency}\n"
        last: Sequence[object] = ()
        while count:
            page = cursor.fetchmany(min(count, _PAGE))
            count -= len(page)
            yield _page(page)
            last = page[-1]
        balance, held = (ENGLISH.grouped(str(last[_PLACES[name]])) for name in ("balance", "held"))
        yield f"\nClosing balance {balance} {currency}{f', held {held}' if held != '0' else ''}"


def _page(rows: Sequence[Sequence[object]]) -> str:
    columns = [column for column in ACCOUNT_ENTRIES.columns if column.name in _PRINTED]
    return table(
        [(column.label, column.kind.is_number) for column in columns],
        [[_shown(column, row[_PLACES[column.name]]) for column in columns] for row in rows],
    )


def _shown(column: Column, value: object) -> object:
    return ENGLISH.grouped(str(value)) if column.kind is Kind.MONEY else value


def _table(request: AccountRequest) -> Request:
    return Request(ACCOUNT_ENTRIES, "", request.day, request.day, basis=request.basis)


def _title(connection: duckdb.DuckDBPyConnection, request: AccountRequest) -> str:
    row = connection.execute(
        """
        select 'Service account', service_account_name
        from reports.service_accounts
        where service_account_id = $account
        union all
        select 'Account', account_name
        from dimensions.account_names
        where account_id = $account
        """,
        {"account": request.account},
    ).fetchone()
    what, name = row or ("Service account", None)
    return in_message(f"{what} {request.account} {name or ''}".strip())


def _chosen(connection: duckdb.DuckDBPyConnection, request: AccountRequest) -> str:
    """SQL for the entries that are asked for; an id that is both means the service account.

    Raises:
        RequestError: no record and no entry names the account.
    """
    accounts, service_accounts = (
        [row[0] for row in connection.execute(query).fetchall()]
        for query in (
            "select distinct account_id from dimensions.partner_accounts order by 1",
            "select service_account_id from reports.service_accounts order by 1",
        )
    )
    has_entries = connection.execute(
        f"select 1 from ledger.fct_credit_entries where {_OF_SERVICE_ACCOUNT} limit 1",
        {"account": request.account},
    ).fetchone()
    if request.account in service_accounts or has_entries:
        return _OF_SERVICE_ACCOUNT
    if request.account in accounts:
        return _OF_ACCOUNT
    names = sorted({*service_accounts, *accounts})
    raise RequestError(unknown_name("account", request.account, names))


def _check_known(
    connection: duckdb.DuckDBPyConnection, request: AccountRequest, chosen: str
) -> None:
    """Whether the account has the wallet and the currency, if they are named."""
    found = sql.run(
        connection,
        f"select wallet, currency from temp.all_credit_entries where {chosen} "
        "group by all order by all",
        {"account": request.account, "day": request.day},
    ).fetchall()
    wallets = list(dict.fromkeys(row[0] for row in found))
    currencies = list(dict.fromkeys(row[1] for row in found))
    of = f" of account {short(request.account)!r}"
    if request.wallet is not None and request.wallet not in wallets:
        raise RequestError(unknown_name("wallet", request.wallet, wallets, of))
    if request.currency is not None and request.currency not in currencies:
        raise RequestError(unknown_name("currency", request.currency, currencies, of))


def _check_closing(connection: duckdb.DuckDBPyConnection, request: AccountRequest) -> None:
    """Each last balance is the closing balance of the report, or 0 where that has no row."""
    last = connection.execute(
        """
        select partner_id, service_account_id, wallet, currency, max_by(balance, number),
            max_by(held, number)
        from temp.account_entries
        where partner_id is not null
        group by all
        order by all
        """
    ).fetchall()
    for partner, service_account, wallet, currency, *ours in last:
        report = builder.typed(
            Request(
                REPORTS["credit-balance"],
                partner,
                request.day,
                request.day,
                account=service_account,
                basis=request.basis,
            )
        )
        row = connection.execute(
            f"select closing_balance, held from ({report.sql}) as report "
            "where wallet = $wallet and currency = $currency",
            {**report.parameters, "wallet": wallet, "currency": currency},
        ).fetchone()
        theirs = list(row or (Decimal(0), Decimal(0)))
        if ours != theirs:
            raise ReportError(
                f"the entries of {service_account}, wallet {wallet}, {currency} with partner "
                f"{partner} make {exact(ours[0])} (held {exact(ours[1])}), and the "
                f"balance report has {exact(theirs[0])} ({exact(theirs[1])})"
            )
