"""Chance as a function: a cell depends on the seed, its column and its row, on no other cell."""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_STEP, _FIRST, _SECOND = (
    np.uint64(word) for word in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


@dataclass(frozen=True)
class Dice:
    """A throw for every row of every column; tables can be made in pieces of any size."""

    seed: int

    def share(self, column: str, rows: Numbers) -> Shares:
        """Evenly spread in [0, 1); the mixing is that of splitmix64."""
        salt = np.uint64(zlib.crc32(f"{self.seed}:{column}".encode()) << 32)
        mixed = (rows.astype(np.uint64) + salt + np.uint64(1)) * _STEP
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
        mixed ^= mixed >> np.uint64(31)
        return np.ldexp((mixed >> np.uint64(11)).astype(np.float64), -53)

    def number(self, column: str, rows: Numbers, below: Any) -> Numbers:  # noqa: ANN401
        """Evenly spread whole numbers from 0; `below` is one bound, or one per row."""
        return whole(self.share(column, rows) * below)

    def between(self, column: str, rows: Numbers, least: int, most: int) -> Numbers:
        """Evenly spread whole numbers from `least`, below `most`."""
        return least + self.number(column, rows, most - least)

    def falls(self, column: str, rows: Numbers, share: float) -> Mask:
        """True for this share of the rows."""
        return self.share(column, rows) < share


def whole(numbers: Shares) -> Numbers:
    """Without what stands behind the point."""
    return numbers.astype(np.int64)
