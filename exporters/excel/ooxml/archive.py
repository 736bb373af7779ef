"""The zip archive of a workbook: parts are compressed, and read back, while they are written.

Entries carry a given time and nothing of the clock. A piece of a part is compressed after the one
before it, whichever thread is faster, so the same pieces always give the same bytes.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

from exporters.errors import ReportError
from exporters.excel.verify import Part

_CHUNK = 1 << 16  # compressed bytes; of rows, about ten times as much is made of them
# Rows are so alike that more effort saves little: level 6 takes three times as long for a fifth.
_COMPRESSION_LEVEL = 2


class Archive:
    """A new archive; when its block ends, everything is on the disk and was read back."""

    def __init__(self, path: Path, moment: datetime) -> None:
        """A file at `path` whose entries carry the time `moment`."""
        self._path, self._moment = path, _entry_time(moment)
        self._readings: list[tuple[_GrowingPart, Future[None]]] = []

    def __enter__(self) -> Archive:
        with ExitStack() as stack:
            # Whoever reads waits for parts to end, so the readers are the last to be waited for.
            self._reader = stack.enter_context(ThreadPoolExecutor(1))
            self._compressor = stack.enter_context(ThreadPoolExecutor(1))
            self._file = stack.enter_context(self._path.open("w+b"))
            self._archive = stack.enter_context(zipfile.ZipFile(self._file, "w"))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def add(self, name: str, data: bytes, read: Callable[[Part], None]) -> None:
        """Write a part that is made already."""
        with self.part(name, read) as part:
            part.write(data)

    @contextmanager
    def part(self, name: str, read: Callable[[Part], None]) -> Iterator[PartWriter]:
        """Write a part piece by piece; `read` reads it back meanwhile, in another thread."""
        with ExitStack() as stack:
            part = self._archive.open(self._entry(name), "w", force_zip64=True)
            growing = _GrowingPart(self._path, name, self._file.tell())
            stack.callback(growing.has_ended)
            self._readings.append((growing, self._reader.submit(growing.be_read, read)))

            def write(data: bytes) -> None:
                part.write(data)
                self._file.flush()
                growing.has_grown(self._file.tell())

            with part:
                writer = PartWriter(self._compressor, write)
                try:
                    yield writer
                finally:
                    writer.wait()
            self._file.flush()
            growing.has_grown(self._file.tell())

    def check(self) -> None:
        """Raise what reading the parts has raised.

        Raises:
            ReportError: the archive says something else of a part than what was read.
        """
        with zipfile.ZipFile(self._path) as archive:
            for part, reading in self._readings:
                reading.result()
                part.check_entry(archive.getinfo(part.name))

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._moment)
        entry.compress_type = zipfile.ZIP_DEFLATED
        # An entry that is opened has no other way to be told its level before Python 3.13.
        entry._compresslevel = _COMPRESSION_LEVEL  # type: ignore[attr-defined]
        entry.create_system = 3
        entry.external_attr = 0o644 << 16
        return entry


class PartWriter:
    """Compresses a part in another thread while its next piece is being made."""

    def __init__(self, thread: Executor, write: Callable[[bytes], None]) -> None:
        self._thread, self._write = thread, write
        self._last: Future[None] | None = None

    def write(self, data: bytes, /) -> None:
        """Take the next piece, once the one before is on the disk."""
        self.wait()
        self._last = self._thread.submit(self._write, data)

    def wait(self) -> None:
        """Wait until everything is on the disk."""
        if self._last is not None:
            self._last.result()


class _GrowingPart:
    """A part of an archive that is read from the disk while another thread writes it there.

    The writer says with `has_grown` how far the file has come, and with `has_ended` when no more
    comes; a read waits until there is enough.
    """

    def __init__(self, path: Path, name: str, start: int) -> None:
        """The compressed bytes of the part `name` begin at `start`."""
        self.name = name
        self._file = path.open("rb", buffering=0)
        self._file.seek(start)
        self._place = self._size = start
        self._sizes: SimpleQueue[int | None] = SimpleQueue()
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._rest = b""
        self._checksum = self._length = 0

    def has_grown(self, size: int) -> None:
        """The file has `size` bytes by now."""
        self._sizes.put(size)

    def has_ended(self) -> None:
        """The file does not grow any more, whether the part is whole or not."""
        self._sizes.put(None)

    def be_read(self, read: Callable[[Part], None]) -> None:
        """Read the part with `read`."""
        with self._file:
            read(self)

    def read(self, size: int, /) -> bytes:
        """The next `size` bytes; fewer where the part ends.

        Raises:
            ReportError: what is on the disk was not compressed like this.
        """
        pieces = [self._rest]
        missing = size - len(self._rest)
        while missing > 0 and not self._inflate.eof and (packed := self._next_packed()):
            try:
                pieces.append(self._inflate.decompress(packed))
            except zlib.error as error:
                raise ReportError(f"the workbook that was written is damaged: {error}") from error
            missing -= len(pieces[-1])
        data = b"".join(pieces)
        data, self._rest = data[:size], data[size:]
        self._checksum = zlib.crc32(data, self._checksum)
        self._length += len(data)
        return data

    def check_entry(self, entry: zipfile.ZipInfo) -> None:
        """Compare what was read, from beginning to end, with what the archive says of it.

        Raises:
            ReportError: it says something else.
        """
        if (entry.CRC, entry.file_size) != (self._checksum, self._length):
            raise ReportError(f"{entry.filename} of the workbook that was written is damaged")

    def _next_packed(self) -> bytes:
        """Compressed bytes from the disk; none when there will be no more."""
        while self._place == self._size:
            size = self._sizes.get()
            if size is None:
                self._sizes.put(None)
                return b""
            self._size = size
        packed = self._file.read(min(_CHUNK, self._size - self._place))
        self._place += len(packed)
        return packed


def _entry_time(moment: datetime) -> tuple[int, int, int, int, int, int]:
    """A time that a zip entry can carry."""
    moment = min(max(moment, datetime(1980, 1, 1)), datetime(2107, 12, 31, 23, 59, 58))
    return moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second
