"""One report to one file."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.files import whole_file
from exporters.output import columnar, paths
from exporters.output.formats import check_output
from exporters.request.partners import check_known
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Exported:
    """A file that was written, and how many rows of the report it holds."""

    path: Path
    rows: int


def load_writer(output: Path | None) -> threading.Thread:
    """Load the modules that write `output` in a thread, which the caller joins before writing."""

    def load() -> None:
        # openpyxl takes longer to load than a CSV to write.
        if output is None or check_output(output) == ".xlsx":
            with _without_numpy():
                import exporters.excel.workbook  # noqa: F401

    loading = threading.Thread(target=load)
    loading.start()
    return loading


def export(
    connection: duckdb.DuckDBPyConnection, home: Path, request: Request, output: Path | None
) -> Exported:
    """Write the report of `request` to `output`, or to its default place below `home`.

    Raises:
        RequestError: the partner or the account is unknown, or the ending of `output` is.
        ReportError: the workbook that was written does not say what the query says.
    """
    check_known(connection, request)
    path = output or paths.default_output(connection, home, request)
    ending = check_output(path)
    with whole_file(path) as temporary:
        if ending == ".xlsx":
            from exporters.excel import workbook

            rows = workbook.write(connection, [request], temporary).rows
        else:
            rows = columnar.write(connection, request, ending, temporary)
    return Exported(path, rows)


@contextmanager
def _without_numpy() -> Iterator[None]:
    """Keep numpy from being imported within the block.

    Where it is installed, openpyxl loads it to know its numbers, of which there are none here;
    that takes longer than a small workbook.
    """
    if "numpy" in sys.modules:
        yield
        return
    sys.modules["numpy"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["numpy"]
