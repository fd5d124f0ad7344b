"""The distinct outcomes of a run: what each layer says of a flow and of each of its categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import Verdict
from audit.evaluation.deciding import NONE, Decided
from audit.evaluation.judgement import OUTCOMES, UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from audit.clauses.compiling import PackProgram, Program, Words
    from audit.evaluation.units import Units
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


@dataclass
class Ledger:
    """The outcomes met so far; grows with the distinct ones, never with the flows."""

    program: Program
    numbers: dict[tuple[tuple[str, ...], bytes], int] = field(default_factory=dict)
    rows: list[tuple[tuple[str, ...], list[list[UnitSaid]]]] = field(default_factory=list)
    spelled: dict[tuple[int, bytes], UnitSaid] = field(default_factory=dict)

    def number(
        self, names: Sequence[tuple[str, ...]], units: Units, layers: Sequence[LayerUnits]
    ) -> Places:
        """The outcome of each signature; `names` are the categories of its units."""
        told = [_bytes(layer) for layer in layers]
        whole = np.concatenate(told, axis=1)
        ends = np.cumsum([len(categories) for categories in names], dtype=np.int64)
        found = np.empty(len(names), dtype=np.int64)
        for i, (categories, end) in enumerate(zip(names, ends.tolist(), strict=True)):
            start = end - len(categories)
            key = (categories, whole[start:end].tobytes())
            if key not in self.numbers:
                self.numbers[key] = len(self.rows)
                self.rows.append((categories, self._said(range(start, end), layers, told)))
            found[i] = self.numbers[key]
        return found

    def _said(
        self, places: range, layers: Sequence[LayerUnits], told: Sequence[NDArray[np.uint8]]
    ) -> list[list[UnitSaid]]:
        """Per layer what is said of each unit."""
        return [
            [self._spelled(i, place, layer, rows[place].tobytes()) for place in places]
            for i, (layer, rows) in enumerate(zip(layers, told, strict=True))
        ]

    def _spelled(self, number: int, place: int, layer: LayerUnits, key: bytes) -> UnitSaid:
        if (number, key) not in self.spelled:
            self.spelled[number, key] = _unit_said(self.program, layer, place)
        return self.spelled[number, key]

    def settled(self) -> Places:
        """The final number of each outcome, by its content: the order of flows leaves no trace.

        Renumbers the ledger; to be called once, at the end.
        """
        keys = sorted(self.numbers)
        order = [self.numbers[key] for key in keys]
        self.rows = [self.rows[number] for number in order]
        self.numbers = {key: i for i, key in enumerate(keys)}
        return np.argsort(np.array(order, dtype=np.int64))

    def layers(self) -> tuple[str, ...]:
        """The layers judged, in order."""
        return tuple(pack.layer.value for pack in self.program.packs)

    def outcomes(self) -> pl.DataFrame:
        """Judgement.outcomes."""
        return pl.DataFrame(list(self._outcome_rows()), schema=OUTCOMES, orient="row")

    def units(self) -> pl.DataFrame:
        """Judgement.units."""
        return pl.DataFrame(list(self._unit_rows()), schema=UNITS, orient="row")

    def _outcome_rows(self) -> Iterator[tuple[object, ...]]:
        for number, (categories, by_layer) in enumerate(self.rows):
            for layer, units in zip(self.layers(), by_layer, strict=True):
                yield (number, layer, *_flow_says(categories, units))

    def _unit_rows(self) -> Iterator[tuple[object, ...]]:
        for number, (categories, by_layer) in enumerate(self.rows):
            for layer, units in zip(self.layers(), by_layer, strict=True):
                for category, unit in zip(categories, units, strict=True):
                    yield (number, layer, category, *_unit_row(unit))

    def asking(self, kinds: Sequence[str]) -> Mapping[str, NDArray[np.bool_]]:
        """Per kind of evidence, whether a clause in force asks for it where the verdict is made."""
        return {
            kind: np.array(
                [any(kind in unit.asked_evidence for unit in _worst_units(by_layer)) for _, by_layer in self.rows],
                dtype=np.bool_,
            )
            for kind in kinds
        }

    def consented(self, width: int) -> NDArray[np.bool_]:
        """[outcomes, positions]: whether consent decides this category with the flow's verdict."""
        table = np.zeros((len(self.rows), width), dtype=np.bool_)
        for number, (_, by_layer) in enumerate(self.rows):
            for units in by_layer:
                worst = _gravest(units)
                for position, unit in enumerate(units):
                    table[number, position] |= unit.consented and unit.verdict is worst
        return table


