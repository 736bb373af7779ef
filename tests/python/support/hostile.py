"""Hostile texts, a landing folder full of them, and a way to ask commands with them."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from exporters.cli import app
from support.homes import put_csv
from support.oracle import Oracle
from support.proof import SOAK

ALWAYS = (date(1, 1, 1), date(9999, 12, 31))
FIRST, LAST = date(2024, 1, 1), date(2024, 4, 30)
PERIOD = [f"--from={FIRST}", f"--to={LAST}"]
SQL = [
    "'; drop table reports.partners; --",
    "' or '1'='1",
    '" or ""="',
    "x' union select * from reports.revenue_detail --",
    "'); copy (select 1) to 'stolen.csv'; --",
    "$1",
    "?",
    "$partner",
    ":partner",
    "{{ env_var('HOME') }}",
    "{% raw %}",
    "{conditions}",
    "{0}%s%(prog)s",
    "/* */ --",
    ";",
    "\\'",
]
CONTROL = [
    "nul\x00l",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "bell\x07\x08\x7f\x9b2J",
    "two\npartner-reports: forged line",
    "carriage\rreturn",
    "tab\there",
    "\u202egnp.exe",
    "\u2066isolate\u2069\u200f\u061c",
    "\ufeffmark",
    "zero\u200bwidth",
    "line\u2028paragraph\u2029",
    "\ufffe\uffff",
    "\U0001fffe",
]
PATHS = [
    *["..", ".", "...", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "a:b", "a_b"],
    *["C:\\Windows\\x", "~", "~root", "file:", "CON", "con.", "NUL.xlsx", "nul", "aux.tar.gz"],
    *[
        "-rf",
        "--help",
        ".hidden",
        "dot.",
        "marts.duckdb",
        "$HOME",
        "`id`",
        "$(id)",
        "a b",
        "%2e%2e",
    ],
    # What the folder of `a/b` is called, were it the only one.
    f"a_b-{hashlib.sha256(b'a/b').hexdigest()[:12]}",
]
MARKUP = [
    "_x0041_",
    "_x005F_x0041_",
    "_x000D_\r_x",
    "]]></t></is></c></row><!--",
    "<?xml?><script>&amp;&lt;\"'",
    '&[Path]&P&"Arial"&K0000FF&',
    "=1+1",
    '=HYPERLINK("http://example.org","x")',
    "@SUM(A1)",
    "#N/A",
    "'00123",
]
# Pairs that only careful reading keeps apart.
TWINS = [
    *["Twin", "twin", "TWIN", "twin\u00a0", "twin\u3000"],
    *["\u00c9-1", "E\u0301-1", "\u00e9-1", "e\u0301-1"],
    *["K-1", "\u212a-1", "k-1"],
    *["\ufb00-2", "ff-2", "FF-2"],
    *["\u00df-3", "ss-3", "SS-3"],
    *["\u0130-4", "i\u0307-4", "I-4"],
    *["ＡＢＣ", "ABC"],
    *["null", "NULL", "0042", "42", "４２"],
]
LONG = [
    "L" * 10_000,
    "L" * 9_999 + "l",
    "m" * 200 + "a",
    "m" * 200 + "b",
    "n" * 101,
    "😀" * 300,
    "'" * 5_000,
    "_x0041_" * 1_400,
]
TEXTS = [*SQL, *CONTROL, *PATHS, *MARKUP, *TWINS, *LONG]
# Each is a partner, in `make test` all that are close to another or mean something as a path.
_SOME = [
    *TWINS,
    *PATHS[:6],
    *PATHS[9:-1:4],
    PATHS[-1],
    *SQL[::6],
    *CONTROL[:5:2],
    CONTROL[7],
    *MARKUP[::4],
]
PARTNERS = list(dict.fromkeys(TEXTS if SOAK else [*_SOME, *LONG]))
# Names and attributes; the long ones are ids already.
SHORT = [each for each in TEXTS if len(each) <= 100]
# Has top-ups with every one of the texts, and with some that are longer than a cell.
COLLECTOR = "collector"
LONGER_THAN_A_CELL = ["z" * 40_000, "_x0041_" * 5_000, "\x01" * 33_000, "😀" * 17_000 + "]]>"]
# A move on the middle day of the period, and batches before and after months were closed.
MOVED_ON = date(2024, 2, 15)
BATCHES = ["2024-02-03", "2024-03-10", "2024-04-06"]
Row = dict[str, str]


def owned(partner: str) -> list[str]:
    """Service accounts of a partner: its own, a customer's, and one that moves away from it."""
    return [partner, f"c:{partner}", f"m:{partner}"]


