"""The generated landing folder: reproducible, and as stated.

What the files hold is counted here by reading them, not by the arithmetic that wrote them.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from support.homes import PROJECT

from exporters.cli import parser
from exporters.errors import RequestError
from exporters.synthetic import engine, generate
from exporters.synthetic.event_cases import EVENT_CASES
from exporters.synthetic.size import FEEDS, Size


def request(*options: str) -> int:
    """Run the command with the options of a command line."""
    return generate.run(parser.parse(["generate", *options]))


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder by their relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 20,000 events. Only to be read."""
    folder: Path = tmp_path_factory.mktemp("generated")
    generate.write(Size(events=20_000, partners=20, days=45, seed=7), folder)
    return folder


@pytest.fixture(scope="module")
def files(landing: Path) -> duckdb.DuckDBPyConnection:
    """The files of `landing` as one view of texts per feed, with the batch's date."""
    connection = duckdb.connect()
    for feed in FEEDS:
        parts = [
            f"select * from {reader}('{landing}/{feed}/*/*.{ending}', {options})"
            for reader, ending, options in (
                ("read_parquet", "parquet", "hive_partitioning = false, filename = true"),
                (
                    "read_csv",
                    "csv*",
                    "auto_detect = true, delim = ',', quote = '\"', escape = '\"', "
                    "all_varchar = true, hive_partitioning = false, filename = true",
                ),
            )
            if list((landing / feed).glob(f"*/*.{ending}"))
        ]
        connection.execute(
            f"""
            create view {feed} as
            select *, cast(regexp_extract(filename, 'batch=([^/T]*)', 1) as date) as recorded_date
            from ({" union all by name ".join(parts)})
            """
        )
    return connection


# Reproducible


def test_the_same_request_gives_the_same_bytes_on_any_number_of_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = Size(events=3000, partners=3, days=16, seed=5)
    generate.write(size, tmp_path / "first")
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    generate.write(size, tmp_path / "again")
    first, again = contents(tmp_path / "first"), contents(tmp_path / "again")
    assert {name.split("/")[0] for name in first} == set(FEEDS)
    assert first == again


def test_another_seed_gives_other_figures_everywhere(tmp_path: Path) -> None:
    for seed in (5, 6):
        size = Size(events=3000, partners=3, days=8, seed=seed)
        generate.write(size, tmp_path / str(seed))
    ours, others = contents(tmp_path / "5"), contents(tmp_path / "6")
    for feed in FEEDS:
        shared = {name for name in set(ours) & set(others) if name.startswith(f"{feed}/")}
        assert shared
        assert not [name for name in shared if ours[name] == others[name]]


# As stated


def test_events_are_counted_by_their_ids(files: duckdb.DuckDBPyConnection) -> None:
    for feed, events in (("credits", 4000), ("revenue", 16_000)):
        assert files.execute(f"select count(distinct event_id) from {feed}").fetchall() == [
            (events,)
        ]


@pytest.mark.parametrize(("feed", "thousands"), [("credits", 4), ("revenue", 16)])
def test_of_a_thousand_events_as_many_meet_a_case_as_is_stated(
    files: duckdb.DuckDBPyConnection, feed: str, thousands: int
) -> None:
    counted = files.execute(
        f"""
        with events as (
            select
                event_id,
                count(*) as deliveries,
                list(distinct cast(version as integer) order by cast(version as integer))
                    as versions,
                bool_or(operation = 'void') as is_voided,
                coalesce(bool_or(starts_with(service_account_id, 'UNKNOWN')), false) as is_unknown,
            from {feed}
            group by event_id
        )

        select
            count(*) filter (where not is_voided and len(versions) > 1),
            count(*) filter (where is_voided and versions = [1, 2]),
            count(*) filter (where is_voided and versions = [1, 2, 3]),
            -- A broken row stands beside a good one of the same version.
            count(*) filter (where versions = [1] and deliveries > 1),
            count(*) filter (where is_unknown),
        from events
        """
    ).fetchall()[0]
    stated: Counter[str] = Counter()
    for case in EVENT_CASES:
        stated[case.name] += case.per_mille * thousands
    assert counted == (
        stated["corrected"],
        stated["voided"],
        stated["posted again"],
        stated["repeated"] + stated["broken"],
        stated["of unknown account"],
    )


