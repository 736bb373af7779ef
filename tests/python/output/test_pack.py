"""Packs: a workbook per partner, and folders that no two partners share."""

from __future__ import annotations

import hashlib
import signal
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from support.published import write_published

from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import DATE_BASES
from exporters.cli import app
from exporters.errors import ReportError
from exporters.excel import workbook
from exporters.output import pack
from exporters.output.paths import folder_names
from exporters.query import builder
from exporters.warehouse.published import open_published

PERIOD = ["--from", "2024-02-01", "--to", "2024-02-29"]
NAME = "pack_2024-02-01_2024-02-29.xlsx"
LABELS = (
    *["Topped up", "Used", "Opening balance", "Net movement", "Closing balance", "Held"],
    *["Available", "List amount", "Discount amount", "Net amount", "Tax", "Partner cost"],
    "Partner margin",
)


def test_every_partner_gets_a_workbook_in_a_folder_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_published(tmp_path)
    assert app.main(["pack", "--home", str(tmp_path), *PERIOD]) == 0
    said = capsys.readouterr()
    printed = [Path(line) for line in said.out.splitlines()]
    assert said.err == "", "no progress bar without a terminal"
    folders = [path.parent.name for path in printed]
    assert {path.name for path in printed} == {NAME}
    assert {path.parent.parent for path in printed} == {tmp_path / "exports"}
    manifests = [path.with_suffix(".json") for path in printed]
    assert sorted((tmp_path / "exports").glob("*/*")) == sorted([*printed, *manifests])
    up, upper, p1, p2, p3, lower = folders
    assert (p1, p2, p3) == ("P-001", "P-002", "P-003")
    # Two ids that are one on some file systems both carry a hash; so does one that is a path.
    assert upper.startswith("ABC-") and lower.startswith("abc-")
    assert len({folder.lower() for folder in folders}) == 6
    assert up.startswith("_.._up-")


