"""What is missing of an undecided flow: the smallest sets of proof that decide it, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from audit.clauses.clause import Verdict
from audit.clauses.conditions import WORDS, fact_of
from audit.evaluation.knowing import Known, Reading, as_bits
from audit.evaluation.settling import settle
from audit.evaluation.supposing import suppose
from audit.vocabulary import WHOLE_BASE, Truth, lineage

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from audit.clauses.clause import Condition
    from audit.clauses.compiling import PackProgram, Words
    from audit.evaluation.supposing import Supposed, Unit
    from audit.evaluation.units import States

    Cell = tuple[int, ...]  # of every axis of what is supposed, a class; 0 for as it stands
    Chosen = tuple[frozenset[int], ...]  # the same of several cells at once

_T = TypeVar("_T", bound="Hashable")

_ASKS_CODES = {"sender_keeps_data": ("operation", "recipient_role")}


@dataclass(frozen=True)
class Proof:
    """One fact, and what it would have to be: true or false, or one of some codes."""

    fact: str  # `evidence notice`, `recipient_role`
    truth: Truth | None = None
    codes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # the codes that it may be besides
    asked: tuple[Condition, ...] = ()  # the conditions that those codes meet, and no others do


@dataclass(frozen=True)
class Settlement:
    """Proofs that decide together, and the verdict that they bring; none of them can be spared."""

    proofs: tuple[Proof, ...]
    verdict: Verdict
    decided_by: tuple[str, ...] = ()  # told of what would have to be otherwise


@dataclass(frozen=True)
class Missing:
    """What would decide an undecided category, and what no proof can ever tell of it."""

    settlements: tuple[Settlement, ...] = ()  # fewest proofs first
    disputed: tuple[tuple[str, Condition], ...] = ()  # clause, and what no proof settles
    most: int | None = None  # larger sets of proofs than these were not sought
    otherwise: tuple[Settlement, ...] = ()  # of a violation


NOTHING_MISSING = Missing()


@dataclass(frozen=True)
class Question:
    """One unit under one pack."""

    unit: Unit
    pack: PackProgram
    reading: Reading
    state: States  # one row
    proofs: Mapping[str, Truth]

    @property
    def known(self) -> Known:
        """What is known as it stands."""
        return self.under(self.state.true[0], self.state.false[0])

    def under(self, true: Words, false: Words) -> Known:
        """What is known where these conditions are true and false."""
        whole = self.unit.row["subject_id"] == WHOLE_BASE
        return Known(self.reading, as_bits(true), as_bits(false), self.proofs, whole)

    @cached_property
    def alive(self) -> Words:
        """The conditions of the clauses that may yet hold."""
        failed = ((self.pack.masks & self.state.false) != 0).any(axis=1)
        alive: Words = np.bitwise_or.reduce(self.pack.masks[~failed], axis=0)
        return alive

    @cached_property
    def open(self) -> tuple[tuple[str, Condition], ...]:
        """The unknown conditions of the clauses that may yet hold, with the clause."""
        known = self.known
        return tuple(
            (name, self.reading.conditions[bit])
            for name, words in zip(self.pack.ids, self.pack.masks, strict=True)
            if not (mask := as_bits(words)) & known.false
            for bit in known.unknown(mask)
        )


def missing(question: Question) -> Missing:
    """The smallest sets of proof that decide the unit, which is undecided as it stands."""
    codes = dict(_open_codes(question))
    if codes:
        supposed = suppose(question.unit, question.state, codes, question.alive)
        found, most = _over_cells(question, supposed)
        settlements = [
            Settlement((*told_codes(chosen, supposed, codes), *proofs), verdict)
            for chosen, (proofs, verdict) in merged(found, len(supposed.axes))
        ]
    else:
        told = settle(question.pack, question.known)
        most = told.most
        settlements = [Settlement(truths(literals), verdict) for literals, verdict in told.sets]
    return Missing(tuple(sorted(settlements, key=_order)), _disputed(question, codes), most)


def _order(settlement: Settlement) -> tuple[object, ...]:
    facts = tuple(proof.fact for proof in settlement.proofs)
    first = [(-(proof.truth or 0), proof.codes) for proof in settlement.proofs]
    return len(facts), facts, settlement.verdict.gravity, first


def truths(literals: Iterable[tuple[str, Truth]]) -> tuple[Proof, ...]:
    """Each literal as a proof."""
    return tuple(Proof(name, truth) for name, truth in literals)


# ---- codes that are not known


def _open_codes(question: Question) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The facts that are codes and unknown where it matters, with the codes that they may be."""
    asked: dict[str, None] = {}
    for _, line in question.open:
        fact = fact_of(line)
        for name in _ASKS_CODES.get(fact, (fact,) if WORDS[line.word].asks_a_code else ()):
            asked[name] = None
    if question.unit.one_party:
        asked = dict.fromkeys(name.replace("sender_", "recipient_") for name in asked)
    for name in sorted(asked):
        if codes := _may_be(question.unit, name):
            yield name, codes


