"""The runs beside a run that came before it and looked at the same, oldest first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from audit.casework.remembering import remembered
from audit.casework.workspace import KeptRun, Workspace
from audit.problems import Problem, UsageRefused
from audit.triage.history import Earlier, marks

if TYPE_CHECKING:
    from pathlib import Path

    from audit.outcome import Audit

    Place = tuple[datetime, datetime, str]
    Series = tuple[tuple[str, ...], str | None]

_RUNS = 64  # of which the marks of findings are kept, 8 MB for a million
_NEVER = datetime(1, 1, 3, tzinfo=UTC)  # a day that there is in every zone
_LATEST = datetime.max.replace(tzinfo=UTC)


def earlier(run: KeptRun) -> tuple[Earlier, ...]:
    """The runs beside this one that came before it and looked at the same, oldest first.

    They come in the order of what they looked at, then of when they were left. Runs under other
    packs are passed over, and those in which somebody else sends the most flows: another carrier's.
    """
    return _before(run.folder.absolute().parent, run.run_id, _series(run), _place(run))


def earlier_than(found: Audit, runs: Path) -> tuple[Earlier, ...]:
    """The same for an audit whose run is to lie in this folder."""
    packs = tuple(sorted(pack.id for pack in found.packs))
    place = (last_moment(found.edges), _LATEST, found.run_id)
    return _before(runs, found.run_id, (packs, main_sender(found.edges)), place)


def _before(runs: Path, run_id: str, series: Series, own: Place) -> tuple[Earlier, ...]:
    before = [
        other
        for other in Workspace(runs).runs().runs
        if other.run_id != run_id and _series(other) == series and _place(other) < own
    ]
    return tuple(
        Earlier(each.run_id, marks_of(each), is_whole(each)) for each in sorted(before, key=_place)
    )


def is_whole(run: KeptRun) -> bool:
    """Whether what the run does not find is not there: a rejected flow may be what lacks."""
    return int(run.manifest["rows"]["flows"]["rejected"]) == 0


def last_moment(edges: pl.DataFrame) -> datetime:
    """When the last flow of these edges was."""
    told = edges["last_seen"].max()
    return told if isinstance(told, datetime) else _NEVER


def main_sender(edges: pl.DataFrame) -> str | None:
    """Who sends the most flows of these edges; None where there are none."""
    sent = edges.group_by("sender").agg(pl.col("flows").sum())
    most = sent.sort("flows", "sender", descending=[True, False])["sender"]
    return str(most[0]) if most.len() else None


@remembered(_RUNS)
def marks_of(run: KeptRun) -> pl.Series:
    """The marks of what the run found, in its order."""
    return marks(_read(run, "findings.parquet", "fingerprint").to_series())


def _series(run: KeptRun) -> Series:
    packs = tuple(sorted(str(pack["id"]) for pack in run.manifest["packs"]))
    return packs, _looked_at(run)[1]


def _place(run: KeptRun) -> Place:
    return _looked_at(run)[0], run.kept_at, run.run_id


@remembered(_RUNS)
def _looked_at(run: KeptRun) -> tuple[datetime, str | None]:
    """When the last flow was that the run looked at, and who sends the most."""
    edges = _read(run, "edges.parquet", "sender", "flows", "last_seen")
    return last_moment(edges), main_sender(edges)


def _read(run: KeptRun, file: str, *columns: str) -> pl.DataFrame:
    """Raises UsageRefused where it cannot be read: then nobody knows what came back."""
    try:
        return pl.scan_parquet(run.file(file), glob=False).select(columns).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        facts = {"run": run.folder.name, "file": file}
        raise UsageRefused(Problem("triage-run-unreadable", facts)) from error
