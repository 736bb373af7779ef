"""What SQL says of single rows, in the language of the result.

A text stands in SQL as `said('...')`, with `%s` for its blanks, and is looked up like any other.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import sql
from exporters.i18n.language import ENGLISH, Language

if TYPE_CHECKING:
    import duckdb

_SAID = re.compile(r"said\(\s*((?:'[^']*'\s*)+)\)")


def texts_of_sql() -> list[str]:
    """Every text that the SQL of a reconciliation says."""
    texts = (path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("*.sql"))
    said = (found for text in texts for found in _SAID.findall(text))
    return sorted({"".join(re.findall("'([^']*)'", each)) for each in said})


def say_in(connection: duckdb.DuckDBPyConnection, language: Language) -> None:
    """Let SQL say its texts, days and amounts in a language, by the macros of texts.sql."""
    # In English they are the same in all formats, and so without marks.
    thousands, point = ("", ".") if language.code == ENGLISH.code else language.marks
    blanks = {"year": "%Y", "month": "%m", "day": "%d"}
    day = language.day_pattern.format(**blanks)
    texts = texts_of_sql()
    connection.execute(
        "set variable said = (select map($english, $translated))",
        {"english": texts, "translated": [language.say(text) for text in texts]},
    )
    macros = sql.load(__file__, "texts.sql").format(
        day=day,
        month=day.replace("-%d", "").replace("%d/", ""),
        thousands=thousands,
        point=point,
    )
    sql.run(connection, macros)
