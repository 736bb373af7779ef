"""A trace in a file: one JSON object, or a workbook with a sheet per table."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exporters.errors import RequestError
from exporters.escaping import short
from exporters.files import whole_file
from exporters.output import formats
from exporters.reconciliation.trace import discounts
from exporters.reconciliation.trace.tables import DELIVERIES, TABLES, request
from exporters.reconciliation.trace.text import (
    discount_line,
    not_shown,
    order_line,
    partners_line,
    state_line,
    transfer_line,
)
from exporters.reconciliation.trace.trace import Discount, Event, Trace

if TYPE_CHECKING:
    import duckdb

ENDINGS = (".xlsx", ".json")


def check_output(output: Path) -> str:
    """The ending of a file that a trace is to be written to.

    Raises:
        RequestError: the ending is unknown, or a folder has that name.
    """
    ending = formats.check_output(output)
    if ending not in ENDINGS:
        raise RequestError(
            f"a trace cannot be written to --output {short(str(output))!r}: "
            f"allowed endings are {', '.join(ENDINGS)}"
        )
    return ending


def write(connection: duckdb.DuckDBPyConnection, trace: Trace, output: Path) -> None:
    """Write a trace that was just made with `connection`.

    Raises:
        RequestError: the ending of `output` is unknown.
        ReportError: the workbook does not say what it should.
    """
    ending = check_output(output)
    with whole_file(output) as temporary:
        if ending == ".json":
            text = json.dumps(as_object(trace), ensure_ascii=False, indent=1)
            temporary.write_text(text + "\n", encoding="utf-8")
        else:
            _write_workbook(connection, trace, temporary)


def as_object(trace: Trace) -> dict[str, object]:
    """A trace as JSON has it: event and discount with their state, values of rows as objects."""
    made = asdict(trace)
    traced: list[tuple[Event | Discount | None, dict[str, Any]]]
    traced = [*zip(trace.events, made["events"], strict=True), (trace.discount, made["discount"])]
    for one, of_one in traced:
        if one is None:
            continue
        of_one["state"] = one.state
        for delivery in of_one["deliveries"]:
            raw = delivery["raw_values"]
            delivery["raw_values"] = None if raw is None else json.loads(raw)
    return made


def _write_workbook(connection: duckdb.DuckDBPyConnection, trace: Trace, path: Path) -> None:
    from exporters.excel import workbook  # openpyxl takes longer to load than to use
    from exporters.excel.content import About
    from exporters.warehouse import published

    version, version_at = published.version(connection)
    about = About(f"{trace.id} - {partners_line(trace)}", None, version, version_at)
    discount = trace.discount
    states = [] if discount is None else [discount_line(discount)]
    states += [state_line(event) for event in trace.events] + not_shown(trace)
    sums = [*map(transfer_line, trace.transfers), *map(order_line, trace.orders)]
    shown = TABLES if trace.events or discount is None else (DELIVERIES,)
    contents = [
        workbook.content_of(
            connection,
            request(table),
            words=[words for words in ("; ".join(states), "; ".join(sums)) if words],
            notes=[],
        )
        for table in (*shown, *(discounts.TABLES if discount is not None else ()))
    ]
    workbook.write_contents(connection, about, contents, path)
