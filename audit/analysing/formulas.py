"""What a question asks of a world, as a value: tables and the solver read the same formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.clauses.clause import Verdict
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.analysing.space import Bits, Box, Space
    from audit.clauses.compiling import PackProgram

YES = frozenset({Truth.TRUE})
NO = frozenset({Truth.FALSE})
PERHAPS = frozenset({Truth.UNKNOWN, Truth.TRUE})
NOT_SURELY = frozenset({Truth.FALSE, Truth.UNKNOWN})
COMPLIANT = frozenset({Verdict.PERMITTED, Verdict.EXCEPTED})


@dataclass(frozen=True)
class Ruling:
    """A pack of the program, and the clauses that are taken out of it."""

    pack: int
    without: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Asks:
    """The conditions, taken together, have one of these values."""

    bits: Bits
    values: frozenset[Truth]


@dataclass(frozen=True)
class Stands:
    """The clause is in force with one of these values."""

    ruling: Ruling
    clause: int
    values: frozenset[Truth]


@dataclass(frozen=True)
class Rules:
    """The pack says one of these verdicts."""

    ruling: Ruling
    verdicts: frozenset[Verdict]


@dataclass(frozen=True)
class Differ:
    """The two say different verdicts."""

    one: Ruling
    other: Ruling


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Either:
    """Some part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Fails:
    """The part does not hold."""

    part: Formula


Formula = Asks | Stands | Rules | Differ | All | Either | Fails


@dataclass(frozen=True)
class Question:
    """Whether some world of this box, and of none of those beside, is as the formula says."""

    formula: Formula
    box: Box
    beside: tuple[Box, ...] = ()


def applies(space: Space, pack: int, clause: int, values: frozenset[Truth]) -> Asks:
    """Whether the conditions of a clause hold, whatever attacks it."""
    return Asks(space.bodies[pack][clause], values)


def concerned(pack: PackProgram, clause: int) -> frozenset[int]:
    """The clause, what attacks it, what attacks that, and so on."""
    found, open_ = {clause}, [clause]
    while open_:
        more = set(pack.attackers[open_.pop()]) - found
        found |= more
        open_ += more
    return frozenset(found)


def leaves(formula: Formula) -> Iterator[Asks | Stands | Rules | Differ]:
    """The parts of a formula that have no parts."""
    match formula:
        case All(parts) | Either(parts):
            for part in parts:
                yield from leaves(part)
        case Fails(part):
            yield from leaves(part)
        case _:
            yield formula


def bodies_in(formula: Formula, space: Space) -> tuple[Bits, ...]:
    """Every set of conditions that the formula depends on, each once."""
    told = (bits for leaf in leaves(formula) for bits in _bodies(leaf, space))
    return tuple(dict.fromkeys(told))


def _bodies(leaf: Asks | Stands | Rules | Differ, space: Space) -> Iterator[Bits]:
    match leaf:
        case Asks(bits, _):
            yield bits
        case Stands(ruling, clause, _):
            for each in concerned(space.program.packs[ruling.pack], clause) - ruling.without:
                yield space.bodies[ruling.pack][each]
        case Rules(ruling, _):
            yield from _all_of(ruling, space)
        case Differ(one, other):
            yield from _all_of(one, space)
            yield from _all_of(other, space)


def demanded(formula: Formula) -> Iterator[Asks]:
    """What must hold of conditions for the formula to hold."""
    match formula:
        case Asks():
            yield formula
        case All(parts):
            for part in parts:
                yield from demanded(part)


def _all_of(ruling: Ruling, space: Space) -> Iterator[Bits]:
    bodies = enumerate(space.bodies[ruling.pack])
    return (bits for clause, bits in bodies if clause not in ruling.without)
