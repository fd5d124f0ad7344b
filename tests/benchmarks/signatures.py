"""Flows that are each of their own kind: which data they hold and by which channel, row by row."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from audit.vocabulary import load_vocabulary
from tests.benchmarks.columns import told
from tests.benchmarks.dice import Dice, Numbers

_LEAST, _MOST = 3, 6  # categories of a flow; hardly two such sets out of seventy are alike


@dataclass(frozen=True)
class Signatures:
    """`own` is the share of the flows that are of no kind that another flow is of.

    Who sends to whom and what for stays as it is, so that the graph does not grow with the rows.
    """

    dice: Dice
    own: float = 0.0

    @cached_property
    def _categories(self) -> pl.Series:
        return pl.Series(sorted(load_vocabulary().categories))

    @cached_property
    def _channels(self) -> pl.Series:
        return pl.Series(sorted(load_vocabulary().channels))

    def spread(self, flows: pl.DataFrame, rows: Numbers) -> pl.DataFrame:
        """The flows of these rows, some of them with data and channel of their own."""
        if not self.own:
            return flows
        struck = told(self.dice.falls("own kind", rows, self.own))
        channel = self._channels.gather(self.dice.number("own channel", rows, len(self._channels)))
        return flows.with_columns(
            pl.when(struck)
            .then(self._sets(rows))
            .otherwise("data_categories")
            .alias("data_categories"),
            pl.when(struck & pl.col("channel").is_not_null())
            .then(pl.lit(channel))
            .otherwise("channel")
            .alias("channel"),
        )

    def _sets(self, rows: Numbers) -> pl.Series:
        """For each row some categories, none of them twice."""
        drawn = [
            self._categories.gather(self.dice.number(f"own {place}", rows, len(self._categories)))
            for place in range(_MOST)
        ]
        wanted = self.dice.between("own many", rows, _LEAST, _MOST + 1)
        kept = [
            pl.when(pl.lit(pl.Series(np.asarray(wanted > place)))).then(pl.lit(codes))
            for place, codes in enumerate(drawn)
        ]
        sets = pl.concat_list(kept).list.drop_nulls().list.unique(maintain_order=True)
        return pl.select(sets.alias("data_categories")).to_series()
