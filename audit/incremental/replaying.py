"""Flows that an earlier run judged, counted again: only those that were touched are judged anew.

Signatures say all that clauses saw of a flow, so that what was decided of one follows from it
without asking the registers. Who is counted, watched and supplied abroad is asked of every flow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.evaluation.judging import Gathered, Judged, Judging
from audit.evaluation.units import States, Units
from audit.facts.keys import ABSENT
from audit.incremental.kept import KEPT, SET, SIGNED, looked_up
from audit.incremental.recording import program_told
from audit.keeping.entry import Damaged
from audit.records.tables import FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from audit.changes.touching import Touched
    from audit.clauses.compiling import Program
    from audit.evaluation.outcomes import Numbered
    from audit.facts.flows import CategorySets, Flows
    from audit.facts.pairs import Places
    from audit.incremental.kept import KeptFile

    Heard = Callable[..., None]

_CLAIM = 4  # bytes of what is said of a signature: the number of the claim


@dataclass(frozen=True)
class Met:
    """Signatures that were not met before, under the next places: sets and what is said of each."""

    sets: Places
    said: Sequence[bytes]


@dataclass(frozen=True)
class Again:
    """A batch of kept flows: those that still stand, and those that are judged anew."""

    name: str  # of the file
    touched: NDArray[np.bool_]
    standing: pl.DataFrame
    flows: Flows  # those that stand, as numbers
    places: Places  # of the signature of each
    met: Met
    anew: Gathered


@dataclass(frozen=True)
class Lookup:
    """The signatures of a kept file by number: set of categories, what is said, where it was met.

    places: ABSENT where it was not. sets_of_rows: the number here of each set that rows name.
    """

    numbers: NDArray[np.uint32]
    sets: Places
    said: pl.Series
    places: Places
    sets_of_rows: Places


@dataclass
class Recognising:
    """Which place the signatures of kept files have among all that flows which stand have shown.

    A signature that no flow has any more must not be met: a run alone would not know it.
    """

    files: Sequence[KeptFile]
    program: Program
    known: CategorySets
    places: dict[tuple[int, bytes], int] = field(default_factory=dict)  # by set and what is said
    lookups: dict[int, Lookup] = field(default_factory=dict)

    def of(self, file: int, numbers: NDArray[np.uint32]) -> tuple[Places, Met]:
        """The place of each of these signatures of the file; those that were not met before."""
        lookup = self.lookup(file)
        own = looked_up(lookup.numbers, numbers)
        used = np.flatnonzero(np.bincount(own, minlength=len(lookup.numbers)))
        unplaced = used[lookup.places[used] == ABSENT]
        said = lookup.said.gather(unplaced).to_list()
        keys = [*zip(lookup.sets[unplaced].tolist(), said, strict=True)]
        fresh = [key for key in dict.fromkeys(keys) if key not in self.places]
        self.places.update({key: len(self.places) + i for i, key in enumerate(fresh)})
        lookup.places[unplaced] = [self.places[key] for key in keys]
        sets = np.array([number for number, _ in fresh], dtype=np.int64)
        return lookup.places[own], Met(sets, [each for _, each in fresh])

    def lookup(self, file: int) -> Lookup:
        """What is known of the signatures of the file."""
        if file not in self.lookups:
            kept = self.files[file]
            told, size = kept.signatures(), len(kept.signatures().numbers)
            same = told.program == program_told(self.program)
            if not same or {len(told.sets), len(told.said)} != {size}:
                raise Damaged
            self.lookups[file] = Lookup(
                numbers=told.numbers,
                sets=self.known.of(told.sets),
                said=told.said,
                places=np.full(size, ABSENT, dtype=np.int64),
                sets_of_rows=self.known.of(kept.told.sets),
            )
        return self.lookups[file]


@dataclass
class Replaying:
    """A judging that also takes kept flows: ready in one thread, added in another, as others are.

    `heard` is told of every batch that was added: of which file, its rows with their sets of
    categories where they are fresh, what was told of each flow, and whether one was judged anew.
    """

    judging: Judging
    files: Sequence[KeptFile]
    touched: Touched
    heard: Heard
    standing: int = 0
    numbered: Numbered | None = None
    recognising: Recognising = field(init=False)

    def __post_init__(self) -> None:
        registers = self.judging.registers
        self.recognising = Recognising(self.files, registers.program, registers.sets)

    def gathered(self, batch: pl.DataFrame) -> Gathered | Again:
        """The facts of a batch; of kept flows, only of those that were touched."""
        if KEPT not in batch.columns or batch.is_empty():
            return self.judging.gathered(batch)
        file = int(batch[KEPT][0])
        touched = self._touched(batch)
        standing = batch if not touched.any() else batch.filter(~touched)
        places, met = self.recognising.of(file, standing[SIGNED].to_numpy())
        sets = self.recognising.lookup(file).sets_of_rows[standing[SET].to_numpy()]
        return Again(
            name=self.files[file].told.input.name,
            touched=touched.to_numpy(),
            standing=standing,
            flows=self.judging.registers.flows(standing, sets),
            places=places,
            met=met,
            anew=self.judging.gathered(batch.filter(touched)),
        )

    def _touched(self, batch: pl.DataFrame) -> pl.Series:
        if self.touched.nothing:
            return pl.Series(KEPT, [False]).new_from_index(0, batch.height)
        asked = batch.select(
            pl.col("sender", "recipient").cast(pl.String), "subject_id", "evidence_id"
        )
        told = asked.select(self.touched.mask().alias(KEPT)).to_series()
        return told if len(told) == batch.height else told.new_from_index(0, batch.height)

    def add(self, made: Gathered | Again) -> None:
        """Judge a batch, or count it again."""
        if isinstance(made, Again):
            self._count(made)
            return
        told = self.judging.add(made)
        if not made.rows.is_empty():
            rows = made.rows, made.facts.flows.sets
            self.heard(made.rows[FILE][0], rows, told, anew=True)

    def _count(self, made: Again) -> None:
        numbered = self._numbered(made.met)
        anew = self.judging.add(made.anew)
        told = [made.standing[name] for name in ("inferred", "consents")]
        standing = anew.clear()
        if made.standing.height:
            judged = Judged(numbered, made.places, *told)
            standing = self.judging.count(made.standing, made.flows, judged)
        self.standing += made.standing.height
        order = np.concatenate([np.flatnonzero(~made.touched), np.flatnonzero(made.touched)])
        both = pl.concat([standing, anew])[np.argsort(order)]
        self.heard(made.name, None, both, anew=bool(made.touched.any()))

    def _numbered(self, met: Met) -> Numbered:
        """What is decided of every signature met up to now, those just met among them."""
        if len(met.said) or self.numbered is None:
            basis, units = self._units(met)
            fresh = self.judging.decided(met.sets, basis, units)
            known = self.numbered
            self.numbered = fresh if known is None else known.followed_by(fresh)
        return self.numbered

    def _units(self, met: Met) -> tuple[Places, Units]:
        """The claim of each signature, and the units with what their conditions were."""
        registers = self.judging.registers
        words = registers.program.words
        basis = np.array([int.from_bytes(said[:_CLAIM], "big") for said in met.said], np.int64)
        content = b"".join(said[_CLAIM:] for said in met.said)
        rows = np.frombuffer(content, dtype=np.uint64).reshape(-1, 2 * words + 1)
        owners, position, _ = registers.sets.units(met.sets)
        if len(owners) != len(rows):
            raise Damaged
        states = States(rows[:, :words], rows[:, words:-1])
        return basis, Units(owners, position, states, rows[:, -1].astype(np.bool_))
