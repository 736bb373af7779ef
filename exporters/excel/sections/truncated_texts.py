"""Texts that were cut because a cell cannot hold them: which cells they are in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from exporters import sql
from exporters.excel.content import About, Content
from exporters.excel.control_sheet import Section
from exporters.excel.ooxml import cell_xml
from exporters.excel.report_sheet import FIRST_ROW
from exporters.excel.template import Sheet
from exporters.i18n.language import N_
from exporters.query import builder

if TYPE_CHECKING:
    import duckdb

_MOST = 1000  # cells that are listed


def section(
    connection: duckdb.DuckDBPyConnection,
    about: About,
    sheets: Sequence[Sheet],
    rows_per_sheet: int,
) -> Section | None:
    """The cells of a workbook in which a text is cut, if there are any."""
    say = about.language.say
    lines: list[dict[str, str | int]] = []
    if cell_xml.plain_text(about.who).endswith(cell_xml.CUT_MARK):
        lines.append({"A": say("every sheet"), "B": "A2", "E": len(about.who)})
    for content in {id(sheet.content): sheet.content for sheet in sheets}.values():
        titles = [sheet.title for sheet in sheets if sheet.content is content]
        for row, letter, label, length in _cut(connection, content):
            number, place = divmod(row - 1, rows_per_sheet)
            cell = f"{letter}{FIRST_ROW + place}"
            lines.append({"A": titles[number], "B": cell, "D": say(label), "E": length})
    if not lines:
        return None
    notes = [
        say(
            "A cell holds {limit} characters. These texts are cut, and marked at the end; the "
            "other file formats have them whole.",
            limit=about.language.grouped(cell_xml.TEXT_LIMIT),
        )
    ]
    if len(lines) > _MOST:
        notes.append(say("There are more than the {most} below.", most=_MOST))
    labels = {"A": N_("Sheet"), "B": N_("Cell"), "D": N_("Column"), "E": N_("Characters")}
    return Section(
        say("Texts that were cut"),
        notes,
        {letter: say(label) for letter, label in labels.items()},
        lines[:_MOST],
    )


def _cut(
    connection: duckdb.DuckDBPyConnection, content: Content
) -> list[tuple[int, str, str, int]]:
    """Row (from 1), column letter, label and length of each text that does not fit."""
    columns = [
        (get_column_letter(number), column)
        for number, column in enumerate(content.request.report.columns, start=1)
        # A character may count twice, and most columns have no text that comes near.
        if isinstance(length := content.extents.get(column.name), int)
        and not column.kind.is_number
        and length * 2 > cell_xml.TEXT_LIMIT
    ]
    if not columns:
        return []
    connection.execute(cell_xml.text_macros())
    rows = builder.for_people(content.request)
    lengths = ", ".join(
        f"case when cell_cut({column.name}) <> {column.name} then length({column.name}) end"
        for _, column in columns
    )
    found = connection.execute(
        sql.load(__file__, "truncated_texts.sql").format(
            lengths=lengths, report=rows.sql, limit=_MOST + 1
        ),
        rows.parameters,
    ).fetchall()
    return [
        (row, letter, column.label, length)
        for row, each in found
        for (letter, column), length in zip(columns, each, strict=True)
        if length is not None
    ]
