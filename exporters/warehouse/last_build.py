"""What the last build of a home came to: written by `build`, said by `status`.

The published file says what is in the reports. That newer batches are refused since Monday, or
that a batch has gone, stands nowhere in it.
"""

from __future__ import annotations

import fcntl
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from exporters.files import whole_file

LOCK = "build.lock"
_FILE = "last_build.json"


@dataclass
class LastBuild:
    """A build from its beginning on.

    Attributes:
        landing: the landing folder.
        began_at: UTC, `YYYY-MM-DD HH:MM:SS`.
        ended_at: the same; None while it is at work, and for good when it was killed.
        failure: why nothing was published; None when something was.
        warnings: what was odd, a sentence each.
        proven_at: when the whole ledger was last proven, and not only what a build wrote; None
            when that was never or something failed since.
        inputs: the hash of what it was made of (inputs.of_build).
        outputs: the hash of the files that it left (inputs.of_files).
    """

    landing: str
    began_at: str = field(default_factory=lambda: _now())
    ended_at: str | None = None
    failure: str | None = None
    warnings: list[str] = field(default_factory=list)
    proven_at: str | None = None
    inputs: str | None = None
    outputs: str | None = None

    def end(self, failure: str | None = None) -> None:
        """Note how it ended."""
        self.ended_at = _now()
        self.failure = failure

    def write(self, home: Path) -> None:
        """Keep it in `home`. Where that is impossible the build has worse to report."""
        try:
            with whole_file(home / _FILE) as draft:
                draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
        except OSError:
            pass


def read(home: Path) -> LastBuild | None:
    """The last build of `home`, if there was one."""
    try:
        return LastBuild(**json.loads((home / _FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # none yet, or of another version of the project
        return None


def is_at_work(home: Path) -> bool:
    """Whether a build of `home` holds its lock."""
    try:
        with (home / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