def test_late_events_come_after_their_day(files: duckdb.DuckDBPyConnection) -> None:
    delays = files.execute(
        """
        select
            recorded_date - cast(left(occurred_at, 10) as date) as delay,
            count(*)
        from (
            select
                event_id,
                min(recorded_date) as recorded_date,
                any_value(occurred_at) as occurred_at,
            from credits
            where movement_type = 'usage' and occurred_at like '20__-__-__ %' and version = '1'
            group by event_id
        )
        group by delay
        """
    ).fetchall()
    assert {delay for delay, _ in delays} >= {0, 1, 3, 40}
    in_time = sum(events for delay, events in delays if delay == 0)
    assert 0.9 < in_time / sum(events for _, events in delays) < 1


def test_shapes_are_those_of_a_provider(files: duckdb.DuckDBPyConnection) -> None:
    def values(query: str) -> set[str]:
        return {row[0] for row in files.execute(query).fetchall()}

    types = {
        line.split(",")[0]
        for line in (PROJECT / "seeds/reference/movement_types.csv").read_text().split()[1:]
    }
    assert values("select distinct movement_type from credits") == types | {"cashback"}
    assert values("select distinct charge_type from revenue") == {
        "usage", "subscription", "one_time", "refund", "credit", "adjustment", "tax", "rental",
    }  # fmt: skip
    assert values("select partner_id from accounts where account_type = 'partner'") == {
        f"{number:06}" for number in range(1, 21)
    }
    biggest, median = files.execute(
        """
        select max(events), median(events)
        from (select count(*) as events from revenue group by service_account_id)
        """
    ).fetchall()[0]
    assert biggest > 20 * median
    # Both sides of a transfer name each other, one amount and one time.
    sides = files.execute(
        """
        select count(*), count(*) filter (
            where given.amount = taken.amount
            and given.occurred_at = taken.occurred_at
            and given.service_account_id = taken.counterparty_service_account_id
            and taken.service_account_id = given.counterparty_service_account_id
        )
        from credits as given
        inner join credits as taken on given.transaction_id = taken.transaction_id
        where
            given.movement_type = 'transfer_out' and taken.movement_type = 'transfer_in'
            and given.version = '1' and taken.version = '1'
        """
    ).fetchall()[0]
    assert 0.95 < sides[1] / sides[0]
    assert values("select deal_id from revenue where deal_id is not null")
    assert (
        files.execute(
            """
            select count(*) from (
                select service_account_id from accounts
                group by service_account_id having count(distinct partner_id) > 1
            )
            """
        ).fetchall()[0][0]
        >= 10
    )


# Bad requests


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--events", "0"),
        ("--events", "-5"),
        ("--events", "1e6"),
        ("--events", "1000000001"),
        ("--partners", "0"),
        ("--partners", "100001"),
        ("--partners", "ten"),
        ("--days", "0"),
        ("--days", "3661"),
        ("--days", "2.5"),
        ("--seed", "-1"),
        ("--seed", "9" * 19),
        ("--seed", ""),
    ],
)
def test_a_number_out_of_bounds_is_named(tmp_path: Path, option: str, value: str) -> None:
    options = {"--events": "10", "--partners": "1", "--days": "1", "--seed": "1", option: value}
    words = [f"{name}={text}" for name, text in options.items()]
    output = tmp_path / "landing"
    message = re.escape(f"{option} {value!r} is not a whole number from ")
    with pytest.raises(RequestError, match=f"^{message}[01] to [0-9,]+$"):
        request(*words, "--output", str(output))
    assert not output.exists()


def test_only_a_new_or_an_empty_folder_is_written(tmp_path: Path) -> None:
    options = ["--events", "10", "--partners", "1", "--days", "1", "--output"]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("kept")
    with pytest.raises(RequestError, match="full is not empty"):
        request(*options, str(tmp_path / "full"))
    with pytest.raises(RequestError, match=r"notes\.txt is not a folder"):
        request(*options, str(tmp_path / "full" / "notes.txt"))
    assert contents(tmp_path) == {"full/notes.txt": b"kept"}
    (tmp_path / "empty").mkdir()
    assert request(*options, str(tmp_path / "empty")) == 0
    assert {path.name for path in (tmp_path / "empty").iterdir()} == set(FEEDS)


def test_what_fails_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = engine.copy

    def fill_the_disk(
        connection: duckdb.DuckDBPyConnection, query: str, path: Path, form: str
    ) -> None:
        if path.parent.name == "batch=2024-01-24":
            raise OSError("no space left on device")
        copy(connection, query, path, form)

    monkeypatch.setattr(engine, "copy", fill_the_disk)
    with pytest.raises(OSError, match="no space left"):
        generate.write(Size(events=3000, partners=2, days=5, seed=1), tmp_path / "half")
    assert contents(tmp_path) == {}
    assert list((tmp_path / "half").iterdir()) == []
