"""A file without a name: nobody else can open it, and it is gone with the process, however it ends.

A heap of frames lies in one once there is much of it.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 64 << 20  # bytes of a heap that are held
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")

_Place = tuple[int, int]  # where something lies in a file, and how long it is


class Nameless:
    """A file without a name, there as long as this value is; what was put into it stays."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile() as file:
            self._number = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._number)
        self._end = 0

    def put(self, content: pa.Buffer | memoryview) -> _Place:
        """Put this after all else; where it lies and how long it is. Raises OSError."""
        start, left = self._end, memoryview(content).cast("B")
        while left:
            done = os.pwrite(self._number, left, self._end)
            self._end, left = self._end + done, left[done:]
        return start, self._end - start

    def take(self, start: int, size: int) -> bytes:
        """What lies there."""
        return os.pread(self._number, size, start)


@dataclass
class Heap:
    """Frames as they come, packed: in memory while they are little, else in a file.

    Nothing of what they were cut out of is kept with them, as the text of a frame would be.
    """

    most: int = field(default_factory=lambda: MOST)
    held: list[bytes] = field(default_factory=list)
    laid: list[_Place] = field(default_factory=list)
    file: Nameless | None = None

    @property
    def size(self) -> int:
        """How many bytes they take, packed."""
        return sum(size for _, size in self.laid) + sum(map(len, self.held))

    def add(self, frame: pl.DataFrame) -> None:
        """One more; raises OSError where the disk has no room for it."""
        self.held.append(_packed(frame))
        if sum(map(len, self.held)) > self.most:
            self.file = self.file or Nameless()
            self.laid += [self.file.put(memoryview(each)) for each in self.held]
            self.held.clear()

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """The frames in the order in which they came."""
        if self.file is not None:
            for place in self.laid:
                yield _unpacked(self.file.take(*place))
        yield from map(_unpacked, self.held)


def _packed(frame: pl.DataFrame) -> bytes:
    table, sink = frame.to_arrow(), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_OPTIONS) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())  # a sink has more room than it needs


def _unpacked(content: bytes) -> pl.DataFrame:
    with pa.ipc.open_stream(pa.py_buffer(content)) as stream:
        return pl.DataFrame(stream.read_all())
