"""What one layer says of one data category: what decided it, what it lacks, what is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.clauses.clause import SUPPLEMENT, Verdict
from audit.evaluation.deciding import NONE, Decided

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.clauses.compiling import PackProgram, Program, Words
    from audit.evaluation.units import Units

VERDICTS = tuple(Verdict)


@dataclass(frozen=True)
class LayerUnits:
    """One layer's decision of a batch's units, with the conditions that explain it as masks."""

    program: PackProgram
    decided: Decided
    lacking: Words  # false conditions of the nearest miss
    unknown: Words  # unknown conditions of the clauses possibly in force
    supplement: NDArray[np.bool_]


@dataclass(frozen=True)
class UnitSaid:
    """One layer's words on one category: a row of Judgement.units before it has an outcome."""

    verdict: Verdict
    decided_by: tuple[str, ...]
    possible: tuple[str, ...]
    nearest: str | None
    lacking: tuple[str, ...]
    unknown: tuple[str, ...]
    asked_evidence: frozenset[str]  # kinds that a clause in force asks for
    consented: bool  # a clause that a supplement may carry decides it

    @property
    def order(self) -> tuple[object, ...]:
        """What it is sorted by; equal where the same is told."""
        clauses = (self.decided_by, self.possible, self.nearest or "")
        return (self.verdict.gravity, *clauses, self.lacking, self.unknown)

    @property
    def row(self) -> tuple[object, ...]:
        """Its cells of Judgement.units, in their order."""
        clauses = (list(self.decided_by), list(self.possible), self.nearest)
        return (self.verdict.value, *clauses, list(self.lacking), list(self.unknown))


def layer_units(program: PackProgram, units: Units, decided: Decided) -> LayerUnits:
    """The decision with the conditions that it lacks and those that are unknown."""
    masks = program.masks
    missed = decided.nearest != NONE
    lacking = np.where(missed[:, None], units.states.false & masks[decided.nearest], np.uint64(0))
    open_ = decided.verdict == Verdict.INDETERMINATE.gravity
    asked = np.zeros_like(units.states.true)
    rows = np.flatnonzero(open_)
    for mask, possible in zip(masks, decided.possible[rows].T, strict=True):
        asked[rows[possible]] |= mask
    unknown = asked & ~units.states.true & ~units.states.false
    by_consent = [_by_supplement(program, place) for place in range(len(program.ids))]
    signed = units.supplement & decided.deciding[:, by_consent].any(axis=1)
    return LayerUnits(program, decided, lacking, unknown, signed)


def words_of(layer: LayerUnits) -> Words:
    """Everything said of a unit in whole words: equal rows say the same."""
    decided = layer.decided
    numbers = np.stack([decided.verdict, decided.nearest, layer.supplement], axis=1).astype(
        np.int16
    )
    flags = np.concatenate([decided.in_force, decided.possible], axis=1)
    packed = np.concatenate([numbers.view(np.uint8), np.packbits(flags, axis=1)], axis=1)
    padded = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))
    words = np.ascontiguousarray(padded).view(np.uint64)
    return np.concatenate([words, layer.lacking, layer.unknown], axis=1)


def unit_said(program: Program, layer: LayerUnits, place: int) -> UnitSaid:
    """What the layer says of the unit at this place."""
    decided, pack = layer.decided, layer.program
    deciding = np.flatnonzero(decided.deciding[place]).tolist()
    in_force = [pack.clauses[i] for i in np.flatnonzero(decided.in_force[place])]
    nearest = int(decided.nearest[place])
    return UnitSaid(
        verdict=VERDICTS[decided.verdict[place]],
        decided_by=tuple(
            sorted(_reported(pack, i, signed=bool(layer.supplement[place])) for i in deciding)
        ),
        possible=tuple(pack.ids[i] for i in np.flatnonzero(decided.possible[place])),
        nearest=None if nearest == NONE else pack.ids[nearest],
        lacking=_spellings(program, layer.lacking[place]),
        unknown=_spellings(program, layer.unknown[place]),
        asked_evidence=frozenset(
            kind for clause in in_force if clause for line in clause.when for kind in line.proofs
        ),
        consented=any(_by_supplement(pack, i) for i in deciding),
    )


def _reported(pack: PackProgram, place: int, *, signed: bool) -> str:
    return f"{pack.ids[place]}{SUPPLEMENT if signed and _by_supplement(pack, place) else ''}"


def _by_supplement(pack: PackProgram, place: int) -> bool:
    clause = pack.clauses[place]
    return clause is not None and clause.may_be_supplement


def _spellings(program: Program, mask: Words) -> tuple[str, ...]:
    """The conditions of a mask as findings name them, sorted."""
    bits = np.flatnonzero(np.unpackbits(mask.view(np.uint8), bitorder="little"))
    return tuple(sorted({program.conditions[bit].spelling for bit in bits}))
