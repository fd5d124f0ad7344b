"""The distinct outcomes of a run: what each layer says of a flow and of each of its categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.evaluation.sayings import LayerUnits, UnitSaid, unit_said, words_of
from audit.evaluation.spread import SAID, Spread
from audit.evaluation.units import distinct_rows
from audit.facts.pairs import starts_of
from audit.facts.rows import Grown, Rows, Sequences, grown, headed, ranked, taken, unheaded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from audit.clauses.clause import Layer
    from audit.clauses.compiling import Program
    from audit.evaluation.drafting import Moves
    from audit.facts.flows import CategorySets
    from audit.facts.pairs import Places


@dataclass(frozen=True)
class Numbered:
    """The outcome of each signature, and what a single flow still has to be asked."""

    outcome: Places
    first_unit: Places  # per signature, its first unit
    asked_evidence: NDArray[np.bool_]  # [signatures, kinds]: a clause in force asks for the kind
    consented: NDArray[np.bool_]  # per unit: consent decides it, with the verdict of the flow
    signed: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # by `Signing`
    moves: Moves = field(default_factory=lambda: np.zeros((0, 0), dtype=np.uint8))  # by drafts

    def followed_by(self, other: Numbered) -> Numbered:
        """These signatures, and then the others."""
        return Numbered(
            outcome=np.concatenate([self.outcome, other.outcome]),
            first_unit=np.concatenate([self.first_unit, len(self.consented) + other.first_unit]),
            asked_evidence=np.concatenate([self.asked_evidence, other.asked_evidence]),
            consented=np.concatenate([self.consented, other.consented]),
            signed=np.concatenate([self.signed, other.signed]),
            moves=np.concatenate([self.moves, other.moves]),
        )


@dataclass(frozen=True)
class Entries:
    """The outcomes of a part of a run: as `Ledger` has them, under the numbers of the part."""

    said: tuple[UnitSaid, ...]
    tells: Places
    outcomes: NDArray[np.uint32]
    sizes: Places


@dataclass
class Ledger:
    """The outcomes met so far; grows with the distinct ones, never with the flows.

    tells: what all layers say of a unit together, each by its place in `said`. of_kind: what they
    tell of each kind of unit. outcomes: the set of categories, and what is told of each unit.
    """

    program: Program
    sets: CategorySets
    tells: Rows = field(init=False)
    of_kind: Grown = field(default_factory=lambda: grown(np.int64))
    outcomes: Sequences = field(default_factory=Sequences)
    sayings: dict[tuple[int, bytes], int] = field(default_factory=dict)  # by layer and content
    said: list[UnitSaid] = field(default_factory=list)
    taken: dict[UnitSaid, int] = field(default_factory=dict)  # those that came with parts

    def __post_init__(self) -> None:
        self.tells = Rows(len(self.program.packs), np.uint32)

    def part(self) -> Entries:
        """The outcomes met, as another ledger takes them."""
        rows = self.outcomes
        return Entries(tuple(self.said), self.tells.all.copy(), rows.values.copy(), rows.sizes)

    def take(self, entries: Entries, sets: Places) -> Places:
        """The number here of each outcome of a part, whose category sets have these numbers."""
        sayings = np.array([self._taken(unit) for unit in entries.said], dtype=np.int64)
        tells = self.tells.number(sayings[entries.tells])
        own, told = unheaded(entries.outcomes, entries.sizes)
        return self.outcomes.number(*headed(sets[own], tells[told], entries.sizes - 1))

    def _taken(self, unit: UnitSaid) -> int:
        known = self.taken.get(unit)
        if known is None:
            known = self.taken[unit] = len(self.said)
            self.said.append(unit)
        return known

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of evidence that some clause asks for, in the order of `asked_evidence`."""
        return self.program.evidence_asked

    def tell(self, layers: Sequence[LayerUnits]) -> None:
        """What the layers say of the next kinds of units."""
        sayings = np.stack([self._sayings(i, layer) for i, layer in enumerate(layers)], axis=1)
        self.of_kind.add(self.tells.number(sayings))

    def number(self, sets: Places, kinds: Places, sizes: Places) -> Numbered:
        """The outcomes of signatures that have these category sets and kinds of units."""
        tells = self.of_kind.all[kinds]
        first = starts_of(sizes)
        sayings = self.tells.all[tells]
        worst = self._worst(sayings, np.repeat(np.arange(len(sets)), sizes), first)
        return Numbered(
            outcome=self.outcomes.number(*headed(sets, tells, sizes)),
            first_unit=first,
            asked_evidence=self._asked(sayings, worst, first),
            consented=self._consented(sayings, worst),
        )

    def sayings_of(self, number: int, layer: LayerUnits) -> list[UnitSaid]:
        """What the layer says of each unit."""
        return [self.said[i] for i in self._sayings(number, layer)]

    def _sayings(self, number: int, layer: LayerUnits) -> Places:
        """Per unit the number of what the layer says of it."""
        rows = words_of(layer)
        distinct = distinct_rows(rows)
        numbers = [
            self._saying(number, layer, int(i), rows[i].tobytes()) for i in distinct.shown_by
        ]
        return np.array(numbers, dtype=np.int64)[distinct.of_flow]

    def _saying(self, number: int, layer: LayerUnits, place: int, content: bytes) -> int:
        known = self.sayings.get((number, content))
        if known is None:
            known = self.sayings[number, content] = len(self.said)
            self.said.append(unit_said(self.program, layer, place))
        return known

    def _worst(self, sayings: Places, owners: Places, first: Places) -> NDArray[np.bool_]:
        """[units, layers]: whether the unit has its layer's verdict of the flow."""
        gravity = np.array([unit.verdict.gravity for unit in self.said], dtype=np.int8)[sayings]
        worst: NDArray[np.bool_] = gravity == np.maximum.reduceat(gravity, first, axis=0)[owners]
        return worst

    def _asked(self, sayings: Places, worst: NDArray[np.bool_], first: Places) -> NDArray[np.bool_]:
        asking = [[kind in unit.asked_evidence for kind in self.kinds] for unit in self.said]
        shape = (len(self.said), len(self.kinds))
        told = np.array(asking, dtype=np.bool_).reshape(shape)[sayings]
        return np.bitwise_or.reduceat((told & worst[:, :, None]).any(axis=1), first, axis=0)

    def _consented(self, sayings: Places, worst: NDArray[np.bool_]) -> NDArray[np.bool_]:
        consented = np.array([unit.consented for unit in self.said], dtype=np.bool_)[sayings]
        flows: NDArray[np.bool_] = np.bitwise_or.reduce(consented & worst, axis=1)
        return flows

    def settled(self) -> Places:
        """The final number of each outcome, by its content: the order of flows leaves no trace.

        Outcomes of which the same is told become one.
        """
        orders = [unit.order for unit in self.said]
        ranks = {order: rank for rank, order in enumerate(sorted(set(orders)))}
        rank = np.array([ranks[order] for order in orders], dtype=np.int64)[self.tells.all]
        tells = np.unique(rank, axis=0, return_inverse=True)[1].reshape(-1)
        sizes = self.outcomes.sizes
        sets, told = unheaded(self.outcomes.values, sizes)
        return ranked(self.sets.order()[1][sets], tells[told], sizes - 1)

    def layers(self) -> tuple[Layer, ...]:
        """The layers judged, in the order of the packs."""
        return tuple(pack.layer for pack in self.program.packs)

    def spread(self, final: Places) -> Spread:
        """What is said of all categories, under the final numbers of the outcomes."""
        shown = np.unique(final, return_index=True)[1]
        sizes = self.outcomes.sizes
        sets, told = unheaded(self.outcomes.values, sizes)
        own, category = sizes[shown] - 1, self.sets.order()[0]
        words = taken(self.sets.rows.values, self.sets.rows.first, self.sets.sizes, sets[shown])
        return Spread(
            first=np.concatenate([[0], np.cumsum(own)]),
            category=category[words].astype(np.uint32),
            told=taken(told, starts_of(sizes - 1), sizes - 1, shown),
            categories=pl.Series([*self.sets.words], dtype=pl.String).sort(),
            layers=self.layers(),
            sayings=self.tells.all.astype(np.int64),
            said=pl.DataFrame([unit.row for unit in self.said], schema=SAID, orient="row"),
        )
