"""Native charts of a sheet's column by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import NumData, NumVal
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
)
from openpyxl.worksheet.worksheet import Worksheet

_INK, _GRID, _GREY = "1F3864", "E4E7EC", "595959"
_EMU = 9525  # of a pixel
_DAY_ZERO = date(1899, 12, 30)  # from which spreadsheets count


def add(
    sheet: Worksheet,
    title: str,
    rows: tuple[int, int],
    columns: tuple[int, int],
    data: tuple[Sequence[date], Sequence[Decimal]],
    formats: tuple[str, str],
    corners: tuple[tuple[int, int, int], tuple[int, int, int]],
    *,
    is_level: bool = False,
) -> None:
    """Put a chart over a sheet: bars, or a line where the values are levels at a time.

    `rows` are first and last of the data, `columns` those of the months and of the values, `data`
    what stands there, `formats` the number formats of both. `corners` are upper left and lower
    right, each as column and row of a cell (from 1) and pixels to the right of its edge.
    """
    chart: Any = LineChart() if is_level else BarChart()
    of_months, of_values = (
        Reference(sheet, min_col=column, min_row=rows[0], max_row=rows[1]) for column in columns
    )
    chart.add_data(of_values)
    chart.set_categories(of_months)
    (series,) = chart.series
    # Readers that do not look at the cells draw what is kept here.
    months, values = data
    series.cat.numRef.numCache = _kept([(month - _DAY_ZERO).days for month in months], formats[0])
    series.val.numRef.numCache = _kept(values, formats[1])
    if is_level:
        _draw_line(series)
    else:
        series.graphicalProperties = GraphicalProperties(solidFill=_INK)
        series.invertIfNegative = False
        # Few bars are not to be as wide as the chart.
        chart.gapWidth = max(60, 360 // len(months))
    chart.title = _title(title)
    chart.legend = None
    chart.roundedCorners = False
    _draw_axes(chart, formats)
    start, end = (
        AnchorMarker(col=column - 1, colOff=pixels * _EMU, row=row - 1, rowOff=0)
        for column, row, pixels in corners
    )
    chart.anchor = TwoCellAnchor(editAs="oneCell", _from=start, to=end)
    sheet.add_chart(chart)


def _draw_line(series: Any) -> None:
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=_INK, w=2 * 12700))
    series.marker.symbol, series.marker.size = "circle", 5
    series.marker.graphicalProperties = GraphicalProperties(
        solidFill=_INK, ln=LineProperties(solidFill=_INK)
    )
    series.smooth = False


def _draw_axes(chart: Any, formats: tuple[str, str]) -> None:
    # Without it axes are left out by some readers.
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.number_format, chart.y_axis.number_format = formats
    chart.x_axis.tickLblPos = "low"  # below the bars of negative months too
    chart.x_axis.majorTickMark = chart.y_axis.majorTickMark = "none"
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=_GRID))
    labels = _look(800, is_bold=False)
    for axis in (chart.x_axis, chart.y_axis):
        axis.txPr = RichText(
            p=[Paragraph(pPr=ParagraphProperties(defRPr=labels), endParaRPr=labels)]
        )


def _kept(values: Sequence[float | Decimal], number_format: str) -> NumData:
    points = [NumVal(idx=index, v=float(value)) for index, value in enumerate(values)]
    return NumData(formatCode=number_format, ptCount=len(points), pt=points)


def _title(text: str) -> Title:
    run = RegularTextRun(rPr=_look(1000, is_bold=True), t=text)
    title = Title(overlay=False)
    title.tx = Text(rich=RichText(p=[Paragraph(pPr=ParagraphProperties(), r=[run])]))
    return title


def _look(size: int, *, is_bold: bool) -> CharacterProperties:
    return CharacterProperties(sz=size, b=is_bold, solidFill=_INK if is_bold else _GREY)
