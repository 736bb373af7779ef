"""Bring the translations up to date: the texts of the code into the .po, and that into the .mo.

python scripts/messages.py

New texts stand in the .po without a translation, those that are gone are taken out of it. It is
written in order of the texts, without dates and places, so that a change shows what was said anew.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from exporters.catalogue.comparison import compared
from exporters.catalogue.conditions import BASES, CONDITIONS
from exporters.catalogue.reports import REPORTS
from exporters.i18n.language import DOMAIN, ENGLISH, LOCALE
from exporters.landing.scan import FEEDS
from exporters.query.identities import IDENTITIES
from exporters.reconciliation.bridge import lines, tables
from exporters.reconciliation.reconcile import texts
from exporters.reconciliation.reconcile.result import sheets
from exporters.terminal_table import TOO_WIDE

PROJECT = Path(__file__).resolve().parents[1]
HEADER = r"""# Said in place of the English texts of the code, with the terms of the portal.
# The context of a code is the column in which it stands. After a change: make messages
msgid ""
msgstr ""
"Language: {language}\n"
"Plural-Forms: {plurals}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
# What is called with texts; of `say_count`, the second is the plural of the first.
KEYWORDS = {"say": None, "say_count": (1, 2), "N_": None}


def po_of(language: str) -> Path:
    """Where the translations of a language are written down."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def texts_of_code() -> Catalog:
    """Every text that may be said, with the codes of columns under the names of these."""
    catalog = Catalog(domain=DOMAIN)
    for _, _, text, _, _ in extract_from_dir(PROJECT / "exporters", keywords=KEYWORDS):
        # Babel takes the key in `say(CONDITIONS["basis"].label)` for a text.
        if text not in CONDITIONS:
            catalog.add(text)
    for definition in _definitions():
        catalog.add(definition)
    for column, codes in codes_of_columns().items():
        for code in codes:
            catalog.add(code, context=column)
    return catalog


def _definitions() -> Iterator[str]:
    """Texts of definitions, which are said as attributes of them."""
    for report in REPORTS.values():
        yield from (report.title, report.answers)
        yield from (column.label for column in report.columns)
        if "compare" in report.conditions:
            yield from (column.label for column in compared(report).columns)
    for condition in CONDITIONS.values():
        yield condition.label
        # Where that is nothing, or a code, it is not said.
        if condition.everything in ("all", "both"):
            yield condition.everything
    yield from (basis.words for basis in BASES.values())
    yield from (words for words, _, _ in IDENTITIES)
    for table in (tables.BRIDGE, tables.CREDIT_ENTRIES, tables.REVENUE_ENTRIES):
        yield table.title
        yield from (column.label for column in table.columns)
    for column in (*tables.CREDIT_MEASURES, *tables.REVENUE_MEASURES):
        yield column.label
    for column in lines.AMOUNTS:
        yield from (column.label, column.description)
    yield from (column.label for column in sheets.columns())
    yield from texts.texts_of_sql()
    yield TOO_WIDE


def codes_of_columns() -> dict[str, set[str]]:
    """The codes that stand in columns of reports, for which languages have words."""
    with (PROJECT / "seeds/reference/movement_types.csv").open(encoding="utf-8") as file:
        movement_types = {row["movement_type"] for row in csv.DictReader(file)}
    staged = (PROJECT / "models/staging/stg_revenue.sql").read_text(encoding="utf-8")
    (charge_types,) = re.findall(r"\[('usage'[^]]*)\]", staged)
    outlook = (PROJECT / "exporters/catalogue/credit_outlook.sql").read_text(encoding="utf-8")
    return {
        "ambiguous": {"yes"},
        "account_type": set(CONDITIONS["account_type"].allowed),
        "charge_type": set(re.findall(r"'(\w+)'", charge_types)),
        "entry_type": {"original", "reversal"},
        "feed": set(FEEDS),
        "ledger": set(tables.MEASURES),
        "level": set(re.findall(r"(?:then|else) '(\w+)'", outlook)),
        "match": set(ENGLISH.words["match"]),
        "movement_type": movement_types,
        "reason": set(ENGLISH.words["reason"]),
        "status": set(CONDITIONS["status"].allowed),
        "subject": set(CONDITIONS["subject"].allowed),
    }


def updated(language: str) -> Catalog:
    """The translations of a language with exactly the texts of the code."""
    with po_of(language).open("rb") as file:
        catalog = read_po(file, locale=language, domain=DOMAIN)
    catalog.update(texts_of_code(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.creation_date = datetime(2024, 1, 1, tzinfo=UTC)  # the same texts, the same bytes
    return catalog


def untranslated(catalog: Catalog) -> list[object]:
    """Texts that a language says in English."""
    return [message.id for message in catalog if message.id and not any(message.string or "")]


def po(catalog: Catalog) -> bytes:
    """A catalogue as its .po file."""
    file = io.BytesIO()
    write_po(file, catalog, width=100, no_location=True, sort_output=True, omit_header=True)
    header = HEADER.format(language=catalog.locale, plurals=catalog.plural_forms)
    return header.encode() + file.getvalue()


def mo(catalog: Catalog) -> bytes:
    """A catalogue as its .mo file, which is read at run time."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def main() -> None:
    """Update the files of every language."""
    for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"):
        catalog = updated(path.parts[-3])
        path.write_bytes(po(catalog))
        path.with_suffix(".mo").write_bytes(mo(catalog))
        print(f"{path}: {len(catalog)} texts, {len(untranslated(catalog))} without a translation")


if __name__ == "__main__":
    main()
