"""A batch of flows as numbers: what every register needs to be asked, and nothing else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from audit.facts.distinct import distinct
from audit.facts.pairs import running

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from audit.facts.pairs import Places


@dataclass
class CategorySets:
    """The distinct sets of data categories met so far; it only ever grows.

    What it has met is no part of what it is (`compare`): kept registers begin without.

    Units of a set are numbered by position: its categories without repeats, sorted by code.
    """

    domain: Mapping[str, int]  # mapped category -> place in the data domain
    numbers: dict[tuple[str, ...], int] = field(default_factory=dict, compare=False)
    by_hash: dict[int, int] = field(default_factory=dict, compare=False)  # of a list as written
    # Drawn anew in every run, so that nobody can write two lists that share a hash.
    seed: int = field(default_factory=lambda: secrets.randbits(63), compare=False)
    names: list[tuple[str, ...]] = field(default_factory=list, compare=False)
    first: Places = field(default_factory=lambda: np.zeros(1, dtype=np.int64), compare=False)
    codes: Places = field(
        default_factory=lambda: np.zeros(0, dtype=np.int64), compare=False
    )  # 0: unmapped

    @property
    def sizes(self) -> Places:
        """How many categories each set has."""
        return np.diff(self.first)

    def of(self, lists: pl.Series) -> Places:
        """The number of the set of each list, new ones being added."""
        hashes = lists.hash(seed=self.seed).to_numpy()
        first, of_row = distinct(hashes)
        known = hashes[first].tolist()
        fresh = [i for i, key in zip(first.tolist(), known, strict=True) if key not in self.by_hash]
        if fresh:
            self._add(lists.gather(fresh).to_list(), hashes[fresh].tolist())
        return np.array([self.by_hash[key] for key in known], dtype=np.int64)[of_row]

    def _add(self, lists: Sequence[Sequence[str]], hashes: Sequence[int]) -> None:
        sets = [tuple(sorted(set(members))) for members in lists]
        self._grow([members for members in dict.fromkeys(sets) if members not in self.numbers])
        self.by_hash.update((key, self.numbers[it]) for key, it in zip(hashes, sets, strict=True))

    def _grow(self, fresh: list[tuple[str, ...]]) -> None:
        self.numbers.update((members, len(self.names) + i) for i, members in enumerate(fresh))
        self.names += fresh
        codes = [self.domain.get(code, 0) for members in fresh for code in members]
        ends = self.first[-1] + np.cumsum([len(members) for members in fresh], dtype=np.int64)
        self.codes = np.concatenate([self.codes, np.array(codes, dtype=np.int64)])
        self.first = np.concatenate([self.first, ends])

    def units(self, numbers: Places) -> tuple[Places, Places, Places]:
        """Owner, position and category code of every unit of these sets, in order."""
        counts = self.sizes[numbers]
        owners, position = np.repeat(np.arange(len(numbers)), counts), running(counts)
        return owners, position, self.codes[self.first[numbers[owners]] + position]


@dataclass(frozen=True)
class Flows:
    """The flows of a batch; every array has one entry a flow."""

    at: Places  # occurred_at, microseconds
    subject: Places  # place in the index of subjects, -1: in no register
    whole_base: NDArray[np.bool_]
    sender: Places  # party numbers, -1: named nowhere
    recipient: Places
    same_party: NDArray[np.bool_]
    contact: NDArray[np.bool_]
    codes: Mapping[str, Places]  # per code fact: place in its domain, 0 unknown
    holder: Places
    other_holder: (
        Places  # the sender where it is unknown which of the two is the holder, else the same
    )
    category_sets: CategorySets
    sets: Places  # their numbers
    width: int  # the most categories of a set: unit (flow, position) is flow * width + position
    cited: Places  # evidence row, -1: none or no such row
    cites: NDArray[np.bool_]
    cites_tainted: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.at)

    @property
    def ambiguous(self) -> Places:
        """The flows that either of two parties may hold."""
        return np.flatnonzero(self.holder != self.other_holder)

    def asked_of(self, places: Places, **changed: Places) -> Flows:
        """These flows with some columns changed, as if each were of another subject or holder."""
        taken: dict[str, Any] = {
            column.name: value[places]
            for column in fields(self)
            if isinstance(value := getattr(self, column.name), np.ndarray)
        }
        codes = {fact: values[places] for fact, values in self.codes.items()}
        return replace(self, **{**taken, "codes": codes, **changed})
