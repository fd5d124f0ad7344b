"""Records of a register sifted: of valid ones the values, of those at fault all their cells.

Registers are held as a whole, so a valid record keeps no text of its times and numbers but a hash
of it: with the same values and the same hash, whose seed nobody knows, two say the same.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from audit.problems import Problem
from audit.records.holding import Held, typed
from audit.records.looking import Look
from audit.records.reading import bare_in
from audit.records.rejecting import Fault
from audit.records.repeats import hashes_of, repeated
from audit.records.tables import FILE, Kind, Table
from audit.sources.arrows import detached
from audit.sources.raw import POSITION

_WRITTEN, _PART = "@written", "@part"
_PLAIN = (Kind.text, Kind.codes)
_SEED = secrets.randbits(63)


@dataclass(frozen=True)
class Mark:
    """A fault of the records for which this holds."""

    column: str
    problem: Problem
    where: pl.Expr


@dataclass(frozen=True)
class Sifted:
    """Some records of one file, in order.

    valid: `position`, the columns of the table, typed, and for times whether they are a bare date.
    struck: records of which each has a fault. looks: the columns of which few values are known.
    """

    table: Table
    file: str
    valid: pl.DataFrame
    struck: tuple[Held, ...]
    looks: Mapping[str, Look]

    @property
    def rejected(self) -> pl.DataFrame:
        """The records that have a fault (`rejecting.REJECTED`), in order."""
        return pl.concat(held.rejected for held in self.struck).sort(POSITION)

    @property
    def hashes(self) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        """The hashes of all ids."""
        key = self.table.key
        frames = (self.valid, *(held.frame for held in self.struck))
        return np.concatenate([hashes_of(frame[key]) for frame in frames])

    def marked(self, *marks: Mark) -> "Sifted":
        """The same with these faults, which weigh more than those that records had."""
        hit = self.valid.select(pl.any_horizontal(mark.where for mark in marks)).to_series()
        if not hit.any():
            return replace(self, struck=tuple(_marked(held, marks) for held in self.struck))
        lost = self.valid.filter(hit).with_columns(pl.lit(self.file).alias(FILE))
        struck = (*self.struck, Held(self.table, lost, ()))
        valid = self.valid.filter(~hit.fill_null(False))
        return replace(self, valid=valid, struck=tuple(_marked(held, marks) for held in struck))

    def without(self, positions: pl.Series) -> "Sifted":
        """The same without the records there."""
        if positions.is_empty():
            return self
        left = ~pl.col(POSITION).is_in(positions.implode())
        struck = tuple(_filtered(held, held.frame.select(left).to_series()) for held in self.struck)
        return replace(self, valid=self.valid.filter(left), struck=struck)

    def of_ids(self, hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> pl.DataFrame:
        """Position, values and hash of the records whose id has one of these hashes."""
        names, told = [column.name for column in self.table.columns], [self.valid]
        told += [
            held.frame.select(POSITION, *map(typed, self.table.columns), _WRITTEN)
            for held in self.struck
        ]
        found = pl.concat(each.select(POSITION, *names, _WRITTEN) for each in told)
        return found.filter(np.isin(hashes_of(found[self.table.key]), hashes))


def sifted(held: Held, file: str, looks: Mapping[str, Look]) -> Sifted:
    """The records of a batch, of which the looks tell."""
    about, struck = held.table, held.struck
    texts = [column.name for column in about.columns if column.kind not in _PLAIN]
    written = held.frame.select(texts).hash_rows(seed=_SEED).alias(_WRITTEN)
    bare = [bare_in(column.name) for column in about.columns if column.kind.is_time]
    frame = held.frame.with_columns(written)
    return Sifted(
        table=about,
        file=file,
        valid=frame.filter(~struck).select(POSITION, *map(typed, about.columns), *bare, _WRITTEN),
        struck=(_filtered(replace(held, frame=frame), struck),),
        looks={name: look for name, look in looks.items() if look.distinct is not None},
    )


def without_repeats(parts: Sequence[Sifted]) -> tuple[list[Sifted], int, list[pl.Series]]:
    """The parts without records that say the same as an earlier one, and how many these were.

    And of each part the positions of the records that still share their id with another.
    """
    suspects = repeated(np.concatenate([part.hashes for part in parts]))
    if not len(suspects):
        return [*parts], 0, [_none() for _ in parts]
    rows = _together(part.of_ids(suspects) for part in parts)
    key = parts[0].table.key
    shared = rows.filter(rows[key].is_duplicated())
    first = shared.select(pl.struct(pl.exclude(POSITION, _PART)).is_first_distinct()).to_series()
    once = shared.filter(first)
    told = [_of_part(shared.filter(~first), place) for place in range(len(parts))]
    left = [part.without(again) for part, again in zip(parts, told, strict=True)]
    clashing = once.filter(once[key].is_duplicated())
    clashes = [_of_part(clashing, place) for place in range(len(parts))]
    return left, sum(map(len, told)), clashes


def _together(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The records of all parts in order."""
    told = (frame.with_columns(pl.lit(n).alias(_PART)) for n, frame in enumerate(frames))
    return pl.concat(told).sort(_PART, POSITION)


def _of_part(rows: pl.DataFrame, place: int) -> pl.Series:
    return rows.filter(pl.col(_PART) == place)[POSITION]


def _none() -> pl.Series:
    return pl.Series(POSITION, [], pl.Int64)


def _marked(held: Held, marks: Sequence[Mark]) -> Held:
    told = [held.frame.select(mark.where.fill_null(False)).to_series() for mark in marks]
    faults = [Fault(each.column, each.problem, on) for each, on in zip(marks, told, strict=True)]
    return replace(held, faults=[*(each for each in faults if each.records.any()), *held.faults])


def _filtered(held: Held, rows: pl.Series) -> Held:
    """The same of these records alone."""
    faults = [replace(each, records=each.records.filter(rows)) for each in held.faults]
    return replace(held, frame=detached(held.frame.filter(rows)), faults=faults)
