"""What one layer of a run allows and the other forbids."""

import polars as pl

from audit.casework.remembering import remembered
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Layer, Verdict
from audit.evaluation.conflicting import CONFLICTS, EXAMPLES

_RUNS = 8


def conflicts(run: KeptRun, reader: Reader) -> pl.DataFrame:
    """A row for each pair of deciding clauses that disagree, as `conflicting.CONFLICTS`.

    What the statute forbids comes first, the most flows before fewer. For officers.
    """
    reader.needs(Role.officer)
    return _conflicts(run)


@remembered(_RUNS)
def _conflicts(run: KeptRun) -> pl.DataFrame:
    if len(run.manifest["packs"]) < len(Layer):
        return CONFLICTS.to_frame()
    told = pl.scan_parquet(run.file("verdicts.parquet"), glob=False).filter("conflict")
    pairs = zip(Layer, reversed(Layer), strict=True)
    parts = [_violating(told, layer, other) for layer, other in pairs]
    order = ["violates", "flows", "forbidden_by", "allowed_by"]
    return pl.concat(pl.collect_all(parts)).sort(order, descending=[True, True, False, False])


def _violating(told: pl.LazyFrame, layer: Layer, other: Layer) -> pl.LazyFrame:
    by = (
        pl.col(f"{layer}_decided_by").alias("forbidden_by"),
        pl.col(f"{other}_decided_by").alias("allowed_by"),
    )
    return (
        told.filter(pl.col(f"{layer}_verdict") == Verdict.VIOLATION.value)
        .group_by(*by)
        .agg(flows=pl.len().cast(pl.Int64), examples=pl.col("flow_id").bottom_k(EXAMPLES).sort())
        .with_columns(violates=pl.lit(layer.value))
        .select(*CONFLICTS)
    )