def layer_units(program: PackProgram, units: Units, decided: Decided) -> LayerUnits:
    """The decision with the conditions that it lacks and those that are unknown."""
    masks = program.masks
    missed = decided.nearest != NONE
    lacking = np.where(missed[:, None], units.false & masks[decided.nearest], np.uint64(0))
    open_ = decided.verdict == Verdict.INDETERMINATE.gravity
    asked = np.zeros_like(units.true)
    for place, mask in enumerate(masks):
        asked |= np.where((decided.possible[:, place] & open_)[:, None], mask, np.uint64(0))
    unknown = asked & ~units.true & ~units.false
    by_consent = [bool(clause and clause.supplement_cite) for clause in program.clauses]
    signed = units.supplement & decided.deciding[:, by_consent].any(axis=1)
    return LayerUnits(program, decided, lacking, unknown, signed)


def _bytes(layer: LayerUnits) -> NDArray[np.uint8]:
    """Everything said of a unit in fixed width, so that equal bytes are equal words."""
    decided = layer.decided
    numbers = np.stack([decided.verdict, decided.nearest, layer.supplement], axis=1).astype(np.int16)
    flags = np.concatenate([decided.in_force, decided.possible], axis=1)
    masks = np.ascontiguousarray(np.concatenate([layer.lacking, layer.unknown], axis=1))
    parts = (numbers.view(np.uint8), np.packbits(flags, axis=1), masks.view(np.uint8))
    return np.concatenate(parts, axis=1)


def _unit_said(program: Program, layer: LayerUnits, place: int) -> UnitSaid:
    decided, pack = layer.decided, layer.program
    deciding = np.flatnonzero(decided.deciding[place])
    in_force = [pack.clauses[i] for i in np.flatnonzero(decided.in_force[place])]
    nearest = int(decided.nearest[place])
    return UnitSaid(
        verdict=VERDICTS[decided.verdict[place]],
        decided_by=tuple(sorted(_reported(pack, i, signed=bool(layer.supplement[place])) for i in deciding)),
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
        consented=any(_asks_consent(pack, i) for i in deciding),
    )


def _reported(pack: PackProgram, place: int, *, signed: bool) -> str:
    clause = pack.clauses[place]
    return clause.supplement_id if clause and clause.supplement_cite and signed else pack.ids[place]


def _asks_consent(pack: PackProgram, place: int) -> bool:
    clause = pack.clauses[place]
    return clause is not None and any(line.word == "consented" for line in clause.when)


def _spellings(program: Program, mask: Words) -> tuple[str, ...]:
    """The conditions of a mask as findings name them, sorted."""
    bits = np.flatnonzero(np.unpackbits(mask.view(np.uint8), bitorder="little"))
    return tuple(sorted({program.conditions[bit].spelling for bit in bits}))


def _gravest(units: Iterable[UnitSaid]) -> Verdict:
    return max((unit.verdict for unit in units), key=lambda verdict: verdict.gravity)


def _worst_units(by_layer: Iterable[Sequence[UnitSaid]]) -> Iterator[UnitSaid]:
    """The units that have their layer's verdict of the flow."""
    for units in by_layer:
        worst = _gravest(units)
        yield from (unit for unit in units if unit.verdict is worst)


def _flow_says(categories: Sequence[str], units: Sequence[UnitSaid]) -> tuple[object, ...]:
    """verdict, decided_by, possible, failing, nearest: of the categories that have the verdict."""
    worst = _gravest(units)
    told = [(category, unit) for category, unit in zip(categories, units, strict=True) if unit.verdict is worst]
    failing = worst in (Verdict.VIOLATION, Verdict.INDETERMINATE)
    decided = {clause for _, unit in told for clause in unit.decided_by}
    return (
        worst.value,
        _merged_consent(decided),
        sorted({clause for _, unit in told for clause in unit.possible}),
        [category for category, _ in told] if failing else [],
        [unit.nearest for _, unit in told if unit.nearest is not None],
    )


def _merged_consent(decided: set[str]) -> list[str]:
    """A clause carried by a supplement for one category is reported so for the flow."""
    return sorted(clause for clause in decided if f"{clause} (supplement)" not in decided)


def _unit_row(unit: UnitSaid) -> tuple[object, ...]:
    return (
        unit.verdict.value,
        list(unit.decided_by),
        list(unit.possible),
        unit.nearest,
        list(unit.lacking),
        list(unit.unknown),
    )
