"""Reports with more rows than a sheet can hold: on which sheet each continues."""

from __future__ import annotations

from collections.abc import Sequence

from exporters.excel.content import About
from exporters.excel.control_sheet import Section
from exporters.excel.template import Sheet
from exporters.i18n.language import N_


def section(about: About, sheets: Sequence[Sheet]) -> Section | None:
    """The sheets that continue, if any do."""
    say = about.language.say
    lines: list[dict[str, str | int]] = []
    for sheet, after in zip(sheets, [*sheets[1:], None], strict=True):
        if sheet.number or not sheet.is_last:
            is_continued = after is not None and after.number > sheet.number
            more = {"D": after.title} if after is not None and is_continued else {}
            lines.append({"A": sheet.title, "B": sheet.rows, **more})
    if not lines:
        return None
    labels = {"A": N_("Sheet"), "B": N_("Rows"), "D": N_("Continues on")}
    return Section(
        say("Sheets that continue"),
        (say("A sheet cannot have more rows; totals stand on the last one."),),
        {letter: say(label) for letter, label in labels.items()},
        lines,
    )
