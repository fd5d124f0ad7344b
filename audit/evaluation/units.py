"""Flows that look alike to every clause are judged once: signatures, and the units behind them.

A *signature* is everything about a flow that any clause can see. Flows of one signature share an
outcome, so clauses are evaluated per distinct signature and category, never per flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.pairs import agreed
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.clauses.compiling import Program, Words
    from audit.facts.flows import CategorySets
    from audit.facts.gathering import Facts
    from audit.facts.pairs import Places, Truths

# What consents say of one unit, in five bits: consented + 3 x refused + 9 x supplement.
_BITS, _A_WORD = 5, 12


@dataclass(frozen=True)
class Signatures:
    """The distinct signatures of a batch: a flow that shows each, and the signature of each flow."""

    shown_by: Places
    of_flow: Places


@dataclass(frozen=True)
class Units:
    """The units of each signature, signature by signature, category by category."""

    signature: Places
    position: Places
    true: Words
    false: Words
    supplement: NDArray[np.bool_]  # consent, if it decides here, is carried by a supplement


def flow_states(program: Program, facts: Facts) -> tuple[Words, Words]:
    """What the facts of a flow as a whole make true and false: [flows, words] each."""
    true = np.zeros((len(facts.flows), program.words), dtype=np.uint64)
    false = np.zeros_like(true)
    for fact in program.row_facts:
        table = program.tables[fact]
        codes = facts.codes[fact] if fact in facts.codes else facts.truths[fact]
        true |= table.true[codes]
        false |= table.false[codes]
    return true, false


def signatures(
    facts: Facts, sets: CategorySets, covered_categories: Truths, true: Words, false: Words
) -> Signatures:
    """Which flows no clause can tell apart."""
    defaults = facts.consented + 3 * facts.prohibited + 9 * facts.own_holder
    columns = [facts.flows.sets, facts.codes["basis"], defaults]
    plain = np.stack([column.astype(np.uint64) for column in columns], axis=1)
    needed = _needed(facts, sets, covered_categories)
    return distinct_rows(np.concatenate([true, false, plain, needed, spoken(facts, sets)], axis=1))


def _needed(facts: Facts, sets: CategorySets, covered_categories: Truths) -> Words:
    """necessary_data of each unit, five bits a category: contracts that agree on a set look alike."""
    asked = np.stack([facts.necessary, facts.other_necessary, facts.flows.sets], axis=1)
    distinct = distinct_rows(asked.astype(np.uint64))
    necessary, other, numbers = asked[distinct.shown_by].T
    owners, position, category = sets.units(numbers)
    truth = agreed(covered_categories[necessary[owners], category], covered_categories[other[owners], category])
    words = np.zeros((len(numbers), _width(sets)), dtype=np.uint64)
    _put(words, owners, position, truth.astype(np.uint64))
    return words[distinct.of_flow]


def spoken(facts: Facts, sets: CategorySets) -> Words:
    """What consents say of each unit, five bits a category: [flows, words]."""
    said = facts.said
    words = np.zeros((len(facts.flows), _width(sets)), dtype=np.uint64)
    codes = said.unit_consented + 3 * said.unit_refused + 9 * said.supplement
    _put(words, said.flow, said.position, codes.astype(np.uint64))
    flow, position = facts.refused_by_somebody
    _put(words, flow, position, np.full(len(flow), 3 * Truth.UNKNOWN, dtype=np.uint64))
    return words


def units_of(
    program: Program,
    facts: Facts,
    sets: CategorySets,
    shown_by: Places,
    covered_categories: Truths,
    states: tuple[Words, Words],
) -> Units:
    """The units of these flows with the state of each."""
    owners, position, category = sets.units(facts.flows.sets[shown_by])
    flow = shown_by[owners]
    word = spoken(facts, sets)[flow, position // _A_WORD]
    code = ((word >> (_BITS * (position % _A_WORD)).astype(np.uint64)) & np.uint64(31)).astype(np.int64)
    found = {
        "data": category,
        "necessary_data": agreed(
            covered_categories[facts.necessary[flow], category],
            covered_categories[facts.other_necessary[flow], category],
        ),
        "consented": np.maximum(code % 3, facts.consented[flow]),
        "prohibited_by_customer": np.maximum(code // 3 % 3, facts.prohibited[flow]),
    }
    true, false = states[0][flow], states[1][flow]
    for fact, values in found.items():
        if fact in program.tables:
            true |= program.tables[fact].true[values]
            false |= program.tables[fact].false[values]
    return Units(owners, position, true, false, (code >= 9) | facts.own_holder[flow])


def _width(sets: CategorySets) -> int:
    """How many words hold five bits for each category of the largest set."""
    return max(1, -(-int(sets.sizes.max(initial=1)) // _A_WORD))


def _put(words: Words, flow: Places, position: Places, codes: Words) -> None:
    shift = (_BITS * (position % _A_WORD)).astype(np.uint64)
    np.bitwise_or.at(words, (flow, position // _A_WORD), codes << shift)


def distinct_rows(rows: Words) -> Signatures:
    """Distinct rows by a 64-bit hash, every row compared with the one that stands for it."""
    _, first, of_flow = np.unique(_mixed(rows), return_index=True, return_inverse=True)
    if not (rows[first[of_flow]] == rows).all():
        _, first, of_flow = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return Signatures(first, of_flow.reshape(-1))


def _mixed(rows: Words) -> NDArray[np.uint64]:
    """One hash a row (the finaliser of splitmix64 after each word)."""
    mixed = np.zeros(len(rows), dtype=np.uint64)
    for column in rows.T:
        mixed = (mixed ^ column) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(32)
    return mixed
