"""What each layer says of a flow, folded from its categories: the gravest speak for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import SUPPLEMENT, Verdict
from audit.evaluation.judgement import GRAVITY, OUTCOMES
from audit.facts.keys import ABSENT
from audit.facts.pairs import starts_of
from audit.facts.rows import listed, once, taken

if TYPE_CHECKING:
    from audit.clauses.clause import Layer
    from audit.evaluation.spread import Spread
    from audit.facts.pairs import Places

_FAILING = [Verdict.VIOLATION.gravity, Verdict.INDETERMINATE.gravity]
_LOW = 32  # bits of a name beside its owner
_RANK = (1 << _LOW) - 1


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
    pairs, names = named_by(spread, column, outcome, said)
    return listed_by(_one_consent(pairs, names), names, len(spread))


def named_by(spread: Spread, column: str, owner: Places, said: Places) -> tuple[Places, pl.Series]:
    """What a column of lists of these sayings names for each owner, once and in order.

    Owner and name in one number each, and the names.
    """
    flat = spread.said[column].explode(empty_as_null=False).drop_nulls()
    names = flat.unique().sort()
    ranks = names.search_sorted(flat).to_numpy().astype(np.int64)
    sizes = spread.said[column].list.len().fill_null(0).to_numpy().astype(np.int64)
    met = once(owner << _LOW | said)
    said = met & _RANK
    told = taken(ranks, starts_of(sizes), sizes, said)
    return once(np.repeat(met >> _LOW, sizes[said]) << _LOW | told), names


def listed_by(pairs: Places, names: pl.Series, owners: int) -> pl.Series:
    """The names of each of so many owners."""
    return listed(names.gather(pairs & _RANK), np.bincount(pairs >> _LOW, minlength=owners))


def _one_consent(pairs: Places, names: pl.Series) -> Places:
    """A clause carried by a supplement for one category is reported so for the flow."""
    place = {name: rank for rank, name in enumerate(names)}
    carried = np.array([place.get(f"{name}{SUPPLEMENT}", ABSENT) for name in names], dtype=np.int64)
    own = np.flatnonzero(carried[pairs & _RANK] != ABSENT)
    by = pairs[own] >> _LOW << _LOW | carried[pairs[own] & _RANK]
    return np.delete(pairs, own[np.isin(by, pairs)])
