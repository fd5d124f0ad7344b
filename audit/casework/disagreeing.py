"""What one layer of a run allows and the other forbids."""

import polars as pl

from audit.casework.remembering import remembered
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Layer
from audit.evaluation.conflicting import CONFLICTS, EXAMPLES, conflicts_in

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
    examples = pl.col("flow_id").bottom_k(EXAMPLES).sort()
    return conflicts_in(told, flows=pl.len(), examples=examples)
