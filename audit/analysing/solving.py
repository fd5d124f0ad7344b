"""Answers by SMT (Z3): the same questions on the same space, put to a solver as propositions.

Every class of every variable is a proposition, just one of a variable's holds, and ties leave out
the combinations that cannot be. Each truth is two propositions, `true` and `false`; neither is
unknown. Nothing here is shared with the tables but the space and the formula.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import z3

from audit.analysing.formulas import (
    YES,
    All,
    Asks,
    Differ,
    Either,
    Fails,
    Formula,
    Question,
    Rules,
    Ruling,
    Stands,
)
from audit.clauses.clause import Effect, Verdict
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.analysing.space import Bits, Box, Space, World


class Both(NamedTuple):
    """A truth as two propositions."""

    true: z3.BoolRef
    false: z3.BoolRef


@dataclass(frozen=True)
class Solver:
    """Questions on a space, answered by Z3."""

    space: Space
    conjunctions: dict[Bits, Both] = field(default_factory=dict)
    forces: dict[tuple[Ruling, int], Both] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    @cached_property
    def chosen(self) -> tuple[tuple[z3.BoolRef, ...], ...]:
        """Per variable and class the proposition that the world is of it."""
        return tuple(
            tuple(z3.Bool(f"{variable.name} #{place}") for place in range(len(variable.classes)))
            for variable in self.space.variables
        )

    @cached_property
    def solver(self) -> z3.Solver:
        """What holds of every world."""
        solver = z3.SolverFor("QF_FD")
        for propositions in self.chosen:
            solver.add(z3.Or(*propositions), z3.AtMost(*propositions, 1))
        for tie in self.space.ties:
            for places in product(*map(range, tie.allowed.shape)):
                if not tie.allowed[places]:
                    solver.add(z3.Or(*(z3.Not(each) for each in self._at(tie.variables, places))))
        return solver

    def find(self, question: Question) -> World | None:
        """A world that answers the question; None: there is none."""
        asked = self._of(question.formula)
        self.solver.push()
        try:
            self.solver.add(asked, self._within(question.box))
            self.solver.add(*(z3.Not(self._within(box)) for box in question.beside))
            return self._world() if self.solver.check() == z3.sat else None
        finally:
            self.solver.pop()

    def holding(self, formula: Formula, box: Box, variable: int) -> frozenset[int]:
        """The classes of a variable with which the formula holds of every world of the box.

        All of them where it holds whatever the variable may be; else only those that can be.
        """
        whole = self.space.whole[variable]
        with_ = {
            place: (*box[:variable], frozenset({place}), *box[variable + 1 :]) for place in whole
        }
        kept = {
            place for place in whole if self.find(Question(Fails(formula), with_[place])) is None
        }
        if kept == whole:
            return whole
        return frozenset(place for place in kept if self._possible(with_[place]))

    def together(self, one: Bits, others: Sequence[Bits]) -> list[bool]:
        """Which of these conditions can hold in one world with the first."""
        whole = self.space.whole
        pairs = (Question(Asks(one | bits, YES), whole) for bits in others)
        return [self.find(question) is not None for question in pairs]

    def _possible(self, box: Box) -> bool:
        return self.find(Question(All(()), box)) is not None

    def _world(self) -> World:
        model = self.solver.model()
        return tuple(
            next(
                place
                for place, each in enumerate(propositions)
                if z3.is_true(model.eval(each, model_completion=True))
            )
            for propositions in self.chosen
        )

    def _within(self, box: Box) -> z3.BoolRef:
        return z3.And(
            *(
                z3.Or(*(self.chosen[variable][place] for place in sorted(allowed)))
                for variable, allowed in enumerate(box)
                if allowed != self.space.whole[variable]
            )
        )

    def _at(self, variables: Iterable[int], places: Iterable[int]) -> list[z3.BoolRef]:
        pairs = zip(variables, places, strict=True)
        return [self.chosen[variable][place] for variable, place in pairs]

    def _of(self, formula: Formula) -> z3.BoolRef:
        match formula:
            case All(parts):
                return z3.And(*map(self._of, parts))
            case Either(parts):
                return z3.Or(*map(self._of, parts))
            case Fails(part):
                return z3.Not(self._of(part))
            case _:
                return self._leaf(formula)

    def _leaf(self, leaf: Asks | Stands | Rules | Differ) -> z3.BoolRef:
        match leaf:
            case Asks(bits, values):
                return _is(self._taken(bits), values)
            case Stands(ruling, clause, values):
                return _is(self._force(ruling, clause), values)
            case Rules(ruling, verdicts):
                return z3.Or(*(self._verdict(ruling, verdict) for verdict in sorted(verdicts)))
            case Differ(one, other):
                both = ((self._verdict(one, each), self._verdict(other, each)) for each in Verdict)
                return z3.Or(*(z3.Xor(*verdicts) for verdicts in both))

    def _condition(self, bit: int) -> Both:
        """A condition: the best of what its variables make of it."""
        readings = self.space.readings[bit]
        told = {
            truth: [
                [
                    self.chosen[reading.variable][place]
                    for place, outcome in enumerate(reading.outcomes)
                    if outcome == truth
                ]
                for reading in readings
            ]
            for truth in (Truth.TRUE, Truth.FALSE)
        }
        return Both(
            z3.Or(*(each for places in told[Truth.TRUE] for each in places)),
            z3.And(*(z3.Or(*places) for places in told[Truth.FALSE])),
        )

    def _taken(self, bits: Bits) -> Both:
        """Conditions taken together: the least of them."""
        if bits not in self.conjunctions:
            told = [self._condition(bit) for bit in sorted(bits)]
            whole = Both(
                z3.And(*(each.true for each in told)), z3.Or(*(each.false for each in told))
            )
            self.conjunctions[bits] = self._named(whole)
        return self.conjunctions[bits]

    def _force(self, ruling: Ruling, clause: int) -> Both:
        """I(c): it applies, and nothing that attacks it is in force."""
        key = ruling, clause
        if key not in self.forces:
            pack = self.space.program.packs[ruling.pack]
            mine = self._taken(self.space.bodies[ruling.pack][clause])
            attackers = [
                self._force(ruling, each)
                for each in pack.attackers[clause]
                if each not in ruling.without
            ]
            whole = Both(
                z3.And(mine.true, *(each.false for each in attackers)),
                z3.Or(mine.false, *(each.true for each in attackers)),
            )
            self.forces[key] = self._named(whole)
        return self.forces[key]

    def _worst(self, ruling: Ruling, effect: Effect) -> Both:
        """The best of the clauses of an effect: true where one is, false where all are."""
        places = self.space.program.packs[ruling.pack].having(effect)
        told = [self._force(ruling, each) for each in places if each not in ruling.without]
        return Both(z3.Or(*(each.true for each in told)), z3.And(*(each.false for each in told)))

    def _verdict(self, ruling: Ruling, verdict: Verdict) -> z3.BoolRef:
        """The table of semantics, section 4, one row."""
        forbid, permit = (self._worst(ruling, each) for each in (Effect.FORBID, Effect.PERMIT))
        match verdict:
            case Verdict.VIOLATION:
                return forbid.true
            case Verdict.INDETERMINATE:
                return z3.And(z3.Not(forbid.true), z3.Not(forbid.false))
            case Verdict.PERMITTED:
                return z3.And(forbid.false, permit.true)
            case Verdict.EXCEPTED:
                return z3.And(forbid.false, z3.Not(permit.true))

    def _named(self, whole: Both) -> Both:
        """Propositions of their own for the two, so that formulas stay small."""
        number = len(self.names)
        self.names.append(f"t{number}")
        named = Both(z3.Bool(f"t{number} true"), z3.Bool(f"t{number} false"))
        self.solver.add(named.true == whole.true, named.false == whole.false)
        return named


def _is(truth: Both, values: frozenset[Truth]) -> z3.BoolRef:
    told = {
        Truth.TRUE: truth.true,
        Truth.FALSE: truth.false,
        Truth.UNKNOWN: z3.And(z3.Not(truth.true), z3.Not(truth.false)),
    }
    return z3.Or(*(told[value] for value in sorted(values)))
