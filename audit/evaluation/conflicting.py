"""Where the agreement and the statute disagree: what one allows and the other forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.evaluation.judgement import CODES, outcome_table

if TYPE_CHECKING:
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
    """A row for each pair of deciding clauses of which one allows what the other forbids.

    violates: the layer that is violated. forbidden_by, allowed_by: the clauses that decided there
    and in the other layer. examples: the first few flow ids. What the statute forbids comes first,
    the most flows before fewer.
    """
    told = outcome_table(judgement.outcomes).filter("conflict")
    if told.is_empty():
        return CONFLICTS.to_frame()
    sides = pl.concat(_violating(told, layer) for layer in Layer)
    return (
        sides.join(judgement.tallies, on="outcome", how="inner", validate="1:m")
        .group_by("violates", "forbidden_by", "allowed_by")
        .agg(
            pl.col("flows").sum(),
            pl.col("examples").explode(empty_as_null=False).unique().sort().head(EXAMPLES),
        )
        .sort(
            ["violates", "flows", "forbidden_by", "allowed_by"],
            descending=[True, True, False, False],
        )
        .select(pl.col(name).cast(kind) for name, kind in CONFLICTS.items())
    )


def _violating(told: pl.DataFrame, layer: Layer) -> pl.DataFrame:
    """The outcomes that violate this layer and not the other."""
    other = next(each for each in Layer if each is not layer)
    return told.filter(pl.col(f"{layer}_verdict") == Verdict.VIOLATION.value).select(
        "outcome",
        pl.lit(layer.value).alias("violates"),
        pl.col(f"{layer}_decided_by").alias("forbidden_by"),
        pl.col(f"{other}_decided_by").alias("allowed_by"),
    )
