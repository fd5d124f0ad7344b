"""One pass over the flows of an export: read, made ready and used, three batches at a time."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from time import thread_time
from typing import TYPE_CHECKING, TypeVar

from audit.asking import Progress, Stage
from audit.evaluation.judging import in_categories
from audit.evaluation.nameless import Heap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future

    import polars as pl

    from audit.asking import Tell
    from audit.evaluation.part import Part
    from audit.records.checking import FlowBatch, FlowBatches
    from audit.records.notices import Noticed
    from audit.sources.export import InputFile

_T = TypeVar("_T")
READING, FACTS, JUDGING = "reading", "facts", "judging"  # what the three threads are at


@dataclass(frozen=True)
class Passed:
    """What a pass left beside what its flows were used for; it can be pickled."""

    rejected: tuple[pl.DataFrame, ...]
    claims: Mapping[str, int]
    kept: int
    noticed: tuple[Noticed, ...]
    inputs: tuple[InputFile, ...]


@dataclass(frozen=True)
class ShardResult:
    """What came of some flows of an export that were passed over and judged apart."""

    part: Part
    passed: Passed


@dataclass
class Pass:
    """One pass over the flows: what was rejected, and how many were kept."""

    batches: FlowBatches
    total: int | None = None  # rows, where the files tell it
    rejected: Heap = field(default_factory=Heap)
    lost: int = 0  # rows of these
    claims: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    spent: dict[str, float] = field(default_factory=dict)  # seconds of a processor
    begun: Iterator[FlowBatch] | None = None

    def begin(self) -> Pass:
        """Have the first batch read from now on, while something else is done."""
        self.begun = _ahead(self._batches())
        return self

    def use(
        self, ready: Callable[[pl.DataFrame], _T], use: Callable[[_T], object], tell: Tell
    ) -> None:
        """Use every batch of valid flows, made `ready`, in the order of the batches.

        While one is used, the next is made ready and the one after that is read.
        """
        for made in self.made(ready, tell):
            begun = thread_time()
            use(made)
            self._spend(JUDGING, begun)

    def made(self, ready: Callable[[pl.DataFrame], _T], tell: Tell) -> Iterator[_T]:
        """The valid flows batch by batch, made `ready`, as `use` uses them."""
        batches = self.begun or _ahead(self._batches())
        every = ((batch, ready(batch.frame)) for batch in batches)
        for batch, made in _ahead(self._timed(FACTS, every)):
            self._reject(batch.rejected)
            self.kept += batch.frame.height
            claims = batch.frame["basis"].drop_nulls().value_counts()
            self.claims.update(dict(claims.iter_rows()))
            yield made
            rows = self.kept + self.lost
            tell(Progress(Stage.FLOWS, rows, self.total, dict(self.spent)))

    @property
    def passed(self) -> Passed:
        """What it left up to now."""
        told = (self.batches.noticed, self.batches.inputs)
        return Passed(tuple(self.rejected), dict(self.claims), self.kept, *told)

    def take(self, passed: Passed) -> None:
        """Add what another pass left, over other flows of the export; in their order."""
        for rejected in passed.rejected:
            self._reject(rejected)
        self.claims.update(passed.claims)
        self.kept += passed.kept
        self.batches.take(passed.noticed, passed.inputs)

    def _reject(self, rejected: pl.DataFrame) -> None:
        self.rejected.add(rejected)
        self.lost += rejected.height

    def _batches(self) -> Iterator[FlowBatch]:
        read = (replace(batch, frame=in_categories(batch.frame)) for batch in self.batches)
        return self._timed(READING, read)

    def _timed(self, work: str, items: Iterator[_T]) -> Iterator[_T]:
        """The same items; what it takes to make them is spent on this work."""
        begun = thread_time()
        for item in items:
            self._spend(work, begun)
            yield item
            begun = thread_time()

    def _spend(self, work: str, begun: float) -> None:
        """Count what the thread took since then; waiting costs it nothing."""
        self.spent[work] = self.spent.get(work, 0) + thread_time() - begun


def _ahead(items: Iterator[_T]) -> Iterator[_T]:
    """The same items, each made in a thread of its own while the one before is used.

    The first is begun at once.
    """
    maker = ThreadPoolExecutor(1)
    return _handed(maker, maker.submit(next, items, None), items)


def _handed(
    maker: ThreadPoolExecutor, coming: Future[_T | None], items: Iterator[_T]
) -> Iterator[_T]:
    with maker:
        while (item := coming.result()) is not None:
            coming = maker.submit(next, items, None)
            yield item
