"""The first sheet of a pack: what it is, links to the other sheets, key figures and charts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from exporters.catalogue.types import Basis, Kind
from exporters.excel import attention_words, charts
from exporters.excel.content import CONTROL, COVER, RECORD, About, Content
from exporters.excel.styles import (
    ALERT,
    BODY,
    BOLD,
    FIRST_TOTAL_LINE,
    FORMATS,
    LEFT,
    LINK,
    NOTE,
    NOTHING,
    QUIET,
    RIGHT,
    ROW_LINE,
    SUBTITLE,
    TITLE,
    cell_at,
    money_format,
    put,
    put_header,
    put_number,
    set_up_print,
)
from exporters.i18n.language import N_, Language
from exporters.query.amounts import DIGITS, change_percent
from exporters.query.attention import Attention
from exporters.query.key_figures import CREDITS, FIGURES, REVENUE, KeyFigures, Period
from exporters.request import coverage
from exporters.request.periods import ends_month

_WIDTHS = (28.0, 26.0, 26.0, 17.0, 17.0, 26.0, 17.0, 17.0)
_LINK_COLUMNS = (1, 3)  # sheets are listed in two columns, wide enough for their names
_CHART_ROWS = 13
_ROWS_OF_A_CURRENCY = len(FIGURES) + 3 + _CHART_ROWS
_ROWS_OF_A_PAGE = 53  # about
_MOST_OF_A_KIND = 5  # lines of what needs attention
# From where to where charts go: column, and pixels from its edge. Column 6 holds the middle.
_CHARTS = (((4, 12), (6, 86)), ((6, 98), (9, 0)))


def write(
    sheet: Worksheet,
    about: About,
    contents: Sequence[Content],
    figures: KeyFigures,
    found: Attention,
) -> None:
    """Fill the sheet; `contents` are all reports of one request."""
    request, language = contents[0].request, about.language
    say = language.say
    for number, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    put(sheet, 1, 1, say("Partner reports"), TITLE)
    sheet.row_dimensions[1].height = 26
    if contents[0].alert is not None:
        put(sheet, 2, 1, contents[0].alert, ALERT)
    facts = (
        ("Partner", about.who),
        ("Period", _days(language, figures.now)),
        ("Basis", say(request.basis.words)),
        ("Data as of", language.moment(about.version_at)),
        ("Version", about.version),
    )
    row = 3
    for label, value in facts:
        put(sheet, row, 1, say(label), QUIET)
        put(sheet, row, 2, value, BOLD if label == "Partner" else BODY)
        row += 1
    row = _links(sheet, row + 1, language, contents)
    row = _attention(sheet, row + 1, language, request.basis, found)
    for place, currency in enumerate(figures.minor_units):
        row += 1
        if place or row + _ROWS_OF_A_CURRENCY > _ROWS_OF_A_PAGE:
            sheet.row_breaks.append(Break(id=row - 1))
        row = _key_figures(sheet, row, language, currency, figures)
        row = _by_month(sheet, row + 1, language, currency, figures)
    if not figures.minor_units:
        row += 1
        put(sheet, row, 1, say("Key figures"), SUBTITLE)
        put(sheet, row + 1, 1, say("None in the period."), NOTE)
        row += 2
    for note in _notes(language, figures):
        row += 1
        put(sheet, row, 1, note, NOTE)
    set_up_print(sheet, say(COVER), about.partner, language)


def _days(language: Language, period: Period) -> str:
    return language.say(
        "{from_date} to {to_date}",
        from_date=language.day(period.from_date),
        to_date=language.day(period.to_date),
    )


def _links(sheet: Worksheet, row: int, language: Language, contents: Sequence[Content]) -> int:
    """Links to all other sheets; the row after them."""
    say = language.say
    put(sheet, row, 1, say("Contents"), SUBTITLE)
    targets: list[tuple[str, str, int | None]] = [
        (each.request.report.title, each.request.report.answers, each.totals.rows)
        for each in contents
    ]
    targets += [
        (RECORD, N_("The figures of the period, to be signed by both sides."), None),
        (CONTROL, N_("Do the figures add up, and what is missing?"), None),
    ]
    half = -(-len(targets) // 2)
    for place, (title, answers, count) in enumerate(targets):
        column = _LINK_COLUMNS[place // half]
        at = row + 1 + place % half
        _put_link(sheet, at, column, say(title), say(title), say(answers))
        if count is not None:
            shown = language.grouped(count)
            rows = language.say_count("{count} row", "{count} rows", count, count=shown)
            put(sheet, at, column + 1, rows, BODY)
    return row + 1 + half


def _attention(
    sheet: Worksheet, row: int, language: Language, basis: Basis, found: Attention
) -> int:
    """What needs attention, each with a link to the sheet that says more; the row after it."""
    say = language.say
    put(sheet, row, 1, say("Needs attention"), SUBTITLE)
    kinds = attention_words.lines(language, basis, found)
    for title, lines in kinds:
        shown = lines[:_MOST_OF_A_KIND]
        if len(lines) > len(shown):
            more = language.grouped(len(lines) - len(shown))
            shown = [*shown, say("and {count} more", count=more)]
        for text in shown:
            row += 1
            _put_link(sheet, row, 1, text, say(title), say(title))
    if found.differences:
        row += 1
        put(sheet, row, 1, say(attention_words.NOBODY_ERRED), NOTE)
    if not kinds:
        row += 1
        put(sheet, row, 1, say("Nothing."), NOTE)
    return row + 1


def _put_link(
    sheet: Worksheet, row: int, column: int, text: str, target: str, tooltip: str
) -> None:
    link = put(sheet, row, column, text, LINK)
    link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{target}'!A1", tooltip=tooltip)


def _key_figures(
    sheet: Worksheet, row: int, language: Language, currency: str, figures: KeyFigures
) -> int:
    """A line per figure in a currency; the row after them."""
    say = language.say
    earlier = ((N_("Previous period"), figures.previous), (N_("A year earlier"), figures.last_year))
    put(sheet, row, 1, say("Key figures in {currency}", currency=currency), SUBTITLE)
    row += 1
    sheet.row_dimensions[row].height = 30
    put_header(sheet, row, 1, say("Figure"))
    put_header(sheet, row, 2, _days(language, figures.now), right=True)
    for column, (label, period) in zip((3, 6), earlier, strict=True):
        days = "" if period is None else f"\n{_days(language, period)}"
        put_header(sheet, row, column, say(label) + days, right=True)
        put_header(sheet, row, column + 1, say("Change"), right=True)
        put_header(sheet, row, column + 2, say("Change %"), right=True)
    look = money_format(figures.minor_units[currency])
    for figure in FIGURES:
        row += 1
        line = FIRST_TOTAL_LINE if figure is REVENUE[0] else ROW_LINE
        now = figures.now.value(currency, figure)
        cells = [put(sheet, row, 1, say(figure.label), BODY)]
        cells[0].alignment = LEFT
        cells += [cell_at(sheet, row, column) for column in range(2, 9)]
        _put_value(cells[1], now, look, BOLD)
        for column, (_, period) in zip((2, 5), earlier, strict=True):
            if period is None:
                continue
            before = period.value(currency, figure)
            _put_value(cells[column], before, look, BODY)
            if now is None or before is None:
                continue
            with localcontext(prec=DIGITS):
                put_number(cells[column + 1], now - before, look, BODY)
            percent = change_percent(now, before)
            if percent is not None:
                put_number(cells[column + 2], percent, FORMATS[Kind.PERCENT], BODY)
        for cell in cells:
            cell.border = line
    return row + 1


def _put_value(cell: Cell, value: Decimal | None, look: str, font: Font) -> None:
    """A figure, or a dash where the period has nothing in its currency."""
    if value is not None:
        put_number(cell, value, look, font)
    else:
        cell.value, cell.data_type, cell.font, cell.alignment = NOTHING, "s", font, RIGHT


def _by_month(
    sheet: Worksheet, row: int, language: Language, currency: str, figures: KeyFigures
) -> int:
    """Revenue and balance of each month in a currency, and their charts; the row after them."""
    say, months = language.say, figures.months
    nothing = [Decimal(0)] * len(months.first_days)
    columns = (
        (REVENUE[2], months.revenue.get(currency, nothing)),
        (CREDITS[4], months.balances.get(currency, nothing)),
    )
    look = money_format(figures.minor_units[currency])
    put_header(sheet, row, 1, say("Month"))
    for number, (figure, _) in enumerate(columns, start=2):
        put_header(sheet, row, number, say(figure.label), right=True)
    first, last = row + 1, row + len(months.first_days)
    for place, day in enumerate(months.first_days):
        cell = cell_at(sheet, first + place, 1)
        # Spreadsheets know no day before 1900.
        cell.value = day if day.year > 1900 else language.day(day)
        cell.number_format = language.month_format
        cell.font, cell.alignment, cell.border = BODY, LEFT, ROW_LINE
        for number, (_, values) in enumerate(columns, start=2):
            cell = cell_at(sheet, first + place, number)
            put_number(cell, values[place], look, BODY)
            cell.border = ROW_LINE
    for number, ((figure, values), ((left, from_left), (right, from_right))) in enumerate(
        zip(columns, _CHARTS, strict=True), start=2
    ):
        charts.add(
            sheet,
            f"{say(figure.label)}, {currency}",
            (first, last),
            (1, number),
            (months.first_days, values),
            (language.month_format, look),
            ((left, row, from_left), (right, row + _CHART_ROWS, from_right)),
            is_level=figure in CREDITS,
        )
    return max(last, row + _CHART_ROWS) + 1


def _notes(language: Language, figures: KeyFigures) -> list[str]:
    say = language.say
    notes = [say("Topped up and used leave out transfers between accounts of the partner.")]
    end = figures.now.to_date
    if figures.minor_units and not ends_month(end):
        notes.append(
            say(
                "The last month of the tables and charts ends with {day}, as the period does.",
                day=language.day(end),
            )
        )
    periods = (figures.previous, figures.last_year)
    since = figures.since
    # A period that ends before it has dashes.
    if since is not None and any(
        each and each.from_date < since <= each.to_date for each in periods
    ):
        notes.append(coverage.before_first_entry(language, since))
    return notes
