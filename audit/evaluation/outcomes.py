"""The distinct outcomes of a run: what each layer says of a flow and of each of its categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import SUPPLEMENT, Verdict
from audit.evaluation.judgement import GRAVITY, OUTCOMES, UNITS
from audit.evaluation.sayings import LayerUnits, UnitSaid, unit_said, words_of
from audit.evaluation.units import distinct_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from audit.clauses.compiling import Program
    from audit.evaluation.drafting import Moves
    from audit.evaluation.units import Units
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
    """The outcomes of a part of a run: what was said of units, and per outcome which of it."""

    said: tuple[UnitSaid, ...]
    outcomes: tuple[bytes, ...]  # as `Ledger.outcomes`, under the numbers of the part


@dataclass
class Ledger:
    """The outcomes met so far; grows with the distinct ones, never with the flows."""

    program: Program
    sets: CategorySets
    numbers: dict[bytes, int] = field(default_factory=dict)  # by set and unit sayings
    outcomes: list[bytes] = field(default_factory=list)
    sayings: dict[tuple[int, bytes], int] = field(default_factory=dict)  # by layer and content
    said: list[UnitSaid] = field(default_factory=list)
    taken: dict[UnitSaid, int] = field(default_factory=dict)  # those that came with parts

    def part(self) -> Entries:
        """The outcomes met, as another ledger takes them."""
        return Entries(tuple(self.said), tuple(self.outcomes))

    def take(self, entries: Entries, sets: Places) -> Places:
        """The number here of each outcome of a part, whose category sets have these numbers."""
        sayings = np.array([self._taken(unit) for unit in entries.said], dtype=np.uint32)
        keys = (
            int(sets[number]).to_bytes(4, "big") + sayings[units].tobytes()
            for number, units in _read(entries.outcomes)
        )
        return np.array([self._outcome(key) for key in keys], dtype=np.int64)

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

    def number(self, sets: Places, units: Units, layers: Sequence[LayerUnits]) -> Numbered:
        """The outcomes of signatures that have these category sets and units."""
        sayings = np.stack([self._sayings(i, layer) for i, layer in enumerate(layers)], axis=1)
        counts = np.bincount(units.signature, minlength=len(sets))
        ends = np.cumsum(counts)
        return Numbered(
            outcome=self._outcomes(sets, sayings, ends),
            first_unit=ends - counts,
            asked_evidence=self._asked(sayings, units.signature, ends - counts),
            consented=self._consented(sayings, units.signature, ends - counts),
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

    def _outcomes(self, sets: Places, sayings: Places, ends: Places) -> Places:
        found = np.empty(len(sets), dtype=np.int64)
        content, width = sayings.astype(np.uint32).tobytes(), sayings.shape[1] * 4
        start = 0
        for i, (number, end) in enumerate(zip(sets.tolist(), ends.tolist(), strict=True)):
            key = number.to_bytes(4, "big") + content[start * width : end * width]
            found[i], start = self._outcome(key), end
        return found

    def _outcome(self, key: bytes) -> int:
        known = self.numbers.get(key)
        if known is None:
            known = self.numbers[key] = len(self.outcomes)
            self.outcomes.append(key)
        return known

    def _worst(self, sayings: Places, owners: Places, first: Places) -> NDArray[np.bool_]:
        """[units, layers]: whether the unit has its layer's verdict of the flow."""
        gravity = np.array([unit.verdict.gravity for unit in self.said], dtype=np.int8)[sayings]
        worst: NDArray[np.bool_] = gravity == np.maximum.reduceat(gravity, first, axis=0)[owners]
        return worst

    def _asked(self, sayings: Places, owners: Places, first: Places) -> NDArray[np.bool_]:
        asking = [[kind in unit.asked_evidence for kind in self.kinds] for unit in self.said]
        shape = (len(self.said), len(self.kinds))
        told = np.array(asking, dtype=np.bool_).reshape(shape)[sayings]
        asked = (told & self._worst(sayings, owners, first)[:, :, None]).any(axis=1)
        return np.bitwise_or.reduceat(asked, first, axis=0)

    def _consented(self, sayings: Places, owners: Places, first: Places) -> NDArray[np.bool_]:
        consented = np.array([unit.consented for unit in self.said], dtype=np.bool_)[sayings]
        told = consented & self._worst(sayings, owners, first)
        flows: NDArray[np.bool_] = np.bitwise_or.reduce(told, axis=1)
        return flows

    def settled(self) -> Places:
        """The final number of each outcome, by its content: the order of flows leaves no trace.

        Outcomes of which the same is told become one.
        """
        orders = [unit.order for unit in self.said]
        ranks = {order: rank for rank, order in enumerate(sorted(set(orders)))}
        contents = [
            (self.sets.names[number], tuple(ranks[orders[i]] for i in units))
            for number, units in _read(self.outcomes)
        ]
        final = {content: number for number, content in enumerate(sorted(set(contents)))}
        return np.array([final[content] for content in contents], dtype=np.int64)

    def layers(self) -> tuple[str, ...]:
        """The layers judged, in order."""
        return tuple(pack.layer.value for pack in self.program.packs)

    def units(self, final: Places) -> pl.DataFrame:
        """Judgement.units under the final numbers of the outcomes."""
        return (
            self._spread(final)
            .join(self._told(), on="saying", how="left", validate="m:1")
            .select(pl.col(name).cast(kind) for name, kind in UNITS.items())
            .sort("outcome", "layer", "data_category")
        )

    def _spread(self, final: Places) -> pl.DataFrame:
        """A row per final outcome, category and layer with the number of what is said."""
        numbers, first = np.unique(final, return_index=True)
        layers, every = self.layers(), list(_read(self.outcomes))
        read = [every[i] for i in first]
        names = [self.sets.names[number] for number, _ in read]
        counts = [len(categories) for categories in names]
        return pl.DataFrame(
            {
                "outcome": np.repeat(numbers, np.array(counts, dtype=np.int64) * len(layers)),
                "layer": np.tile(np.array(layers, dtype=object), sum(counts)),
                "data_category": [code for row in names for code in row for _ in layers],
                "saying": [saying for _, sayings in read for saying in sayings],
            },
            schema={
                "outcome": pl.UInt32,
                "layer": pl.String,
                "data_category": pl.String,
                "saying": pl.UInt32,
            },
        )

    def _told(self) -> pl.DataFrame:
        schema = {name: kind for name, kind in UNITS.items() if name not in _KEYS}
        rows = [unit.row for unit in self.said]
        return pl.DataFrame(rows, schema=schema, orient="row").with_row_index("saying")


