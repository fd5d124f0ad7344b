"""The worlds that a pack can tell apart: every fact has a few classes of values, some are bound.

A *world* is all there is to know of one data category of one flow. Values of a fact that no
condition and no bond tells apart are one class. A world is *complete*: it holds no unmapped code,
and every truth is true or false but where nobody can ever know (`bonds.TRUTHS`). Conditions may be
unknown all the same, such as of a purpose broader than what a clause names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from audit.analysing.bonds import KNOWN, OCCURS, TRUTHS, Bond, Value, bonds_of
from audit.clauses.compiling import BITS
from audit.clauses.conditions import DATES, facts_read
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from audit.clauses.clause import Condition
    from audit.clauses.compiling import Program
    from audit.facts.pairs import Truths

Bits = frozenset[int]  # conditions that must all hold; of none, what always holds
World = tuple[int, ...]  # of every variable, the class
Box = tuple[frozenset[int], ...]  # of every variable, some classes


@dataclass(frozen=True)
class Variable:
    """A fact and the classes of its values."""

    name: str
    classes: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Reading:
    """What a condition makes of each class of a variable."""

    variable: int
    outcomes: Truths


@dataclass(frozen=True)
class Tie:
    """Variables with the combinations of classes that there can be."""

    variables: tuple[int, ...]
    allowed: NDArray[np.bool_]


@dataclass(frozen=True)
class Space:
    """Every world there can be, for the conditions of a program."""

    program: Program
    variables: tuple[Variable, ...]
    readings: tuple[tuple[Reading, ...], ...]  # per condition, of which the best counts
    ties: tuple[Tie, ...]
    days: tuple[str, ...]  # the dates asked about, in order

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The variables by name."""
        return {variable.name: place for place, variable in enumerate(self.variables)}

    @cached_property
    def whole(self) -> Box:
        """Every class of every variable."""
        return tuple(frozenset(range(len(each.classes))) for each in self.variables)

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The variables that depend on one another, through a tie or a condition."""
        joined = [
            *(tie.variables for tie in self.ties),
            *(tuple(each.variable for each in reading) for reading in self.readings),
        ]
        return _components(len(self.variables), joined)

    @cached_property
    def bodies(self) -> tuple[tuple[Bits, ...], ...]:
        """Of every pack and clause its conditions; no-ground has none."""
        bit_of = {line: bit for bit, line in enumerate(self.program.conditions)}
        return tuple(
            tuple(
                frozenset(bit_of[line] for line in clause.when) if clause else frozenset()
                for clause in pack.clauses
            )
            for pack in self.program.packs
        )

    def read_by(self, bits: Iterable[int]) -> frozenset[int]:
        """The variables that these conditions read."""
        return frozenset(each.variable for bit in bits for each in self.readings[bit])

    def values(self, world: World) -> dict[str, Value]:
        """One value of every fact, the first of its class."""
        return {
            variable.name: variable.classes[place][0]
            for variable, place in zip(self.variables, world, strict=True)
        }


def space_of(program: Program) -> Space:
    """The worlds that the conditions of a program can tell apart."""
    asked = dict.fromkeys(name for line in program.conditions for name in facts_asked(line))
    bonds = tuple(bonds_of(asked, program.evidence_kinds))
    names = tuple(dict.fromkeys([*asked, *(name for bond in bonds for name in bond.names)]))
    days = tuple(sorted({line.argument[0] for line in program.dates}))
    making = _Making(program, days, bonds)
    variables = tuple(making.variable(name) for name in names)
    place = {name: i for i, name in enumerate(names)}
    return Space(
        program=program,
        variables=variables,
        readings=tuple(
            tuple(
                Reading(place[name], making.outcomes(bit, variables[place[name]]))
                for name in facts_asked(line)
            )
            for bit, line in enumerate(program.conditions)
        ),
        ties=tuple(_tie(bond, place, variables) for bond in bonds),
        days=days,
    )


def facts_asked(line: Condition) -> tuple[str, ...]:
    """The variables that a condition reads; of dates, when the flow occurs."""
    if line.word in DATES:
        return (OCCURS,)
    return facts_read(line)


@dataclass(frozen=True)
class _Making:
    """What the variables of a program are made of."""

    program: Program
    days: tuple[str, ...]
    bonds: tuple[Bond, ...]

    def variable(self, name: str) -> Variable:
        """A fact with its values in classes."""
        lines = enumerate(self.program.conditions)
        asking = [bit for bit, line in lines if name in facts_asked(line)]
        marks = {bond.marked.get(name) for bond in self.bonds if name in bond.names}
        classes: dict[tuple[object, ...], list[Value]] = {}
        for value in self._values(name):
            outcomes = (self._outcome(bit, name, value) for bit in asking)
            key = (value if value in marks else None, *outcomes)
            # Of truths every value stays apart, as bonds tell each apart; and every span of time.
            merges = name in self.program.domains
            classes.setdefault(key if merges else (value,), []).append(value)
        return Variable(name, tuple(tuple(values) for values in classes.values()))

    def outcomes(self, bit: int, variable: Variable) -> Truths:
        """What a condition makes of each class of a variable that it reads."""
        told = [self._outcome(bit, variable.name, each[0]) for each in variable.classes]
        return np.array(told, dtype=np.int8)

    def _values(self, name: str) -> Sequence[Value]:
        if name == OCCURS:
            return range(len(self.days) + 1)
        if name in self.program.domains:
            return [value for value in self.program.domains[name] if value is not None]
        return TRUTHS.get(name, KNOWN)

    def _outcome(self, bit: int, name: str, value: Value) -> Truth:
        line = self.program.conditions[bit]
        if name == OCCURS:
            since = int(value) > self.days.index(line.argument[0])
            return Truth.TRUE if since == (line.word == "occurs_from") else Truth.FALSE
        if name not in self.program.domains:
            return Truth(int(value))
        table, row = self.program.tables[name], self.program.domains[name].index(str(value))
        word, mask = bit // BITS, 1 << (bit % BITS)
        if int(table.true[row, word]) & mask:
            return Truth.TRUE
        return Truth.FALSE if int(table.false[row, word]) & mask else Truth.UNKNOWN


def _tie(bond: Bond, place: Mapping[str, int], variables: Sequence[Variable]) -> Tie:
    """The bond between classes: possible where it is for some of their values."""
    bound = tuple(place[name] for name in bond.names)
    classes = [variables[each].classes for each in bound]
    allowed = [
        any(bond.may(*values) for values in product(*chosen)) for chosen in product(*classes)
    ]
    shape = tuple(len(each) for each in classes)
    return Tie(bound, np.array(allowed, dtype=np.bool_).reshape(shape))


def _components(size: int, joined: Iterable[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """The connected components of the places that stand together."""
    group = list(range(size))
    for places in joined:
        old = {group[place] for place in places}
        group = [min(old) if mine in old else mine for mine in group]
    return tuple(
        tuple(place for place in range(size) if group[place] == each) for each in sorted(set(group))
    )
