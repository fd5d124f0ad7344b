"""Truths of many units as planes of bits: a line for each clause or condition, a bit for each unit.

What is asked of a clause is asked of 64 units at a time, whatever the number of conditions (after
Lamport, Multiple byte processing with full-word instructions, 1975).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from audit.clauses.compiling import Words
    from audit.facts.pairs import Truths

_BYTES = 8  # of a word


@dataclass(frozen=True)
class Planes:
    """Which lines are true of which units, and which may be: [lines, words]; `size` units."""

    true: Words
    may: Words
    size: int

    @classmethod
    def of(cls, truths: Truths) -> Planes:
        """Those of [units, lines]."""
        lines = truths.T
        return cls(packed(lines == Truth.TRUE), packed(lines != Truth.FALSE), len(truths))

    @classmethod
    def none(cls, lines: int, size: int) -> Planes:
        """False throughout."""
        shape = (lines, _words(size))
        return cls(np.zeros(shape, dtype=np.uint64), np.zeros(shape, dtype=np.uint64), size)

    def truths(self) -> Truths:
        """As [units, lines]."""
        told: Truths = unpacked(self.true, self.size).view(np.int8) + unpacked(self.may, self.size)
        return told.T

    def any(self, lines: Sequence[int]) -> tuple[Words, Words]:
        """Of which units one of these lines is true, and of which one may be."""
        some = list(lines)
        return np.bitwise_or.reduce(self.true[some]), np.bitwise_or.reduce(self.may[some])


def packed(flags: NDArray[np.bool_]) -> Words:
    """Planes of [lines, units]."""
    bits = np.packbits(flags, axis=1, bitorder="little")
    return _whole(bits)


def unpacked(planes: Words, size: int) -> NDArray[np.uint8]:
    """0 or 1: [lines, units]."""
    return np.unpackbits(planes.view(np.uint8), axis=1, count=size, bitorder="little")


def turned(words: Words) -> tuple[Words, NDArray[np.uint8]]:
    """A line for each bit of units' words, [units, words]: as planes, and as 0 or 1."""
    flags = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little").T
    lines = np.ascontiguousarray(flags)
    return _whole(np.packbits(lines, axis=1, bitorder="little")), lines


def _whole(bits: NDArray[np.uint8]) -> Words:
    """Rows of bytes as rows of words."""
    padded = np.pad(bits, ((0, 0), (0, -bits.shape[1] % _BYTES)))
    return np.ascontiguousarray(padded).view(np.uint64)


def _words(size: int) -> int:
    return -(-size // (8 * _BYTES))
