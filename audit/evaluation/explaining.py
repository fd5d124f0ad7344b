"""Why a flow got its verdict: per layer and category, what each clause asked and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from audit.clauses.clause import Clause, Condition, Effect, Layer, Verdict
from audit.clauses.compiling import BITS
from audit.evaluation.deciding import met, standing, verdicts_of
from audit.evaluation.found import found_of
from audit.evaluation.judging import decided_layers
from audit.evaluation.knowing import Reading
from audit.evaluation.missing import NOTHING_MISSING, Missing, Question, missing
from audit.evaluation.otherwise import otherwise
from audit.evaluation.outcomes import Ledger
from audit.evaluation.supposing import Unit
from audit.evaluation.units import units_of
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from audit.clauses.compiling import DraftProgram, PackProgram, Words
    from audit.evaluation.sayings import UnitSaid
    from audit.evaluation.units import States
    from audit.facts.gathering import CompiledRegisters
    from audit.facts.pairs import Truths
    from audit.records.checking import Registers


@dataclass(frozen=True)
class Asked:
    """One condition of a clause: what it asked, what was found, and what came of it."""

    condition: Condition
    found: str
    truth: Truth


@dataclass(frozen=True)
class ClauseSaid:
    """One clause on one category: its conditions, whether they hold, whether it is in force."""

    clause: Clause
    asked: tuple[Asked, ...]
    met: Truth
    in_force: Truth
    beaten_by: tuple[str, ...]  # clauses in force, or possibly so, that are exceptions to it


@dataclass(frozen=True)
class DraftSaid:
    """A draft as if it judged, alone: what it asked, and the verdict that the category would have.

    It decides nothing: the verdict of the category is the other one.
    """

    said: ClauseSaid
    verdict: Verdict


@dataclass(frozen=True)
class CategorySaid:
    """One layer's verdict on one data category, and how it came about."""

    category: str
    verdict: Verdict
    decided_by: tuple[str, ...]
    possible: tuple[str, ...]
    nearest: str | None
    lacking: tuple[str, ...]
    unknown: tuple[str, ...]
    may_become: tuple[Verdict, ...]
    clauses: tuple[ClauseSaid, ...]  # in the order of the pack
    missing: Missing = NOTHING_MISSING  # what would decide it, or what would have to be otherwise
    drafts: tuple[DraftSaid, ...] = ()


@dataclass(frozen=True)
class LayerSaid:
    """One layer's verdict on a flow, category by category."""

    layer: Layer
    pack: str
    verdict: Verdict
    categories: tuple[CategorySaid, ...]


@dataclass(frozen=True)
class Explanation:
    """Everything behind the verdict of one flow."""

    flow: dict[str, Any]  # the record as it was read
    layers: tuple[LayerSaid, ...]


def explain(flow: pl.DataFrame, registers: CompiledRegisters, records: Registers) -> Explanation:
    """Why this flow (a frame of one valid row) got its verdict, as of its occurred_at."""
    facts = registers.facts(flow)
    program, only = registers.program, np.zeros(1, dtype=np.int64)
    units = units_of(program, facts, only)
    ledger = Ledger(program, registers.sets)
    layers = decided_layers(registers, facts, only, units)
    asking = _Asking(
        registers=registers,
        records=records,
        flow=flow.row(0, named=True),
        categories=tuple(registers.sets.named(facts.flows.sets[:1])[0]),
        states=units.states,
        asked=flow,
        proofs={kind: Truth(int(proof.truth[0])) for kind, proof in facts.proofs.items()},
        reading=Reading.of(registers.program.conditions),
    )
    return Explanation(
        flow=asking.flow,
        layers=tuple(
            _layer_said(asking, number, layer.program, ledger.sayings_of(number, layer))
            for number, layer in enumerate(layers)
        ),
    )


@dataclass(frozen=True)
class _Asking:
    """What is needed to say what was found."""

    registers: CompiledRegisters
    records: Registers
    flow: dict[str, Any]
    categories: tuple[str, ...]
    states: States
    asked: pl.DataFrame  # the flow, one row
    proofs: Mapping[str, Truth]
    reading: Reading


