"""A sample of an export for the peers that take one flow after the other, and what it came to."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import process_time
from typing import Any, TypeVar

import polars as pl

from tests.benchmarks.export import files

PACK, LAYER, ZONE = "telecom_agreement", "contract", "+08:00"
SAMPLE = 2000  # flows
Figures = Mapping[str, float]
Record = Mapping[str, Any]
Told = Iterable[tuple[str, str, list[str] | None]]  # flow, verdict, the clauses that decided it
T = TypeVar("T")


def sample(export: Path) -> pl.DataFrame:
    """Flows from all over the table; those of the whole base would need the whole register."""
    flows = pl.scan_parquet(files(export, "flows"))
    height = flows.select(pl.len()).collect().item()
    some = flows.gather_every(max(1, height // SAMPLE)).head(SAMPLE)
    return some.filter(pl.col("subject_id").ne_missing("*")).collect()


def registers(export: Path, flows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rows of the registers that speak of these flows."""
    subject, subjects = pl.col("subject_id"), flows["subject_id"].implode()
    cited = pl.col("evidence_id").is_in(flows["evidence_id"].implode())
    needed = {
        "parties": pl.lit(True),
        "consents": subject.is_in(subjects),
        "evidence": subject.is_in(subjects) | subject.is_null() | cited,
    }
    return {
        name: pl.scan_parquet(files(export, name)).filter(rows).collect()
        for name, rows in needed.items()
    }


def as_text(frame: pl.DataFrame) -> list[dict[str, str | None]]:
    """Rows as the reference takes them."""
    lists = pl.selectors.by_dtype(pl.List(pl.String()))
    return frame.with_columns(lists.list.join(";")).cast(pl.String()).to_dicts()


def as_json(frame: pl.DataFrame) -> list[Record]:
    """Rows as JSON Schema sees them: an empty cell is an absent property."""
    rows = frame.iter_rows(named=True)
    return [{name: cell for name, cell in row.items() if cell is not None} for row in rows]


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of this work, and what it gave."""
    started = process_time()
    done = work()
    return process_time() - started, done


def differing(told: Told, run: Path) -> int:
    """How many flows the run judged otherwise; what it rejected for a repeated id is not asked."""
    names = {"flow_id": pl.String(), "verdict": pl.String(), "decided_by": pl.List(pl.String())}
    theirs = pl.LazyFrame(list(told), names, orient="row")
    ours = pl.scan_parquet(run / "verdicts.parquet").select(
        "flow_id", f"{LAYER}_verdict", f"{LAYER}_decided_by"
    )
    both = theirs.join(ours, on="flow_id", validate="1:1")
    decided = pl.col("decided_by")
    same = (pl.col("verdict") == pl.col(f"{LAYER}_verdict")) & (
        decided.is_null() | (decided == pl.col(f"{LAYER}_decided_by"))
    )
    return both.filter(~same).collect().height


def say(figures: Figures) -> None:
    """The figures on the standard output, for the process that measures."""
    sys.stdout.write(json.dumps(figures))
