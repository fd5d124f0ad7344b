"""The flows of a run judged by workers: shards cut, handed out, and what they left taken in."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from audit.asking import Progress, Stage
from audit.keeping.registers import Asked, hand_on
from audit.records.checking import flow_batches
from audit.scaling.folder import put, shared_folder, take
from audit.scaling.planning import planned
from audit.scaling.working import BRIEF, REGISTERS, Brief, Bug, judge_shard, result_name
from audit.sources.reading import refuse_changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from audit.asking import Setting, Tell
    from audit.evaluation.watching import Watching
    from audit.facts.gathering import CompiledRegisters
    from audit.passing import ShardResult
    from audit.scaling.planning import Shard
    from audit.scaling.workers import Workers
    from audit.scaling.working import Answer

_LOOK = 0.25  # seconds between two looks at how far the workers are


@dataclass(frozen=True)
class Order:
    """What is to be judged, and what it is held against."""

    setting: Setting
    compiled: CompiledRegisters
    watching: Watching | None
    repeated: frozenset[str]

    @property
    def brief(self) -> Brief:
        """What every worker is told of it."""
        export = replace(self.setting.export, tables={}, foreseen=None)
        packs, vocabulary = self.setting.packs, self.setting.vocabulary
        return Brief(export, packs, vocabulary, self.repeated, self.watching)


def foreknown(setting: Setting) -> frozenset[str]:
    """The flow ids that more than one row of the whole export carries: no worker could tell."""
    return flow_batches(setting.export, setting.vocabulary).foreknown()


def judged_by(workers: Workers, order: Order, tell: Tell) -> Iterator[ShardResult]:
    """The result of every shard, in order; raises as a pass over the flows in one process does."""
    with shared_folder() as folder:
        with ThreadPoolExecutor(1) as aside:
            cut = aside.submit(planned, order.setting.export)
            _hand_out(folder, order)
            shards = cut.result()
        judge = partial(judge_shard, str(folder))
        with ThreadPoolExecutor(1) as aside:
            coming = aside.submit(workers.answers, judge, shards)
            try:
                _follow(coming, folder, shards, tell)
            except BaseException:
                workers.stop()
                raise
        _refuse(coming.result(), shards)
        for shard in shards:
            yield take(folder, result_name(shard))
            (folder / result_name(shard)).unlink()


def _hand_out(folder: Path, order: Order) -> None:
    """Everything that workers are told but their shards."""
    brief = order.brief
    asked = Asked(brief.export, brief.packs, brief.vocabulary)
    with (folder / REGISTERS).open("wb") as file:
        hand_on(file, asked, order.compiled)
    put(folder, BRIEF, brief)


def _follow(
    coming: Future[list[Answer]], folder: Path, shards: Sequence[Shard], tell: Tell
) -> None:
    """Tell how far the workers are until they are through."""
    known = [shard.rows for shard in shards]
    total = None if None in known else sum(rows or 0 for rows in known)
    while not wait([coming], timeout=_LOOK).done:
        done = (shard.rows or 0 for shard in shards if (folder / result_name(shard)).exists())
        tell(Progress(Stage.FLOWS, sum(done), total))


def _refuse(answers: Sequence[Answer], shards: Sequence[Shard]) -> None:
    """Raise the first refusal in the order of the shards, or that of a file changed meanwhile."""
    for answer in answers:
        if isinstance(answer, Bug):
            raise RuntimeError(answer.told)  # noqa: TRY004 (no fault of a type)
        if answer is not None:
            raise answer
    for shard in shards:
        refuse_changed(shard.file)
