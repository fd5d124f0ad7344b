"""What a judging has gathered of some flows, by content: any parts of a run make its judgement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from audit.evaluation.judgement import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.clauses.compiling import Words
    from audit.evaluation.drafting import Moved
    from audit.evaluation.outcomes import Entries
    from audit.evaluation.signing import Signatures
    from audit.evaluation.tallying import Counted
    from audit.evaluation.watching import Watched
    from audit.facts.gathering import CompiledRegisters
    from audit.facts.pairs import Places

FLOWS = pl.Schema(
    {
        "flow_id": pl.String(),
        "tally": pl.UInt32(),
        "signature": pl.UInt32(),
        "inferred": pl.String(),
        "consents": CODES,
    }
)


@dataclass(frozen=True)
class Part:
    """The flows of a part of a run, judged; small but for `flows`, and it can be pickled.

    Numbers (of category sets, outcomes, signatures, tallies) are the part's own: who takes it gives
    them its own. The packs are those of the run. flows: as FLOWS, in no order.
    """

    sets: pl.Series
    kinds: Words
    entries: Entries
    signatures: Signatures
    counted: Counted
    moved: Moved
    exported: tuple[pl.DataFrame, ...]
    watched: Watched | None
    flows: Iterable[pl.DataFrame]

    def lasting(self, registers: CompiledRegisters) -> Part:
        """The same, to be taken under other registers too; `registers` are those it was made with.

        That what the flows were told by the others would be the same is for the caller to know.
        """
        return replace(self, counted=self.counted.lasting(registers.numbering.subjects))


def renumbered(flows: pl.DataFrame, tallies: Places, signatures: Places) -> pl.DataFrame:
    """The flows of a part with the numbers that tallies and signatures have elsewhere."""
    told = {"tally": tallies, "signature": signatures}
    return flows.with_columns(
        pl.Series(name, numbers[flows[name].to_numpy()], dtype=FLOWS[name])
        for name, numbers in told.items()
        if len(numbers)
    )
