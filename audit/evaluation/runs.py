"""Rows too many to hold, as sorted runs on the disk that are merged range by range of their keys.

Runs lie one after the other in a file without a name, which nobody else can open and which is gone
with the process, however it ends (after Knuth, TAOCP 3, 5.4).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from audit.evaluation.nameless import Nameless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Key = tuple[str, ...]

_BLOCK = 1 << 13  # rows of a run that are read at a time
_RANGE = 32  # blocks that are merged at a time


@dataclass(frozen=True)
class Order:
    """How rows are sorted: by texts without null first, which are their key.

    width: how many times fewer of them are read at a time than of flows.
    """

    key: tuple[str, ...]
    sort: Callable[[pl.DataFrame], pl.DataFrame]
    width: int = 1

    def before(self, rows: pl.DataFrame, bound: Key) -> int:
        """How many rows, which are in order, have a key before this one."""
        start, end = 0, rows.height
        for name, value in zip(self.key, bound, strict=True):
            cells = rows[name].slice(start, end - start)
            if name != self.key[-1]:
                end = start + int((cells <= value).sum())
            start += int((cells < value).sum())
        return start


@dataclass(frozen=True)
class Block:
    """Some neighbours of a run: the key of the first, and where they lie."""

    first: Key
    start: int
    size: int
    rows: int


@dataclass(frozen=True)
class Laid:
    """Rows that lie on the disk, run by run; and a rest, in no order, that does not."""

    order: Order
    file: Nameless = field(default_factory=Nameless)
    schema: pa.Schema | None = None
    runs: tuple[tuple[Block, ...], ...] = ()
    rest: tuple[pl.DataFrame, ...] = ()

    @property
    def height(self) -> int:
        """How many rows lie on the disk."""
        return sum(block.rows for run in self.runs for block in run)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for run in self.runs:
            yield from map(self.read, run)
        yield from self.rest

    def __reduce__(self) -> tuple[type, tuple[tuple[pl.DataFrame, ...]]]:
        """As plain frames: the file is of this process."""
        return tuple, (tuple(self),)

    def with_run(self, rows: pl.DataFrame) -> Laid:
        """These rows, in order, laid down beside the others; raises OSError where no room is."""
        table = rows.to_arrow()
        batches = table.to_batches(max_chunksize=max(1, _BLOCK // self.order.width))
        run = tuple(_laid(batch, self.order, self.file) for batch in batches)
        return replace(self, schema=table.schema, runs=(*self.runs, run))

    def read(self, block: Block) -> pl.DataFrame:
        """The rows of a block."""
        content = pa.py_buffer(self.file.take(block.start, block.size))
        batch = pa.ipc.read_record_batch(content, self.schema)
        return pl.DataFrame(pa.Table.from_batches([batch]))

    def merged(self) -> Iterator[pl.DataFrame]:
        """The rows of all runs in their order, range by range; rows of one key in one."""
        firsts = sorted({block.first for run in self.runs for block in run})
        readers = [_Reader(self, deque(run)) for run in self.runs]
        for bound in (*firsts[_RANGE::_RANGE], None):
            found = [rows for reader in readers for rows in reader.before(bound)]
            yield self.order.sort(pl.concat(found))


@dataclass
class _Reader:
    """A run that is read from its first row on."""

    laid: Laid
    blocks: deque[Block]
    left: pl.DataFrame | None = None

    def before(self, bound: Key | None) -> Iterator[pl.DataFrame]:
        """The next rows whose key is before this one; all that are left where there is none."""
        while self.left is not None or self.blocks:
            if self.left is None:
                if bound is not None and self.blocks[0].first >= bound:
                    return
                self.left = self.laid.read(self.blocks.popleft())
            rows = self.left
            count = rows.height if bound is None else self.laid.order.before(rows, bound)
            self.left = rows.slice(count) if count < rows.height else None
            if count:
                yield rows.head(count)
            if self.left is not None:
                return


def _laid(batch: pa.RecordBatch, order: Order, file: Nameless) -> Block:
    first = tuple(batch.column(name)[0].as_py() for name in order.key)
    return Block(first, *file.put(batch.serialize()), batch.num_rows)
