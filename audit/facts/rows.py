"""Rows of numbers met so far, each numbered once: as many as there are flows, and no objects.

Rows are found by a hash and compared with what they were taken for, so that numbers are exact. Two
that share a 64-bit hash only cost that all are hashed anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from audit.facts.distinct import distinct
from audit.facts.keys import ABSENT
from audit.facts.pairs import running, starts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.facts.pairs import Places

    Hashes = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_LEAST = 10  # bits of the smallest table


@dataclass
class Grown:
    """Numbers end to end, of which there are ever more."""

    room: NDArray[Any]
    size: int = 0

    @property
    def all(self) -> NDArray[Any]:
        """Those that are there."""
        return self.room[: self.size]

    def add(self, more: NDArray[Any]) -> None:
        """Some more behind them."""
        end = self.size + len(more)
        if end > len(self.room):
            room = np.empty(max(end, len(self.room) * 3 // 2), dtype=self.room.dtype)
            room[: self.size] = self.all
            self.room = room
        self.room[self.size : end] = more
        self.size = end


def grown(kind: type[np.generic]) -> Grown:
    """None yet."""
    return Grown(np.empty(0, dtype=kind))


@dataclass
class Table:
    """The number of each hash met, by open addressing (as `distinct`, which is for one batch)."""

    hashes: Grown = field(default_factory=lambda: grown(np.uint64))
    slots: NDArray[np.int32] = field(
        default_factory=lambda: np.full(1 << _LEAST, ABSENT, dtype=np.int32)
    )

    def find(self, wanted: Hashes) -> Places:
        """The number of each hash; ABSENT where it was not met."""
        found = np.full(len(wanted), ABSENT, dtype=np.int64)
        rows, slot = np.arange(len(wanted)), self._slot(wanted)
        while len(rows):
            number = self.slots[slot]
            met = number != ABSENT
            rows, slot, number = rows[met], slot[met], number[met]
            same = self.hashes.all[number] == wanted[rows]
            found[rows[same]] = number[same]
            rows, slot = rows[~same], (slot[~same] + 1) & (len(self.slots) - 1)
        return found

    def add(self, fresh: Hashes) -> None:
        """Hashes that were not met, each once; they are numbered on."""
        start = self.hashes.size
        self.hashes.add(fresh)
        if 2 * self.hashes.size > len(self.slots):
            bits = max(_LEAST, (3 * self.hashes.size).bit_length())
            self.slots, start = np.full(1 << bits, ABSENT, dtype=np.int32), 0
        numbers = np.arange(start, self.hashes.size)
        slot = self._slot(self.hashes.all[start:])
        while len(numbers):
            free = self.slots[slot] == ABSENT
            self.slots[slot[free]] = numbers[free]
            left = self.slots[slot] != numbers
            numbers, slot = numbers[left], (slot[left] + 1) & (len(self.slots) - 1)

    def _slot(self, hashes: Hashes) -> Places:
        bits = len(self.slots).bit_length() - 1
        return ((hashes * _GOLDEN) >> np.uint64(64 - bits)).astype(np.int64)


@dataclass
class Sequences:
    """Rows of any length: row i is `values[first[i]:first[i + 1]]`."""

    kind: type[np.generic] = np.uint32
    seed: int = 0
    _values: Grown = field(init=False)
    _ends: Grown = field(init=False)
    _table: Table = field(default_factory=Table)

    def __post_init__(self) -> None:
        self._values, self._ends = grown(self.kind), grown(np.int64)
        self._ends.add(np.zeros(1, dtype=np.int64))

    def __len__(self) -> int:
        return self._ends.size - 1

    @property
    def values(self) -> NDArray[Any]:
        """All rows end to end."""
        return self._values.all

    @property
    def first(self) -> Places:
        """Where each begins; last, where all end."""
        return self._ends.all

    @property
    def sizes(self) -> Places:
        """How long each is."""
        return np.diff(self.first)

    def of(self, numbers: Places) -> tuple[Places, Places]:
        """Where these begin, and how long they are."""
        first = self.first
        starts = first[numbers]
        return starts, first[numbers + 1] - starts

    def number(self, values: NDArray[Any], sizes: Places) -> Places:
        """The number of each of these rows, which lie end to end; new ones being added."""
        values = values.astype(self.kind, copy=False)
        first, of_row = distinct(_hashed(values, sizes, self.seed))
        before = len(self), self._values.size
        told = self._numbered(values, sizes, first)[of_row]
        if self._same(told, values, sizes):
            return told
        self._anew(*before)
        return self.number(values, sizes)

    def _numbered(self, values: NDArray[Any], sizes: Places, rows: Places) -> Places:
        """The number of each of these rows, of which no two share a hash."""
        some = taken(values, starts_of(sizes), sizes, rows)
        hashes = _hashed(some, sizes[rows], self.seed)
        told = self._table.find(hashes)
        fresh = np.flatnonzero(told == ABSENT)
        told[fresh] = len(self) + np.arange(len(fresh))
        starts = starts_of(sizes[rows])
        self._values.add(taken(some, starts, sizes[rows], fresh))
        self._ends.add(self.first[-1] + np.cumsum(sizes[rows[fresh]]))
        self._table.add(hashes[fresh])
        return told

    def _same(self, numbers: Places, values: NDArray[Any], sizes: Places) -> bool:
        starts, own = self.of(numbers)
        if not np.array_equal(own, sizes):
            return False
        return np.array_equal(stretched(self.values, starts, own), values)

    def _anew(self, rows: int, values: int) -> None:
        """As it was before, but for the hashes."""
        self.seed += 1
        self._ends.size, self._values.size = rows + 1, values
        self._table = Table()
        self._table.add(_hashed(self.values, self.sizes, self.seed))


def taken(values: NDArray[Any], first: Places, sizes: Places, rows: Places) -> NDArray[Any]:
    """These rows end to end, of such as begin there and are so long."""
    return stretched(values, first[rows], sizes[rows])


def stretched(values: NDArray[Any], starts: Places, sizes: Places) -> NDArray[Any]:
    """So many values from each of these places on, end to end."""
    found: NDArray[Any] = values[np.repeat(starts, sizes) + running(sizes)]
    return found


def once(numbers: Places) -> Places:
    """Numbers in order, each once; sorting is quicker than the hashes of `np.unique`."""
    ordered = np.sort(numbers)
    return ordered[_begins(ordered)]


def headed(heads: Places, values: NDArray[Any], sizes: Places) -> tuple[NDArray[np.uint32], Places]:
    """Rows with a head before each, and how long they are."""
    starts = starts_of(sizes) + np.arange(len(sizes))
    told = np.empty(len(values) + len(sizes), dtype=np.uint32)
    behind = np.ones(len(told), dtype=np.bool_)
    behind[starts] = False
    told[starts], told[behind] = heads, values
    return told, sizes + 1


def unheaded(values: NDArray[Any], sizes: Places) -> tuple[NDArray[Any], NDArray[Any]]:
    """The heads of rows, and all rows without them."""
    starts = starts_of(sizes)
    return values[starts], np.delete(values, starts)


@dataclass
class Rows:
    """Rows of one width."""

    width: int
    kind: type[np.generic] = np.uint64
    _told: Sequences = field(init=False)

    def __post_init__(self) -> None:
        self._told = Sequences(self.kind)

    def __len__(self) -> int:
        return len(self._told)

    @property
    def all(self) -> NDArray[Any]:
        """Every row met, by number."""
        return self._told.values.reshape(-1, self.width)

    def number(self, rows: NDArray[Any]) -> Places:
        """The number of each of these rows, new ones being added."""
        sizes = np.full(len(rows), self.width, dtype=np.int64)
        return self._told.number(np.ascontiguousarray(rows).reshape(-1), sizes)


def ranked(heads: Places, values: Places, sizes: Places) -> Places:
    """The rank of each row by its head and then value by value, a shorter one first; alike: same.

    After each value only rows are looked at that are not yet told apart.
    """
    rank = np.searchsorted(np.sort(heads), heads)  # how many rows come before
    first, place = starts_of(sizes), 0
    left = _tied(rank, np.arange(len(rank)))
    while len(left):
        told = np.zeros(len(left), dtype=np.int64)
        there = np.flatnonzero(sizes[left] > place)
        told[there] = values[first[left[there]] + place] + 1
        order = np.argsort(rank[left] << 32 | told)
        left, told = left[order], told[order]
        group = rank[left]
        new = _begins(group) | _begins(told)
        within = np.maximum.accumulate(np.where(new, np.arange(len(left)), 0))
        rank[left] = group + within - np.searchsorted(group, group)
        place += 1
        left = _tied(rank, left[sizes[left] >= place])
    met = np.zeros(len(rank) + 1, dtype=np.int64)
    met[rank + 1] = 1
    return np.cumsum(met)[rank]


def _begins(ordered: Places) -> NDArray[np.bool_]:
    return np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]


def _tied(rank: Places, rows: Places) -> Places:
    """Of these rows those that are not alone with their rank."""
    return rows[np.bincount(rank, minlength=len(rank) + 1)[rank[rows]] > 1]


def listed(values: pl.Series, sizes: Places) -> pl.Series:
    """The values, so many at a time, as lists."""
    ends = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    flat = pl.Series(ends).to_arrow(), values.rechunk().to_arrow()  # without pandas
    return pl.Series(values.name, pa.LargeListArray.from_arrays(*flat), dtype=pl.List(values.dtype))


def _hashed(values: NDArray[Any], sizes: Places, seed: int) -> Hashes:
    """A hash of each row: the sum of what is mixed of each value and its place (splitmix64)."""
    mixed = values.astype(np.uint64)
    mixed += (running(sizes) + (seed + 1)).astype(np.uint64) * _GOLDEN
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(mixed, dtype=np.uint64)])
    ends = np.cumsum(sizes)
    hashes: Hashes = sums[ends] - sums[ends - sizes] + sizes.astype(np.uint64) * _GOLDEN
    return hashes
