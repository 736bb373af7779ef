"""What `status` tells of builds that did not end well."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
from support.homes import LandingAndHome, build

from exporters.cli import app
from exporters.cli.commands.status import show_last_build
from exporters.warehouse import last_build
from exporters.warehouse.last_build import LastBuild


def test_status_tells_of_builds_that_did_not_end_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(tmp_path, tmp_path / "nowhere") == 1
    assert f"{tmp_path}/nowhere does not exist" in capsys.readouterr().err
    assert app.main(["status", "--home", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert f"UTC from {tmp_path / 'nowhere'}: FAILED" in said.out
    assert "nowhere does not exist" in said.out
    assert "nothing is published" in said.err
    # Killed, at work, and a file of another version of the project.
    LastBuild("/srv/landing").write(tmp_path)
    show_last_build(tmp_path)
    assert "was stopped before it ended" in capsys.readouterr().out
    with (tmp_path / last_build.LOCK).open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        show_last_build(tmp_path)
    assert "is at work" in capsys.readouterr().out
    (tmp_path / "last_build.json").write_text('{"another": 1}')
    show_last_build(tmp_path)
    assert capsys.readouterr().out == ""


def test_a_second_build_says_so_and_exits(
    small: LandingAndHome, capsys: pytest.CaptureFixture[str]
) -> None:
    landing, home = small
    with (home / "build.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert build(home, landing) == 1
    assert "another build" in capsys.readouterr().err