def write_hostile(rng: Random, landing: Path) -> None:
    """Write a landing folder in which every id and name is hostile."""
    partners = [*PARTNERS, COLLECTOR]

    def account(service_account: str, partner: str, day: date, kind: str) -> Row:
        return {
            "service_account_id": service_account,
            "service_account_name": rng.choice(SHORT),
            "account_id": partner if kind == "partner" else service_account,
            "account_name": rng.choice(SHORT),
            "account_type": kind,
            "partner_id": partner,
            "partner_name": rng.choice(SHORT),
            "updated_at": f"{day}T03:00:00Z",
        }

    accounts, moves, discounts = [], [], []
    for number, partner in enumerate(partners):
        own, customer, mover = owned(partner)
        accounts.append(account(own, partner, FIRST, "partner"))
        accounts.append(account(customer, partner, FIRST, "customer"))
        accounts.append(account(mover, partner, FIRST, "customer"))
        # To the next one, which is often its twin; the collector keeps what it has.
        to = partners[(number + 1) % len(PARTNERS)]
        if partner != COLLECTOR:
            moves.append(account(mover, to, MOVED_ON, "customer"))
        for subject in ("partner", "customer"):
            discounts.append(
                {
                    "discount_id": f"{subject[0]}:{partner}",
                    "subject": subject,
                    "partner_id": partner,
                    "service_account_id": mover if subject == "customer" else "",
                    "service_code": rng.choice(["svc", "SVC", *SQL[:2]]),
                    "rate_percent": str(rng.randrange(101)),
                    "requested_on": str(FIRST),
                    "approved_on": str(FIRST),
                    "effective_from": str(FIRST),
                    "updated_at": f"{FIRST}T00:00:00Z",
                }
            )
    put_csv(landing, "accounts/batch=2024-01-02/a.csv", accounts)
    put_csv(landing, "accounts/batch=2024-02-16/a.csv", moves)
    put_csv(landing, "discounts/batch=2024-01-02/a.csv", discounts)

    # Ids that no account has, however they look.
    known = {each for partner in partners for each in owned(partner)}
    ghosts = {f"{each} " for each in TWINS} | {each.swapcase() for each in PARTNERS}
    ghosts |= {unicodedata.normalize("NFKC", each) for each in PARTNERS}
    ghosts = {each.strip(" \t\r\n") for each in ghosts} - known - {""}
    events: dict[str, dict[str, list[Row]]] = {"credits": {}, "revenue": {}}
    for service_account in [*sorted(known), *sorted(ghosts)]:
        for feed in events:
            for number in range(3):
                event(rng, events[feed], feed, service_account, f"{number}{service_account[:60]}")
    for number, each in enumerate([*TEXTS, *LONGER_THAN_A_CELL]):
        row = credit(rng, COLLECTOR, "top_up") | {"transaction_id": each, "payment_method": each}
        events["credits"].setdefault(BATCHES[0], []).append(row | {"event_id": f"text {number}"})
    for feed, batches in events.items():
        for batch, rows in batches.items():
            put_csv(landing, f"{feed}/batch={batch}/a.csv", rows)


