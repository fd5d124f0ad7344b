"""The flows of a run as they are judged: held while they are few, else laid down on the disk.

What is laid down are runs: so many flows in the order of their ids (see `runs`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.evaluation.ordered import by_flow_id
from audit.evaluation.part import FLOWS
from audit.evaluation.runs import Laid, Order
from audit.evaluation.tallying import fewer, first_flows
from audit.sources.arrows import detached

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from audit.facts.pairs import Places

MOST = 1 << 20  # flows held
FIRST = 1 << 18  # first flows of tallies held, those of each run for itself
_ORDER = Order(("flow_id",), by_flow_id)
_FIRST = pl.Schema({"tally": pl.Int64(), "flow_id": pl.String()})


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
        most = self.most if self.laid is None else self.most // 2  # to lay them down takes as much
        if sum(each.height for each in self.held) > most:
            self.lay_down()

    def part(self) -> Iterable[pl.DataFrame]:
        """The flows up to now; they can be pickled."""
        held = tuple(self.held)
        return replace(self.laid, rest=held) if self.laid else held

    def lay_down(self) -> None:
        """Lay down all that is held as a run, and remember its first flows and signatures."""
        flows = by_flow_id(pl.concat([pl.DataFrame(schema=FLOWS), *self.held], rechunk=True))
        self.held.clear()
        self.laid = (self.laid or Laid(_ORDER)).with_run(flows)
        tallies = flows["tally"].to_numpy()
        first = first_flows(tallies, flows["flow_id"], int(tallies.max(initial=0)) + 1)
        told = pl.concat([self.first, detached(first)])
        self.first = fewer(told) if told.height > FIRST else told
        self.signed = _added(self.signed, np.bincount(flows["signature"].to_numpy()))


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
        return self.laid.height

    def pieces(self) -> Iterator[pl.DataFrame]:
        """All of them, range by range."""
        for flows in self.laid.merged():
            told = {"outcome": pl.Series(self.outcome[flows["tally"].to_numpy()])}
            if self.signature is not None:
                told["signature"] = pl.Series(self.signature[flows["signature"].to_numpy()])
            yield flows.select("flow_id", "inferred", "consents", **told)
