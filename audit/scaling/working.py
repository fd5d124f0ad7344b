"""What a worker does: one shard judged, its result left in the folder that it shares with the run.

Nothing but the shard and what the run was given decides the result, so a shard that is judged twice
(its worker was lost, or was thought to be) leaves the same result under the same name, and counts
once.
"""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from audit.evaluation.judging import Judging
from audit.evaluation.nameless import Heap
from audit.keeping.registers import Asked, handed_on
from audit.passing import Pass, ShardResult
from audit.problems import (
    EXHAUSTED,
    InputRefused,
    Problem,
    Refusal,
    ResourcesExhausted,
    system_error,
)
from audit.records.checking import flow_batches
from audit.records.tables import FLOWS
from audit.scaling.folder import put, take
from audit.sources.reading import refuse_changed

if TYPE_CHECKING:
    from audit.asking import Progress
    from audit.clauses.clause import Pack
    from audit.evaluation.watching import Watching
    from audit.facts.gathering import CompiledRegisters
    from audit.scaling.planning import Shard
    from audit.sources.export import Export
    from audit.vocabulary import Vocabulary

BRIEF, REGISTERS = "brief", "registers"


@dataclass(frozen=True)
class Brief:
    """What every worker is told: how the export is to be read and what it is held against."""

    export: Export  # without its files
    packs: tuple[Pack, ...]
    vocabulary: Vocabulary
    repeated: frozenset[str]  # flow ids that more than one row of the whole export carries
    watching: Watching | None  # for what duties look for; nothing was met yet


def result_name(shard: Shard) -> str:
    """Under which name the result of a shard lies in the folder."""
    return f"shard-{shard.number:06}"


@dataclass(frozen=True)
class Bug:
    """A fault of ours that a worker met, as it was told there; another try would meet it again."""

    told: str


Answer = Refusal | Bug | None


def judge_shard(folder: str, shard: Shard) -> Answer:
    """Judge a shard and leave its result; a refusal is an answer, which no other try can change."""
    try:
        result = _worker(folder).judged(shard)
        put(Path(folder), result_name(shard), result)
    except Refusal as refusal:
        return refusal
    except (OSError, MemoryError) as error:
        return _exhausted(error)
    except Exception:  # noqa: BLE001 (it is raised where the run is)
        return Bug(traceback.format_exc())
    return None


def _exhausted(error: OSError | MemoryError) -> Refusal:
    """Where disk or memory ran out, that; whatever else may be gone with another try."""
    number = system_error(error)
    if number is None or number not in EXHAUSTED:
        raise error
    return ResourcesExhausted(Problem("shard-exhausted", {"detail": os.strerror(number)}))


@lru_cache(maxsize=1)
def _worker(folder: str) -> _Worker:
    """The worker of this process for this run: it reads the registers once for all its shards."""
    return _Worker(Path(folder))


@dataclass(frozen=True)
class _Worker:
    """A process that judges shards of one run, one after the other."""

    folder: Path

    def judged(self, shard: Shard) -> ShardResult:
        """The result of a shard; raises as a pass over the flows does."""
        self._refuse_changed(shard)
        brief, registers = self._brief, self._registers
        export = replace(brief.export, tables={FLOWS: (shard.file,)})
        flows = Pass(flow_batches(export, brief.vocabulary, brief.repeated))
        judging = Judging(registers, self._watching())
        flows.use(judging.gathered, judging.add, _silent)
        return ShardResult(judging.part(), flows.passed)

    def _refuse_changed(self, shard: Shard) -> None:
        """The file must be the one that was cut; another machine may have another, or none."""
        try:
            refuse_changed(shard.file)
        except OSError as fault:
            problem = Problem("shard-unreachable", {"file": shard.file.name})
            raise InputRefused(problem) from fault

    def _watching(self) -> Watching | None:
        empty = self._brief.watching
        return replace(empty, kept=Heap(), folded=[]) if empty else None

    @cached_property
    def _brief(self) -> Brief:
        brief: Brief = take(self.folder, BRIEF)
        return brief

    @cached_property
    def _registers(self) -> CompiledRegisters:
        asked = Asked(self._brief.export, self._brief.packs, self._brief.vocabulary)
        with (self.folder / REGISTERS).open("rb") as file:
            return handed_on(file, asked)


def _silent(_: Progress) -> None:
    """The run itself tells how far it is."""
