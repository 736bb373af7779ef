"""One process, measured from outside: wall time, CPU time and peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_INTERVAL = 0.02  # seconds between two looks at the memory


@dataclass(frozen=True)
class Run:
    """What a process took.

    Attributes:
        seconds: wall time from its start to its end.
        cpu_seconds: user and system time, of all processes it waited for.
        peak_bytes: the resident memory of the process and all below it, added up and looked at
            every 20 ms; at least the process's own high-water mark as the kernel keeps it. Pages
            that processes share count once for each.
        output: what it printed.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str

    def as_json(self) -> dict[str, float | int]:
        """Its figures."""
        return {key: value for key, value in asdict(self).items() if key != "output"}


class Failed(Exception):
    """A process that should have been measured ended with an error."""


def measure(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Run:
    """Run a command in `folder` to its end.

    Raises:
        Failed: its exit status is not 0; the message is what it printed last.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(environment), cwd=folder, stdout=said, stderr=subprocess.STDOUT
        )
        ended = threading.Event()
        peaks: list[int] = [0]
        watcher = threading.Thread(target=_watch, args=(process.pid, ended, peaks))
        watcher.start()
        try:
            # Without wait4 the figures of the children of several runs would be one.
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            ended.set()
            watcher.join()
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read()
    if process.returncode != 0:
        words = " ".join(command[:6])
        raise Failed(f"{words} ... ended with {process.returncode}:\n{output[-3000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, peaks[0], output)


def median_seconds(runs: Sequence[Run]) -> float:
    """Median wall time."""
    return statistics.median(run.seconds for run in runs)


def median_cpu_seconds(runs: Sequence[Run]) -> float:
    """Median CPU time: it suffers far less than wall time when the machine is busy."""
    return statistics.median(run.cpu_seconds for run in runs)


def highest_peak(runs: Sequence[Run]) -> int:
    """The highest peak memory, bytes."""
    return max(run.peak_bytes for run in runs)


def _watch(pid: int, ended: threading.Event, peaks: list[int]) -> None:
    while not ended.wait(_INTERVAL):
        peaks[0] = max(peaks[0], _tree_bytes(pid), _high_water_bytes(pid))


def _high_water_bytes(pid: int) -> int:
    """The most resident memory that a process has had; ru_maxrss would count its parent's, too."""
    try:
        status = (Path("/proc") / str(pid) / "status").read_text()
    except OSError:
        return 0
    lines = (line.split() for line in status.splitlines())
    return next((int(words[1]) * 1024 for words in lines if words[0] == "VmHWM:"), 0)


def _tree_bytes(pid: int) -> int:
    """Resident memory of a process and all below it; 0 for what is gone by now."""
    process = Path("/proc") / str(pid)
    try:
        resident = int((process / "statm").read_text().split()[1]) * _PAGE
        children = [
            int(child)
            for task in (process / "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (OSError, IndexError):
        return 0
    return resident + sum(_tree_bytes(child) for child in children)
