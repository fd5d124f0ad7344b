"""From states to verdicts: which clauses are in force, what they decide, and the nearest miss.

Semantics, section 4: A(c) is the value of a clause's conditions, I(c) = A(c) and not or(I(e)) over
the clauses e that attack c, in topological order. Everything is computed for many units at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.clauses.clause import Effect, Verdict
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.clauses.compiling import PackProgram
    from audit.evaluation.units import States
    from audit.facts.pairs import Places, Truths

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
    force = standing(program, met(program, states))
    verdict = verdicts_of(program, force)
    return Decided(
        verdict=verdict,
        in_force=force == Truth.TRUE,
        deciding=(force == Truth.TRUE) & _decisive(program)[verdict],
        possible=force == Truth.UNKNOWN,
        nearest=_nearest(program, states, claimed, verdict),
    )


_EFFECTS = (Effect.FORBID, Effect.PERMIT, Effect.EXCEPT)


def met(program: PackProgram, states: States) -> Truths:
    """A(c): [units, clauses]; a clause without conditions (no-ground) is always applicable."""
    value = np.empty((len(states.true), len(program.ids)), dtype=np.int8)
    for place in range(len(program.ids)):
        value[:, place] = met_by(program, place, states)
    return value


def met_by(program: PackProgram, place: int, states: States) -> Truths:
    """A(c) of one clause."""
    mask = program.masks[place]
    holds = np.ones(len(states.true), dtype=np.bool_)
    failed = ~holds
    for word in np.flatnonzero(mask):  # few of the words of all packs are a clause's
        holds &= (states.true[:, word] & mask[word]) == mask[word]
        failed |= (states.false[:, word] & mask[word]) != 0
    value = np.full(len(holds), Truth.UNKNOWN, dtype=np.int8)
    value[failed] = Truth.FALSE
    value[holds] = Truth.TRUE
    return value


def standing(program: PackProgram, applicable: Truths) -> Truths:
    """I(c), attackers first."""
    force = applicable.copy()
    for place in program.order:
        _beat(program, place, force)
    return force


def _beat(program: PackProgram, place: int, force: Truths) -> None:
    """Take from a clause what the clauses that attack it take."""
    attackers = program.attackers[place]
    if attackers:
        beaten = Truth.TRUE - force[:, list(attackers)].max(axis=1)
        force[:, place] = np.minimum(force[:, place], beaten)


def with_clause(program: PackProgram, clause: int, states: States, without: Truths) -> Truths:
    """The verdicts (gravity), told the force I(c) of all clauses where this one was not among them.

    Only it and what it attacks, directly or by others, can stand otherwise than before.
    """
    force = np.insert(without, clause, Truth.FALSE, axis=1)
    moved: set[int] = set()
    for place in program.order:
        if place == clause or moved & {*program.attackers[place]}:
            moved.add(place)
            force[:, place] = met_by(program, place, states)
            _beat(program, place, force)
    return verdicts_of(program, force)


def verdicts_of(program: PackProgram, force: Truths) -> Truths:
    """The gravity of the verdict of each unit in which the clauses are so much in force."""
    return _verdict(*(_worst(force, program, effect) for effect in _EFFECTS))


def _worst(force: Truths, program: PackProgram, effect: Effect) -> Truths:
    places = list(program.having(effect))
    worst: Truths = force[:, places].max(axis=1, initial=Truth.FALSE)
    return worst


def _verdict(forbid: Truths, permit: Truths, excuse: Truths) -> Truths:
    """The table of section 4, last row first; a unit that no row clears is a violation."""
    verdict = np.full(len(forbid), GRAVITY[Verdict.VIOLATION], dtype=np.int8)
    free = forbid == Truth.FALSE
    verdict[free & (excuse == Truth.TRUE)] = GRAVITY[Verdict.EXCEPTED]
    verdict[free & (permit == Truth.TRUE)] = GRAVITY[Verdict.PERMITTED]
    verdict[forbid == Truth.UNKNOWN] = GRAVITY[Verdict.INDETERMINATE]
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


def _nearest(program: PackProgram, states: States, claimed: Places, verdict: Truths) -> Places:
    """Of each violation: the clause its basis names, else fewest false, most true, smallest id."""
    nearest = np.full(len(verdict), NONE, dtype=np.int64)
    grants = np.array(program.having(Effect.PERMIT, Effect.EXCEPT), dtype=np.int64)
    units = np.flatnonzero(verdict == GRAVITY[Verdict.VIOLATION])
    if not len(units) or not len(grants):
        return nearest
    nearest[units] = grants[_scores(program, states.at(units), grants).argmin(axis=1)]
    named = units[np.isin(claimed[units], grants)]
    nearest[named] = claimed[named]
    return nearest


def _scores(program: PackProgram, states: States, grants: Places) -> Places:
    """[units, grants]: lower is nearer; ids are in order, so the first of equals is smallest."""
    scores = np.empty((len(states.true), len(grants)), dtype=np.int64)
    for column, place in enumerate(grants):
        mask = program.masks[place]
        missed = np.bitwise_count(states.false & mask).sum(axis=1, dtype=np.int64)
        held = np.bitwise_count(states.true & mask).sum(axis=1, dtype=np.int64)
        scores[:, column] = missed * (1 << 20) - held
    return scores
