"""Compiling packs: every distinct condition becomes one bit, every clause a mask of bits.

A *state* is two rows of 64-bit words, `true` and `false`; bit i tells that condition i is true, or
false, of a unit; neither bit means unknown. A table gives the state that each value of a fact
contributes, so a unit's state is the bitwise or of a few look-ups, whatever the number of clauses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

import numpy as np

from audit.clauses.clause import NO_GROUND, Clause, Condition, Effect, Layer, Pack
from audit.clauses.conditions import CATEGORY_FACTS, DATES, NO_CLAIM, fact_of, judged
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from audit.vocabulary import EvidenceKind, Vocabulary

    Words = NDArray[np.uint64]

BITS = 64
CONSENT_BASIS = "consent"  # the one claim that is no clause id by itself (semantics, section 1)


@dataclass(frozen=True)
class Table:
    """What each value of a fact makes true and false: [values, words] each, row 0 for unknown."""

    true: Words
    false: Words


@dataclass(frozen=True)
class PackProgram:
    """One pack as masks: clauses in order of id, `no-ground` among them; [clauses, words]."""

    pack: Pack
    clauses: tuple[Clause | None, ...]  # None: the implicit no-ground
    ids: tuple[str, ...]
    masks: Words
    effects: NDArray[np.int8]  # index into Effect
    order: tuple[int, ...]  # attackers before what they attack
    attackers: tuple[tuple[int, ...], ...]

    @property
    def layer(self) -> Layer:
        """The layer that the pack judges."""
        return self.pack.layer

    @cached_property
    def bits(self) -> tuple[tuple[int, ...], ...]:
        """The conditions of each clause, by their bits."""
        told = np.unpackbits(self.masks.view(np.uint8), axis=1, bitorder="little")
        return tuple(tuple(np.flatnonzero(row).tolist()) for row in told)

    def having(self, *effects: Effect) -> tuple[int, ...]:
        """The clauses of these effects, in the order of their ids."""
        kinds = list(Effect)
        return tuple(i for i, kind in enumerate(self.effects) if kinds[kind] in effects)


@dataclass(frozen=True)
class DraftProgram:
    """A draft, and its pack as it would be if it judged."""

    clause: Clause
    place: int  # of the pack among those of the run
    switched_on: PackProgram


@dataclass(frozen=True)
class Program:
    """All packs of a run over one set of condition bits."""

    conditions: tuple[Condition, ...]
    words: int
    domains: Mapping[str, tuple[str | None, ...]]  # per code fact: its values, None first
    tables: Mapping[str, Table]  # per fact asked by some clause
    packs: tuple[PackProgram, ...]
    evidence_kinds: Mapping[str, EvidenceKind]
    drafts: tuple[DraftProgram, ...] = ()

    @cached_property
    def row_facts(self) -> tuple[str, ...]:
        """The facts asked of a flow as a whole."""
        return tuple(fact for fact in self.tables if fact not in CATEGORY_FACTS)

    @cached_property
    def alike(self) -> Mapping[str, tuple[NDArray[np.int64], int]]:
        """Of each of these facts the kind of every value, and how many: alike to every clause."""
        told = {}
        for fact in self.row_facts:
            rows = np.concatenate([self.tables[fact].true, self.tables[fact].false], axis=1)
            kinds, places = np.unique(rows, axis=0, return_inverse=True)
            told[fact] = places.reshape(-1), len(kinds)
        return told

    @cached_property
    def asked_evidence(self) -> tuple[tuple[str, ...], ...]:
        """Each list of proofs (`Condition.proofs`) that some condition asks for."""
        return tuple(dict.fromkeys(line.proofs for line in self.conditions if line.proofs))

    @cached_property
    def dates(self) -> tuple[Condition, ...]:
        """Each date that some condition asks about."""
        return tuple(line for line in self.conditions if line.word in DATES)

    @cached_property
    def evidence_asked(self) -> tuple[str, ...]:
        """Each proof that some condition asks for."""
        return tuple(dict.fromkeys(kind for kinds in self.asked_evidence for kind in kinds))


def compile_packs(
    packs: Sequence[Pack], vocabulary: Vocabulary, *, drafts: bool = False
) -> Program:
    """The packs as tables and masks; packs are sound already (reading refuses others).

    The vocabulary must know the kinds of evidence that the packs declare. With `drafts` it is told
    of each what it would change, its conditions being bits after those of the clauses that judge.
    """
    judging = [clause for pack in packs for clause in pack.judging]
    shown = [(place, each) for place, pack in enumerate(packs) for each in pack.drafts if drafts]
    clauses = (*judging, *(clause for _, clause in shown))
    conditions = tuple(dict.fromkeys(line for clause in clauses for line in clause.when))
    domains = _domains(packs, vocabulary)
    facts = dict.fromkeys(fact_of(line) for line in conditions)
    return Program(
        conditions=conditions,
        words=_words(conditions),
        domains=domains,
        tables={fact: _table(fact, conditions, domains, vocabulary) for fact in facts},
        packs=tuple(_pack_program(pack, conditions) for pack in packs),
        evidence_kinds=vocabulary.evidence_kinds,
        drafts=tuple(
            DraftProgram(each, place, _pack_program(packs[place].with_draft(each), conditions))
            for place, each in shown
        ),
    )


def _words(conditions: Sequence[Condition]) -> int:
    return max(1, -(-len(conditions) // BITS))


def _domains(packs: Sequence[Pack], vocabulary: Vocabulary) -> dict[str, tuple[str | None, ...]]:
    claims = dict.fromkeys(clause.id for pack in packs for clause in pack.clauses)
    return {
        "sender_role": (None, *vocabulary.roles),
        "recipient_role": (None, *vocabulary.roles),
        "operation": (None, *vocabulary.operations),
        "purpose": (None, *vocabulary.purposes),
        "channel": (None, *vocabulary.channels),
        "recipient_country": (None, *vocabulary.countries),
        "sender_legal_role": (None, *vocabulary.legal_roles),
        "recipient_legal_role": (None, *vocabulary.legal_roles),
        "basis": (None, NO_CLAIM, *dict.fromkeys((CONSENT_BASIS, *claims))),
        "data": (None, *vocabulary.categories),
    }


def _table(
    fact: str,
    conditions: tuple[Condition, ...],
    domains: Mapping[str, tuple[str | None, ...]],
    vocabulary: Vocabulary,
) -> Table:
    asking = [bit for bit, line in enumerate(conditions) if fact_of(line) == fact]
    words = _words(conditions)
    if fact not in domains:
        return _truth_table(asking, words)
    values = domains[fact]
    verdicts = [[judged(vocabulary, conditions[bit], value) for bit in asking] for value in values]
    return Table(
        true=np.stack([_where(asking, row, Truth.TRUE, words) for row in verdicts]),
        false=np.stack([_where(asking, row, Truth.FALSE, words) for row in verdicts]),
    )


def _truth_table(asking: list[int], words: int) -> Table:
    """A fact that is a truth: the row is the Truth itself (false, unknown, true)."""
    mask, none = _mask(asking, words), _mask([], words)
    return Table(true=np.stack([none, none, mask]), false=np.stack([mask, none, none]))


def _where(bits: list[int], row: list[Truth], wanted: Truth, words: int) -> Words:
    return _mask([bit for bit, truth in zip(bits, row, strict=True) if truth is wanted], words)


def _mask(bits: Sequence[int], words: int) -> Words:
    mask = np.zeros(words, dtype=np.uint64)
    for bit in bits:
        mask[bit // BITS] |= np.uint64(1 << (bit % BITS))
    return mask


def _pack_program(pack: Pack, conditions: tuple[Condition, ...]) -> PackProgram:
    by_id: dict[str, Clause | None] = {clause.id: clause for clause in pack.judging}
    by_id[NO_GROUND] = None
    ids = tuple(sorted(by_id))
    place = {clause_id: i for i, clause_id in enumerate(ids)}
    bit_of = {line: bit for bit, line in enumerate(conditions)}
    lines = [
        [bit_of[line] for line in clause.when] if clause else [] for clause in map(by_id.get, ids)
    ]
    attackers = tuple(tuple(place[e] for e in _attacking(pack, target)) for target in ids)
    return PackProgram(
        pack=pack,
        clauses=tuple(by_id[clause_id] for clause_id in ids),
        ids=ids,
        masks=np.stack([_mask(bits, _words(conditions)) for bits in lines]),
        effects=np.array([_effect(by_id[clause_id]) for clause_id in ids], dtype=np.int8),
        order=tuple(TopologicalSorter(dict(enumerate(attackers))).static_order()),
        attackers=attackers,
    )


def _effect(clause: Clause | None) -> int:
    return list(Effect).index(clause.effect if clause else Effect.FORBID)


def _attacking(pack: Pack, target: str) -> list[str]:
    """The clauses that are exceptions to the target; every grant and excuse attacks no-ground."""
    if target == NO_GROUND:
        return [clause.id for clause in pack.judging if clause.effect is not Effect.FORBID]
    return [clause.id for clause in pack.judging if target in clause.exception_to]
