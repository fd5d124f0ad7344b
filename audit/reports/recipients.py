"""To whom data went and what came of it: exact counts per role of the recipient."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.evaluation.judgement import GRAVITY, Judgement, count_subjects
from audit.outcome import Audit

_Told = Mapping[Layer, Mapping[Verdict, Any]]
_KEY = ("role", "layer", "verdict")


def recipient_roles(audit: Audit) -> list[dict[str, Any]]:
    """A row per role, layer and verdict that occurs: flows, distinct subjects, whether everybody.

    role is null for recipients that are not registered. Sorted by role, layer and gravity.
    """
    roles = audit.graph.nodes.select(recipient="party_id", role="role")
    judged = _judged(audit.judgement).join(roles, on="recipient", how="left", validate="m:1")
    return _counted(judged, _KEY, audit.judgement)


def verdict_subjects(audit: Audit) -> tuple[_Told, _Told]:
    """Per layer judged and verdict: its flows' distinct subjects; whether they are everybody."""
    rows = _counted(_judged(audit.judgement), _KEY[1:], audit.judgement)
    found = {(row["layer"], row["verdict"]): row for row in rows}
    nobody = {"subjects": 0, "whole_base": False}
    subjects, whole_base = (
        {
            layer: {verdict: found.get((layer, verdict), nobody)[told] for verdict in counts}
            for layer, counts in audit.counts.items()
        }
        for told in nobody
    )
    return subjects, whole_base


def _judged(judgement: Judgement) -> pl.DataFrame:
    """Every tally with the verdict of each layer."""
    said = judgement.outcomes.select("outcome", "layer", "verdict")
    return judgement.tallies.select("tally", "recipient", "outcome", "flows").join(
        said, on="outcome", how="inner"
    )


def _counted(
    judged: pl.DataFrame, key: Sequence[str], judgement: Judgement
) -> list[dict[str, Any]]:
    groups = judged.select(key).unique().with_row_index("group")
    keyed = judged.join(groups, on=list(key), how="left", validate="m:1", nulls_equal=True)
    flows = keyed.group_by("group").agg(pl.col("flows").sum())
    subjects = count_subjects(keyed.select("group", "tally"), judgement)
    layers = {layer.value: place for place, layer in enumerate(Layer)}
    ranks = [
        pl.col("layer").replace_strict(layers, return_dtype=pl.Int8),
        pl.col("verdict").replace_strict(GRAVITY, return_dtype=pl.Int8),
    ]
    order = [*(name for name in key if name == "role"), *ranks]
    return (
        groups.join(flows, on="group", how="left", validate="1:1")
        .join(subjects, on="group", how="left", validate="1:1")
        .sort(order, nulls_last=True)
        .select(*key, "flows", "subjects", "whole_base")
        .to_dicts()
    )
