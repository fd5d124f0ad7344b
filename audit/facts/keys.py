"""Finding register rows by id: a hash index that stays exact because every hit is compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

ABSENT = -1
_SEEDS = 16


@dataclass(frozen=True)
class KeyIndex:
    """Distinct ids, in the order given; `find` tells the place of each.

    Sorted 64-bit hashes behind a bucket table: one probe or two per look-up, whatever the number
    of ids, and no hash table is built again for each batch of flows.
    """

    ids: pl.Series  # in hash order
    places: NDArray[np.int64]  # place, in the order given, of each id in hash order
    hashes: NDArray[np.uint64]
    buckets: NDArray[np.int64]
    shift: int
    seed: int

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, wanted: pl.Series) -> NDArray[np.int64]:
        """The place of each wanted id; ABSENT where it is null or not among the ids."""
        if not len(self.ids):
            return np.full(len(wanted), ABSENT, dtype=np.int64)
        at = self._probe(wanted.hash(seed=self.seed).to_numpy())
        hit = np.flatnonzero(at >= 0)
        same = self.ids.gather(at[hit]).eq(wanted.gather(hit)).fill_null(value=False).to_numpy()
        found = np.full(len(wanted), ABSENT, dtype=np.int64)
        found[hit[same]] = self.places[at[hit[same]]]
        return found

    def _probe(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        bucket = (hashes >> np.uint64(self.shift)).astype(np.int64)
        at, end = self.buckets[bucket], self.buckets[bucket + 1]
        found = np.full(len(hashes), ABSENT, dtype=np.int64)
        open_ = np.flatnonzero(at < end)
        while len(open_):
            hit = self.hashes[at[open_]] == hashes[open_]
            found[open_[hit]] = at[open_[hit]]
            open_ = open_[~hit]
            at[open_] += 1
            open_ = open_[at[open_] < end[open_]]
        return found


def key_index(ids: pl.Series) -> KeyIndex:
    """The index of these ids, which must be distinct and not null.

    Raises ValueError where an id is listed twice. Two ids that share a 64-bit hash (about once in
    10^7 registers of a million ids) only cost another try with another seed.
    """
    if ids.n_unique() != len(ids):
        raise ValueError("an id of a register is listed twice")
    for seed in range(_SEEDS):
        hashes = ids.hash(seed=seed).to_numpy()
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        if not (ordered[1:] == ordered[:-1]).any():
            return _indexed(ids, order, ordered, seed)
    raise ValueError("no seed tells the ids of a register apart")


def _indexed(
    ids: pl.Series, order: NDArray[np.int64], ordered: NDArray[np.uint64], seed: int
) -> KeyIndex:
    bits = max(1, len(ids).bit_length())
    shift = 64 - bits
    edges = np.arange((1 << bits) + 1, dtype=np.int64)
    buckets = np.searchsorted((ordered >> np.uint64(shift)).astype(np.int64), edges)
    return KeyIndex(ids.gather(order), order, ordered, buckets, shift, seed)


def coded(column: pl.Series) -> tuple[NDArray[np.int64], list[str | None]]:
    """A column of few distinct values as codes and the values that they stand for."""
    codes, values = numbered(column)
    return codes, values.to_list()


def numbered(column: pl.Series) -> tuple[NDArray[np.int64], pl.Series]:
    """A column as codes and the distinct values that they stand for; null is one of them."""
    categorical = column.cast(pl.Categorical)
    places = categorical.to_physical().cast(pl.Int64).fill_null(-1).to_numpy() + 1  # 0: null
    shown_by = np.full(int(places.max(initial=0)) + 1, ABSENT, dtype=np.int64)
    shown_by[places] = np.arange(len(places))
    met = shown_by != ABSENT
    code = np.cumsum(met) - 1
    return code[places], categorical.gather(shown_by[met]).cast(pl.String)
