"""The partners and accounts of the published marts, against which a request is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.errors import RequestError
from exporters.escaping import short
from exporters.request.names import unknown_name
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb


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
            select service_account_id as id
            from dimensions.partner_accounts
            where partner_id = $partner
            union
            select account_id
            from dimensions.partner_accounts
            where partner_id = $partner
            order by id
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
