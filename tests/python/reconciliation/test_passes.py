"""The passes of reconcile are data: what they say of their SQL is what it does."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from exporters import sql
from exporters.reconciliation.reconcile import passes, result
from exporters.reconciliation.reconcile.classes import Class
from exporters.reconciliation.reconcile.ledger import Ledger, ledger_of
from exporters.reconciliation.reconcile.passes import executor
from exporters.reconciliation.reconcile.passes.executor import OPEN, text_of
from exporters.reconciliation.reconcile.passes.passes import PASSES, Pass
from exporters.reconciliation.reconcile.reconcile import parse_request

LOCAL = ("alike_", "near_", "chain")  # tables of one pass only
# What each of them may ask of the published file.
MARTS = {
    "elsewhere.sql": {"reports.credit_entries"},
    "rejected.sql": {"reports.rejected_rows", "dimensions.account_history"},
}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    request = parse_request("credit-topups", "P", "2024-02-01", "2024-02-29", {})
    assert request.from_date == date(2024, 2, 1)
    return ledger_of(request, "amount", "UTC", is_daily=False)


def _tables(text: str) -> tuple[set[str], set[str]]:
    """The tables that SQL reads and writes, but for those of one pass only."""
    code = re.sub("--.*", "", text)
    queries = set(re.findall(r"(\w+) as \(\s*select", code))
    reads = set(re.findall(r"\b(?:from|join) ([a-z_.]+)", code)) - queries
    writes = set(re.findall(r"(?:temp table|insert into|delete from) (\w+)", code))
    local = {table for table in reads | writes if table.startswith(LOCAL)}
    return reads - local, writes - local


@pytest.mark.parametrize("each", PASSES, ids=lambda each: f"{each.file} {each.rows}")
def test_a_pass_reads_and_writes_what_it_says(each: Pass, ledger: Ledger) -> None:
    reads, writes = _tables(text_of(each, ledger, is_workbook=True))
    # What it has written it may look at as well.
    said = set(each.reads) | MARTS.get(each.file, set())
    assert said <= reads <= said | set(each.writes)
    if "pairs" in each.writes:
        # The executor adds the new pairs, and takes their rows out of the open ones.
        writes = (
            writes - {"new_pairs"} | {"pairs"} | {table for table in each.reads if table in OPEN}
        )
    assert set(each.writes) == writes


def test_every_table_that_a_pass_reads_is_there(ledger: Ledger) -> None:
    tables = ledger.filled(sql.load(str(executor.__file__), "tables.sql"))
    _, known = _tables(tables.split("-- Whether")[0])
    known |= {"statement", "ledger_rows"}
    for each in PASSES:
        assert set(each.reads) | set(each.writes) <= known, each


def test_classes_are_spelled_as_they_are() -> None:
    """SQL names classes as text; one that is misspelt would never be met."""
    folders = [Path(str(package.__file__)).parent for package in (passes, result)]
    texts = [path.read_text("utf-8") for folder in folders for path in folder.glob("*.sql")]
    compared = r"class (?:=|<>|in) \(?((?:'[^']*'(?:, )?)+)"
    placed = r"'([^']*)' as class"
    found = {
        name
        for text in texts
        for names in re.findall(rf"{compared}", text)
        for name in re.findall(r"'([^']*)'", names)
    }
    found |= {name for text in texts for name in re.findall(placed, text)} - {"{class_}"}
    (explained,) = (text for text in texts if "case class\n" in text)
    cases = explained[explained.index("case class\n") :]
    found |= set(re.findall(r"(?m)^ {16}when '([^']*)'", cases))
    assert found <= {class_.value for class_ in Class}
    assert len(found) >= len(Class) - 1
