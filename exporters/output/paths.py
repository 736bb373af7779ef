"""Where files go: names that are safe on every file system and never clash."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.catalogue.conditions import BASES, CONDITIONS
from exporters.catalogue.types import Basis
from exporters.i18n.language import ENGLISH, Language
from exporters.request.partners import all_partners
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
# Names that Windows keeps for devices, whatever their ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_LONGEST = 100  # well below 255 bytes, the limit of a name, also with a hash and an ending


def folder_names(partners: Collection[str]) -> dict[str, str]:
    """The folder of each partner: its id where that can be the name of its folder alone.

    Otherwise - a character had to be replaced, the name means something to a file system, or
    another partner's folder differs in upper and lower case only - a hash of the id is added, so
    that no two partners share a folder on any file system.
    """
    spellings = Counter(partner.lower() for partner in partners)
    spellings.update(_hashed(partner).lower() for partner in partners)
    return {
        partner: partner
        if _is_plain(partner) and spellings[partner.lower()] == 1
        else _hashed(partner)
        for partner in partners
    }


def default_output(connection: duckdb.DuckDBPyConnection, home: Path, request: Request) -> Path:
    """Where a workbook goes when no file was named."""
    folder = folder_names(all_partners(connection))[request.partner]
    return home / "exports" / folder / file_name(request, ".xlsx")


def file_name(request: Request, ending: str) -> str:
    """The name of an export that was not given one."""
    name = period_name(
        request.report.id,
        request.from_date,
        request.to_date,
        request.compare,
        request.basis,
        request.language,
    )
    return name + conditions_suffix(request) + ending


def conditions_suffix(request: Request) -> str:
    """What is added to the name of a file for conditions other than those of `period_name`."""
    return "".join(_conditions(request))


def _conditions(request: Request) -> Iterator[str]:
    for name in request.report.conditions:
        value = getattr(request, name)
        if name in ("basis", "compare") or value in (None, (), CONDITIONS[name].everything):
            continue
        for each in value if isinstance(value, tuple) else (value,):
            text = f"{each:f}" if isinstance(each, Decimal) else str(each)
            yield f"_{name.replace('_', '-')}-{_UNSAFE.sub('_', text)[:_LONGEST]}"


def period_name(
    what: str,
    from_date: date,
    to_date: date,
    compare: str | None,
    basis: Basis = BASES["event"],
    language: Language = ENGLISH,
) -> str:
    """A file's name without its ending: content, period, comparison, basis, language."""
    compared = f"_compare-{compare}" if compare else ""
    based = "" if basis.name == "event" else f"_{basis.name}"
    return f"{what}_{from_date}_{to_date}{compared}{based}{language_suffix(language)}"


def language_suffix(language: Language) -> str:
    """What is added to the name of a file in another language than English."""
    return "" if language.code == ENGLISH.code else f"_{language.code}"


def _is_plain(partner: str) -> bool:
    return (
        not _UNSAFE.search(partner)
        and not partner.startswith(".")
        and not partner.endswith(".")
        and not _DEVICE.fullmatch(partner)
        and len(partner) <= _LONGEST
    )


def _hashed(partner: str) -> str:
    safe = _UNSAFE.sub("_", partner)[:_LONGEST]
    if safe.startswith(".") or _DEVICE.fullmatch(safe):
        safe = "_" + safe
    return f"{safe}-{hashlib.sha256(partner.encode()).hexdigest()[:12]}"
