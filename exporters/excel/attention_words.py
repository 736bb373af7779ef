"""What needs attention in sentences, each with the sheet that says more."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Basis
from exporters.excel.content import CONTROL
from exporters.i18n.language import N_, Language
from exporters.query.amounts import exact
from exporters.query.attention import Attention, Difference, Late, Loss, OpenTransfer, Wallet

NOBODY_ERRED = N_(
    "A movement that the source booked later than it occurred differs until its next statement "
    "after that: nobody need have erred."
)
# By ledger and basis.
_LATE = {
    ("revenue", "event"): N_("Booked after the period was closed: net amount {amounts}."),
    ("credits", "event"): N_("Booked after the period was closed: movements of {amounts}."),
    ("revenue", "posted"): N_("Booked in the period for earlier ones: net amount {amounts}."),
    ("credits", "posted"): N_("Booked in the period for earlier ones: movements of {amounts}."),
}


def lines(language: Language, basis: Basis, found: Attention) -> list[tuple[str, list[str]]]:
    """Of each kind that there is any of: the title, in English, of a sheet, and its sentences."""
    kinds = [
        (CONTROL, [open_transfer(language, each) for each in found.open_transfers]),
        (CONTROL, [difference(language, each) for each in found.differences]),
        (REPORTS["margins"].title, [_loss(language, each) for each in found.losses]),
        (REPORTS["credit-outlook"].title, [_wallet(language, each) for each in found.wallets]),
        (REPORTS["revenue-detail"].title, _late(language, basis, found.late, "revenue")),
        (REPORTS["credit-statement"].title, _late(language, basis, found.late, "credits")),
    ]
    return [(title, sentences) for title, sentences in kinds if sentences]


def open_transfer(language: Language, transfer: OpenTransfer) -> str:
    """A side of a transfer whose other side has not arrived, or has another amount."""
    sides = (
        (transfer.transferred_out, language.say("transferred out")),
        (transfer.transferred_in, language.say("transferred in")),
    )
    return language.say(
        "Transfer {transaction} of service account {account} is open: {amounts}.",
        transaction=transfer.transaction,
        account=transfer.service_account,
        amounts=", ".join(
            f"{_money(language, amount, transfer.currency)} {side}"
            for amount, side in sides
            if amount
        ),
    )


def difference(language: Language, wallet: Difference) -> str:
    """A wallet of which the source states another balance."""
    if wallet.difference is None:
        amount = language.say("more than 38 digits")
    else:
        amount = _money(language, wallet.difference, wallet.currency)
    return language.say(
        "The source states another balance of service account {account}, wallet {wallet}, since "
        "{since}: {amount} beside ours.",
        account=wallet.service_account,
        wallet=wallet.wallet,
        since=language.moment(wallet.since),
        amount=amount,
    )


def _loss(language: Language, loss: Loss) -> str:
    return language.say(
        "Service account {account}, service {service}: the margin is {amount}.",
        account=loss.service_account,
        service=loss.service,
        amount=_money(language, loss.margin, loss.currency),
    )


def _wallet(language: Language, wallet: Wallet) -> str:
    blanks = {
        "account": wallet.service_account,
        "wallet": wallet.wallet,
        "amount": _money(language, wallet.available, wallet.currency),
    }
    if wallet.level == "overdrawn":
        return language.say(
            "Service account {account}, wallet {wallet} is overdrawn: {amount} available.",
            **blanks,
        )
    return language.say_count(
        "Service account {account}, wallet {wallet} lasts for {days} day: {amount} available.",
        "Service account {account}, wallet {wallet} lasts for {days} days: {amount} available.",
        wallet.days_left,
        days=language.grouped(wallet.days_left),
        **blanks,
    )


def _late(language: Language, basis: Basis, late: Iterable[Late], ledger: str) -> list[str]:
    amounts = [
        _money(language, each.amount, each.currency) for each in late if each.ledger == ledger
    ]
    text = _LATE[ledger, "posted" if basis.name == "posted" else "event"]
    return [language.say(text, amounts=", ".join(amounts))] if amounts else []


def _money(language: Language, amount: Decimal, currency: str) -> str:
    return f"{language.grouped(exact(amount))} {currency}"
