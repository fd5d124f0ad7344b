"""What each draft would change if counsel switched it on, alone: counted beside the verdicts.

A draft decides nothing, so nothing here comes near a verdict (semantics, section 4).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import Verdict
from audit.evaluation.deciding import with_clause
from audit.evaluation.judgement import CODES
from audit.evaluation.tallying import EDGE, EXAMPLES
from audit.sources.arrows import detached
from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from audit.clauses.compiling import DraftProgram, Program
    from audit.evaluation.sayings import LayerUnits
    from audit.evaluation.units import Units
    from audit.facts.pairs import Places, Truths

    Moves = NDArray[np.uint8]  # [signatures, drafts]: 0 where the draft changes nothing

DRAFTS = pl.Schema(
    {
        "layer": pl.String(),
        "clause": pl.String(),
        **dict.fromkeys(EDGE, pl.String()),
        "now": pl.String(),
        "would_be": pl.String(),
        "flows": pl.Int64(),
        "examples": CODES,
    }
)
DRAFT_COUNTS = pl.Schema(
    {
        "layer": pl.String(),
        "clause": pl.String(),
        "flows": pl.Int64(),
        "subjects": pl.Int64(),
        "whole_base": pl.Boolean(),
    }
)

_WORDS = tuple(verdict.value for verdict in Verdict)


@dataclass(frozen=True)
class Drafts:
    """What the drafts of a run's packs would change.

    counts: a row per draft, also of one that changes nothing: the flows whose verdict in its layer
        would be another, the people they name, whether one concerns the whole customer base.
    changes: a row per draft, relation, verdict as it is and as it would be; the most flows first.
    """

    counts: pl.DataFrame
    changes: pl.DataFrame


def moved(program: Program, units: Units, layers: Sequence[LayerUnits]) -> Truths:
    """The verdict of each unit as it is and with each draft: [units, drafts, 2]."""
    told = np.empty((len(units.signature), len(program.drafts), 2), dtype=np.int8)
    for column, draft in enumerate(program.drafts):
        decided, pack = layers[draft.place].decided, draft.switched_on
        own = pack.ids.index(draft.clause.id)
        # Where a condition of the draft is false it can change nothing.
        applying = np.flatnonzero(~(units.states.false & pack.masks[own]).any(axis=1))
        told[:, column] = decided.verdict[:, None]
        states, force = units.states.at(applying), decided.force_of(applying)
        told[applying, column, 1] = with_clause(pack, own, states, force)
    return told


@dataclass(frozen=True)
class Moved:
    """What the drafts would change of a part of a run; `people` by draft, as hashes."""

    changes: pl.DataFrame
    people: Mapping[int, NDArray[np.uint64]]
    everybody: frozenset[int]


@dataclass
class Drafting:
    """The changes of a run under way; grows with the relations and the people that they meet."""

    drafts: tuple[DraftProgram, ...]
    told: list[Truths] = field(default_factory=list)  # as `moved`, of the kinds of units
    changes: list[pl.DataFrame] = field(default_factory=list)
    people: dict[int, list[NDArray[np.uint64]]] = field(default_factory=lambda: defaultdict(list))
    everybody: set[int] = field(default_factory=set)

    def tell(self, program: Program, units: Units, layers: Sequence[LayerUnits]) -> None:
        """What each draft would make of the next kinds of units."""
        if self.drafts:
            self.told = [np.concatenate([*self.told, moved(program, units, layers)])]

    def moves(self, kinds: Places, first: Places) -> Moves:
        """How each draft moves the verdict of signatures whose units are of these kinds."""
        if not self.drafts:
            return np.zeros((len(first), 0), dtype=np.uint8)
        worst = np.maximum.reduceat(self.told[0][kinds], first, axis=0)
        now, then = worst[:, :, 0], worst[:, :, 1]
        told: Moves = np.where(now == then, 0, len(_WORDS) * now + then).astype(np.uint8)
        return told

    def add(self, batch: pl.DataFrame, told: Moves, signature: Places) -> None:
        """Count the flows of a batch that a draft would move; `told` is of their signatures."""
        for place in np.flatnonzero(told.any(axis=0)).tolist():
            move = told[:, place][signature]
            changed = np.flatnonzero(move)
            if len(changed):
                moved = batch.select(*EDGE, "flow_id", "subject_id")[changed]
                self._count(place, moved.with_columns(move=pl.Series(move[changed])))

    def _count(self, place: int, moved: pl.DataFrame) -> None:
        counted = moved.group_by(*EDGE, "move").agg(
            pl.len().cast(pl.Int64).alias("flows"),
            pl.col("flow_id").bottom_k(EXAMPLES).alias("examples"),
        )
        told = (pl.lit(place).alias("draft"), pl.col(*EDGE).cast(pl.String))
        self.changes.append(detached(counted.with_columns(*told)))
        named = moved.filter(pl.col("subject_id") != WHOLE_BASE)["subject_id"]
        self._meet(place, np.unique(named.hash(seed=0).to_numpy()))
        if len(named) < moved.height:
            self.everybody.add(place)

    def part(self) -> Moved:
        """The changes met, as another drafting takes them."""
        people = {place: np.unique(np.concatenate(met)) for place, met in self.people.items()}
        return Moved(_summed(self.changes), people, frozenset(self.everybody))

    def take(self, moved: Moved) -> None:
        """Add the changes of a part."""
        self.changes.append(moved.changes)
        self.everybody |= moved.everybody
        for place, met in moved.people.items():
            self._meet(place, met)

    def _meet(self, place: int, people: NDArray[np.uint64]) -> None:
        """Whom a draft concerns, now and then each once, so that they grow with the people only."""
        met = self.people[place]
        met.append(people)
        if sum(map(len, met)) > _HELD + 2 * len(met[0]):
            self.people[place] = [np.unique(np.concatenate(met))]

    def settled(self) -> Drafts | None:
        """What was counted; the order of batches leaves no trace. None where there is no draft."""
        if not self.drafts:
            return None
        changes = self._changes()
        flows = dict(changes.group_by("draft").agg(pl.col("flows").sum()).iter_rows())
        counts = [
            (*row, flows.get(place, 0), self._people(place), place in self.everybody)
            for place, row in enumerate(self._named().iter_rows())
        ]
        return Drafts(
            counts=pl.DataFrame(counts, schema=DRAFT_COUNTS, orient="row").sort("layer", "clause"),
            changes=changes.select(list(DRAFTS)).sort(_ORDER, descending=_DESCENDING),
        )

    def _named(self) -> pl.DataFrame:
        rows = [(each.switched_on.layer.value, each.clause.id) for each in self.drafts]
        return pl.DataFrame(rows, schema=["layer", "clause"], orient="row")

    def _people(self, place: int) -> int:
        met = self.people[place]
        return len(np.unique(np.concatenate(met))) if met else 0

    def _changes(self) -> pl.DataFrame:
        """The changes of all batches, with their draft named and its place."""
        named = self._named().with_row_index("draft").cast({"draft": pl.Int32})
        return (
            _summed(self.changes)
            .join(named, on="draft", how="left", validate="m:1")
            .with_columns(
                now=(pl.col("move") // len(_WORDS)).replace_strict(_SPELT, return_dtype=pl.String),
                would_be=(pl.col("move") % len(_WORDS)).replace_strict(
                    _SPELT, return_dtype=pl.String
                ),
            )
        )


def _summed(changes: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The changes of all batches, each once."""
    return (
        pl.concat([_COUNTED, *changes])
        .group_by("draft", *EDGE, "move")
        .agg(
            pl.col("flows").sum(),
            pl.col("examples").explode(empty_as_null=False).bottom_k(EXAMPLES).sort(),
        )
        .select(_COUNTED.columns)
    )


_HELD = 1 << 18  # hashes of people kept before repeats among them are dropped
_ORDER = ["layer", "clause", "flows", *EDGE, "now", "would_be"]
_DESCENDING = [name == "flows" for name in _ORDER]
_SPELT = dict(enumerate(_WORDS))
_COUNTED = pl.DataFrame(
    schema={
        **dict.fromkeys(EDGE, pl.String),
        "move": pl.UInt8,
        "flows": pl.Int64,
        "examples": CODES,
        "draft": pl.Int32,
    }
)
