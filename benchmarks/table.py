"""The results: rows as JSON, merged over calls, and one Markdown table of them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = (
    "duckdb", "dbt-core", "dbt-duckdb", "openpyxl", "xlsxwriter", "pandas", "polars", "pyarrow",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One line of the table, measured.

    Attributes:
        name: what `--only` calls it.
        what, against: the two sides; ours, other: their medians, as text.
        ratio: of the two, and `target` what it is to be.
        peak_bytes: the highest peak of our side.
        runs: the figures of every run, by side.
    """

    name: str
    what: str
    against: str
    ours: str
    other: str
    ratio: float
    target: str
    met: bool
    peak_bytes: int | None
    note: str
    runs: dict[str, list[dict[str, Any]]]


class Results:
    """The results file of a profile. Lines that are not measured anew stay as they were."""

    def __init__(self, folder: Path, profile: str, settings: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._json, self._markdown = folder / f"{profile}.json", folder / f"{profile}.md"
        self._profile, self._settings = profile, settings
        self._context = context()  # of what is about to be measured
        self._lines: dict[str, dict[str, Any]] = {}
        if self._json.exists():
            self._lines = json.loads(self._json.read_text(encoding="utf-8"))["lines"]

    def add(self, row: Row) -> None:
        """Take a row in and write both files, so that a call that is stopped loses nothing."""
        self._lines[row.name] = {**asdict(row), **self._context}
        content = {
            "profile": self._profile,
            "settings": json.loads(json.dumps(self._settings, default=asdict)),
            "lines": self._lines,
        }
        self._json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        self._markdown.write_text(self.markdown(), encoding="utf-8")

    def markdown(self) -> str:
        """The table, under the machine, the versions and the sizes."""
        lines = [f"# Benchmarks, profile `{self._profile}`", ""]
        machines: dict[str, list[str]] = {}
        for name, line in self._lines.items():
            where = "; ".join((line["machine"], line["versions"]))
            when = f"{line['measured_at'][:16]}, load {line['load']}, commit {line['commit']}"
            machines.setdefault(f"{where}; {when}", []).append(name)
        for context_words, names in machines.items():
            which = "" if len(machines) == 1 else f" ({', '.join(names)})"
            lines.append(f"- {context_words}{which}")
        lines += [
            f"- {json.dumps(self._settings, default=asdict)}",
            "",
            "| line | what | against | ours | other | ratio | target | met | peak memory | note |",
            "|---|---|---|--:|--:|--:|---|---|--:|---|",
        ]
        for name, line in self._lines.items():
            peak = "" if line["peak_bytes"] is None else bytes_text(line["peak_bytes"])
            cells = (
                name, line["what"], line["against"], line["ours"], line["other"],
                f"{line['ratio']:.2f} x", line["target"], "yes" if line["met"] else "**no**", peak,
                line["note"],
            )  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"


def context() -> dict[str, str]:
    """The machine and how busy it is, the versions, the time and the commit."""
    return {
        "machine": f"{os.cpu_count()} cores {_processor()}, {_memory()} memory",
        "load": f"{os.getloadavg()[0]:.1f}",
        "versions": ", ".join([f"Python {platform.python_version()}", *_versions()]),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
    }


def number(count: int) -> str:
    """A count in words: 10 M, 100 k."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if count >= unit:
            return f"{count / unit:g} {name}"
    return str(count)


def seconds_text(seconds: float) -> str:
    """A time with three digits."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"


def bytes_text(count: int) -> str:
    """A size in MB (of 1,000,000 bytes)."""
    return f"{count / 1e6:,.{0 if count >= 1e7 else 2}f} MB"


def _versions() -> list[str]:
    found = []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "--no-optional-locks", *words],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed
