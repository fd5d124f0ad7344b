"""Gaps: who, to whom, what is done and what for, of which no clause speaks.

A clause *speaks of* such a combination where it asks for one of these facts and may be met for some
values of all the others. Clauses that ask for none of them, such as a consent to whatever it is,
speak of everything and so of nothing in particular: they are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from audit.analysing.formulas import NO, PERHAPS, All, Either, Formula, Question, applies
from audit.analysing.widening import Witness
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.analysing.answering import Answering
    from audit.analysing.space import Bits, Box, Space
    from audit.analysing.tables import Group, Tables

    Grid = NDArray[np.bool_]

BOXES = 40
COMBINED = ("recipient_role", "sender_role", "operation", "purpose")


@dataclass(frozen=True)
class Gaps:
    """The gaps of the first pack of a space; the tables find them and answer for them."""

    tables: Tables

    @property
    def space(self) -> Space:
        """The worlds there are."""
        return self.tables.space

    @property
    def axes(self) -> tuple[int, ...]:
        """The variables that are combined: those that some clause asks for."""
        place = self.space.place
        return tuple(place[name] for name in COMBINED if name in place)

    def found(self) -> tuple[tuple[Box, ...], int]:
        """The combinations of which no clause speaks, as few wide boxes, the widest first.

        At most BOXES of them; how many combinations of codes lie in none of these comes second.
        """
        if not self.axes:
            return (), 0
        gap = ~self._spoken()
        sizes = [
            np.array([len(values) for values in self.space.variables[axis].classes])
            for axis in self.axes
        ]
        left, boxes = gap.copy(), dict[tuple[tuple[int, ...], ...], None]()
        while left.any() and len(boxes) < BOXES:
            box = _widest(gap, _promising(gap, left), sizes)
            left[np.ix_(*box)] = False
            boxes[box] = None
        told = sorted(boxes, key=lambda box: -_weight(box, sizes))
        return tuple(map(self._whole, told)), _codes(left, sizes)

    def _whole(self, box: tuple[tuple[int, ...], ...]) -> Box:
        """The box over all variables."""
        chosen = dict(zip(self.axes, box, strict=True))
        return tuple(
            frozenset(chosen.get(variable, whole))
            for variable, whole in enumerate(self.space.whole)
        )

    def _spoken(self) -> Grid:
        """Of every combination of classes whether some clause speaks of it."""
        shape = tuple(len(self.space.variables[axis].classes) for axis in self.axes)
        spoken = np.zeros(shape, dtype=np.bool_)
        for clause in speaking(self.space):
            spoken |= self._reach(self.space.bodies[0][clause])
        return spoken

    def _reach(self, bits: Bits) -> Grid:
        """The combinations with which conditions may be met."""
        reach = np.ones((1,) * len(self.axes), dtype=np.bool_)
        for group in self.tables.groups:
            may = group.does_to(bits) >= Truth.UNKNOWN
            reach = reach & self._projected(group, may)
        return reach

    def _projected(self, group: Group, may: Grid) -> Grid:
        """What a group lets the combined variables be."""
        shape = [
            len(self.space.variables[axis].classes) if axis in group.variables else 1
            for axis in self.axes
        ]
        told = np.zeros(shape, dtype=np.bool_)
        rows = group.rows[may]
        told[
            tuple(
                rows[:, group.variables.index(axis)]
                if axis in group.variables
                else np.zeros(len(rows), dtype=np.int64)
                for axis in self.axes
            )
        ] = True
        return told


def speaking(space: Space) -> list[int]:
    """The clauses that ask for a combined fact."""
    axes = {space.place[name] for name in COMBINED if name in space.place}
    return [
        clause
        for clause, bits in enumerate(space.bodies[0])
        if axes & {each.variable for bit in bits for each in space.readings[bit]}
    ]


def spoken_of(space: Space) -> Formula:
    """Some clause that speaks of combinations may be met."""
    return Either(tuple(applies(space, 0, clause, PERHAPS) for clause in speaking(space)))


def silent(answering: Answering, box: Box) -> Witness | None:
    """A flow of a gap: one for which no clause at all may be met, where there is one."""
    space = answering.space
    ids = space.program.packs[0].ids
    whole = [place for place in range(len(ids)) if space.bodies[0][place]]
    for clauses in (whole, speaking(space)):
        nothing = All(tuple(applies(space, 0, clause, NO) for clause in clauses))
        world = answering.find(Question(nothing, box))
        if world is not None:
            return Witness(world, box)
    return None


def _promising(gap: Grid, left: Grid) -> tuple[int, ...]:
    """The cell not yet in a box along whose axes the gap reaches furthest."""
    reach = np.ones(gap.shape)
    for axis in range(gap.ndim):
        reach = reach * gap.sum(axis=axis, keepdims=True)
    return tuple(int(place) for place in np.unravel_index((reach * left).argmax(), gap.shape))


def _widest(
    gap: Grid, cell: tuple[int, ...], sizes: list[NDArray[np.int64]]
) -> tuple[tuple[int, ...], ...]:
    """The box of most combinations that grows from a cell, axis by axis in any order."""
    grown = [_grown(gap, cell, order) for order in permutations(range(gap.ndim))]
    return max(grown, key=lambda box: _weight(box, sizes))


def _grown(gap: Grid, cell: tuple[int, ...], order: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    box: list[tuple[int, ...]] = [(place,) for place in cell]
    for axis in order:
        slab = gap[np.ix_(*box[:axis], range(gap.shape[axis]), *box[axis + 1 :])]
        others = tuple(each for each in range(gap.ndim) if each != axis)
        box[axis] = tuple(np.flatnonzero(slab.all(axis=others)).tolist())
    return tuple(box)


def _codes(cells: Grid, sizes: list[NDArray[np.int64]]) -> int:
    """How many combinations of codes these cells hold."""
    held = cells.astype(np.int64)
    for size in reversed(sizes):
        held = held @ size
    return int(held)


def _weight(box: tuple[tuple[int, ...], ...], sizes: list[NDArray[np.int64]]) -> int:
    """How many combinations of codes a box holds."""
    weight = 1
    for places, size in zip(box, sizes, strict=True):
        weight *= int(size[list(places)].sum())
    return weight
