"""Each tally with each data category of its flows: by numbers, for there may be millions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.evaluation.tallying import EDGE, one_number
from audit.facts.pairs import running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from audit.evaluation.judgement import Judgement
    from audit.facts.pairs import Places

CATEGORY = "data_category"


@dataclass(frozen=True)
class Members:
    """A tally and a unit of its outcome each, tally by tally."""

    judgement: Judgement
    tally: Places
    unit: Places

    @classmethod
    def of(cls, judgement: Judgement) -> Members:
        """All of a judgement."""
        outcome = judgement.tallies["outcome"].to_numpy()
        first, sizes = judgement.spread.first, np.diff(judgement.spread.first)[outcome]
        tally = np.repeat(np.arange(len(outcome)), sizes)
        return cls(judgement, tally, np.repeat(first[outcome], sizes) + running(sizes))

    def at(self, rows: Places | NDArray[np.bool_]) -> Members:
        """Some of them."""
        return Members(self.judgement, self.tally[rows], self.unit[rows])

    @cached_property
    def category(self) -> Places:
        """The data category of each, by its place among those of the judgement."""
        return self.judgement.spread.category[self.unit].astype(np.int64)

    def told(self, *columns: str) -> pl.DataFrame:
        """Columns of the tallies, and `data_category`; texts by their numbers, in their order."""
        tallies, told = self.judgement.tallies, {}
        for name in columns:
            if name == CATEGORY:
                names = self.judgement.spread.categories
                told[name] = names.cast(pl.Enum(names)).gather(self.category)
            else:
                texts = tallies.schema[name] == pl.String
                column = tallies[name].cast(enumerated(tallies[name])) if texts else tallies[name]
                told[name] = column.gather(self.tally)
        return pl.DataFrame(told)

    def grouped(self, key: Sequence[str]) -> tuple[Places, pl.DataFrame]:
        """The group of each by the key, and the keys in their order, as texts."""
        tallies = self.judgement.tallies
        own = one_number([_codes(tallies[name]) for name in key if name != CATEGORY])
        if CATEGORY not in key:
            _, shown, of_tally = np.unique(own, return_index=True, return_inverse=True)
            return of_tally[self.tally], tallies[shown].select(key)
        number = one_number([own[self.tally], self.category])
        _, shown, group = np.unique(number, return_index=True, return_inverse=True)
        return group, self.at(shown).told(*key).cast(dict.fromkeys(key, pl.String))

    def once(self, group: Places) -> tuple[Members, Places]:
        """One of each tally, told groups of which a tally is in one only; and their groups."""
        shown = np.flatnonzero(np.diff(self.tally, prepend=-1))
        return self.at(shown), group[shown]

    def on(self, edges: pl.DataFrame) -> pl.DataFrame:
        """These edges, each with every tally that it is of: a row for each."""
        tallies, size = self.judgement.tallies, len(self.judgement.spread.categories)
        own = one_number([_codes(tallies[name]) for name in EDGE])
        _, shown, edge = np.unique(own, return_index=True, return_inverse=True)
        numbers = tallies[shown].select(EDGE).with_row_index("edge")
        categories = self.judgement.spread.categories.to_frame(CATEGORY).with_row_index("category")
        placed = (
            edges.join(numbers, on=EDGE)
            .join(categories, on=CATEGORY)
            .with_columns(member=pl.col("edge").cast(pl.Int64) * size + pl.col("category"))
        )
        wanted = placed["member"].unique().sort().to_numpy()
        member = edge[self.tally] * size + self.category
        place = np.minimum(np.searchsorted(wanted, member), max(0, len(wanted) - 1))
        hit = np.flatnonzero(wanted[place] == member) if len(wanted) else place[:0]
        found = pl.DataFrame(
            {"member": member[hit], "tally": pl.Series(self.tally[hit], dtype=pl.UInt32)}
        )
        return placed.join(found, on="member").drop("member", "edge", "category")


def enumerated(texts: pl.Series) -> pl.Enum:
    """The texts of a column, in their order."""
    return pl.Enum(texts.drop_nulls().unique().sort())


def _codes(texts: pl.Series) -> Places:
    """The rank of each text among those of the column, from 1; 0 where there is none."""
    codes = texts.cast(enumerated(texts)).to_physical()
    return codes.cast(pl.Int64).fill_null(-1).to_numpy() + 1
