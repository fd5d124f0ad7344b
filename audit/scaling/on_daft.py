"""Shards judged by the workers of Daft: a row of a table each, which holds no row of the export.

Daft runs where its own environment says (DAFT_RUNNER): on this machine, a process for each core, or
on a cluster of Ray. On one machine it does not run a row again whose process was lost, so the rows
that nobody answered are handed out again here.
"""

from __future__ import annotations

import os
import pickle
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audit.problems import Problem, ResourcesExhausted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from audit.scaling.planning import Shard
    from audit.scaling.workers import Judge
    from audit.scaling.working import Answer

_TRIES = 4
# What a run audits, and that it does, is nobody else's business: Daft would tell its makers.
_ALWAYS = {"DO_NOT_TRACK": "1", "DAFT_ANALYTICS_ENABLED": "0", "DAFT_PROGRESS_BAR": "0"}
_UNLESS_SAID = {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}  # a process has a core


@dataclass
class Daft:
    """Daft, which starts its processes for each table."""

    answered: dict[int, Answer] = field(default_factory=dict)
    stopped: bool = False

    def answers(self, judge: Judge, shards: Sequence[Shard]) -> list[Answer]:
        """What was answered of each shard, in their order; as `Workers` says."""
        for _ in range(_TRIES):
            left = [shard for shard in shards if shard.number not in self.answered]
            if not left or self.stopped:
                break
            self._try(judge, left)
        if self.answered.keys() != {shard.number for shard in shards}:
            raise ResourcesExhausted(Problem("workers-lost", {"engine": "daft"}))
        return [self.answered[shard.number] for shard in shards]

    def stop(self) -> None:
        """Let go of what is under way; processes go on with the shard that they have."""
        self.stopped = True

    def _try(self, judge: Judge, shards: Sequence[Shard]) -> None:
        """Hand out these shards; whatever befell some workers, the answers of others count."""
        import daft  # noqa: PLC0415 (an extra)
        from daft.exceptions import DaftCoreException  # noqa: PLC0415

        asked = daft.cls(Asked, use_process=True, max_concurrency=os.cpu_count() or 1)
        rows = daft.from_pydict({"shard": [pickle.dumps(each) for each in shards]})
        answers = rows.into_batches(1).select(asked(pickle.dumps(judge))(rows["shard"]))
        try:
            for row in answers.iter_rows():
                (said,) = row.values()
                number, answer = pickle.loads(said)  # noqa: S301 (of our own processes)
                self.answered[number] = answer
        except (DaftCoreException, RuntimeError, OSError, EOFError):
            return  # a process was lost


class Asked:
    """What a process of Daft does with each row."""

    def __init__(self, judge: bytes) -> None:
        self.judge: Judge = pickle.loads(judge)  # noqa: S301 (of the run itself)

    def __call__(self, shard: bytes) -> bytes:
        """The number of the shard, and what was answered of it."""
        asked: Shard = pickle.loads(shard)  # noqa: S301
        return pickle.dumps((asked.number, self.judge(asked)))


@contextmanager
def workers() -> Iterator[Daft]:
    """Daft for this run."""
    os.environ.update(_ALWAYS)
    for name, value in _UNLESS_SAID.items():
        os.environ.setdefault(name, value)
    daft = Daft()
    try:
        yield daft
    finally:
        daft.stop()