def test_a_pack_has_a_cover_the_reports_and_control_totals(
    published_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["pack", "--home", str(published_home), "--output", str(tmp_path), *PERIOD]
    assert app.main([*arguments, "--partner", "P-001", "--partner", "P-001"]) == 0
    path = tmp_path / "P-001" / NAME
    assert capsys.readouterr().out == f"{path}\n"
    book = load_workbook(path)
    reports = [
        *["Credit top-ups", "Credit usage", "Credit balance", "Credit statement"],
        *["Credit outlook", "Discounts", "Revenue detail", "Revenue by service"],
        *["Revenue by account", "Margins", "Deferred revenue", "Revenue waterfall"],
    ]
    assert book.sheetnames == ["Cover", *reports, "Reconciliation record", "Control"]
    cover = book["Cover"]
    rows = [
        [value for value in row if value is not None] for row in cover.iter_rows(values_only=True)
    ]
    facts = {row[0]: row[1] for row in rows[2:7]}
    assert facts == {
        "Partner": "Alpha <Cloud> & Co (P-001)",
        "Period": "2024-02-01 to 2024-02-29",
        "Basis": "Event date: late and corrected events count in the month they belong to "
        "(restated)",
        "Data as of": "2024-03-06 12:00:00",
        "Version": "v-abc123",
    }
    links = {
        cell.value: (cell.hyperlink.location, cell.hyperlink.target)
        for row in cover.iter_rows()
        for cell in row
        if cell.hyperlink is not None
    }
    sheets = [*reports, "Reconciliation record", "Control"]
    assert {name: links[name] for name in sheets} == {
        name: (f"'{name}'!A1", None) for name in sheets
    }
    contents = [row for row in rows if row and row[0] in reports]
    assert ["Credit top-ups", "5 rows", "Revenue by service", "3 rows"] in contents
    assert ["Revenue detail", "6 rows", "Control"] in contents
    figures = {}
    for row in rows:
        if row and str(row[0]).startswith("Key figures in "):
            currency = str(row[0])[-3:]
        elif len(row) > 1 and row[0] in LABELS:
            figures[currency, row[0]] = row[1:]
    of_period = {
        currency: [figures[currency, label][0] for label in LABELS]
        for currency in ("KWD", "USD", "VND")
    }
    assert of_period == {
        "KWD": [1.234, 0, 0, 1.234, 1.234, 0, 1.234, 0, 0, 0, 0, 0, 0],
        "USD": [500.5, 13.345678901235, 980, 484.154321098765, 1464.154321098765, 30,
                1434.154321098765, 117.25, 10, 107.25, 9, 95.96875, 11.28125],
        "VND": [150000, 0, 0, 150000, 150000, 0, 150000, 100000, 0, 100000, 10000, 100000, 0],
    }  # fmt: skip
    # January: top-ups of 1000 and 10, 10 used and 30 that came late, and a grant of 10. A year
    # earlier there was nothing yet: a dash, and no change.
    assert figures["USD", "Topped up"] == [500.5, 1010, -509.5, -50.45, "–"]
    used, moved = 13.345678901235, 484.154321098765
    assert figures["USD", "Used"] == [used, 40, -26.654321098765, -66.64, "–"]
    assert figures["USD", "Net movement"] == [moved, 980, -495.845678901235, -50.6, "–"]
    assert figures["USD", "Opening balance"] == [980, 0, 980, "–"]
    assert figures["USD", "Held"] == [30, 5, 25, 500, "–"]
    control = {tuple(row[:4]): row[4] for row in book["Control"].iter_rows(values_only=True)}
    assert control["Credit usage", 4, "USD", "Amount"] == "13.345678901235"
    assert control["Credit balance", 4, "USD", "Closing balance"] == "1,464.154321098765"


@pytest.mark.parametrize("basis", DATE_BASES)
def test_a_sheet_of_a_pack_is_the_report_that_export_writes(
    published_home: Path, tmp_path: Path, basis: str
) -> None:
    """On either basis; a report without one is as it always is."""
    home = ["--home", str(published_home), "--month=2024-02"]
    pack = ["pack", *home, "--output", str(tmp_path), "--partner", "P-001"]
    assert app.main([*pack, "--basis", basis]) == 0
    suffix = "" if basis == "event" else f"_{basis}"
    book = load_workbook(tmp_path / "P-001" / NAME.replace(".xlsx", f"{suffix}.xlsx"))
    single = tmp_path / "single.xlsx"
    for report in REPORTS.values():
        export = ["export", report.id, *home, "--partner", "P-001", "--output", str(single)]
        assert app.main([*export, *(["--basis", basis] if report.bases else [])]) == 0
        alone = load_workbook(single).worksheets[0]
        in_pack = book[report.title]
        assert list(in_pack.iter_rows(values_only=True)) == list(alone.iter_rows(values_only=True))


def test_the_same_pack_has_the_same_bytes(published_home: Path, tmp_path: Path) -> None:
    written = []
    for folder in ("first", "second"):
        output = tmp_path / folder
        arguments = ["pack", "--home", str(published_home), "--output", str(output), *PERIOD]
        assert app.main([*arguments, "--partner", "P-001"]) == 0
        written.append((output / "P-001" / NAME).read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize("few", [0, 1, 3])
@pytest.mark.parametrize("compare", [(), ("--compare", "year")])
def test_a_report_is_the_same_whether_its_rows_are_kept_or_not(
    published_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    compare: tuple[str, ...],
) -> None:
    made: list[bytes] = []
    for folder in (tmp_path / "kept", tmp_path / "partly"):
        arguments = ["--home", str(published_home), "--output", str(folder), *PERIOD, *compare]
        assert app.main(["pack", *arguments, "--partner", "P-001"]) == 0
        made += [path.read_bytes() for path in (folder / "P-001").glob("*.xlsx")]
        monkeypatch.setattr(builder, "_FEW", few)
    one, other = made
    assert one == other


def test_packs_made_side_by_side_are_those_made_one_after_another(
    published_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = []
    for few, name in ((1000, "in turn"), (1, "side by side")):
        monkeypatch.setattr(pack, "FEW_PARTNERS", few)
        output = tmp_path / name
        arguments = ["pack", "--home", str(published_home), "--output", str(output), *PERIOD]
        assert app.main(arguments) == 0
        printed = [Path(line).relative_to(output) for line in capsys.readouterr().out.splitlines()]
        written.append({path: (output / path).read_bytes() for path in printed})
        for path in printed:
            beside = path.with_suffix(".json")
            written[-1][beside] = (output / beside).read_bytes()
        assert sorted(output.glob("*/*")) == sorted(output / path for path in written[-1])
    assert list(written[0]) == list(written[1]), "in the order of the partners"
    assert written[0] == written[1]


def test_packs_made_side_by_side_are_all_of_one_version(
    published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that finds another version published leaves its pack to the one that began."""
    monkeypatch.setattr(signal, "signal", lambda *arguments: None)
    with open_published(published_home) as connection:
        job = pack.Job("P-001", date(2024, 2, 1), date(2024, 2, 29), tmp_path / "pack.xlsx")
        assert not pack._write_share(job, published_home, [("another build",)])
        assert not job.path.exists()
        assert pack._write_share(job, published_home, pack._built(connection))
        assert job.path.exists()


def test_a_partner_without_anything_gets_a_pack_that_says_so(
    published_home: Path, tmp_path: Path
) -> None:
    arguments = ["pack", "--home", str(published_home), "--output", str(tmp_path), *PERIOD]
    assert app.main([*arguments, "--partner", "P-003"]) == 0
    book = load_workbook(tmp_path / "P-003" / NAME)
    for sheet in book.worksheets[1:-2]:
        assert sheet["A8"].value == "No rows for these conditions."
    assert [cell.value for cell in book["Cover"]["A"]].count("None in the period.") == 1


def test_partners_that_fail_are_named_and_the_others_are_written(
    published_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    honest = workbook.write

    def write(connection, requests, path, **options):  # type: ignore[no-untyped-def]
        if requests[0].partner == "P-002":
            raise ReportError("it does not add up")
        if requests[0].partner == "P-003":
            raise ValueError("a mistake of ours")
        return honest(connection, requests, path, **options)

    monkeypatch.setattr(workbook, "write", write)
    arguments = ["pack", "--home", str(published_home), "--output", str(tmp_path), *PERIOD]
    names = ["P-001", "P-002", "P-003", "abc"]
    named = [part for name in names for part in ("--partner", name)]
    assert app.main([*arguments, *named]) == 1
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert said.err == (
        "partner-reports: no pack for partner P-002: it does not add up\n"
        "partner-reports: no pack for partner P-003: a mistake of ours\n"
        "partner-reports: 2 of 4 packs failed\n"
    )
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*"))
    beside = NAME.replace(".xlsx", ".json")
    folders = ("P-001", "abc-ba7816bf8f01")
    assert files == [f"{folder}/{name}" for folder in folders for name in (beside, NAME)]


@pytest.mark.parametrize(
    ("partner", "others", "hashed"),
    [
        ("P-001", ["P-002"], None),
        ("a.b_c-9", [], None),
        ("x" * 100, [], None),
        ("abc", ["abcd"], None),
        ("abc", ["ABC"], "abc"),
        ("ABC", ["abc"], "ABC"),
        ("a/b", [], "a_b"),
        ("a_b", ["a/b"], None),
        ("..", [], "_.."),
        (".", [], "_."),
        (".hidden", [], "_.hidden"),
        ("dot.", [], "dot."),
        ("nul", [], "_nul"),
        ("Com1.txt", [], "_Com1.txt"),
        ("Đại lý", [], "__i_l_"),
        ("x" * 101, [], "x" * 100),
    ],
)
def test_a_folder_has_the_name_of_its_partner_where_it_can(
    partner: str, others: list[str], hashed: str | None
) -> None:
    mark = hashlib.sha256(partner.encode()).hexdigest()[:12]
    expected = partner if hashed is None else f"{hashed}-{mark}"
    assert folder_names([partner, *others])[partner] == expected


@given(
    st.lists(
        st.one_of(
            st.text(st.sampled_from("aAbB._-/\\ éÉe\u0301"), min_size=1, max_size=3),
            st.sampled_from(["CON", "con", "aux.x", "..", "a", "A", "a_b", "a/b", "A b"]),
            st.text(min_size=1, max_size=200),
        ),
        unique=True,
        max_size=8,
    ).map(lambda ids: [each for each in ids if each.isprintable()])
)
def test_no_two_partners_share_a_folder_and_none_leaves_its_place(partners: list[str]) -> None:
    # An id that looks like another one's folder must not get it either.
    partners = list(dict.fromkeys([*partners, *(folder_names([each])[each] for each in partners)]))
    folders = list(folder_names(partners).values())
    spellings = {unicodedata.normalize("NFKD", folder).casefold() for folder in folders}
    assert len(spellings) == len(partners)
    for folder in folders:
        assert Path(folder).name == folder and folder not in (".", "..")
        assert not folder.startswith(".") and not folder.endswith(".")
        assert folder.isascii() and len(folder) <= 120


def test_a_pack_in_another_language_stands_beside_the_english_one(published_home: Path) -> None:
    arguments = ["pack", "--home", str(published_home), "--partner", "P-001", *PERIOD]
    assert app.main(arguments) == 0
    assert app.main([*arguments, "--lang", "vi"]) == 0
    made = {path.name for path in (published_home / "exports" / "P-001").iterdir()}
    vietnamese = NAME.replace(".xlsx", "_vi.xlsx")
    assert {NAME, vietnamese} <= made
    assert {name.replace(".xlsx", ".json") for name in (NAME, vietnamese)} <= made
