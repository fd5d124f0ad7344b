"""The distinct outcomes of a run: what each layer says of a flow and of each of its categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import SUPPLEMENT, Verdict
from audit.evaluation.deciding import NONE, Decided
from audit.evaluation.judgement import CODES, GRAVITY, OUTCOMES, UNITS
from audit.evaluation.units import distinct_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from audit.clauses.compiling import PackProgram, Program, Words
    from audit.evaluation.units import Units
    from audit.facts.flows import CategorySets
    from audit.facts.pairs import Places

VERDICTS = tuple(Verdict)


@dataclass(frozen=True)
class LayerUnits:
    """One layer's decision of a batch's units, with the conditions that explain it as masks."""

    program: PackProgram
    decided: Decided
    lacking: Words  # false conditions of the nearest miss
    unknown: Words  # unknown conditions of the clauses possibly in force
    supplement: NDArray[np.bool_]


@dataclass(frozen=True)
class UnitSaid:
    """One layer's words on one category: a row of Judgement.units before it has an outcome."""

    verdict: Verdict
    decided_by: tuple[str, ...]
    possible: tuple[str, ...]
    nearest: str | None
    lacking: tuple[str, ...]
    unknown: tuple[str, ...]
    asked_evidence: frozenset[str]
    consented: bool


@dataclass(frozen=True)
class Numbered:
    """The outcome of each signature of a batch, and what a single flow still has to be asked."""

    outcome: Places
    first_unit: Places  # per signature, its first unit
    asked_evidence: NDArray[
        np.uint64
    ]  # per signature, a bit per kind that a clause in force asks for
    consented: NDArray[np.bool_]  # per unit: consent decides it, with the verdict of the flow


@dataclass
class Ledger:
    """The outcomes met so far; grows with the distinct ones, never with the flows."""

    program: Program
    sets: CategorySets
    numbers: dict[bytes, int] = field(default_factory=dict)  # by set and unit sayings
    outcomes: list[bytes] = field(default_factory=list)
    sayings: dict[tuple[int, bytes], int] = field(default_factory=dict)  # by layer and content
    said: list[UnitSaid] = field(default_factory=list)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of evidence that some clause asks for, in the order of their bits."""
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
        rows = _words(layer)
        distinct = distinct_rows(rows)
        numbers = [
            self._saying(number, layer, int(i), rows[i].tobytes()) for i in distinct.shown_by
        ]
        return np.array(numbers, dtype=np.int64)[distinct.of_flow]

    def _saying(self, number: int, layer: LayerUnits, place: int, content: bytes) -> int:
        known = self.sayings.get((number, content))
        if known is None:
            known = self.sayings[number, content] = len(self.said)
            self.said.append(_unit_said(self.program, layer, place))
        return known

    def _outcomes(self, sets: Places, sayings: Places, ends: Places) -> Places:
        found = np.empty(len(sets), dtype=np.int64)
        content, width = sayings.astype(np.uint32).tobytes(), sayings.shape[1] * 4
        start = 0
        for i, (number, end) in enumerate(zip(sets.tolist(), ends.tolist(), strict=True)):
            key = number.to_bytes(4, "big") + content[start * width : end * width]
            known = self.numbers.get(key)
            if known is None:
                known = self.numbers[key] = len(self.outcomes)
                self.outcomes.append(key)
            found[i], start = known, end
        return found

    def _worst(self, sayings: Places, owners: Places, first: Places) -> NDArray[np.bool_]:
        """[units, layers]: whether the unit has its layer's verdict of the flow."""
        gravity = np.array([unit.verdict.gravity for unit in self.said], dtype=np.int8)[sayings]
        worst: NDArray[np.bool_] = gravity == np.maximum.reduceat(gravity, first, axis=0)[owners]
        return worst

    def _asked(self, sayings: Places, owners: Places, first: Places) -> NDArray[np.uint64]:
        bit = {kind: 1 << i for i, kind in enumerate(self.kinds)}
        masks = [sum(bit[kind] for kind in unit.asked_evidence) for unit in self.said]
        asked = np.where(
            self._worst(sayings, owners, first),
            np.array(masks, dtype=np.uint64)[sayings],
            np.uint64(0),
        )
        return np.bitwise_or.reduceat(np.bitwise_or.reduce(asked, axis=1), first)

    def _consented(self, sayings: Places, owners: Places, first: Places) -> NDArray[np.bool_]:
        consented = np.array([unit.consented for unit in self.said], dtype=np.bool_)[sayings]
        told = consented & self._worst(sayings, owners, first)
        flows: NDArray[np.bool_] = np.bitwise_or.reduce(told, axis=1)
        return flows

    def settled(self) -> Places:
        """The final number of each outcome, by its content: the order of flows leaves no trace."""
        ranks = {said: rank for rank, said in enumerate(sorted(set(map(_order, self.said))))}
        rank = [ranks[_order(unit)] for unit in self.said]
        contents = [
            (self.sets.names[number], [rank[i] for i in units]) for number, units in self._read()
        ]
        order = sorted(range(len(contents)), key=contents.__getitem__)
        return np.argsort(np.array(order, dtype=np.int64))

    def _read(self) -> Iterator[tuple[int, list[int]]]:
        """Category set and unit sayings of each outcome, unit by unit and layer by layer."""
        for key in self.outcomes:
            yield int.from_bytes(key[:4], "big"), np.frombuffer(key[4:], dtype=np.uint32).tolist()

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
        """A row per outcome, category and layer with the number of what is said."""
        layers, read = self.layers(), list(self._read())
        names = [self.sets.names[number] for number, _ in read]
        counts = [len(categories) for categories in names]
        return pl.DataFrame(
            {
                "outcome": np.repeat(final, np.array(counts, dtype=np.int64) * len(layers)),
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
        rows = [_unit_row(unit) for unit in self.said]
        return pl.DataFrame(rows, schema=schema, orient="row").with_row_index("saying")


_KEYS = ("outcome", "layer", "data_category")


def layer_units(program: PackProgram, units: Units, decided: Decided) -> LayerUnits:
    """The decision with the conditions that it lacks and those that are unknown."""
    masks = program.masks
    missed = decided.nearest != NONE
    lacking = np.where(missed[:, None], units.states.false & masks[decided.nearest], np.uint64(0))
    open_ = decided.verdict == Verdict.INDETERMINATE.gravity
    asked = np.zeros_like(units.states.true)
    for place, mask in enumerate(masks):
        asked |= np.where((decided.possible[:, place] & open_)[:, None], mask, np.uint64(0))
    unknown = asked & ~units.states.true & ~units.states.false
    by_consent = [_by_supplement(program, place) for place in range(len(program.ids))]
    signed = units.supplement & decided.deciding[:, by_consent].any(axis=1)
    return LayerUnits(program, decided, lacking, unknown, signed)


def _words(layer: LayerUnits) -> Words:
    """Everything said of a unit in whole words: equal rows say the same."""
    decided = layer.decided
    numbers = np.stack([decided.verdict, decided.nearest, layer.supplement], axis=1).astype(
        np.int16
    )
    flags = np.concatenate([decided.in_force, decided.possible], axis=1)
    packed = np.concatenate([numbers.view(np.uint8), np.packbits(flags, axis=1)], axis=1)
    padded = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))
    words = np.ascontiguousarray(padded).view(np.uint64)
    return np.concatenate([words, layer.lacking, layer.unknown], axis=1)


