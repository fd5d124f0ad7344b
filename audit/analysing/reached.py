"""All that worlds can do to clauses, row by row, and which rows a formula holds of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from audit.analysing.formulas import (
    All,
    Asks,
    Differ,
    Either,
    Fails,
    Formula,
    Rules,
    Ruling,
    Stands,
)
from audit.clauses.clause import Effect, Verdict
from audit.evaluation.deciding import standing
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.analysing.space import Bits, Space
    from audit.facts.pairs import Places, Truths


@dataclass(frozen=True)
class Reached:
    """All that worlds of a box can do to sets of conditions, each way once."""

    bodies: tuple[Bits, ...]
    values: Truths  # [ways, bodies]
    chosen: Places  # [ways, groups]: the combination of each group in a world that does so
    forces: dict[Ruling, Truths] = field(default_factory=dict)
    alone: dict[tuple[Ruling, int], Truths] = field(default_factory=dict)

    def of(self, bits: Bits) -> Truths:
        """The value of conditions taken together."""
        told: Truths = self.values[:, self.bodies.index(bits)]
        return told

    def in_force(self, space: Space, ruling: Ruling) -> Truths:
        """I(c) of every clause whose conditions are known here."""
        if ruling not in self.forces:
            pack = space.program.packs[ruling.pack]
            known = {bits: place for place, bits in enumerate(self.bodies)}
            applicable = np.zeros((len(self.values), len(pack.ids)), dtype=np.int8)
            for clause, bits in enumerate(space.bodies[ruling.pack]):
                place = known.get(bits)
                if place is not None and clause not in ruling.without:
                    applicable[:, clause] = self.values[:, place]
            self.forces[ruling] = standing(pack, applicable)
        return self.forces[ruling]

    def force_of(self, space: Space, ruling: Ruling, clause: int) -> Truths:
        """I(c) of one clause, from those alone that it depends on."""
        key = ruling, clause
        if key not in self.alone:
            attackers = space.program.packs[ruling.pack].attackers[clause]
            force = self.of(space.bodies[ruling.pack][clause])
            for each in attackers:
                if each not in ruling.without:
                    force = np.minimum(force, Truth.TRUE - self.force_of(space, ruling, each))
            self.alone[key] = force
        return self.alone[key]

    def gravity(self, space: Space, ruling: Ruling) -> Truths:
        """The verdict's gravity (semantics, section 4)."""
        pack, force = space.program.packs[ruling.pack], self.in_force(space, ruling)
        worst = {
            effect: force[:, list(pack.having(effect))].max(axis=1, initial=Truth.FALSE)
            for effect in Effect
        }
        granted = worst[Effect.PERMIT] == Truth.TRUE
        free = np.where(granted, Verdict.PERMITTED.gravity, Verdict.EXCEPTED.gravity)
        bound = np.where(
            worst[Effect.FORBID] == Truth.TRUE,
            Verdict.VIOLATION.gravity,
            Verdict.INDETERMINATE.gravity,
        )
        told: Truths = np.where(worst[Effect.FORBID] == Truth.FALSE, free, bound)
        return told


def holds(formula: Formula, reached: Reached, space: Space) -> NDArray[np.bool_]:
    """Of each way whether the formula holds."""
    match formula:
        case All(parts) | Either(parts):
            told = np.stack([holds(part, reached, space) for part in parts])
            whole: NDArray[np.bool_] = (np.all if isinstance(formula, All) else np.any)(
                told, axis=0
            )
            return whole
        case Fails(part):
            return ~holds(part, reached, space)
        case _:
            return _leaf(formula, reached, space)


def _leaf(
    leaf: Asks | Stands | Rules | Differ, reached: Reached, space: Space
) -> NDArray[np.bool_]:
    match leaf:
        case Asks(bits, values):
            return np.isin(reached.of(bits), sorted(values))
        case Stands(ruling, clause, values):
            return np.isin(reached.force_of(space, ruling, clause), sorted(values))
        case Rules(ruling, verdicts):
            wanted = [verdict.gravity for verdict in verdicts]
            return np.isin(reached.gravity(space, ruling), wanted)
        case Differ(one, other):
            return np.not_equal(reached.gravity(space, one), reached.gravity(space, other))
