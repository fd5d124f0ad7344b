"""The smallest sets of truths that would settle what is unknown of a unit; exact, by enumeration.

Unknown truths are *literals*: this fact is true, that one false. Whatever literals settle a clause,
more of them settle it too (what is decided is not undone), so the sets that put a clause in force,
and those that keep it out, are told by their smallest members; those follow the clauses' own
arithmetic: I(c) = A(c) and not or(I(e)) (semantics, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.clauses.clause import Effect, Verdict
from audit.evaluation.knowing import as_bits, entailed
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.clauses.compiling import PackProgram
    from audit.evaluation.knowing import Known, Literal

    Sets = list[int]  # of literals, each set as the bits of its members

_ENOUGH = 1500  # sets on the way; beyond them only smaller sets are sought
_BOUNDS = (None, 5, 3, 2, 1)


class TooManyError(Exception):
    """More sets than can be gone through."""


@dataclass(frozen=True)
class Settled:
    """The smallest sets that settle a unit, each with its verdict."""

    sets: tuple[tuple[tuple[Literal, ...], Verdict], ...]
    most: int | None  # sets of more literals than these were not sought


class Literals:
    """The literals that may be had, as bits; a literal stands with all that it shows of others."""

    def __init__(self, known: Known, mask: int) -> None:
        """Those of the unknown facts of these conditions, but what would contradict the known."""
        self.known = known
        asked = [name for bit in known.unknown(mask) for name in known.reading.names[bit]]
        unknown = [name for name in dict.fromkeys(asked) if known.of(name) is Truth.UNKNOWN]
        self._place = {name: i for i, name in enumerate(unknown)}
        self.own: dict[Literal, int] = {}
        self.sets: dict[Literal, int] = {}
        for name in unknown:
            for truth in known.may_be(name):
                members = self._with_entailed((name, truth))
                if members is not None:
                    self.own[name, truth] = self._bit(name, truth)
                    self.sets[name, truth] = members
        self._showing = [
            (own, self.sets[literal] & ~own)
            for literal, own in self.own.items()
            if self.sets[literal] != own
        ]
        self._trues = sum(1 << 2 * i for i in range(len(unknown)))

    def _bit(self, name: str, truth: Truth) -> int:
        return 1 << (2 * self._place[name] + (truth is Truth.FALSE))

    def _with_entailed(self, literal: Literal) -> int | None:
        told, waiting = 0, [literal]
        while waiting:
            name, truth = waiting.pop()
            if name in self._place:
                told |= self._bit(name, truth)
            elif self.known.of(name) not in (truth, Truth.UNKNOWN):
                return None
            waiting.extend(entailed(name, truth, self._place))
        return told

    def contradictory(self, members: int) -> bool:
        """Whether a fact is both true and false."""
        return bool(members & (members >> 1) & self._trues)

    def told(self, members: int) -> tuple[Literal, ...]:
        """The literals of a set, less what others of them show."""
        return tuple(each for each in self.own if self._needed(members) & self.own[each])

    def count(self, members: int) -> int:
        """How many literals have to be had."""
        return self._needed(members).bit_count()

    def _needed(self, members: int) -> int:
        shown = 0
        for own, others in self._showing:
            if own & members:
                shown |= others
        return members & ~shown

    def settling(self, bit: int, wanted: Truth) -> Sets:
        """The smallest sets that give an unknown condition this value."""
        names = [name for name in self.known.reading.names[bit] if name in self._place]
        sets = [self.sets.get((name, wanted)) for name in names]
        if wanted is Truth.TRUE:
            return smallest(each for each in sets if each is not None)
        every = 0
        for each in sets:
            if each is None:
                return []
            every |= each
        return [every] if names and not self.contradictory(every) else []


def smallest(sets: Iterable[int]) -> Sets:
    """The sets of which no other is a part."""
    kept: Sets = []
    for each in sorted(set(sets), key=lambda members: (members.bit_count(), members)):
        if not any(less & each == less for less in kept):
            kept.append(each)
    return kept


def settle(pack: PackProgram, known: Known) -> Settled:
    """The smallest sets of truths that settle an undecided unit, fewest first."""
    masks = [as_bits(mask) for mask in pack.masks]
    asked = 0
    for mask in masks:
        asked |= 0 if mask & known.false else mask
    literals = Literals(known, asked)
    for most in _BOUNDS:
        try:
            found = _Settling(pack, masks, literals, most).verdicts()
        except TooManyError:
            continue
        told = [(literals.told(members), verdict) for members, verdict in found]
        return Settled(tuple(sorted(told, key=_order)), most)
    return Settled((), 0)


def _order(settled: tuple[tuple[Literal, ...], Verdict]) -> tuple[object, ...]:
    literals, verdict = settled
    return len(literals), literals, verdict.gravity


class _Settling:
    """The sets that put each clause in force, and those that keep it out of force."""

    def __init__(
        self, pack: PackProgram, masks: Sequence[int], literals: Literals, most: int | None
    ) -> None:
        self.pack, self.masks, self.literals, self.most = pack, masks, literals, most
        self.holding: dict[int, Sets] = {}
        self.failing: dict[int, Sets] = {}

    def verdicts(self) -> list[tuple[int, Verdict]]:
        for place in self.pack.order:
            self._follow(place)
        forbids, permits = self.pack.having(Effect.FORBID), self.pack.having(Effect.PERMIT)
        against = smallest(each for place in forbids for each in self.holding[place])
        clear = self._all(self.failing[place] for place in forbids)
        granted = smallest(each for place in permits for each in self.holding[place])
        return [(each, Verdict.VIOLATION) for each in against] + [
            (each, Verdict.PERMITTED if _has(granted, each) else Verdict.EXCEPTED) for each in clear
        ]

    def _follow(self, place: int) -> None:
        known, attackers = self.literals.known, self.pack.attackers[place]
        if self.masks[place] & known.false:
            self.holding[place], self.failing[place] = [], [0]
            return
        bits, settling = known.unknown(self.masks[place]), self.literals.settling
        self.holding[place] = self._all(
            [
                *(settling(bit, Truth.TRUE) for bit in bits),
                *(self.failing[attacker] for attacker in attackers),
            ]
        )
        self.failing[place] = smallest(
            [
                *(each for bit in bits for each in settling(bit, Truth.FALSE)),
                *(each for attacker in attackers for each in self.holding[attacker]),
            ]
        )

    def _all(self, parts: Iterable[Sets]) -> Sets:
        """The smallest sets that have a member of every part in them."""
        found: Sets = [0]
        for part in sorted(parts, key=len):
            found = smallest(self._joined(found, part))
            if len(found) > _ENOUGH:
                raise TooManyError
        return found

    def _joined(self, some: Sets, others: Sets) -> Iterable[int]:
        if self.most != 1 and len(some) * len(others) > _ENOUGH * 6:
            raise TooManyError
        for one in some:
            for other in others:
                both = one | other
                if self.literals.contradictory(both):
                    continue
                if self.most is None or self.literals.count(both) <= self.most:
                    yield both


def _has(parts: Sets, members: int) -> bool:
    return any(part & members == part for part in parts)