def _layer_said(asking: _Asking, number: int, pack: PackProgram, told: list[UnitSaid]) -> LayerSaid:
    holds = met(pack, asking.states)
    force = standing(pack, holds)
    drafts = [each for each in asking.registers.program.drafts if each.place == number]
    said = tuple(
        CategorySaid(
            category=category,
            verdict=unit.verdict,
            decided_by=unit.decided_by,
            possible=unit.possible,
            nearest=unit.nearest,
            lacking=unit.lacking,
            unknown=unit.unknown,
            may_become=_may_become(pack, force[place], unit.verdict),
            clauses=tuple(
                _clause(asking, _Stood(pack, place, holds[place], force[place]), clause)
                for clause in pack.pack.judging
            ),
            missing=_missing(asking, pack, place, unit),
            drafts=tuple(_draft(asking, draft, place) for draft in drafts),
        )
        for place, (category, unit) in enumerate(zip(asking.categories, told, strict=True))
    )
    worst = max((category.verdict for category in said), key=lambda verdict: verdict.gravity)
    return LayerSaid(pack.layer, pack.pack.id, worst, said)


@dataclass(frozen=True)
class _Stood:
    """Of one category: which clauses of a pack are met, and which are in force."""

    pack: PackProgram
    unit: int
    holds: Truths
    force: Truths


def _clause(asking: _Asking, stood: _Stood, clause: Clause) -> ClauseSaid:
    pack, force = stood.pack, stood.force
    place = pack.ids.index(clause.id)
    return ClauseSaid(
        clause=clause,
        asked=tuple(_asked(asking, line, stood.unit) for line in clause.when),
        met=Truth(int(stood.holds[place])),
        in_force=Truth(int(force[place])),
        beaten_by=tuple(pack.ids[e] for e in pack.attackers[place] if force[e] > Truth.FALSE),
    )


def _draft(asking: _Asking, draft: DraftProgram, unit: int) -> DraftSaid:
    state = asking.states.at(np.array([unit]))
    holds = met(draft.switched_on, state)
    force = standing(draft.switched_on, holds)
    stood = _Stood(draft.switched_on, unit, holds[0], force[0])
    would_be = tuple(Verdict)[int(verdicts_of(draft.switched_on, force)[0])]
    return DraftSaid(_clause(asking, stood, draft.clause), would_be)


def _asked(asking: _Asking, line: Condition, unit: int) -> Asked:
    found = found_of(line, asking.flow, asking.categories[unit], asking.records)
    bit = asking.registers.program.conditions.index(line)
    return Asked(line, found, _truth(bit, asking.states.true[unit], asking.states.false[unit]))


def _truth(bit: int, *state: Words) -> Truth:
    true, false = (int(words[bit // BITS]) >> (bit % BITS) & 1 for words in state)
    return Truth.TRUE if true else Truth.FALSE if false else Truth.UNKNOWN


def _missing(asking: _Asking, pack: PackProgram, place: int, said: UnitSaid) -> Missing:
    """What is missing of an undecided category; of a violation, what would have to be otherwise."""
    question = Question(
        unit=Unit(asking.registers, asking.asked, asking.categories[place]),
        pack=pack,
        reading=asking.reading,
        state=asking.states.at(np.array([place])),
        proofs=asking.proofs,
    )
    if said.verdict is Verdict.INDETERMINATE:
        return missing(question)
    if said.nearest is None:
        return NOTHING_MISSING
    return Missing(otherwise=otherwise(question, said.nearest))


def _may_become(pack: PackProgram, force: Truths, verdict: Verdict) -> tuple[Verdict, ...]:
    """What an indeterminate category may turn out to be (semantics, section 4)."""
    if verdict is not Verdict.INDETERMINATE:
        return ()
    permit, excuse = (
        max((int(force[place]) for place in pack.having(effect)), default=Truth.FALSE)
        for effect in (Effect.PERMIT, Effect.EXCEPT)
    )
    outcomes = [Verdict.VIOLATION]
    if permit != Truth.FALSE:
        outcomes.append(Verdict.PERMITTED)
    if excuse != Truth.FALSE and permit != Truth.TRUE:
        outcomes.append(Verdict.EXCEPTED)
    return tuple(outcomes)
