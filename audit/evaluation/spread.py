"""What is said of every category of every outcome: by numbers, for there may be millions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import Layer
from audit.evaluation.judgement import UNITS
from audit.facts.keys import ABSENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.facts.pairs import Places

SAID = pl.Schema({name: kind for name, kind in UNITS.items() if name not in tuple(UNITS)[:3]})


@dataclass(frozen=True)
class Spread:
    """The units of outcomes 0, 1, 2 …, by the names of their categories.

    first: where each outcome begins; last, where all end. category: a place in `categories`, which
    are in order. told: a row of `sayings`, which has for each of the layers a row of `said` (as
    SAID), or ABSENT.
    """

    first: Places
    category: NDArray[np.uint32]
    told: NDArray[np.uint32]
    categories: pl.Series
    layers: tuple[Layer, ...]
    sayings: Places
    said: pl.DataFrame

    @classmethod
    def of(cls, units: pl.DataFrame) -> Spread:
        """That of a table as UNITS, with outcomes numbered from 0."""
        layers = tuple(layer for layer in Layer if layer.value in units["layer"])
        said = units.select(list(SAID))
        keys = units.select("outcome", "data_category").unique().sort("outcome", "data_category")
        rows = np.full((keys.height, len(layers)), ABSENT, dtype=np.int64)
        own = units.with_row_index("saying")
        for place, layer in enumerate(layers):
            told = own.filter(pl.col("layer") == layer.value)
            found = keys.join(
                told, on=["outcome", "data_category"], how="left", maintain_order="left"
            )
            rows[:, place] = found["saying"].cast(pl.Int64).fill_null(ABSENT).to_numpy()
        names = keys["data_category"].unique().sort()
        outcomes = keys["outcome"].to_numpy().astype(np.int64)
        return cls(
            first=np.searchsorted(outcomes, np.arange(int(outcomes.max(initial=-1)) + 2)),
            category=names.search_sorted(keys["data_category"]).to_numpy().astype(np.uint32),
            told=np.arange(keys.height, dtype=np.uint32),
            categories=names,
            layers=layers,
            sayings=rows,
            said=said,
        )

    def __len__(self) -> int:
        return len(self.first) - 1

    @cached_property
    def outcome(self) -> NDArray[np.uint32]:
        """The outcome of each unit."""
        return np.repeat(np.arange(len(self), dtype=np.uint32), np.diff(self.first))

    def of_layer(self, layer: Layer) -> Places:
        """What the layer says of each unit: a row of `said`; ABSENT where it did not judge."""
        if layer not in self.layers:
            return np.full(len(self.told), ABSENT)
        return self.sayings[:, self.layers.index(layer)][self.told]

    def units(self) -> pl.DataFrame:
        """All of it written out, as UNITS."""
        parts = []
        for layer in self.layers:
            saying = self.of_layer(layer)
            own = np.flatnonzero(saying != ABSENT)
            parts.append(
                self.said[saying[own]].select(
                    pl.Series("outcome", self.outcome[own]),
                    pl.lit(layer.value).alias("layer"),
                    self.categories.gather(self.category[own]).alias("data_category"),
                    pl.all(),
                )
            )
        every = pl.concat([pl.DataFrame(schema=UNITS), *parts])
        return every.sort("outcome", "layer", "data_category")
