"""Flows that look alike to every clause are judged once: signatures, and the units behind them.

A *signature* is everything about a flow that any clause can see. Flows of one signature share an
outcome, so clauses are evaluated per distinct signature and category, never per flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from audit.clauses.compiling import BITS
from audit.facts.distinct import distinct
from audit.facts.pairs import agreed
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from audit.clauses.compiling import Program, Words
    from audit.facts.gathering import Facts
    from audit.facts.pairs import Places, Truths

# What consents say of one unit in eight bits: consented, refused, separately and in writing, each
# one of three, and whether a supplement carries it.
_REFUSED, _SEPARATE, _WRITTEN, _SUPPLEMENT = 3, 9, 27, 81
_BITS, _A_WORD = 8, BITS // 8


@dataclass(frozen=True)
class Signatures:
    """The distinct signatures of a batch: a flow that shows each, and each flow's signature.

    `rows` has the words of each: equal words are the same signature, in another batch too.
    """

    shown_by: Places
    of_flow: Places
    rows: Words


@dataclass(frozen=True)
class States:
    """Per flow or unit the conditions that are true and those that are false: [rows, words]."""

    true: Words
    false: Words

    def at(self, places: Places | slice) -> States:
        """The states of these rows."""
        return States(self.true[places], self.false[places])


@dataclass(frozen=True)
class Units:
    """The units of each signature, signature by signature, category by category."""

    signature: Places
    position: Places
    states: States
    supplement: NDArray[np.bool_]  # consent, if it decides here, is carried by a supplement


def flow_states(program: Program, facts: Facts, rows: Places) -> States:
    """What the facts of these flows as a whole make true and false."""
    true = np.zeros((len(rows), program.words), dtype=np.uint64)
    false = np.zeros_like(true)
    for fact in program.row_facts:
        table, codes = program.tables[fact], _codes(facts, fact)[rows]
        for told, said in ((true, table.true), (false, table.false)):
            some = np.flatnonzero(said.any(axis=0))
            told[:, some] |= said[codes[:, None], some]
    return States(true, false)


def _codes(facts: Facts, fact: str) -> Places | Truths:
    """Where each flow stands in the table of the fact."""
    return facts.truths[fact] if fact in facts.truths else facts.flows.codes[fact]


def signatures(program: Program, facts: Facts) -> Signatures:
    """Which flows no clause can tell apart.

    Of a fact that clauses ask only that is seen which of its values they tell apart.
    """
    defaults = _code((facts.consented, 1), (facts.prohibited, _REFUSED), (facts.own_holder, 9))
    columns: list[tuple[NDArray[Any], int]] = [
        (facts.flows.sets, 1 << 32),
        (facts.flows.codes["basis"], 1 << 16),
        (defaults, 1 << 5),
    ]
    for fact, (kinds, size) in program.alike.items():
        columns.append((kinds[_codes(facts, fact)], size))
    return distinct_rows(np.concatenate([_few(columns), _needed(facts), spoken(facts)], axis=1))


def _few(columns: Sequence[tuple[NDArray[Any], int]]) -> Words:
    """Columns of numbers below so many each, in as few words as hold them."""
    words, room = [], 0
    for column, size in columns:
        if size > room:
            words.append(np.zeros(len(column), dtype=np.uint64))
            room = 1 << BITS
        words[-1] = words[-1] * np.uint64(size) + column.astype(np.uint64)
        room //= size
    return np.stack(words, axis=1)


def _needed(facts: Facts) -> Words:
    """necessary_data of each unit, eight bits a category: contracts alike on a set look alike."""
    sets, covered = facts.flows.category_sets, facts.covered_categories
    lists, size = covered.shape[0], len(sets)
    pairs = (facts.necessary * lists + facts.other_necessary) * size + facts.flows.sets
    shown_by, of_flow = distinct(pairs.astype(np.uint64))
    both, numbers = np.divmod(pairs[shown_by], size)
    necessary, other = np.divmod(both, lists)
    owners, position, category = sets.units(numbers)
    truth = agreed(covered[necessary[owners], category], covered[other[owners], category])
    words = np.zeros((len(numbers), _width(facts)), dtype=np.uint64)
    _put(words, owners, position, truth.astype(np.uint64))
    return words[of_flow]


def spoken(facts: Facts) -> Words:
    """What consents say of each unit, eight bits a category: [flows, words]."""
    said = facts.said
    words = np.zeros((len(facts.flows), _width(facts)), dtype=np.uint64)
    codes = _code(
        (said.unit_consented, 1),
        (said.unit_refused, _REFUSED),
        (said.unit_separate, _SEPARATE),
        (said.unit_written, _WRITTEN),
        (said.supplement, _SUPPLEMENT),
    )
    _put(words, said.flow, said.position, codes)
    flow, position = facts.refused_by_somebody
    _put(words, flow, position, np.full(len(flow), _REFUSED * Truth.UNKNOWN, dtype=np.uint64))
    return words


def units_of(program: Program, facts: Facts, shown_by: Places) -> Units:
    """The units of these flows with the state of each."""
    states = flow_states(program, facts, shown_by)
    covered = facts.covered_categories
    owners, position, category = facts.flows.category_sets.units(facts.flows.sets[shown_by])
    flow = shown_by[owners]
    word = spoken(facts)[flow, position // _A_WORD]
    code = ((word >> _shift(position)) & np.uint64((1 << _BITS) - 1)).astype(np.int64)
    found: dict[str, Places | Truths] = {
        "data": category,
        "necessary_data": agreed(
            covered[facts.necessary[flow], category],
            covered[facts.other_necessary[flow], category],
        ),
        "consented": np.maximum(code % 3, facts.consented[flow]),
        "separately_consented": np.maximum(code // _SEPARATE % 3, facts.consented[flow]),
        "consented_in_writing": np.maximum(code // _WRITTEN % 3, facts.consented[flow]),
        "prohibited_by_customer": np.maximum(code // _REFUSED % 3, facts.prohibited[flow]),
    }
    true, false = states.true[owners], states.false[owners]
    for fact, values in found.items():
        if fact in program.tables:
            true |= program.tables[fact].true[values]
            false |= program.tables[fact].false[values]
    supplement = (code >= _SUPPLEMENT) | facts.own_holder[flow]
    return Units(owners, position, States(true, false), supplement)


def _width(facts: Facts) -> int:
    """How many words hold eight bits for each category of the largest set."""
    return -(-facts.flows.width // _A_WORD)


def _shift(position: Places) -> Words:
    return (_BITS * (position % _A_WORD)).astype(np.uint64)


def _code(*told: tuple[Truths | NDArray[np.bool_], int]) -> Words:
    """Small numbers in one, each times its weight."""
    parts = [values.astype(np.uint64) * np.uint64(weight) for values, weight in told]
    code: Words = np.sum(parts, axis=0, dtype=np.uint64)
    return code


def _put(words: Words, flow: Places, position: Places, codes: Words) -> None:
    np.bitwise_or.at(words, (flow, position // _A_WORD), codes << _shift(position))


def distinct_rows(rows: Words) -> Signatures:
    """Distinct rows by a 64-bit hash, every row compared with the one that stands for it."""
    first, of_flow = distinct(_mixed(rows))
    if not (rows[first[of_flow]] == rows).all():
        _, first, of_flow = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return Signatures(first, of_flow.reshape(-1), rows[first])


def _mixed(rows: Words) -> NDArray[np.uint64]:
    """One hash a row (the finaliser of splitmix64 after each word)."""
    mixed = np.zeros(len(rows), dtype=np.uint64)
    for column in rows.T:
        mixed = (mixed ^ column) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(32)
    return mixed
