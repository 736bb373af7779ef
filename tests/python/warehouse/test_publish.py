"""What is published: only what is proven, whole, and for as long as somebody reads it."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from support.homes import (
    CREDITS,
    LandingAndHome,
    build,
    dbt,
    put,
    query,
    top_up,
)

from exporters.warehouse import publish


def test_what_a_failing_test_finds_is_named_and_not_published(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who has the published file open keeps it as it was, also when it is replaced in the end."""
    landing, home = small
    before = (home / "published/marts.duckdb").read_bytes()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("update reports.batches set accepted = 0 where feed = 'credits'")
    put(landing, "credits/batch=2024-01-03/a.csv", CREDITS + top_up("e2"))
    # It was not written by a build, so one that looks at everything finds it; so does the next.
    assert build(home, landing, "--prove-everything") == 1
    assert "nothing was published" in capsys.readouterr().err
    assert build(home, landing) == 1
    message = capsys.readouterr().err
    name = "assert_every_row_of_a_file_is_accounted_for"
    assert f"test {name} failed with a row" in message
    command = next(line for line in message.splitlines() if "dbt show" in line and name in line)
    assert command.split()[0] == f"PARTNER_REPORTS_HOME={home}"
    has_succeeded, shown = dbt(home, landing, *command.split()[2:])
    assert has_succeeded and "credits" in shown and "2024-01-02" in shown
    assert (home / "published/marts.duckdb").read_bytes() == before
    count = "select count(*) from reports.credit_topups"
    with reader(home / "published/marts.duckdb", count) as answer:
        assert answer() == "1"
        assert build(home, landing, "--full-refresh") == 0
        assert answer() == "1"
    assert query(home, count) == [(2,)]


@contextmanager
def reader(file: Path, sql: str) -> Iterator[Callable[[], str]]:
    """Another process that has the file open; what the query gives it, each time it is asked."""
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True)\n"
        "for _ in sys.stdin: print(c.execute(sys.argv[2]).fetchone()[0], flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(file), sql],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def answer() -> str:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield answer


@pytest.mark.parametrize("refused", [None, "shared blocks", "shared blocks and direct writes"])
@pytest.mark.parametrize("size", [0, 1, 4096, 8 * 1024 * 1024, 17 * 1024 * 1024 + 3])
def test_a_copy_is_the_same_on_every_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, refused: str | None
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(random.Random(size).randbytes(size))
    target.write_bytes(b"what stood here before, and was longer" * 1_000_000)
    opened = os.open

    def refuse_direct(path: str, flags: int, *more: int) -> int:
        if flags & getattr(os, "O_DIRECT", 0):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
        return opened(path, flags, *more)

    def refuse_sharing(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    if refused:
        monkeypatch.setattr(fcntl, "ioctl", refuse_sharing)
    if refused == "shared blocks and direct writes":
        monkeypatch.setattr(os, "open", refuse_direct)
    publish._copy(source, target)
    assert target.read_bytes() == source.read_bytes()


def test_a_copy_that_shares_its_blocks_stays_when_the_other_is_written(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    content = random.Random(0).randbytes(1024 * 1024)
    source.write_bytes(content)
    if not publish._share_blocks(source, target):
        pytest.skip("the file system of temporary files cannot share blocks (XFS and Btrfs can)")
    with source.open("r+b") as file:
        file.write(b"what the next build writes")
    assert target.read_bytes() == content


def test_a_copy_that_the_disk_refuses_is_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "source").write_bytes(b"x")

    def is_full(path: str, *_: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    monkeypatch.setattr(publish, "_share_blocks", lambda *_: False)
    monkeypatch.setattr(os, "open", is_full)
    with pytest.raises(OSError, match="No space left"):
        publish._copy(tmp_path / "source", tmp_path / "target")
