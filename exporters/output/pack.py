"""One workbook per partner with all its reports."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exporters.catalogue.conditions import BASES
from exporters.catalogue.reports import REPORTS
from exporters.catalogue.types import Basis
from exporters.excel import workbook
from exporters.files import whole_file
from exporters.i18n.language import ENGLISH, Language
from exporters.output import manifest, paths
from exporters.request.partners import all_partners, check_partner
from exporters.request.report_request import Request, comparing
from exporters.warehouse.published import is_interrupt, open_published

if TYPE_CHECKING:
    import duckdb

# Starting processes takes as long as a few small packs.
FEW_PARTNERS = 6


@dataclass(frozen=True)
class Job:
    """The pack of a partner for a period, perhaps compared, to be written to a path."""

    partner: str
    from_date: date
    to_date: date
    path: Path
    compare: str | None = None
    basis: Basis = BASES["event"]
    language: Language = ENGLISH


def jobs(
    connection: duckdb.DuckDBPyConnection,
    output: Path,
    period: tuple[date, date],
    named: Sequence[str] | None,
    compare: str | None = None,
    basis: Basis = BASES["event"],
    language: Language = ENGLISH,
) -> list[Job]:
    """The packs of the `named` partners, or of all, to be written below `output`.

    Raises:
        RequestError: a named partner is unknown.
    """
    everyone = all_partners(connection)
    for partner in named or ():
        check_partner(connection, partner)
    folders = paths.folder_names(everyone)
    file = paths.period_name("pack", *period, compare, basis, language) + ".xlsx"
    return [
        Job(partner, *period, output / folders[partner] / file, compare, basis, language)
        for partner in (dict.fromkeys(named) if named else everyone)
    ]


def write(connection: duckdb.DuckDBPyConnection, job: Job) -> None:
    """Write the pack of a known partner, and its manifest: a cover, all reports, the control.

    Reports that can be compared are, if the job says with what; reports that have no basis are as
    they always are.
    """
    requests = [
        Request(
            report,
            job.partner,
            job.from_date,
            job.to_date,
            basis=job.basis if report.bases else BASES["event"],
            language=job.language,
        )
        for report in REPORTS.values()
    ]
    if job.compare is not None:
        requests = [
            comparing(request, job.compare) if "compare" in request.report.conditions else request
            for request in requests
        ]
    beside = manifest.path_of(job.path)
    with whole_file(beside) as temporary_manifest:
        with whole_file(job.path) as temporary:
            written = workbook.write(connection, requests, temporary, with_cover=True)
            text = manifest.text_of(job.path.name, temporary, written.about, written.contents)
            # A manifest that is there is that of the workbook that is there.
            beside.unlink(missing_ok=True)
        temporary_manifest.write_text(text, encoding="utf-8")


def written(
    connection: duckdb.DuckDBPyConnection, home: Path, jobs: list[Job]
) -> Iterator[tuple[Job, Exception | None]]:
    """Do the jobs; each with its error or None, in their order.

    `connection` is to the published marts of `home`; many packs are shared among as many processes
    as there are processors.
    """
    with ExitStack() as stack:
        shares: dict[str, Future[bool]] = {}  # by partner
        processes = min(os.cpu_count() or 1, len(jobs))
        if processes > 1 and len(jobs) > FEW_PARTNERS:
            pool = ProcessPoolExecutor(
                processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_wait_quietly,
            )
            # After Ctrl-C nothing more is begun.
            stack.callback(pool.shutdown, cancel_futures=True)
            built = _built(connection)
            shares = {
                job.partner: pool.submit(_write_share, job, home, built)
                for job in _longest_first(connection, jobs)
            }
        for job in jobs:
            try:
                if not (shares and shares[job.partner].result()):
                    write(connection, job)
            except Exception as error:  # whatever it is, the other partners get theirs
                if is_interrupt(error):
                    raise
                yield job, error
            else:
                yield job, None


def _longest_first(connection: duckdb.DuckDBPyConnection, jobs: list[Job]) -> list[Job]:
    """The jobs, those with the most charges first, so that no long one runs alone at the end."""
    charges: dict[str, int] = dict(
        connection.execute(
            """
            select partner_id, count(*)
            from reports.revenue_detail
            where event_date between $from_date and $to_date
            group by partner_id
            """,
            {"from_date": jobs[0].from_date, "to_date": jobs[0].to_date},
        ).fetchall()
    )
    return sorted(jobs, key=lambda job: charges.get(job.partner, 0), reverse=True)


def _built(connection: duckdb.DuckDBPyConnection) -> Any:
    """What identifies the published file."""
    return connection.execute("from reports.build_info").fetchall()


def _write_share(job: Job, home: Path, built: Any) -> bool:
    """Write a pack in a process of its own; False when another file is published by now."""
    # Ctrl-C goes to all processes: who waits for work leaves it to the one who shares it out.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        connection = _kept_open(home)
        is_same: bool = _built(connection) == built
        if is_same:
            write(connection, job)
        return is_same
    finally:
        _wait_quietly()


@cache
def _kept_open(home: Path) -> duckdb.DuckDBPyConnection:
    """The published file, open for as long as this process writes packs."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(open_published(home))


def _wait_quietly() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
