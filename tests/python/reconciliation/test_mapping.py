"""How a list is read, kept in a file: what was saved reads the same, and mistakes are said."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from support.proof import SEED, cases

from exporters.errors import RequestError
from exporters.reconciliation.reconcile.statement.reading import (
    SETTINGS,
    Reading,
    reading_of,
    save,
)
from exporters.reconciliation.reconcile.statement.ways import AUTO, DATE_FORMATS, NUMBERS

NOTHING: Mapping[str, str | None] = dict.fromkeys(SETTINGS)
texts = st.text(min_size=1).filter(lambda text: text.strip() and not _has_surrogates(text))


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


readings = st.builds(
    Reading,
    columns=st.dictionaries(
        st.sampled_from(["key", "account", "date", "currency", "amount"]),
        texts.filter(lambda text: text != "-"),
    ),
    sheet=st.none() | texts,
    numbers=st.sampled_from([AUTO, *NUMBERS]),
    date_format=st.sampled_from([AUTO, *DATE_FORMATS]),
    currency=st.none() | texts,
    amount=st.sampled_from([None, "net", "list", "cost", "tax", "margin"]),
)


@seed(SEED)
@settings(
    max_examples=cases(100, 1000),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(reading=readings)
def test_what_was_saved_reads_the_same(tmp_path: Path, reading: Reading) -> None:
    path = tmp_path / "mapping.toml"
    save(reading, path)
    assert reading_of(NOTHING, path) == reading
    # Options go before it.
    said = {**NOTHING, "numbers": "1 234,56", "account-column": "B", "currency": "USD"}
    found = reading_of(said, path)
    assert (found.numbers, found.currency) == ("1 234,56", "USD")
    assert found.columns == {**reading.columns, "account": "B"}


MISTAKES = {
    'numbers = "1234"\n': ["numbers", "'1234'", "1.234,56"],
    'date-format = "dd/mm/yy"\n': ["date-format", "'dd/mm/yy'", "dd/mm/yyyy"],
    'amount = "gross"\n': ["amount", "'gross'", "net, list, cost, tax, margin"],
    'amount-column = "-"\n': ["amount-column", "not possible"],
    'keycolumn = "Mã"\n': ["unknown key 'keycolumn'", "did you mean 'key-column'"],
    "numbers = 1234.56\n": ["numbers", "1234.56", "in quotation marks"],
    'sheet = ""\n': ["sheet", "in quotation marks"],
    "[columns]\nkey = 'Mã'\n": ["unknown key 'columns'"],
    "numbers = auto\n": ["no TOML", "line 1"],
    "numbers\n": ["no TOML"],
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_a_mapping_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RequestError) as mistake:
        reading_of(NOTHING, path)
    for words in (*MISTAKES[text], str(path)):
        assert words in str(mistake.value)


def test_a_mapping_that_is_not_there_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.toml", tmp_path):
        with pytest.raises(RequestError, match="cannot be read"):
            reading_of(NOTHING, path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RequestError, match="not UTF-8"):
        reading_of(NOTHING, binary)


def test_a_mapping_is_short_and_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    save(Reading({"key": 'Số "CT"', "date": "-"}, numbers="1.234,56"), path)
    assert path.read_text(encoding="utf-8").splitlines()[1:] == [
        'key-column = "Số \\"CT\\""',
        'date-column = "-"',
        'numbers = "1.234,56"',
        'date-format = "auto"',
    ]
    assert set(tomllib.loads(path.read_text(encoding="utf-8"))) <= set(SETTINGS)
