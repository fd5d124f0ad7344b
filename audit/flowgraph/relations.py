"""Who shares with whom: a row per sender and recipient, its verdicts counted in whole flows."""

from dataclasses import dataclass

import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.evaluation.judgement import GRAVITY, INSTANT, Judgement, count_subjects

RELATION = ("sender", "recipient")
RELATIONS = pl.Schema(
    {
        "sender": pl.String(),
        "recipient": pl.String(),
        "flows": pl.Int64(),
        "subjects": pl.Int64(),
        "whole_base": pl.Boolean(),
        "records": pl.Int64(),
        "first_seen": INSTANT,
        "last_seen": INSTANT,
        **{verdict.value: pl.Int64() for verdict in Verdict},
        **{f"{layer}_{verdict}": pl.Int64() for layer in Layer for verdict in Verdict},
    }
)


@dataclass(frozen=True)
class Network:
    """What a run knows of the sharing between parties.

    edges: as count_edges gives them. relations: as RELATIONS. parties: party_id and role at least.
    """

    edges: pl.DataFrame
    relations: pl.DataFrame
    parties: pl.DataFrame

    def acting_as(self, role: str) -> frozenset[str]:
        """The parties of this role."""
        return frozenset(self.parties.filter(pl.col("role") == role)["party_id"])


def told_by(layer: Layer | None, verdict: Verdict) -> str:
    """The column that counts this verdict in the layer; None: in the worst of the layers judged."""
    return f"{layer}_{verdict}" if layer else verdict.value


def relation_counts(judgement: Judgement) -> pl.DataFrame:
    """A row per sender and recipient, as RELATIONS, sorted by them.

    All counts are exact and in whole flows, so the verdicts of a layer add up to `flows`, and so
    do those without a layer, which are the worst of the layers judged. A layer that was not judged
    is null. Where sender and recipient are the same, the party uses the data itself.
    """
    keyed = judgement.tallies.join(
        judgement.tallies.select(RELATION).unique().sort(RELATION).with_row_index("group"),
        on=RELATION,
        how="left",
        validate="m:1",
    )
    counted = _totals(keyed, judgement)
    for layer, verdicts in _verdicts(judgement.outcomes).items():
        told = _flows_by_verdict(keyed, verdicts, layer)
        counted = counted.join(told, on="group", how="left", validate="1:1")
    return counted.sort("group").select(pl.col(name).cast(kind) for name, kind in RELATIONS.items())


def _totals(keyed: pl.DataFrame, judgement: Judgement) -> pl.DataFrame:
    subjects = count_subjects(keyed.select("group", "tally"), judgement)
    totals = keyed.group_by("group", *RELATION).agg(
        pl.col("flows", "records").sum(), pl.col("first_seen").min(), pl.col("last_seen").max()
    )
    return totals.join(subjects, on="group", how="left", validate="1:1")


def _verdicts(outcomes: pl.DataFrame) -> dict[Layer | None, pl.DataFrame]:
    """The gravity of each outcome, by layer and overall."""
    graded = outcomes.select(
        "outcome",
        "layer",
        gravity=pl.col("verdict").replace_strict(GRAVITY, return_dtype=pl.Int8),
    )
    single: dict[Layer | None, pl.DataFrame] = {
        layer: graded.filter(pl.col("layer") == layer.value) for layer in Layer
    }
    return single | {None: graded.group_by("outcome").agg(pl.col("gravity").max())}


def _flows_by_verdict(
    keyed: pl.DataFrame, verdicts: pl.DataFrame, layer: Layer | None
) -> pl.DataFrame:
    flows = pl.col("flows")
    return (
        keyed.join(verdicts, on="outcome", how="inner", validate="m:1")
        .group_by("group")
        .agg(
            flows.filter(pl.col("gravity") == verdict.gravity).sum().alias(told_by(layer, verdict))
            for verdict in Verdict
        )
    )
