"""Finding register rows by id: a hash index that stays exact because every hit is compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

ABSENT = -1
_SEEDS = 16


@dataclass(frozen=True)
class KeyIndex:
    """Distinct ids; `find` tells the place of each.

    Sorted 64-bit hashes behind a bucket table: one probe or two per look-up, whatever the number
    of ids, and no hash table is built again for each batch of flows. The hashes are worked out
    anew wherever an index comes to life, since another machine may hash otherwise; ValueError where
    the ids are not in their order.
    """

    ids: pl.Series  # in the order of their hashes
    places: NDArray[np.int64]  # place of each of these
    seed: int
    hashes: NDArray[np.uint64] = field(init=False)
    buckets: NDArray[np.int64] = field(init=False)
    shift: int = field(init=False)

    def __post_init__(self) -> None:
        hashes = self.ids.hash(seed=self.seed).to_numpy()
        if not (hashes[1:] > hashes[:-1]).all():
            raise ValueError("the ids of an index are not in the order of their hashes")
        bits = max(1, len(hashes).bit_length())
        within = (hashes >> np.uint64(64 - bits)).astype(np.int64)
        sizes = np.bincount(within, minlength=1 << bits)
        object.__setattr__(self, "hashes", hashes)
        object.__setattr__(self, "buckets", np.concatenate([[0], np.cumsum(sizes)]))
        object.__setattr__(self, "shift", 64 - bits)

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
    """The index of these ids, by their place; ValueError where one is null or listed twice."""
    index, places = indexed(ids)
    if len(index) < len(ids):
        raise ValueError("an id of a register is listed twice, or null")
    order = np.empty(len(ids), dtype=np.int64)
    order[places] = np.arange(len(ids))
    return KeyIndex(index.ids, order, index.seed)


def indexed(column: pl.Series) -> tuple[KeyIndex, NDArray[np.int64]]:
    """The distinct ids of a column, numbered, and the place of each row's; ABSENT where null.

    Two ids that share a 64-bit hash (about once in 10^7 registers of a million ids) only cost
    another try with another seed.
    """
    told = column.is_not_null().to_numpy()
    ids = column.drop_nulls()
    for seed in range(_SEEDS):
        order, first = _in_order(ids.hash(seed=seed).to_numpy())
        distinct = ids.gather(order[first])
        places = np.empty(len(ids), dtype=np.int64)
        places[order] = np.cumsum(first) - 1
        if distinct.gather(places).equals(ids):
            found = np.full(len(column), ABSENT, dtype=np.int64)
            found[told] = places
            return KeyIndex(distinct, np.arange(len(distinct)), seed), found
    raise ValueError("no seed tells the ids of a register apart")


def _in_order(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The order that sorts hashes, and which in that order are the first of their value."""
    order = np.argsort(hashes)
    ordered = hashes[order]
    return order, np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(order)]


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
