"""Landing folders and homes that benchmarks work on, made once and kept under a cache folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from exporters.synthetic import generate
from exporters.synthetic.size import FIRST_DAY
from exporters.synthetic.size import Size as GeneratedSize
from exporters.warehouse.published import published_path

PROJECT = Path(__file__).resolve().parent.parent
COMMAND = str(Path(sys.executable).parent / "partner-reports")
# Days beyond those that a full build takes: each is a batch for an incremental build. On the very
# last one everything arrives that would have come later, so it is not used.
SPARE_DAYS = 12


@dataclass(frozen=True)
class Size:
    """A landing folder to be had: about `events` events, `events_per_day` on each day."""

    events: int
    partners: int
    events_per_day: int
    seed: int = 1

    @property
    def days(self) -> int:
        """Days of a full build."""
        return self.events // self.events_per_day

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.events}-events-{self.partners}-partners-{self.days}-days-seed-{self.seed}"


class Data:
    """The cache folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def landing(self, size: Size) -> Path:
        """The landing folder of a full build: the first days of what was generated."""
        folder = self.folder / "landing" / size.name
        made_by = fingerprint(Path(generate.__file__).parent.iterdir())
        request = json.dumps({**asdict(size), "spare": SPARE_DAYS, "made_by": made_by})
        if not (folder / "request.json").exists() or (
            (folder / "request.json").read_text() != request
        ):
            shutil.rmtree(folder, ignore_errors=True)
            days = size.days + SPARE_DAYS
            _say(f"generating {days * size.events_per_day:,} events over {days} days")
            generate.write(
                GeneratedSize(days * size.events_per_day, size.partners, days, size.seed),
                folder / "all",
            )
            link_days(folder / "all", folder / "base", range(size.days))
            (folder / "request.json").write_text(request)
        return folder / "base"

    def home(self, size: Size) -> Path:
        """A home built from the landing folder, to which days may have been added since."""
        home = self.folder / "home" / size.name
        if not self._is_current(home, size):
            self.forget_home(size)
            landing = self.landing(size)
            _say(f"building {home.name}")
            subprocess.run(
                [COMMAND, "build", "--home", str(home), "--landing", str(landing)],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            self._mark(home, size)
        return home

    def keep_home(self, home: Path, size: Size) -> None:
        """Take a home that was built from the landing folder over, unless there is one."""
        target = self.folder / "home" / size.name
        if not self._is_current(target, size):
            self.forget_home(size)
            target.parent.mkdir(parents=True, exist_ok=True)
            home.rename(target)
            self._mark(target, size)

    def forget_home(self, size: Size) -> None:
        """Remove the home of a landing folder."""
        shutil.rmtree(self.folder / "home" / size.name, ignore_errors=True)

    def published_bytes(self, size: Size) -> int:
        """Bytes of the published file after the full build, before any day was added."""
        mark = json.loads((self.home(size) / "made_of.json").read_text())
        return int(mark["published_bytes"])

    def add_day(self, size: Size) -> tuple[Path, Path]:
        """A home and its landing folder, to which the batches of one more day have been added."""
        home = self.home(size)
        mark = json.loads((home / "made_of.json").read_text())
        if mark["days"] == size.days + SPARE_DAYS - 1:
            self.forget_home(size)
            return self.add_day(size)
        source = self.folder / "landing" / size.name / "all"
        landing = home / "landing"
        if not landing.exists():
            link_days(source, landing, range(mark["days"]))
        link_days(source, landing, [mark["days"]])
        mark["days"] += 1
        (home / "made_of.json").write_text(json.dumps(mark))
        return home, landing

    def newest_day(self, size: Size) -> date:
        """The last day of which a home has been given the batches."""
        mark = json.loads((self.home(size) / "made_of.json").read_text())
        return FIRST_DAY + timedelta(days=mark["days"] - 1)

    def _is_current(self, home: Path, size: Size) -> bool:
        try:
            mark = json.loads((home / "made_of.json").read_text())
        except OSError:
            return False
        return (
            bool(mark["code"] == code())
            and (self.landing(size).parent / "request.json").read_text() == mark["landing"]
        )

    def _mark(self, home: Path, size: Size) -> None:
        landing = (self.landing(size).parent / "request.json").read_text()
        mark = {
            "code": code(),
            "landing": landing,
            "days": size.days,
            "published_bytes": published_path(home).stat().st_size,
        }
        (home / "made_of.json").write_text(json.dumps(mark))


def link_days(source: Path, target: Path, days: Iterable[int]) -> None:
    """Give `target` the batches of some days of `source`, as links to the same files."""
    names = {str(FIRST_DAY + timedelta(days=day)) for day in days}
    for batch in source.glob("*/batch=*"):
        if batch.name.removeprefix("batch=").split("T")[0] in names:
            folder = target / batch.parent.name / batch.name
            folder.mkdir(parents=True, exist_ok=True)
            for path in batch.iterdir():
                os.link(path, folder / path.name)


def code() -> str:
    """A fingerprint of everything that decides what a build makes of a landing folder."""
    folders = ("models", "macros", "seeds/reference")
    paths = [path for folder in folders for path in (PROJECT / folder).rglob("*.*")]
    paths += [PROJECT / "dbt_project.yml", PROJECT / "profiles.yml"]
    return fingerprint([*paths, PROJECT / "exporters" / "publish.py"])


def fingerprint(paths: Iterable[Path]) -> str:
    """A fingerprint of files."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file() and path.suffix in (".py", ".sql", ".yml", ".csv"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _say(what: str) -> None:
    print(f"  ... {what}", file=sys.stderr, flush=True)