def event(
    rng: Random, batches: dict[str, list[Row]], feed: str, service_account: str, name: str
) -> None:
    """One event in one to three versions, some of them void, some late."""
    versions = rng.choice([1, 1, 2, 3])
    # Accounts may share the beginning of their ids, events may not share theirs.
    event_id = f"{name}#{hashlib.sha256(service_account.encode()).hexdigest()}"
    for version, batch in enumerate(sorted(rng.sample(BATCHES, versions)), start=1):
        kind = rng.choice(["top_up", "transfer_in", "usage", "transfer_out", "hold", "adjustment"])
        row = (
            credit(rng, service_account, kind)
            if feed == "credits"
            else charge(rng, service_account)
        )
        void = version > 1 and rng.random() < 0.4
        row |= {"event_id": event_id, "version": str(version), "operation": "void" if void else ""}
        if rng.random() < 0.05:  # a row that is refused
            row["currency"] = rng.choice(SQL)
        batches.setdefault(batch, []).append(row)


def moment(rng: Random) -> str:
    """A time, next to midnight in the business time zone or not."""
    day = FIRST + timedelta(days=rng.randrange(80))
    return f"{rng.choice([day, MOVED_ON])}T{rng.choice(['16:59:59', '17:00:00', '09:30:00'])}Z"


def credit(rng: Random, service_account: str, kind: str) -> Row:
    return {
        "service_account_id": service_account,
        "wallet": rng.choice(["", "main", "Main", *SQL[:2], "\x00"]),
        "movement_type": kind,
        "amount": f"{rng.randrange(1, 10**9)}.{rng.randrange(10**12):012}",
        "currency": rng.choice(["VND", "USD", "kwd"]),
        "occurred_at": moment(rng),
        "transaction_id": rng.choice(SHORT),
        "counterparty_service_account_id": rng.choice(TWINS),
        "payment_method": rng.choice(SHORT),
        "service_code": rng.choice(["", "svc", "SVC", *TWINS]),
    }


def charge(rng: Random, service_account: str) -> Row:
    list_amount, discount = rng.randrange(-(10**6), 10**6), rng.randrange(10**4)
    return {
        "service_account_id": service_account,
        "service_code": rng.choice(["svc", "SVC", *SQL[:2], *TWINS[:3]]),
        "charge_type": rng.choice(["usage", "subscription", "tax", "refund"]),
        "order_id": rng.choice(SHORT),
        "discount_id": f"c:{service_account[2:]}" if service_account.startswith("m:") else "",
        "quantity": "1.5",
        "unit": rng.choice(SHORT),
        "currency": rng.choice(["VND", "USD"]),
        "list_amount": str(list_amount),
        "discount_amount": str(discount),
        "net_amount": str(list_amount - discount),
        "tax_amount": "1",
        "occurred_at": moment(rng),
    }


@dataclass(frozen=True)
class Hostile:
    """The home built from a hostile landing folder, and what the reference says of it."""

    home: Path
    reference: Oracle
    partners: list[str]


class Said(NamedTuple):
    """What a command answered."""

    status: int
    out: str
    err: str


class Screen(io.TextIOWrapper):
    """A terminal, or a pipe, that keeps what is written to it."""

    def __init__(self, terminal: bool, errors: str) -> None:
        self.content = io.BytesIO()
        self._terminal = terminal
        super().__init__(self.content, "utf-8", errors, newline="", write_through=True)

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        return self.content.getvalue().decode()


def ask(*arguments: str, terminal: bool = True) -> Said:
    """Run a command in this process; the error stream is as Python opens it."""
    out, err = Screen(terminal, "strict"), Screen(False, "backslashreplace")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = app.main(list(arguments))
    return Said(status, out.text(), err.text())


def collected(home: Path, output: Path) -> None:
    """Export the top-ups that have all the texts; in order of their transaction."""
    said = ask("export", "credit-topups", f"--home={home}", f"--partner={COLLECTOR}",
               f"--account={COLLECTOR}", *PERIOD, f"--output={output}")  # fmt: skip
    assert (said.status, said.err) == (0, "")


def decoded(value: str) -> str:
    """Text of a cell as a spreadsheet shows it: `_xHHHH_` is a character."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), value)
