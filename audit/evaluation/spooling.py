"""The flows of a run as they are judged: held while they are few, else laid down on the disk.

What is laid down are runs: so many flows in the order of their ids. They lie one after the other in
a file without a name, which nobody else can open and which is gone with the process, however it
ends. Runs are merged range by range of the ids (after Knuth, TAOCP 3, 5.4).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from audit.evaluation.nameless import Nameless
from audit.evaluation.ordered import by_flow_id
from audit.evaluation.part import FLOWS
from audit.evaluation.tallying import first_flows
from audit.sources.arrows import detached

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from audit.facts.pairs import Places

MOST = 1 << 20  # flows held
_BLOCK = 1 << 14  # flows of a run that are read at a time
_RANGE = 16  # blocks that are merged at a time
_FIRST = pl.Schema({"tally": pl.Int64(), "flow_id": pl.String()})


@dataclass(frozen=True)
class Block:
    """Some neighbours of a run: the first flow_id, and where they lie."""

    first: str
    start: int
    size: int
    rows: int


@dataclass(frozen=True)
class Laid:
    """Flows of which most lie on the disk, in no order: run by run, and the rest."""

    file: Nameless
    schema: pa.Schema
    runs: tuple[tuple[Block, ...], ...]
    rest: tuple[pl.DataFrame, ...] = ()

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for run in self.runs:
            yield from map(self.read, run)
        yield from self.rest

    def __reduce__(self) -> tuple[type, tuple[tuple[pl.DataFrame, ...]]]:
        """As plain frames: the file is of this process."""
        return tuple, (tuple(self),)

    def read(self, block: Block) -> pl.DataFrame:
        """The flows of a block."""
        content = pa.py_buffer(self.file.take(block.start, block.size))
        batch = pa.ipc.read_record_batch(content, self.schema)
        return pl.DataFrame(pa.Table.from_batches([batch]))

    def merged(self) -> Iterator[pl.DataFrame]:
        """The flows of all runs in the order of their ids, range by range."""
        firsts = sorted({block.first for run in self.runs for block in run})
        readers = [_Reader(self, deque(run)) for run in self.runs]
        for bound in (*firsts[_RANGE::_RANGE], None):
            yield by_flow_id(pl.concat([reader.before(bound) for reader in readers]))


@dataclass
class _Reader:
    """A run that is read from its first flow on."""

    laid: Laid
    blocks: deque[Block]
    left: pl.DataFrame | None = None

    def before(self, bound: str | None) -> pl.DataFrame:
        """The next flows whose id is before this one; all that are left where there is none."""
        found = [pl.DataFrame(schema=FLOWS) if self.left is None else self.left]
        while self.blocks and (bound is None or self.blocks[0].first < bound):
            found.append(self.laid.read(self.blocks.popleft()))
        flows = pl.concat(found)
        count = flows.height if bound is None else int((flows["flow_id"] < bound).sum())
        self.left = flows.slice(count)
        return flows.head(count)


@dataclass
class Spool:
    """The flows judged up to now, columns as part.FLOWS; past so many, most lie on the disk."""

    most: int = field(default_factory=lambda: MOST)
    held: list[pl.DataFrame] = field(default_factory=list)
    laid: Laid | None = None
    first: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_FIRST))
    signed: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def add(self, flows: pl.DataFrame) -> None:
        """Some more; raises OSError where the disk has no room for what it would hold."""
        self.held.append(flows)
        if sum(each.height for each in self.held) > self.most:
            self.lay_down()

    def part(self) -> Iterable[pl.DataFrame]:
        """The flows up to now; they can be pickled."""
        held = tuple(self.held)
        return replace(self.laid, rest=held) if self.laid else held

    def lay_down(self) -> None:
        """Lay down all that is held as a run, and remember its first flows and signatures."""
        flows = by_flow_id(pl.concat([pl.DataFrame(schema=FLOWS), *self.held], rechunk=True))
        self.held.clear()
        table = flows.to_arrow()
        laid = self.laid or Laid(Nameless(), table.schema, ())
        blocks = [_laid(batch, laid.file) for batch in table.to_batches(max_chunksize=_BLOCK)]
        self.laid = replace(laid, runs=(*laid.runs, tuple(blocks)))
        tallies = flows["tally"].to_numpy()
        first = first_flows(tallies, flows["flow_id"], int(tallies.max(initial=0)) + 1)
        self.first = pl.concat([self.first, detached(first)])
        self.signed = _added(self.signed, np.bincount(flows["signature"].to_numpy()))


def _laid(batch: pa.RecordBatch, file: Nameless) -> Block:
    first = batch.column("flow_id")[0].as_py()
    return Block(first, *file.put(batch.serialize()), batch.num_rows)


def _added(some: Places, more: Places) -> Places:
    total = np.zeros(max(len(some), len(more)), dtype=np.int64)
    total[: len(some)] += some
    total[: len(more)] += more
    return total


@dataclass(frozen=True)
class LaidDown:
    """Flows on the disk as a run tells them, in the order of their ids.

    outcome, signature: what the numbers of tallies and signatures there mean.
    """

    laid: Laid
    outcome: NDArray[np.uint32]
    signature: NDArray[np.uint32] | None

    @property
    def height(self) -> int:
        """How many there are."""
        return sum(block.rows for run in self.laid.runs for block in run)

    def pieces(self) -> Iterator[pl.DataFrame]:
        """All of them, range by range."""
        for flows in self.laid.merged():
            told = {"outcome": pl.Series(self.outcome[flows["tally"].to_numpy()])}
            if self.signature is not None:
                told["signature"] = pl.Series(self.signature[flows["signature"].to_numpy()])
            yield flows.select("flow_id", "inferred", "consents", **told)
