"""From the warehouse, after its tests have passed, to the file that everybody reads.

What is published is a copy of the warehouse's file, made beside the present one: it takes its place
in one rename, and whoever has the old one open keeps it whole.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import shutil
from contextlib import suppress
from pathlib import Path

import duckdb

from exporters.errors import ReportError
from exporters.files import whole_file

# 1.x drivers, which BI tools still ship, cannot read the file format of DuckDB 2 (profiles.yml).
# That of 1.2, which a home of before has until its next full refresh, takes longer to write.
STORAGE_VERSION = "v1.3.0"
_COPIED_AT_ONCE = 8 * 1024 * 1024
_SHARE_BLOCKS = 0x40049409  # FICLONE of linux/fs.h


def publish(warehouse: Path, published: Path) -> None:
    """Put a copy of the tested `warehouse` in place as `published`.

    Raises ReportError when the copy cannot be read by itself; OSError and duckdb.Error pass
    through. In every such case the present published file stays as it was.
    """
    # What a killed build left: only one build of a home is at work, so nobody writes these.
    for leftover in published.parent.glob(".*.tmp*"):
        leftover.unlink()
    _close(warehouse)
    if not storage_version(warehouse).startswith("v1."):
        raise ReportError(
            f"nothing was published: {warehouse} has the file format of an older version; "
            "rebuild with --full-refresh"
        )
    with whole_file(published) as draft:
        _copy(warehouse, draft)
        _check(draft)
        draft.chmod(0o444)


def storage_version(warehouse: Path) -> str:
    """The oldest version of DuckDB that can read the file of the warehouse, such as v1.3.0."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {_text(warehouse)} as warehouse (read_only)")
        (version,) = connection.execute(
            "select tags['storage_version'] from duckdb_databases() "
            "where database_name = 'warehouse'"
        ).fetchall()[0]
    return str(version).removesuffix("+")


def renew(warehouse: Path) -> None:
    """Put an empty file of the form to be published in place of a warehouse of another form.

    The log of the files that were taken in is kept: the full refresh that follows says what of them
    is no longer there.
    """
    _close(warehouse)
    draft = warehouse.with_name("renewed.duckdb")
    draft.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach {_text(warehouse)} as old (read_only)")
        connection.execute(f"attach {_text(draft)} as new (storage_version '{STORAGE_VERSION}')")
        connection.execute("create schema new.intake")
        # Before schemas were layers it stood in `ledger`; or there was no log yet.
        for schema in ("intake", "ledger"):
            with suppress(duckdb.CatalogException):
                connection.execute(
                    f"create table new.intake.landing_files as from old.{schema}.landing_files"
                )
                break
    draft.replace(warehouse)


def is_all_published(warehouse: Path, published: Path) -> bool:
    """Whether the warehouse is as it was published: of one full refresh, with as many rows.

    It is not after dbt has been run by itself: what that wrote may not have been tested.
    """
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {_text(warehouse)} as warehouse (read_only)")
            connection.execute(f"attach {_text(published)} as published (read_only)")
            differences = [
                # When each setting was recorded tells one full refresh from another.
                "from {one}.intake.build_settings except from {other}.intake.build_settings",
                "from {one}.reports.batches except from {other}.reports.batches",
                *(
                    f"select count(*) from {{one}}.{table} "
                    f"except select count(*) from {{other}}.{table}"
                    for (table,) in connection.execute(
                        "select schema_name || '.' || table_name from duckdb_tables() "
                        "where database_name = 'warehouse'"
                    ).fetchall()
                ),
            ]
            return not any(
                connection.execute(query.format(one="warehouse", other="published")).fetchone()
                for query in differences
            )
        except duckdb.Error:  # one of them is not there, or of an older project
            return False


def pass_over_proven(warehouse: Path, are_proven: bool) -> None:
    """Say in the log of batches whether tests pass over those that are there."""
    with duckdb.connect(str(warehouse)) as connection:
        # There is no log in a warehouse of an older project, which asks for a full refresh.
        with suppress(duckdb.CatalogException):
            connection.execute(
                "update intake.batch_log set is_proven = $1 where is_proven <> $1", [are_proven]
            )


def _copy(source: Path, target: Path) -> None:
    """Copy a file to the disk without keeping it in memory too, where the system can do so.

    The copy is synced before it takes its name: by way of the cache 10 GB took twice as long, and
    the sync came on top.
    """
    if _share_blocks(source, target):
        return
    try:
        _copy_directly(source, target)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        shutil.copyfile(source, target)


def _share_blocks(source: Path, target: Path) -> bool:
    """Let both files stand on the same blocks, which XFS and Btrfs keep apart once one is written.

    Returns whether it was done. That takes no time and no space, whatever the size.
    """
    with source.open("rb") as reader, target.open("wb") as writer:
        try:
            fcntl.ioctl(writer, _SHARE_BLOCKS, reader.fileno())
        except OSError:
            # Another file system, or one that cannot: a copy says by itself what is wrong.
            return False
    return True


def _copy_directly(source: Path, target: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_DIRECT", 0)
    with (
        source.open("rb", buffering=0) as reader,
        open(target, "wb", buffering=0, opener=lambda path, _: os.open(path, flags)) as writer,
        # Its pages begin where the disk's blocks do, which such a write asks for.
        mmap.mmap(-1, _COPIED_AT_ONCE) as pages,
        memoryview(pages) as piece,
    ):
        while count := reader.readinto(pages):
            if writer.write(piece[:count]) != count:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))


def _close(warehouse: Path) -> None:
    """Have everything in the file, and no log beside it."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("force checkpoint")


def _check(draft: Path) -> None:
    """Look at every view of the draft: it must stand on nothing outside of it."""
    with duckdb.connect(str(draft), read_only=True) as connection:
        for (view,) in connection.execute(
            "select schema_name || '.' || view_name from duckdb_views() where not internal"
        ).fetchall():
            try:
                connection.execute(f"select * from {view} limit 0")
            except duckdb.Error as error:
                raise ReportError(
                    f"nothing was published: {view} cannot be read by itself: {error}"
                ) from error


def _text(value: object) -> str:
    """A SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"