def _may_be(unit: Unit, fact: str) -> tuple[str, ...]:
    """The codes that an unknown one may turn out to be; below one that is too broad, those below.

    Nothing where the code is known: then nobody can say more of it.
    """
    numbering = unit.registers.numbering
    domain = [code for code in numbering.domains[fact] if code is not None]
    place = _place(unit, fact)
    if not place:
        return tuple(domain)
    trees = {"purpose": numbering.vocabulary.purposes, "data": numbering.vocabulary.categories}
    own = numbering.domains[fact][place]
    if fact not in trees or own is None:
        return ()
    return tuple(code for code in domain if own in lineage(trees[fact], code)[1:])


def _place(unit: Unit, fact: str) -> int:
    """The place of the code that is known, 0 where none is."""
    registers = unit.registers
    if fact == "data":
        return registers.numbering.places[fact].get(unit.category, 0)
    if fact in ("operation", "purpose", "channel"):
        return registers.numbering.places[fact].get(unit.row[fact], 0)
    side, _, column = fact.partition("_")
    number = registers.parties.numbers.get(unit.row[side], -1)
    return int(getattr(registers.parties, column)[number])


def _over_cells(
    question: Question, supposed: Supposed
) -> tuple[list[tuple[Cell, tuple[tuple[Proof, ...], Verdict]]], int | None]:
    """What settles the unit under every choice of codes, less what fewer codes settle already."""
    sizes = [range(len(axis.classes) + 1) for axis in supposed.axes]
    kept: list[tuple[Cell, frozenset[Proof], Verdict]] = []
    most: int | None = None
    for cell in sorted(product(*sizes), key=lambda c: (sum(map(bool, c)), c)):
        if any(not part and _within(less, cell) for less, part, _ in kept):
            continue
        known = question.under(supposed.true[cell], supposed.false[cell])
        told = settle(question.pack, known)
        most = told.most if most is None else min(most, told.most or most)
        for literals, verdict in told.sets:
            proofs = frozenset(truths(literals))
            if not any(_within(less, cell) and part <= proofs for less, part, _ in kept):
                kept.append((cell, proofs, verdict))
    return [(cell, (_sorted(proofs), verdict)) for cell, proofs, verdict in kept], most


def _within(less: Cell, cell: Cell) -> bool:
    return all(one in (0, other) for one, other in zip(less, cell, strict=True))


def _sorted(proofs: Iterable[Proof]) -> tuple[Proof, ...]:
    return tuple(sorted(proofs, key=lambda proof: proof.fact))


def merged(found: Iterable[tuple[Cell, _T]], axes: int) -> list[tuple[Chosen, _T]]:
    """Cells of which the same is told, brought together along each axis."""
    sets: dict[tuple[Chosen, _T], None] = {
        (tuple(frozenset({place} - {0}) for place in cell), told): None for cell, told in found
    }
    for axis in range(axes):
        together: dict[object, tuple[list[frozenset[int]], _T]] = {}
        for chosen, told in sets:
            rest = (told, bool(chosen[axis]), chosen[:axis], chosen[axis + 1 :])
            one, _ = together.setdefault(rest, (list(chosen), told))
            one[axis] |= chosen[axis]
        sets = {(tuple(one), told): None for one, told in together.values()}
    return list(sets)


def told_codes(
    chosen: Chosen, supposed: Supposed, codes: Mapping[str, Sequence[str]]
) -> Iterator[Proof]:
    """The codes chosen on each axis."""
    for axis, places in zip(supposed.axes, chosen, strict=True):
        if places:
            held = {code for place in places for code in axis.classes[place - 1]}
            listed = codes[axis.fact]
            yield Proof(
                axis.fact,
                codes=tuple(code for code in listed if code in held),
                others=tuple(code for code in listed if code not in held),
            )


def _disputed(
    question: Question, codes: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, Condition], ...]:
    """What is unknown of clauses that may hold, and that no proof can ever settle."""
    found = []
    for clause, line in question.open:
        fact = fact_of(line)
        if WORDS[line.word].asks_a_code:
            name = fact.replace("sender_", "recipient_") if question.unit.one_party else fact
            settled = name in codes
        else:
            settled = bool(line.proofs or question.known.may_be(fact) or fact in _ASKS_CODES)
        if not settled:
            found.append((clause, line))
    return tuple(found)
