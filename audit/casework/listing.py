"""The runs of a folder, a line each: of when, under which packs, with what verdicts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.casework.workspace import KeptRun, Workspace
from audit.sources.zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from audit.problems import Problem


@dataclass(frozen=True)
class Listed:
    """A kept run; `sound` is None where nobody compared its files.

    left: when it was left in the folder (UTC, ISO). flows: the days of its first and last flow, in
    the run's own zone. counts: per layer and verdict. rejected: rows of all tables. size: in bytes.
    """

    run_id: str
    folder: str
    left: str
    flows: str
    packs: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]
    rejected: int
    size: int
    sound: bool | None

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return asdict(self)


def listed(runs: Path, *, verified: bool) -> tuple[tuple[Listed, ...], tuple[Problem, ...]]:
    """Every run of the folder, newest first, and what could not be read as one."""
    kept = Workspace(runs).runs()
    return tuple(_listed(run, verified=verified) for run in kept.runs), kept.broken


def _listed(run: KeptRun, *, verified: bool) -> Listed:
    told = run.manifest
    return Listed(
        run_id=run.run_id,
        folder=run.folder.name,
        left=f"{run.kept_at:%Y-%m-%dT%H:%MZ}",
        flows=_days(run),
        packs=tuple(f"{pack['id']} {pack['version']}" for pack in told["packs"]),
        counts=told["verdicts"],
        rejected=sum(count["rejected"] for count in told["rows"].values()),
        size=sum(path.lstat().st_size for path in run.folder.rglob("*")),
        sound=not run.faults() if verified else None,
    )


def _days(run: KeptRun) -> str:
    """The first and the last day of its flows; empty where there is none."""
    edges = pl.scan_parquet(run.file("edges.parquet"), glob=False)
    first, last = (
        edges.select(pl.col("first_seen").min(), pl.col("last_seen").max()).collect().row(0)
    )
    if first is None:
        return ""
    zone = zone_of(str(run.manifest["options"]["timezone"]))
    return f"{first.astimezone(zone):%Y-%m-%d}/{last.astimezone(zone):%Y-%m-%d}"
