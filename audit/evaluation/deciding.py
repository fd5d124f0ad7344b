"""From states to verdicts: which clauses are in force, what they decide, and the nearest miss.

Semantics, section 4: A(c) is the value of a clause's conditions, I(c) = A(c) and not or(I(e)) over
the clauses e that attack c, in topological order. Everything is computed for many units at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from audit.clauses.clause import Effect, Verdict
from audit.clauses.compiling import BITS
from audit.evaluation.planes import Planes, turned, unpacked
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.clauses.compiling import PackProgram, Words
    from audit.evaluation.units import States
    from audit.facts.pairs import Places, Truths

    Bits = NDArray[np.uint8]

GRAVITY = {verdict: verdict.gravity for verdict in Verdict}
NONE = -1  # no nearest miss: the unit is no violation


@dataclass(frozen=True)
class Decided:
    """What one layer says of each unit."""

    verdict: Truths  # gravity of the Verdict
    in_force: NDArray[np.bool_]  # [units, clauses]
    deciding: NDArray[np.bool_]  # [units, clauses]
    possible: NDArray[np.bool_]  # [units, clauses]
    nearest: Places  # place of the nearest miss, or NONE

    def force_of(self, units: Places) -> Truths:
        """I(c) of these units: [units, clauses]."""
        force: Truths = 2 * self.in_force[units].astype(np.int8) + self.possible[units]
        return force


def decide(program: PackProgram, states: States, claimed: Places) -> Decided:
    """The verdicts of units in these states.

    `claimed` is the place of the clause that a unit's basis names, or NONE.
    """
    step = max(1, _AT_A_TIME // (BITS * program.masks.shape[1]))
    parts = [
        _decide(program, states.at(slice(first, first + step)), claimed[first : first + step])
        for first in range(0, max(1, len(states.true)), step)
    ]
    if len(parts) == 1:
        return parts[0]
    told = {each.name: [getattr(part, each.name) for part in parts] for each in fields(Decided)}
    return Decided(**{name: np.concatenate(rows) for name, rows in told.items()})


def _decide(program: PackProgram, states: States, claimed: Places) -> Decided:
    asked = _Asked.of(states)
    force = Planes.none(len(program.ids), len(states.true))
    for place in program.order:
        _apply(program, place, asked, force)
        _beat(program, place, force)
    verdict = _verdict(program, force)
    in_force = unpacked(force.true, force.size).T.view(np.bool_)
    return Decided(
        verdict=verdict,
        in_force=in_force,
        deciding=in_force & _decisive(program)[verdict],
        possible=unpacked(force.may & ~force.true, force.size).T.view(np.bool_),
        nearest=_nearest(program, asked, claimed, verdict),
    )


_EFFECTS = (Effect.FORBID, Effect.PERMIT, Effect.EXCEPT)
_AT_A_TIME = 1 << 24  # conditions of units that are looked at


@dataclass(frozen=True)
class _Asked:
    """Which conditions are true of units and which are false: as planes, and as 0 or 1."""

    true: Words
    false: Words
    held: Bits  # [conditions, units]
    missed: Bits

    @classmethod
    def of(cls, states: States) -> _Asked:
        (true, held), (false, missed) = turned(states.true), turned(states.false)
        return cls(true, false, held, missed)


def met(program: PackProgram, states: States) -> Truths:
    """A(c): [units, clauses]; a clause without conditions (no-ground) is always applicable."""
    asked = _Asked.of(states)
    value = Planes.none(len(program.ids), len(states.true))
    for place in range(len(program.ids)):
        _apply(program, place, asked, value)
    return value.truths()


def _apply(program: PackProgram, place: int, asked: _Asked, value: Planes) -> None:
    """A(c) of one clause."""
    lines = list(program.bits[place])
    value.true[place] = np.bitwise_and.reduce(asked.true[lines])
    value.may[place] = ~np.bitwise_or.reduce(asked.false[lines])


def standing(program: PackProgram, applicable: Truths) -> Truths:
    """I(c), attackers first."""
    force = Planes.of(applicable)
    for place in program.order:
        _beat(program, place, force)
    return force.truths()


def _beat(program: PackProgram, place: int, force: Planes) -> None:
    """Take from a clause what the clauses that attack it take."""
    if attackers := program.attackers[place]:
        beaten, doubted = force.any(attackers)
        force.true[place] &= ~doubted
        force.may[place] &= ~beaten


def with_clause(program: PackProgram, clause: int, states: States, without: Truths) -> Truths:
    """The verdicts (gravity), told the force I(c) of all clauses where this one was not among them.

    Only it and what it attacks, directly or by others, can stand otherwise than before.
    """
    asked = _Asked.of(states)
    force = Planes.of(np.insert(without, clause, Truth.FALSE, axis=1))
    moved: set[int] = set()
    for place in program.order:
        if place == clause or moved & {*program.attackers[place]}:
            moved.add(place)
            _apply(program, place, asked, force)
            _beat(program, place, force)
    return _verdict(program, force)


def verdicts_of(program: PackProgram, force: Truths) -> Truths:
    """The gravity of the verdict of each unit in which the clauses are so much in force."""
    return _verdict(program, Planes.of(force))


def _verdict(program: PackProgram, force: Planes) -> Truths:
    """The table of section 4, last row first; a unit that no row clears is a violation."""
    (forbid, doubted), (permit, _), (excuse, _) = (
        force.any(program.having(effect)) for effect in _EFFECTS
    )
    told = {
        Verdict.EXCEPTED: excuse & ~doubted,
        Verdict.PERMITTED: permit & ~doubted,
        Verdict.INDETERMINATE: doubted & ~forbid,
    }
    verdict = np.full(force.size, GRAVITY[Verdict.VIOLATION], dtype=np.int8)
    rows = unpacked(np.stack([*told.values()]), force.size).view(np.bool_)
    for word, units in zip(told, rows, strict=True):
        verdict[units] = GRAVITY[word]
    return verdict


def _decisive(program: PackProgram) -> NDArray[np.bool_]:
    """[verdicts, clauses]: whether a clause of this effect can decide this verdict."""
    kinds = {
        Verdict.PERMITTED: Effect.PERMIT,
        Verdict.EXCEPTED: Effect.EXCEPT,
        Verdict.VIOLATION: Effect.FORBID,
    }
    table = np.zeros((len(Verdict), len(program.ids)), dtype=np.bool_)
    for verdict, effect in kinds.items():
        table[GRAVITY[verdict], list(program.having(effect))] = True
    return table


def _nearest(program: PackProgram, asked: _Asked, claimed: Places, verdict: Truths) -> Places:
    """Of each violation: the clause its basis names, else fewest false, most true, smallest id."""
    nearest = np.full(len(verdict), NONE, dtype=np.int64)
    grants = program.having(Effect.PERMIT, Effect.EXCEPT)
    units = np.flatnonzero(verdict == GRAVITY[Verdict.VIOLATION])
    if not len(units) or not len(grants):
        return nearest
    some = slice(None) if 2 * len(units) > len(verdict) else units  # to pick costs as much
    found = _fewest_missed(program, grants, asked.held[:, some], asked.missed[:, some])
    nearest[units] = found if len(found) == len(units) else found[units]
    named = units[np.isin(claimed[units], grants)]
    nearest[named] = claimed[named]
    return nearest


def _fewest_missed(
    program: PackProgram, grants: tuple[int, ...], held: Bits, missed: Bits
) -> Places:
    """Ids are in order, so the first of clauses that are as near is the smallest."""
    most = 1 + max(len(program.bits[place]) for place in grants)
    few, kind = (np.uint8, np.int16) if most < 1 << 7 else (np.int32, np.int32)
    nearest = np.full(held.shape[1], grants[0], dtype=np.int64)
    least = np.full(held.shape[1], most * most, dtype=kind)
    for place in grants:
        asked = list(program.bits[place])
        score = missed[asked].sum(axis=0, dtype=few).astype(kind) * kind(most)
        score -= held[asked].sum(axis=0, dtype=few).astype(kind)
        nearest[score < least] = place
        np.minimum(least, score, out=least)
    return nearest
