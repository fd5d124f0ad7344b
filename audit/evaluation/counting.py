"""Who and what a run's verdicts count for: clauses that decided, parties met, streams to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.clause import Verdict
from audit.evaluation.judgement import GRAVITY, INSTANT, count_subjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.evaluation.judgement import Judgement

CLAUSE_COUNTS = pl.Schema(
    {
        "layer": pl.String(),
        "clause": pl.String(),
        "flows": pl.Int64(),
        "subjects": pl.Int64(),
        "whole_base": pl.Boolean(),
        "first_seen": INSTANT,
        "last_seen": INSTANT,
    }
)
PARTY_COUNTS = pl.Schema(
    {
        "party_id": pl.String(),
        "side": pl.String(),
        "flows": pl.Int64(),
        "subjects": pl.Int64(),
        "whole_base": pl.Boolean(),
        "violation": pl.Int64(),
        "indeterminate": pl.Int64(),
        "first_seen": INSTANT,
        "last_seen": INSTANT,
    }
)
STREAM_COUNTS = pl.Schema(
    {
        "recipient": pl.String(),
        "purpose": pl.String(),
        "flows": pl.Int64(),
        "subjects": pl.Int64(),
        "whole_base": pl.Boolean(),
        **{verdict.value: pl.Int64() for verdict in Verdict},
        "first_seen": INSTANT,
        "last_seen": INSTANT,
    }
)
SIDES = ("sender", "recipient")


def clause_counts(judgement: Judgement) -> pl.DataFrame:
    """How many flows and subjects each clause decided, as CLAUSE_COUNTS, sorted by its key.

    A flow that several clauses decide counts for each of them, so these counts do not add up. A
    clause that decided nothing has no row.
    """
    decided = judgement.outcomes.select("outcome", "layer", clause="decided_by").explode("clause")
    members = judgement.tallies.join(decided.drop_nulls("clause"), on="outcome", how="inner")
    counted = _counted(members, ["layer", "clause"], judgement)
    return counted.select(pl.col(name).cast(kind) for name, kind in CLAUSE_COUNTS.items())


def party_counts(judgement: Judgement) -> pl.DataFrame:
    """What each party sent and received, as PARTY_COUNTS, sorted by party and side.

    `violation` and `indeterminate` are flows by the worse of the layers judged.
    """
    told = judgement.tallies.join(_worst(judgement), on="outcome", how="left", validate="m:1")
    sides = [told.with_columns(party_id=side, side=pl.lit(side)) for side in SIDES]
    counted = _counted(pl.concat(sides), ["party_id", "side"], judgement)
    return counted.select(pl.col(name).cast(kind) for name, kind in PARTY_COUNTS.items())


def stream_counts(judgement: Judgement) -> pl.DataFrame:
    """What went to each recipient for each purpose, as STREAM_COUNTS, sorted by its key.

    The verdicts are the worse of the layers judged, in whole flows: they add up to `flows`.
    """
    told = judgement.tallies.join(_worst(judgement), on="outcome", how="left", validate="m:1")
    counted = _counted(told, ["recipient", "purpose"], judgement)
    return counted.select(pl.col(name).cast(kind) for name, kind in STREAM_COUNTS.items())


def _worst(judgement: Judgement) -> pl.DataFrame:
    """Per outcome the gravity of the worst verdict that a layer gave."""
    gravity = pl.col("verdict").replace_strict(GRAVITY, return_dtype=pl.Int8)
    return judgement.outcomes.group_by("outcome").agg(gravity.max().alias("gravity"))


def _counted(members: pl.DataFrame, key: Sequence[str], judgement: Judgement) -> pl.DataFrame:
    groups = members.select(key).unique().sort(key).with_row_index("group")
    keyed = members.join(groups, on=list(key), how="left", validate="m:1")
    totals = keyed.group_by("group").agg(
        pl.col("flows").sum(),
        pl.col("first_seen").min(),
        pl.col("last_seen").max(),
        *_of_gravity(keyed),
    )
    subjects = count_subjects(keyed.select("group", "tally"), judgement)
    return (
        groups.join(totals, on="group", how="left", validate="1:1")
        .join(subjects, on="group", how="left", validate="1:1")
        .sort("group")
    )


def _of_gravity(keyed: pl.DataFrame) -> list[pl.Expr]:
    if "gravity" not in keyed.columns:
        return []
    return [
        pl.col("flows").filter(pl.col("gravity") == verdict.gravity).sum().alias(verdict.value)
        for verdict in Verdict
    ]
