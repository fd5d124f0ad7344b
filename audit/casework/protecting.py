"""Which figures of a small table with totals are hidden, so that none follows from the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.casework.suppression import EVERYBODY, FEWEST_HIDDEN, K

_NOTHING = 1e-6

Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A count that is told: how many flows, of how many people; a total names its parts.

    Parts are the numbers of figures that stand before it. `whole_base` is the whole customer base
    beside the people named: nobody to recognise, and hidden last where others need a cover.
    """

    flows: int
    subjects: int
    parts: tuple[int, ...] = ()
    whole_base: bool = False

    @property
    def small(self) -> bool:
        """Whether it names few people, but somebody."""
        return 0 < self.subjects < K

    @property
    def people(self) -> int:
        """How many people it can cover others with."""
        return self.subjects + (EVERYBODY if self.whole_base and not self.small else 0)


def protected(figures: Sequence[Figure]) -> frozenset[int]:
    """The numbers of the figures that are hidden from a viewer.

    Those of few people; where a total is told, so many of its parts that they cannot be told apart
    (at least two, of K people together); and whatever else is needed until no hidden figure is a
    sum or a difference of figures that are told. Nothing (0) is never hidden.
    """
    rows = _rows(figures)
    hidden = {place for place, figure in enumerate(figures) if figure.small}
    while more := _beside(figures, hidden) or _before(figures, rows, hidden):
        hidden.add(more[0])
    return frozenset(hidden)


def _beside(figures: Sequence[Figure], hidden: set[int]) -> list[int]:
    """The smallest told part of a told total whose hidden parts do not cover each other."""
    for total, figure in enumerate(figures):
        parts = hidden.intersection(figure.parts)
        people = sum(figures[part].people for part in parts)
        thin = len(parts) < FEWEST_HIDDEN or people < K
        if total not in hidden and parts and thin:
            return _told(figures, hidden, figure.parts) or [total]
    return []


def _before(figures: Sequence[Figure], rows: Rows, hidden: set[int]) -> list[int]:
    """The smallest told figure that shares cells with a hidden one that follows from the told."""
    exposed = rows[_computable(rows, hidden)]
    near = np.flatnonzero((rows @ exposed.T).any(axis=1))
    return _told(figures, hidden, map(int, near))


def _told(figures: Sequence[Figure], hidden: set[int], places: Iterable[int]) -> list[int]:
    """Of these figures the told ones that count something, the smallest first."""
    told = (place for place in places if place not in hidden and figures[place].flows)
    return sorted(told, key=lambda place: (figures[place].whole_base, figures[place].flows, place))


def _rows(figures: Sequence[Figure]) -> Rows:
    """Each figure as the sum of single cells that it is."""
    rows = np.eye(len(figures))
    for place, figure in enumerate(figures):
        if figure.parts:
            rows[place] = rows[list(figure.parts)].sum(axis=0)
    return rows


def _computable(rows: Rows, hidden: set[int]) -> list[int]:
    """The hidden figures that are sums and differences of told ones."""
    basis = _basis(rows[[place for place in range(len(rows)) if place not in hidden]])
    asked = sorted(hidden)
    left = np.linalg.norm(rows[asked] - rows[asked] @ basis.T @ basis, axis=1)
    return [place for place, rest in zip(asked, left, strict=True) if rest < _NOTHING]


def _basis(rows: Rows) -> Rows:
    """Orthonormal rows that span the same space."""
    _, sizes, basis = np.linalg.svd(rows, full_matrices=False)
    kept: Rows = basis[sizes > _NOTHING]
    return kept
