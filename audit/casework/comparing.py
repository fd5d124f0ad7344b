"""Two runs side by side: findings new, gone and changed, and verdicts that moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from audit.casework.findings import FIRST, Turn, rows_at
from audit.casework.paging import MOST_ROWS
from audit.casework.remembering import remembered
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Layer
from audit.evaluation.judgement import GRAVITY

_COMPARED = ("severity", "flows", "subjects", "whole_base", "records")
_SIDES = ("before", "after")
_SHOWN = (
    "fingerprint",
    "layer",
    "verdict",
    "clause",
    "sender",
    "recipient",
    "purpose",
    "cause_zh",
    "cause_en",
)
_EXAMPLES = 3
_PAIRS = 4
_GRAVEST = [True, True, False, False, False, False]


class Change(StrEnum):
    """What became of a finding from one run to the next; it is known again by its fingerprint."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side: how many findings are new, gone, changed and the same."""

    before: KeptRun
    after: KeptRun
    counts: Mapping[Change, int]


def compare(before: KeptRun, after: KeptRun) -> Comparison:
    """How many findings changed how. For everybody: findings are no people."""
    found = dict(_matched(before, after).group_by("change").len().iter_rows())
    return Comparison(before, after, {change: found.get(change.value, 0) for change in Change})


def changes(
    comparison: Comparison, reader: Reader, change: Change, turn: Turn = FIRST
) -> pl.DataFrame:
    """One page of the findings that changed so, gravest first. For officers.

    fingerprint, the finding's codes and causes, and severity, flows, subjects, whole_base, records
    of either run as `before_*` and `after_*`, null where it is not in it. Only number and size of
    the turn are asked.
    """
    reader.needs(Role.officer)
    size = min(max(turn.size, 1), MOST_ROWS)
    matched = _matched(comparison.before, comparison.after)
    rows = matched.filter(pl.col("change") == change.value)
    shown = rows.slice((max(turn.number, 1) - 1) * size, size)
    for side, run in (("before", comparison.before), ("after", comparison.after)):
        told = _told(run, side, shown[side])
        shown = shown.join(told, on=side, how="left", validate="m:1", maintain_order="left")
    both = [pl.coalesce(f"after_{name}", f"before_{name}").alias(name) for name in _SHOWN]
    return shown.select(*both, *(f"{side}_{name}" for name in _COMPARED for side in _SIDES))


def _told(run: KeptRun, side: str, places: pl.Series) -> pl.DataFrame:
    named = [pl.col(name).alias(f"{side}_{name}") for name in (*_SHOWN, *_COMPARED)]
    return rows_at(run, places.drop_nulls()).select(pl.col("place").alias(side), *named)


@remembered(_PAIRS)
def _matched(before: KeptRun, after: KeptRun) -> pl.DataFrame:
    """Places in both runs (before, after) and change; in the order of the later run."""
    sides = [_named(run, side) for run, side in ((before, "before"), (after, "after"))]
    joined = sides[0].join(sides[1], on="fingerprint", how="full", coalesce=True, validate="1:1")
    moved = [pl.col(name).ne_missing(pl.col(f"{name}_after")) for name in _COMPARED]
    change = (
        pl.when(pl.col("before").is_null())
        .then(pl.lit(Change.NEW.value))
        .when(pl.col("after").is_null())
        .then(pl.lit(Change.GONE.value))
        .when(pl.any_horizontal(moved))
        .then(pl.lit(Change.CHANGED.value))
        .otherwise(pl.lit(Change.SAME.value))
        .cast(pl.Enum([each.value for each in Change]))
    )
    return (
        joined.select("before", "after", change=change)
        .sort("after", "before", nulls_last=True)
        .collect(engine="streaming")
    )


def _named(run: KeptRun, side: str) -> pl.LazyFrame:
    scan = pl.scan_parquet(run.file("findings.parquet"), glob=False)
    suffix = "_after" if side == "after" else ""
    counts = [pl.col(name).alias(f"{name}{suffix}") for name in _COMPARED]
    return scan.select("fingerprint", *counts).with_row_index(side)


def migration(comparison: Comparison, reader: Reader) -> pl.DataFrame:
    """Which verdict became which, by flow id: layer, before, after, flows, examples.

    A verdict is null where the flow was not judged in that run; examples are the three smallest
    flow ids. Layers as in the runs; flows that stayed as they were are there too. For officers.
    """
    reader.needs(Role.officer)
    return _migrated(comparison.before, comparison.after)


@remembered(_PAIRS)
def _migrated(before: KeptRun, after: KeptRun) -> pl.DataFrame:
    judged = pl.col("before").is_not_null() | pl.col("after").is_not_null()
    parts = [
        counted(_verdicts(before, after, layer).filter(judged), layer, *_SIDES) for layer in Layer
    ]
    return migration_of(pl.concat(pl.collect_all(parts)))


def migration_of(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells of a migration in their order."""
    return cells.sort("layer", *_SIDES, nulls_last=True)


def _verdicts(before: KeptRun, after: KeptRun, layer: Layer) -> pl.LazyFrame:
    """The verdict of every flow in both runs (before, after), and the clauses that decided it."""
    said = {"": f"{layer}_verdict", "_by": f"{layer}_decided_by"}
    earlier, later = (
        pl.scan_parquet(run.file("verdicts.parquet"), glob=False).select(
            "flow_id", **{f"{side}{part}": column for part, column in said.items()}
        )
        for side, run in zip(_SIDES, (before, after), strict=True)
    )
    return earlier.join(later, on="flow_id", how="full", coalesce=True)


def counted(verdicts: pl.LazyFrame, layer: Layer, *by: str) -> pl.LazyFrame:
    """How many flows have each of these, and the smallest of their ids."""
    return (
        verdicts.group_by(by)
        .agg(flows=pl.len().cast(pl.Int64), examples=pl.col("flow_id").bottom_k(_EXAMPLES).sort())
        .select(pl.lit(layer.value).alias("layer"), *by, "flows", "examples")
    )


def shifts(comparison: Comparison, reader: Reader) -> pl.DataFrame:
    """Which clauses moved which verdicts: a row per layer, verdicts and deciding clauses.

    layer, before, after, before_by, after_by, flows, examples, of flows whose verdict moved; the
    gravest verdicts and the most flows first. A verdict is null, and so are its clauses, where the
    flow was not judged in that run. For officers.
    """
    reader.needs(Role.officer)
    return _shifted(comparison.before, comparison.after)


@remembered(_PAIRS)
def _shifted(before: KeptRun, after: KeptRun) -> pl.DataFrame:
    moved = pl.col("before").ne_missing(pl.col("after"))
    by = ("before", "after", "before_by", "after_by")
    parts = [counted(_verdicts(before, after, layer).filter(moved), layer, *by) for layer in Layer]
    return shifts_of(pl.concat(pl.collect_all(parts)))


def shifts_of(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of shifts, the gravest verdicts and the most flows first."""
    gravity = pl.col("after").replace_strict(GRAVITY, default=-1, return_dtype=pl.Int8)
    return rows.sort(
        gravity, "flows", "layer", "before", "before_by", "after_by", descending=_GRAVEST
    )
