"""Rows of workbooks: rendered in parts, compressed and read back meanwhile, read by others."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from exporters.catalogue.reports import REPORTS
from exporters.cli import app
from exporters.errors import ReportError
from exporters.excel import verify, workbook
from exporters.excel.ooxml import row_stream
from exporters.excel.ooxml.archive import Archive
from exporters.excel.report_sheet import FIRST_ROW
from exporters.excel.verify import Part
from exporters.output import pack
from exporters.request.report_request import parse
from exporters.warehouse.published import open_published

PERIOD = ["--from", "2024-02-01", "--to", "2024-02-29"]
MOMENT = datetime(2024, 3, 6, 12)


def export(home: Path, output: Path, report: str) -> Path:
    """Export a report of P-001 for February."""
    arguments = ["export", report, "--home", str(home), "--partner", "P-001", *PERIOD]
    assert app.main([*arguments, "--output", str(output)]) == 0
    return output


@pytest.mark.parametrize("report", REPORTS)
def test_another_reader_finds_the_same_values_in_the_same_places(
    published_home: Path, tmp_path: Path, report: str
) -> None:
    path = export(published_home, tmp_path / "o.xlsx", report)

    def plain(value: Any) -> Any:
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day)
        return "" if value is None else value

    found = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    rows = [
        [plain(value) for value in row]
        for row in load_workbook(path, data_only=True).worksheets[0].iter_rows(values_only=True)
    ]
    assert [[plain(value) for value in row] for row in found] == rows
    assert len(rows) > FIRST_ROW


# -- a part of the days at a time ----------------------------------------------------------------


@pytest.mark.parametrize("report", ["credit-topups", "credit-usage", "revenue-detail"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_rows_that_are_sorted_some_days_at_a_time_are_the_same(
    published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: str, size: int
) -> None:
    whole = export(published_home, tmp_path / "whole.xlsx", report).read_bytes()
    monkeypatch.setattr(row_stream, "_SLICE", size)
    request = parse(report, "P-001", "2024-02-01", "2024-02-29", {})
    with open_published(published_home) as connection:
        rows = workbook.content_of(connection, request).totals.rows
        slices = row_stream.slices(connection, request, rows)
    assert len(slices) > 1
    assert [each.rows_before for each in slices] == sorted({each.rows_before for each in slices})
    assert export(published_home, tmp_path / "sliced.xlsx", report).read_bytes() == whole


def test_slices_continue_on_further_sheets(
    published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = parse("credit-topups", "P-001", "2024-02-01", "2024-02-29", {})
    written = []
    for size in (100_000, 1):
        monkeypatch.setattr(row_stream, "_SLICE", size)
        with open_published(published_home) as connection:
            path = tmp_path / f"{size}.xlsx"
            written_now = workbook.write(connection, [request], path, row_limit=FIRST_ROW + 3)
            assert written_now.rows == 5
        written.append(path.read_bytes())
    assert written[0] == written[1]


# -- what text needs -----------------------------------------------------------------------------


@given(
    st.lists(
        st.none()
        | st.text(st.sampled_from("a |"), max_size=4)
        | st.text(
            st.sampled_from("ab|_x0041F&<>;\r\n\t \x00\x0b\x1f\ufffe\uffff=😀é"), max_size=12
        ),
        min_size=1,
        max_size=4,
    )
)
def test_texts_that_are_called_plain_need_nothing(
    macros: duckdb.DuckDBPyConnection, texts: list[str | None]
) -> None:
    ((is_plain, rendered),) = macros.execute(
        """
        select
            is_plain(joined),
            list_transform(texts, lambda value: row_text(cell_text(value))),
        from (select $texts as texts, array_to_string(['', *$texts, ''], '|') as joined)
        """.replace("['', *$texts, '']", "list_concat([''], list_concat($texts, ['']))"),
        {"texts": texts},
    ).fetchall()
    if is_plain:
        assert rendered == [None if text is None else f"<t>{text}</t>" for text in texts]
    if all(text is None or text.isalpha() for text in texts):
        assert is_plain


# -- reading back --------------------------------------------------------------------------------


def row_of(path: Path, number: int) -> tuple[bytes, bytes]:
    """The first sheet of a workbook, and the row of a number in it."""
    with zipfile.ZipFile(path) as archive:
        part = archive.read("xl/worksheets/sheet1.xml")
    start = part.index(b'<row r="%d">' % number)
    return part, part[start : part.index(b"</row>", start) + len(b"</row>")]


def read_back(part: bytes, rows: int) -> dict[str, list[Decimal]]:
    """Sums of the rows of a sheet of top-ups."""
    sums: dict[str, list[Decimal]] = {}
    verify.check_rows(io.BytesIO(part), REPORTS["credit-topups"], FIRST_ROW, rows, sums)
    return sums


def _swapped(row: bytes) -> bytes:
    return row.replace(b'"O9"', b'"X9"').replace(b'"P9"', b'"O9"').replace(b'"X9"', b'"P9"')


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("a number as text", lambda row: row.replace(b"><v>500.5</v>", b' t="str"><v>500.5</v>')),
        ("an exponent", lambda row: row.replace(b"500.5", b"5005e-1")),
        ("no number", lambda row: row.replace(b"500.5", b"")),
        ("two cells exchanged", _swapped),
        ("another row's cell", lambda row: row.replace(b'"P9"', b'"P8"')),
        ("a cell is missing", lambda row: row[: row.index(b'<c r="P9"')] + b"</row>"),
        ("one cell too many", lambda row: row.replace(b"</row>", b'<c r="Q9" s="1"/></row>')),
        ("a formula", lambda row: row.replace(b"<v>500.5", b"<f>1+1</f><v>500.5")),
        ("not UTF-8", lambda row: row.replace(b"card", b"ca\xffd")),
        ("no character", lambda row: row.replace(b"card", "ca\uffffd".encode())),
        ("a control character", lambda row: row.replace(b"card", b"ca\x01d")),
        ("an open element", lambda row: row.replace(b"</t>", b"", 1)),
        ("an unknown entity", lambda row: row.replace(b"card", b"&card;")),
        ("something between rows", lambda row: row + b"<x/>"),
        ("text between rows", lambda row: row + b"0"),
        ("the row twice", lambda row: row + row),
    ],
)
def test_a_row_that_is_something_else_is_noticed(
    published_home: Path,
    tmp_path: Path,
    name: str,
    damage: Callable[[bytes], bytes],
) -> None:
    part, row = row_of(export(published_home, tmp_path / "o.xlsx", "credit-topups"), 9)
    assert read_back(part, 5)["USD"] == [Decimal("700.5")]
    damaged = damage(row)
    assert damaged != row, name
    with pytest.raises(ReportError, match=r"not well formed|row (9|10) "):
        read_back(part.replace(row, damaged), 5)


@pytest.mark.parametrize("chunk", [1, 7, 100, 1000])
def test_rows_are_read_however_they_are_cut(
    published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    part, _ = row_of(export(published_home, tmp_path / "o.xlsx", "credit-topups"), 9)
    whole = read_back(part, 5)
    head = part.index(b'<row r="8">') + 20

    class Cut(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(head if self.tell() == 0 else chunk)

    sums: dict[str, list[Decimal]] = {}
    verify.check_rows(Cut(part), REPORTS["credit-topups"], FIRST_ROW, 5, sums)
    assert sums == whole


# -- the archive ---------------------------------------------------------------------------------


def pieces(seed: int) -> list[bytes]:
    """Pieces of a part, of very different sizes and not very compressible."""
    chance = random.Random(seed)
    return [chance.randbytes(chance.choice([0, 1, 500, 70_000, 600_000])) for _ in range(12)]


def write_archive(path: Path, pause: Callable[[], None]) -> list[bytes]:
    """Write three parts to an archive and return what was read back meanwhile."""
    found: list[bytes] = []

    def read(part: Part) -> None:
        data = b""
        while more := part.read(100_000):
            pause()
            data += more
        found.append(data)

    archive = Archive(path, MOMENT)
    with archive:
        for seed in range(3):
            with archive.part(f"part {seed}", read) as part:
                for piece in pieces(seed):
                    pause()
                    part.write(piece)
    archive.check()
    return found


def test_what_is_read_back_is_what_was_written_and_the_bytes_do_not_depend_on_threads(
    tmp_path: Path,
) -> None:
    chance = random.Random(1)
    whole = [b"".join(pieces(seed)) for seed in range(3)]
    written = set()
    for number in range(4):
        path = tmp_path / f"{number}.zip"
        pauses = [0.0] if number == 0 else [0.0, 0.002, 0.01]
        assert write_archive(path, lambda: time.sleep(chance.choice(pauses))) == whole  # noqa: B023
        written.add(path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert [archive.read(name) for name in archive.namelist()] == whole
    assert len(written) == 1


def test_a_part_whose_making_fails_ends_its_reading(tmp_path: Path) -> None:
    found: list[int] = []

    def read(part: Part) -> None:
        while more := part.read(1000):
            found.append(len(more))
        assert part.read(1) == b"", "and stays at its end"

    archive = Archive(tmp_path / "o.zip", MOMENT)
    with pytest.raises(ValueError, match="half"), archive:
        with archive.part("part", read) as part:
            part.write(random.Random(1).randbytes(1 << 20))
            raise ValueError("half")
    assert sum(found) <= 1 << 20


def test_what_a_reader_complains_of_is_raised(tmp_path: Path) -> None:
    def read(part: Part) -> None:
        part.read(10)
        raise ReportError("it does not add up")

    archive = Archive(tmp_path / "o.zip", MOMENT)
    with archive:
        archive.add("part", b"x" * 1000, read)
    with pytest.raises(ReportError, match="add up"):
        archive.check()


def test_a_part_that_is_not_read_to_its_end_is_not_taken_for_whole(tmp_path: Path) -> None:
    def read(part: Part) -> None:
        part.read(10)

    archive = Archive(tmp_path / "o.zip", MOMENT)
    with archive:
        archive.add("part", b"x" * 1000, read)
    with pytest.raises(ReportError, match="part of the workbook that was written is damaged"):
        archive.check()


def test_an_archive_that_says_something_else_of_a_part_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "o.zip"
    archive = Archive(path, MOMENT)
    with archive:
        archive.add("part", b"x" * 1000, readback_all)
    archive.check()
    data = bytearray(path.read_bytes())
    directory = data.index(b"PK\x01\x02")
    data[directory + 16] ^= 1  # its checksum
    path.write_bytes(data)
    with pytest.raises(ReportError, match="damaged"):
        archive.check()


def readback_all(part: Part) -> None:
    """Read a part to its end."""
    while part.read(100):
        pass


# -- starting ------------------------------------------------------------------------------------


def test_the_longest_packs_are_begun_first(published_home: Path) -> None:
    with open_published(published_home) as connection:
        counts = dict(
            connection.execute(
                "select partner_id, count(*) from reports.revenue_detail group by partner_id"
            ).fetchall()
        )
        names = ["P-003", "P-002", "abc", "P-001"]
        jobs = [pack.Job(name, date(2000, 1, 1), date(2100, 1, 1), Path(name)) for name in names]
        found = [job.partner for job in pack._longest_first(connection, jobs)]
    assert sorted(found) == sorted(names)
    sizes = [counts.get(name, 0) for name in found]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > sizes[-1]


def test_a_workbook_does_not_load_numpy(published_home: Path, tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('numpy is loaded')\n")
    command = str(Path(sys.executable).parent / "partner-reports")
    arguments = ["export", "discounts", "--home", str(published_home), "--partner", "P-001"]
    run = subprocess.run(
        [command, *arguments, *PERIOD, "--output", str(tmp_path / "o.xlsx")],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
