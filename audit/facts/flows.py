"""A batch of flows as numbers: what every register needs to be asked, and nothing else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from audit.facts.distinct import distinct
from audit.facts.keys import ABSENT, coded
from audit.facts.pairs import running
from audit.facts.rows import Grown, Sequences, Table, grown, listed, once, ranked, stretched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from audit.facts.pairs import Places


@dataclass
class CategorySets:
    """The distinct sets of data categories met so far; it only ever grows.

    What it has met is no part of what it is (`compare`): kept registers begin without.

    Units of a set are numbered by position: its categories without repeats, sorted by code.
    """

    domain: Mapping[str, int]  # mapped category -> place in the data domain
    words: dict[str, int] = field(default_factory=dict, compare=False)  # categories, as met
    # Of a list as written, and the set that it is. The seed is drawn anew in every run, so that
    # nobody can write two lists that share a hash.
    lists: Table = field(default_factory=Table, compare=False)
    of_list: Grown = field(default_factory=lambda: grown(np.int64), compare=False)
    seed: int = field(default_factory=lambda: secrets.randbits(63), compare=False)
    rows: Sequences = field(default_factory=Sequences, compare=False)  # of the numbers of words
    places: Grown = field(default_factory=lambda: grown(np.int64), compare=False)  # 0: unmapped
    _order: tuple[Places, Places] | None = field(default=None, init=False, compare=False)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sizes(self) -> Places:
        """How many categories each set has."""
        return self.rows.sizes

    @property
    def names(self) -> list[tuple[str, ...]]:
        """Every set; ask `named` where they may be many."""
        return [tuple(each) for each in self.named(np.arange(len(self))).to_list()]

    def named(self, numbers: Places) -> pl.Series:
        """The categories of these sets, as lists."""
        starts, sizes = self.rows.of(numbers)
        words = pl.Series([*self.words], dtype=pl.String)
        return listed(words.gather(stretched(self.rows.values, starts, sizes)), sizes)

    def order(self) -> tuple[Places, Places]:
        """The rank of each word among all, and of each set: as tuples of text are compared."""
        if self._order is None or len(self._order[1]) < len(self):
            self._order = self._ordered()
        return self._order

    def _ordered(self) -> tuple[Places, Places]:
        ranks = np.empty(len(self.words), dtype=np.int64)
        ranks[pl.Series([*self.words], dtype=pl.String).arg_sort().to_numpy()] = np.arange(
            len(ranks)
        )
        alike = np.zeros(len(self), dtype=np.int64)
        return ranks, ranked(alike, ranks[self.rows.values], self.sizes)

    def of(self, lists: pl.Series) -> Places:
        """The number of the set of each list, new ones being added."""
        hashes = lists.hash(seed=self.seed).to_numpy()
        first, of_row = distinct(hashes)
        found = self.lists.find(hashes[first])
        fresh = np.flatnonzero(found == ABSENT)
        if len(fresh):
            found[fresh] = self.of_list.size + np.arange(len(fresh))
            self.of_list.add(self._of(lists.gather(first[fresh])))
            self.lists.add(hashes[first[fresh]])
        return self.of_list.all[found][of_row]

    def _of(self, lists: pl.Series) -> Places:
        codes, met = coded(lists.explode(empty_as_null=False))
        values = [str(each) for each in met]  # no list has a null
        fresh = [each for each in values if each not in self.words]
        start = len(self.words)
        self.words.update((each, start + i) for i, each in enumerate(fresh))
        self.places.add(np.array([self.domain.get(each, 0) for each in fresh], dtype=np.int64))
        by_name = sorted(range(len(values)), key=values.__getitem__)
        rank = np.empty(len(values), dtype=np.int64)
        rank[by_name] = np.arange(len(values))
        owners = np.repeat(np.arange(len(lists)), lists.list.len().to_numpy())
        row, place = np.divmod(once(owners * len(values) + rank[codes]), max(1, len(values)))
        words = np.array([self.words[values[i]] for i in by_name], dtype=np.int64)
        return self.rows.number(words[place], np.bincount(row, minlength=len(lists)))

    def units(self, numbers: Places) -> tuple[Places, Places, Places]:
        """Owner, position and category code of every unit of these sets, in order."""
        starts, counts = self.rows.of(numbers)
        owners, position = np.repeat(np.arange(len(numbers)), counts), running(counts)
        return owners, position, self.places.all[self.rows.values[starts[owners] + position]]

    def codes_from(self, number: int) -> tuple[Places, Places]:
        """The category codes of this set and those after it, and where there each set begins."""
        first = self.rows.first[number:]
        return self.places.all[self.rows.values[first[0] :]], first[:-1] - first[0]


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
