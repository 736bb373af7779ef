"""What is published: only what is proven, whole, and for as long as somebody reads it."""

from __future__ import annotations

import errno
import fcntl
import os
import random
from pathlib import Path

import pytest

from exporters.warehouse import publish


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
