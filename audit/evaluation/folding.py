"""What each layer says of a flow, folded from its categories: the gravest speak for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import SUPPLEMENT, Verdict
from audit.evaluation.judgement import GRAVITY, OUTCOMES
from audit.facts.keys import ABSENT
from audit.facts.rows import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.clauses.clause import Layer
    from audit.evaluation.spread import Spread
    from audit.facts.pairs import Places

_FAILING = [Verdict.VIOLATION.gravity, Verdict.INDETERMINATE.gravity]
_LOW = 32  # bits of a clause beside its outcome


def outcomes_of(spread: Spread) -> pl.DataFrame:
    """Judgement.outcomes: a row per outcome and layer that judged it."""
    parts = [_of_layer(spread, layer) for layer in spread.layers]
    every = pl.concat([pl.DataFrame(schema=OUTCOMES), *parts])
    return every if len(parts) == 1 else every.sort("outcome", "layer")


def _of_layer(spread: Spread, layer: Layer) -> pl.DataFrame:
    saying = spread.of_layer(layer)
    graded = spread.said["verdict"].replace_strict(GRAVITY, return_dtype=pl.Int8).to_numpy()
    gravity = np.where(saying == ABSENT, ABSENT, graded[saying]) if len(graded) else saying
    worst = np.maximum.reduceat(gravity, spread.first[:-1]) if len(gravity) else gravity
    speaking = np.flatnonzero((gravity == worst[spread.outcome]) & (gravity != ABSENT))
    outcome, said = spread.outcome[speaking].astype(np.int64), saying[speaking]
    failing = np.isin(gravity[speaking], _FAILING)
    nearest = spread.said["nearest"].gather(said)
    near = nearest.is_not_null().to_numpy()
    size = len(spread)
    told = pl.DataFrame(
        {
            "outcome": np.arange(size, dtype=np.uint32),
            "layer": pl.Series([layer.value]).new_from_index(0, size),
            "verdict": pl.Series([*GRAVITY], dtype=pl.String).gather(np.maximum(worst, 0)),
            "decided_by": _clauses(spread, "decided_by", outcome, said),
            "possible": _clauses(spread, "possible", outcome, said),
            "failing": listed(
                spread.categories.gather(spread.category[speaking[failing]]),
                np.bincount(outcome[failing], minlength=size),
            ),
            "nearest": listed(nearest.drop_nulls(), np.bincount(outcome[near], minlength=size)),
        },
        schema=OUTCOMES,
    )
    return told.filter(pl.Series(worst != ABSENT))


def _clauses(spread: Spread, column: str, outcome: Places, said: Places) -> pl.Series:
    """The clauses that these sayings name for each outcome, once and in order."""
    lists = spread.said[column]
    names = lists.explode(empty_as_null=False).drop_nulls().unique().sort()
    flat = names.search_sorted(lists.explode(empty_as_null=False)).to_numpy().astype(np.int64)
    sizes = lists.list.len().fill_null(0).to_numpy().astype(np.int64)
    first = np.cumsum(sizes) - sizes
    counts = sizes[said]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    rank = flat[np.repeat(first[said], counts) + within]
    pairs = np.unique(np.repeat(outcome, counts) << _LOW | rank)
    pairs = _one_consent(pairs, names)
    told = np.bincount(pairs >> _LOW, minlength=len(spread))
    return listed(names.gather(pairs & ((1 << _LOW) - 1)), told)


def _one_consent(pairs: Places, names: pl.Series) -> Places:
    """A clause carried by a supplement for one category is reported so for the flow."""
    place = {name: rank for rank, name in enumerate(names)}
    carried = np.array([place.get(f"{name}{SUPPLEMENT}", ABSENT) for name in names], dtype=np.int64)
    by = carried[pairs & ((1 << _LOW) - 1)]
    twice: NDArray[np.bool_] = (by != ABSENT) & np.isin(pairs >> _LOW << _LOW | by, pairs)
    return pairs[~twice]
