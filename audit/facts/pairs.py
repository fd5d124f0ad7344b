"""Pairing flows with the register rows of their subject, and the best match among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.vocabulary import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Truths = NDArray[np.int8]
    Places = NDArray[np.int64]

_HALF = 1 << 31  # so that two such numbers make one of 62 bits
EVER, FOREVER = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True)
class Grouped:
    """Row numbers grouped by key: the rows of key k are `rows[first[k]:first[k + 1]]`."""

    first: Places
    rows: Places

    def pairs(self, keys: Places) -> tuple[Places, Places]:
        """Each asking place with each row of its key (a key below 0 has none), in asking order."""
        known = keys >= 0
        counts = np.zeros(len(keys), dtype=np.int64)
        counts[known] = self.first[keys[known] + 1] - self.first[keys[known]]
        owners = np.repeat(np.arange(len(keys)), counts)
        starts = np.where(known, self.first[np.where(known, keys, 0)], 0)
        return owners, self.rows[np.repeat(starts, counts) + running(counts)]

    def alone(self, keys: Places) -> tuple[Places, NDArray[np.bool_]]:
        """The row of each key that has just one (-1 for others), and which keys have several."""
        counts = np.where(keys >= 0, self.first[keys + 1] - self.first[keys], 0)
        row = np.full(len(keys), -1, dtype=np.int64)
        one = np.flatnonzero(counts == 1)
        row[one] = self.rows[self.first[keys[one]]]
        return row, counts > 1

    def __len__(self) -> int:
        return len(self.rows)


def grouped(keys: Places, size: int) -> Grouped:
    """Rows 0..n grouped by their key in 0..size; rows of a negative key are left out."""
    rows = np.flatnonzero(keys >= 0)
    kept = keys[rows]
    first = np.concatenate([[0], np.cumsum(np.bincount(kept, minlength=size))])
    if len(keys) >= _HALF or size >= _HALF:
        return Grouped(first, rows[np.argsort(kept, kind="stable")])
    # Key and row in one number: plain sorting of these takes a fifth of sorting rows by key.
    return Grouped(first, np.sort(kept * _HALF + rows) % _HALF)


def best(owners: Places, truths: Truths, size: int, default: Truth = Truth.FALSE) -> Truths:
    """Per owner the greatest truth among its pairs; the default where there is no pair."""
    found = np.full(size, default, dtype=np.int8)
    for truth in (Truth.UNKNOWN, Truth.TRUE):
        held = np.bincount(owners[truths == truth], minlength=size) > 0
        found[held & (found < truth)] = truth
    return found


def holds(start: Places, end: Places, at: Places) -> NDArray[np.bool_]:
    """Whether each half-open interval [start, end) holds the instant (microseconds)."""
    return (start <= at) & (at < end)


def soften(truths: Truths, where: NDArray[np.bool_]) -> Truths:
    """False becomes unknown at these places."""
    return np.where(where & (truths == Truth.FALSE), np.int8(Truth.UNKNOWN), truths)


def agreed(truths: Truths, others: Truths) -> Truths:
    """What holds either way; unknown where it depends on which of the two."""
    return np.where(truths == others, truths, np.int8(Truth.UNKNOWN))


def running(counts: Places) -> Places:
    """0, 1, 2 … within each group of these sizes."""
    return np.arange(counts.sum()) - np.repeat(starts_of(counts), counts)


def starts_of(sizes: Places) -> Places:
    """Where each of these groups begins, which lie end to end."""
    return np.cumsum(sizes) - sizes
