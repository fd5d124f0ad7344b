"""Answers by exhaustion: every combination of what clauses can be, none left out, none twice.

Facts that are bound to one another make a group; groups vary freely against each other. What a
world does to clauses is, per clause, the least of what its groups do to it. So the table grows
group by group, and of all the worlds that do the same to every clause asked about it keeps one:
exact, and small where the product of all facts would be astronomic.

A row of the table holds two bits for each set of conditions, `may` (unknown or true) and `must`
(true), so that the least of two rows is their bitwise *and*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from audit.analysing.formulas import Formula, Question, bodies_in, demanded
from audit.analysing.reached import Reached, holds
from audit.evaluation.units import Signatures, distinct_rows
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.analysing.space import Bits, Box, Space, World
    from audit.clauses.compiling import Words
    from audit.facts.pairs import Places, Truths

LIMIT = 400_000  # rows; a table past this is left to the solver
_BLOCK = 1 << 22


class TooLarge(Exception):
    """The table would grow past its limit."""


@dataclass(frozen=True)
class Group:
    """The combinations of classes of variables that depend on one another."""

    variables: tuple[int, ...]
    sizes: tuple[int, ...]  # how many classes each has
    rows: Places  # [combinations, variables]
    outcomes: dict[int, Truths]  # per condition that the group reads
    columns: dict[Bits, Truths] = field(default_factory=dict)

    def does_to(self, bits: Bits) -> Truths:
        """Per combination what the group makes of conditions taken together."""
        if bits not in self.columns:
            read = [self.outcomes[bit] for bit in sorted(bits) if bit in self.outcomes]
            always = np.full(len(self.rows), Truth.TRUE, dtype=np.int8)
            self.columns[bits] = np.minimum.reduce([always, *read])
        return self.columns[bits]

    def within(self, box: Box) -> Places:
        """The combinations that the box allows."""
        inside = np.ones(len(self.rows), dtype=np.bool_)
        for column, variable in enumerate(self.variables):
            if len(box[variable]) < self.sizes[column]:
                allowed = np.zeros(self.sizes[column], dtype=np.bool_)
                allowed[list(box[variable])] = True
                inside &= allowed[self.rows[:, column]]
        return np.flatnonzero(inside)

    def is_asked(self, bodies: Sequence[Bits]) -> bool:
        """Whether it matters to any of these conditions."""
        return any(bit in self.outcomes for bits in bodies for bit in bits)


@dataclass(frozen=True)
class Tables:
    """Questions on a space, answered by tables; raises TooLarge where a table grows too large."""

    space: Space
    limit: int = LIMIT
    kept: dict[tuple[tuple[Bits, ...], Box], Reached] = field(default_factory=dict)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups of variables, each with its combinations."""
        return tuple(_group(self.space, variables) for variables in self.space.groups)

    def find(self, question: Question) -> World | None:
        """A world that answers the question; None: there is none."""
        reached = self._reached(question)
        found = np.flatnonzero(holds(question.formula, reached, self.space))
        for way in found:
            world = self._world(reached, int(way))
            if not any(_inside(world, box) for box in question.beside):
                return world
        return None

    def holding(self, formula: Formula, box: Box, variable: int) -> frozenset[int]:
        """The classes of a variable with which the formula holds of every world of the box.

        All of them where it holds whatever the variable may be; else only those that can be.
        """
        mine = next(group for group in self.groups if variable in group.variables)
        rest = tuple(group for group in self.groups if group is not mine)
        bodies = bodies_in(formula, self.space)
        others = self._grown(bodies, box, {}, rest)
        opened = tuple(
            self.space.whole[place] if place == variable else allowed
            for place, allowed in enumerate(box)
        )
        rows = mine.within(opened)
        does = np.stack([mine.does_to(bits)[rows] for bits in bodies], axis=1)
        both = np.minimum(others.values[:, None, :], does[None, :, :]).reshape(-1, len(bodies))
        told = holds(formula, Reached(bodies, both, both[:, :0]), self.space)
        always = told.reshape(len(others.values), len(rows)).all(axis=0)
        classes = mine.rows[rows, mine.variables.index(variable)]
        if always.all():
            return self.space.whole[variable]
        return frozenset(classes.tolist()) - frozenset(classes[~always].tolist())

    def together(self, one: Bits, others: Sequence[Bits]) -> list[bool]:
        """Which of these conditions can hold in one world with the first.

        They can where each group of facts lets both hold, since groups vary freely.
        """
        can = np.ones(len(others), dtype=np.bool_)
        for group in self.groups:
            held = group.does_to(one) == Truth.TRUE
            can &= [bool((group.does_to(bits)[held] == Truth.TRUE).any()) for bits in others]
        return [bool(each) for each in can]

    def _reached(self, question: Question) -> Reached:
        """The table for a question: the whole one where it is there already, else its own."""
        bodies = bodies_in(question.formula, self.space)
        for (known, box), reached in self.kept.items():
            if box == question.box and set(bodies) <= set(known):
                return reached
        least = {asks.bits: min(asks.values) for asks in demanded(question.formula)}
        return self._grown(bodies, question.box, least, self.groups)

    def keep(self, bodies: tuple[Bits, ...]) -> bool:
        """Make the table of these conditions once for all questions; False: it is too large."""
        try:
            grown = self._grown(bodies, self.space.whole, {}, self.groups)
        except TooLarge:
            return False
        self.kept[bodies, self.space.whole] = grown
        return True

    def _grown(
        self, bodies: tuple[Bits, ...], box: Box, least: dict[Bits, Truth], groups: Sequence[Group]
    ) -> Reached:
        """The table, group by group; rows that cannot come to the least values asked are left."""
        floor = _packed(np.array([[least.get(bits, Truth.FALSE) for bits in bodies]], np.int8))
        table = _packed(np.full((1, len(bodies)), Truth.TRUE, dtype=np.int8))
        chosen = np.zeros((1, 0), dtype=np.int64)
        for group in groups:
            rows = group.within(box)
            if not group.is_asked(bodies):
                first = np.repeat(rows[:1], len(table))
                table = table[: len(first)]
                chosen = np.column_stack([chosen[: len(first)], first])
                continue
            does = [group.does_to(bits)[rows] for bits in bodies]
            packed = _packed(np.stack(does, axis=1) if does else np.zeros((len(rows), 0), np.int8))
            fit = np.flatnonzero(((packed & floor) == floor).all(axis=1))
            alike = _distinct(packed[fit])
            parent, way, table = self._joined(table, alike.rows)
            chosen = np.column_stack([chosen[parent], rows[fit[alike.shown_by[way]]]])
        return Reached(bodies, _unpacked(table, len(bodies)), chosen)

    def _joined(self, table: Words, ways: Words) -> tuple[Places, Places, Words]:
        """Every row with every way of the next group, alike ones once; whence each came."""
        step = max(1, _BLOCK // max(1, len(table)))
        parents, taken, rows = [], [], []
        for start in range(0, len(ways), step):
            block = (table[:, None, :] & ways[None, start : start + step, :]).reshape(
                -1, table.shape[1]
            )
            alike = _distinct(block)
            parent, way = np.divmod(alike.shown_by, len(ways[start : start + step]))
            parents.append(parent)
            taken.append(way + start)
            rows.append(alike.rows)
            if sum(map(len, rows)) > 4 * self.limit:
                raise TooLarge
        if not rows:
            nothing = np.zeros(0, dtype=np.int64)
            return nothing, nothing, table[:0]
        alike = _distinct(np.concatenate(rows)) if len(rows) > 1 else _alone(rows[0])
        if len(alike.rows) > self.limit:
            raise TooLarge
        shown = alike.shown_by
        return np.concatenate(parents)[shown], np.concatenate(taken)[shown], alike.rows

    def _world(self, reached: Reached, way: int) -> World:
        world = [0] * len(self.space.variables)
        for group, row in zip(self.groups, reached.chosen[way], strict=True):
            for variable, place in zip(group.variables, group.rows[row], strict=True):
                world[variable] = int(place)
        return tuple(world)


def _group(space: Space, variables: tuple[int, ...]) -> Group:
    """The combinations of a group's classes that its ties allow."""
    sizes = [range(len(space.variables[each].classes)) for each in variables]
    rows = np.array(list(product(*sizes)), dtype=np.int64).reshape(-1, len(variables))
    column = {variable: place for place, variable in enumerate(variables)}
    for tie in space.ties:
        if tie.variables[0] in column:
            rows = rows[tie.allowed[tuple(rows[:, column[each]] for each in tie.variables)]]
    outcomes = {
        bit: np.maximum.reduce([each.outcomes[rows[:, column[each.variable]]] for each in reading])
        for bit, reading in enumerate(space.readings)
        if reading[0].variable in column
    }
    return Group(variables, tuple(map(len, sizes)), rows, outcomes)


def _distinct(rows: Words) -> Signatures:
    """Distinct rows, each shown by its first: false facts go before true ones."""
    if len(rows) < 2:  # noqa: PLR2004 (one row is distinct)
        return _alone(rows)
    alike = distinct_rows(rows[::-1])
    last = len(alike.rows) - 1
    shown_by = len(rows) - 1 - alike.shown_by[::-1]
    return Signatures(shown_by, last - alike.of_flow[::-1], alike.rows[::-1])


def _alone(rows: Words) -> Signatures:
    """Rows that are distinct already."""
    every = np.arange(len(rows))
    return Signatures(every, every, rows)


def _inside(world: World, box: Box) -> bool:
    return all(place in allowed for place, allowed in zip(world, box, strict=True))


def _packed(values: Truths) -> Words:
    """[rows, bodies] of truths as words: first the `may` bits, then the `must` bits."""
    halves = [values >= Truth.UNKNOWN, values == Truth.TRUE]
    words = max(1, -(-values.shape[1] // 64))
    packed = np.zeros((len(values), 2 * words), dtype=np.uint64)
    for place, half in enumerate(halves):
        bits = np.packbits(half, axis=1, bitorder="little")
        room = np.zeros((len(values), 8 * words), dtype=np.uint8)
        room[:, : bits.shape[1]] = bits
        packed[:, place * words : (place + 1) * words] = room.view(np.uint64)
    return packed


def _unpacked(words: Words, size: int) -> Truths:
    half = words.shape[1] // 2
    may, must = (
        np.unpackbits(
            np.ascontiguousarray(part).view(np.uint8), axis=1, bitorder="little", count=size
        )
        if len(part)
        else np.zeros((0, size), dtype=np.uint8)
        for part in (words[:, :half], words[:, half:])
    )
    return (may + must).astype(np.int8)