_KEYS = ("outcome", "layer", "data_category")


def _read(outcomes: Sequence[bytes]) -> Iterator[tuple[int, list[int]]]:
    """Category set and unit sayings of each outcome, unit by unit and layer by layer."""
    for key in outcomes:
        yield int.from_bytes(key[:4], "big"), np.frombuffer(key[4:], dtype=np.uint32).tolist()


def outcomes_of(units: pl.DataFrame) -> pl.DataFrame:
    """Judgement.outcomes from Judgement.units: the gravest categories speak for the flow."""
    gravity = pl.col("verdict").replace_strict(
        list(GRAVITY), list(GRAVITY.values()), return_dtype=pl.Int8
    )
    worst = units.filter(gravity == gravity.max().over("outcome", "layer"))
    failing = pl.col("verdict").is_in([Verdict.VIOLATION, Verdict.INDETERMINATE])
    lists = ("decided_by", "possible")
    return (
        worst.group_by("outcome", "layer", "verdict")
        .agg(
            *(pl.col(name).explode(empty_as_null=False) for name in lists),
            pl.col("data_category").filter(failing).sort().alias("failing"),
            pl.col("nearest").sort_by("data_category").drop_nulls(),
        )
        .with_columns(pl.col(name).list.unique().list.sort() for name in lists)
        .with_columns(_one_consent())
        .select(list(OUTCOMES))
        .sort("outcome", "layer")
    )


def _one_consent() -> pl.Expr:
    """A clause carried by a supplement for one category is reported so for the flow."""
    element, decided = pl.element(), pl.col("decided_by")
    carried = element.filter(element.str.ends_with(SUPPLEMENT)).str.strip_suffix(SUPPLEMENT)
    return decided.list.set_difference(decided.list.eval(carried)).list.sort()
