"""Where the agreement and the statute disagree: what one allows and the other forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.evaluation.judgement import CODES, outcome_table

if TYPE_CHECKING:
    from polars.lazyframe.group_by import LazyGroupBy

    from audit.evaluation.judgement import Judgement

EXAMPLES = 3
CONFLICTS = pl.Schema(
    {
        "violates": pl.String(),
        "forbidden_by": CODES,
        "allowed_by": CODES,
        "flows": pl.Int64(),
        "examples": CODES,
    }
)


def conflicts(judgement: Judgement) -> pl.DataFrame:
    """The conflicts of what was judged, as `conflicts_in`."""
    if judgement.outcomes["layer"].n_unique() < len(Layer):
        return CONFLICTS.to_frame()  # a layer alone contradicts nobody
    told = outcome_table(judgement.outcomes).filter("conflict")
    if told.is_empty():
        return CONFLICTS.to_frame()
    return conflicts_in(
        told.join(judgement.tallies, on="outcome", how="inner", validate="1:m").lazy(),
        flows=pl.col("flows").sum(),
        examples=pl.col("examples").explode(empty_as_null=False).unique().sort().head(EXAMPLES),
    )


def conflicts_in(told: pl.LazyFrame, flows: pl.Expr, examples: pl.Expr) -> pl.DataFrame:
    """A row for each pair of deciding clauses of which one allows what the other forbids.

    violates: the layer that is violated. forbidden_by, allowed_by: the clauses that decided there
    and in the other layer. examples: the first few flow ids. What the statute forbids comes first,
    the most flows before fewer. `told` has the columns of both layers, where they conflict; `flows`
    and `examples` count and name the flows of a pair.
    """
    counted = {"flows": flows.cast(CONFLICTS["flows"]), "examples": examples}
    pairs = zip(Layer, reversed(Layer), strict=True)
    parts = [_violating(told, *pair).agg(**counted).select(*CONFLICTS) for pair in pairs]
    order = ["violates", "flows", "forbidden_by", "allowed_by"]
    return pl.concat(pl.collect_all(parts)).sort(order, descending=[True, True, False, False])


def _violating(told: pl.LazyFrame, layer: Layer, other: Layer) -> LazyGroupBy:
    """What violates this layer and not the other, by the clauses that decided."""
    return told.filter(pl.col(f"{layer}_verdict") == Verdict.VIOLATION.value).group_by(
        pl.lit(layer.value).alias("violates"),
        pl.col(f"{layer}_decided_by").alias("forbidden_by"),
        pl.col(f"{other}_decided_by").alias("allowed_by"),
    )
