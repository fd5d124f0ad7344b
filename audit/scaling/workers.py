"""What an engine must do for a run: have every shard judged, and again where a worker fails."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, cast

from audit.engine import Engine
from audit.problems import Problem, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from audit.scaling.planning import Shard
    from audit.scaling.working import Answer

    Judge = Callable[[Shard], Answer]

_LIBRARIES = {Engine.spark: "pyspark", Engine.daft: "daft"}


class Workers(Protocol):
    """The workers of an engine."""

    def answers(self, judge: Judge, shards: Sequence[Shard]) -> list[Answer]:
        """What was answered of each shard, in their order.

        Raises ResourcesExhausted where workers were lost again and again.
        """

    def stop(self) -> None:
        """Let go of what is under way, from another thread."""


def workers_of(engine: Engine) -> AbstractContextManager[Workers | None]:
    """The workers of this engine, which start when entered; None where this process judges.

    Raises UsageRefused without its extra.
    """
    if engine is Engine.local:
        return nullcontext()
    if find_spec(_LIBRARIES[engine]) is None:
        raise UsageRefused(Problem("engine-not-installed", {"engine": engine.value}))
    module = import_module(f"audit.scaling.on_{engine}")
    return cast("AbstractContextManager[Workers]", module.workers())