def _unit_said(program: Program, layer: LayerUnits, place: int) -> UnitSaid:
    decided, pack = layer.decided, layer.program
    deciding = np.flatnonzero(decided.deciding[place]).tolist()
    in_force = [pack.clauses[i] for i in np.flatnonzero(decided.in_force[place])]
    nearest = int(decided.nearest[place])
    return UnitSaid(
        verdict=VERDICTS[decided.verdict[place]],
        decided_by=tuple(
            sorted(_reported(pack, i, signed=bool(layer.supplement[place])) for i in deciding)
        ),
        possible=tuple(pack.ids[i] for i in np.flatnonzero(decided.possible[place])),
        nearest=None if nearest == NONE else pack.ids[nearest],
        lacking=_spellings(program, layer.lacking[place]),
        unknown=_spellings(program, layer.unknown[place]),
        asked_evidence=frozenset(
            kind
            for clause in in_force
            if clause
            for line in clause.when
            if line.word == "evidence"
            for kind in line.argument
        ),
        consented=any(_by_supplement(pack, i) for i in deciding),
    )


def _reported(pack: PackProgram, place: int, *, signed: bool) -> str:
    return f"{pack.ids[place]}{SUPPLEMENT if signed and _by_supplement(pack, place) else ''}"


def _by_supplement(pack: PackProgram, place: int) -> bool:
    clause = pack.clauses[place]
    return clause is not None and clause.may_be_supplement


def _spellings(program: Program, mask: Words) -> tuple[str, ...]:
    """The conditions of a mask as findings name them, sorted."""
    bits = np.flatnonzero(np.unpackbits(mask.view(np.uint8), bitorder="little"))
    return tuple(sorted({program.conditions[bit].spelling for bit in bits}))


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
        .with_columns(pl.col("decided_by").map_batches(_one_consent, return_dtype=CODES))
        .select(list(OUTCOMES))
        .sort("outcome", "layer")
    )


def _one_consent(decided: pl.Series) -> pl.Series:
    """A clause carried by a supplement for one category is reported so for the flow."""
    told = [
        [clause for clause in clauses if f"{clause}{SUPPLEMENT}" not in clauses]
        for clauses in decided.to_list()
    ]
    return pl.Series(decided.name, told, dtype=CODES)


def _order(unit: UnitSaid) -> tuple[object, ...]:
    """What a saying is sorted by."""
    asked = tuple(sorted(unit.asked_evidence))
    return (
        unit.verdict.gravity,
        unit.decided_by,
        unit.possible,
        unit.nearest or "",
        unit.lacking,
        unit.unknown,
        asked,
        unit.consented,
    )


def _unit_row(unit: UnitSaid) -> tuple[object, ...]:
    return (
        unit.verdict.value,
        list(unit.decided_by),
        list(unit.possible),
        unit.nearest,
        list(unit.lacking),
        list(unit.unknown),
    )
