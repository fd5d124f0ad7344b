"""The subjects of a run as small numbers: those that the registers name, and then strangers.

Strangers are known by their hash: names do not leave the batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.distinct import distinct
from audit.facts.keys import ABSENT

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from audit.facts.keys import KeyIndex
    from audit.facts.pairs import Places

    Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Named:
    """Whom the numbers of a part mean: so many subjects of the registers, then by their hash.

    `mark` tells the registers from others.
    """

    registered: int
    strangers: Hashes
    mark: int


@dataclass
class People:
    """The subjects met so far; the strangers among them are numbered as they come."""

    registered: KeyIndex
    hashes: Hashes = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))  # sorted
    numbers: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # of these, from 0

    def of(self, names: pl.Series, places: Places) -> Places:
        """The number of each subject; `places` are those in the registers, or ABSENT."""
        unknown = np.flatnonzero(places == ABSENT)
        numbers = places.copy()
        numbers[unknown] = self._strangers(hashed(names.gather(unknown)))
        return numbers

    def _strangers(self, wanted: Hashes) -> Places:
        fresh = np.sort(wanted[distinct(wanted)[0]])
        fresh = fresh[~np.isin(fresh, self.hashes, assume_unique=True)]
        if len(fresh):
            places = np.searchsorted(self.hashes, fresh)
            numbers = np.arange(len(self.hashes), len(self.hashes) + len(fresh))
            self.hashes = np.insert(self.hashes, places, fresh)
            self.numbers = np.insert(self.numbers, places, numbers)
        return len(self.registered) + self.numbers[np.searchsorted(self.hashes, wanted)]

    @property
    def ranks(self) -> Places:
        """The final numbers, strangers by the order of their hashes: batches leave no trace."""
        registered = len(self.registered)
        return np.concatenate([np.arange(registered), registered + np.argsort(self.numbers)])

    def part(self) -> Named:
        """Whom the numbers mean, for others to take."""
        strangers = np.empty_like(self.hashes)
        strangers[self.numbers] = self.hashes
        return Named(len(self.registered), strangers, self._mark)

    def take(self, named: Named) -> Places:
        """The number here of each number there.

        Raises ValueError where other registers gave them.
        """
        if named.registered and named.mark != self._mark:
            raise ValueError("the subjects of a part are numbered by other registers")
        found = self._in_registers(named.strangers)
        strange = np.flatnonzero(found == ABSENT)
        found[strange] = self._strangers(named.strangers[strange])
        return np.concatenate([np.arange(named.registered), found])

    @cached_property
    def _mark(self) -> int:
        told = self.registered.hashes * (2 * self.registered.places + 1).astype(np.uint64)
        return int(told.sum(dtype=np.uint64))

    def _in_registers(self, wanted: Hashes) -> Places:
        """The place in the registers of each subject told by its hash, or ABSENT."""
        found = np.full(len(wanted), ABSENT, dtype=np.int64)
        if len(wanted) and len(self.registered):
            own = hashed(self.registered.ids)
            order = np.argsort(own)
            at = order[np.minimum(np.searchsorted(own[order], wanted), len(own) - 1)]
            hit = np.flatnonzero(own[at] == wanted)
            found[hit] = self.registered.places[at[hit]]
        return found


def by_hash(named: Named, met: Places, registered: KeyIndex) -> Named:
    """Whom these numbers mean, all by their hash, for other registers to take."""
    own = np.empty(len(registered), dtype=np.uint64)
    own[registered.places] = hashed(registered.ids)
    return Named(0, np.concatenate([own, named.strangers])[met], 0)


def hashed(subjects: pl.Series) -> Hashes:
    """The hash of each subject, the same in every process of one version of polars."""
    return subjects.hash(seed=0).to_numpy()
