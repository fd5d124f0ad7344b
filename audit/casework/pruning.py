"""Which of the kept runs may go: the old ones, but none that anything rests on."""

from __future__ import annotations

import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from audit.baselines.reading import read_baseline
from audit.casework.triaging import log_at, runs_decided
from audit.casework.workspace import Kept, KeptRun, Workspace
from audit.problems import Problem, UsageRefused
from audit.triage.heads import head_faults
from audit.triage.ledger import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_GOING = ".pruned"


class Why(StrEnum):
    """Why a run stays."""

    NEWEST = "newest"
    SINCE = "since"
    DECIDED = "decided"
    DECISIONS_UNREAD = "decisions-unread"
    BASELINE = "baseline"
    BASELINES_UNREAD = "baselines-unread"
    TOUCHED = "touched"
    LINK = "link"


@dataclass(frozen=True)
class Rule:
    """What is old: all but the newest so many, and what was left before a day (UTC).

    Where both are asked, what goes is old by both.
    """

    keep: int | None = None
    before: date | None = None


@dataclass(frozen=True)
class Resting:
    """The ids of runs that decisions refer to and that are baselines; None where nobody can tell.

    faults: why nobody can.
    """

    decided: frozenset[str] | None = frozenset()
    baselines: frozenset[str] | None = frozenset()
    faults: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Fate:
    """A run, when it was left, and why it stays; without a reason it goes."""

    run: KeptRun
    left: date
    why: Why | None


def resting(runs: Path, baseline: Path | None = None, store: str | None = None) -> Resting:
    """What rests on runs of this folder: decisions, and baselines that runs or settings name.

    What cannot be read keeps every run, and so does a run whose manifest cannot be read: nobody
    knows what it names.
    """
    faults: list[Problem] = []
    kept = Workspace(runs).runs()
    decided = _decided(kept, runs, store, faults)
    baselines = _baselines(kept, baseline, faults)
    return Resting(decided, baselines, tuple(faults))


def _decided(
    kept: Kept, runs: Path, store: str | None, faults: list[Problem]
) -> frozenset[str] | None:
    """The runs that decisions refer to; None where the log is not all that there was.

    An empty log is one that somebody emptied, for all that anybody can tell.
    """
    try:
        log = log_at(runs, store)
    except UsageRefused as refusal:
        faults += refusal.problems
        return None
    known = log or Log()
    torn = [each for run in kept.runs for each in head_faults(run.manifest.get("triage"), known)]
    decided = runs_decided(known)
    if log and not log.entries:
        torn.append(Problem("prune-log-empty"))
    elif decided is None and not torn:
        torn.append(Problem("prune-decision-torn"))
    faults += dict.fromkeys(torn)
    return None if torn else decided


def _baselines(kept: Kept, named: Path | None, faults: list[Problem]) -> frozenset[str] | None:
    faults += kept.broken
    found = {str(told["run"]) for run in kept.runs if (told := _held_against(run))}
    try:
        found |= {read_baseline(named).run_id} if named else set()
    except UsageRefused as refusal:
        faults += refusal.problems
        return None
    return None if kept.broken else frozenset(found)


def _held_against(run: KeptRun) -> dict[str, str] | None:
    request = run.manifest.get("request")
    told = request.get("baseline") if isinstance(request, dict) else None
    return told if isinstance(told, dict) and "run" in told else None


def fates(runs: Path, rule: Rule, rests: Resting) -> tuple[Fate, ...]:
    """Every run of the folder, newest first, and why it stays if it does."""
    found = Workspace(runs).runs().runs
    return tuple(
        Fate(run, run.kept_at.date(), _why(run, place, rule, rests))
        for place, run in enumerate(found)
    )


def _why(run: KeptRun, place: int, rule: Rule, rests: Resting) -> Why | None:
    """The first reason that holds; files are compared last, which takes the longest."""
    if rule.keep is not None and place < rule.keep:
        return Why.NEWEST
    if rule.before is not None and run.kept_at.date() >= rule.before:
        return Why.SINCE
    if why := rested_on(run, rests):
        return why
    if run.folder.is_symlink():
        return Why.LINK
    return Why.TOUCHED if run.faults() else None


def rested_on(run: KeptRun, rests: Resting) -> Why | None:
    """What rests on the run, or may."""
    if rests.decided is None:
        return Why.DECISIONS_UNREAD
    if run.run_id in rests.decided:
        return Why.DECIDED
    if rests.baselines is None:
        return Why.BASELINES_UNREAD
    return Why.BASELINE if run.run_id in rests.baselines else None


def prune(found: Iterable[Fate], ask: Callable[[], Resting]) -> tuple[Fate, ...]:
    """Remove what is to go, and say what became of each.

    `ask` is asked before each removal: somebody may have decided something meanwhile.
    """
    done = []
    for fate in found:
        why = fate.why or rested_on(fate.run, ask())
        if why is None:
            _remove(fate.run)
        done.append(replace(fate, why=why))
    return tuple(done)


def _remove(run: KeptRun) -> None:
    """Take the run away in one step, so that nobody ever meets half of it, then free its room."""
    hidden = run.folder.with_name(f".{run.folder.name}.{secrets.token_hex(8)}{_GOING}")
    run.folder.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def sweep(runs: Path) -> None:
    """Free the room of what a removal left that was stopped halfway."""
    for left in _left(runs):
        shutil.rmtree(left, ignore_errors=True)


def _left(runs: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from sorted(runs.glob(f".*{_GOING}"))
