"""Writing a decision down: looked at as a whole first, and refused where somebody was quicker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.clause import Verdict
from audit.problems import Problem, UsageRefused
from audit.triage.approving import Demand, needs_approver
from audit.triage.covering import bounds_of, decided, spelling
from audit.triage.decision import Decision, lacks
from audit.triage.state import ATTESTED, DECIDED, SUPPRESSING

if TYPE_CHECKING:
    from audit.triage.ledger import Entry, Log
    from audit.triage.store import Store


class Stale(UsageRefused):
    """Somebody else decided about the same meanwhile; look again before deciding."""


@dataclass(frozen=True)
class Occasion:
    """On what a decision is made.

    findings: those of the run that the targets name, with the columns of covering.ASKED. demands:
    of the run's packs. today: a decision must not have ended before. at: when it is written down.
    seen: how many entries the log had when whoever decides looked, None where that is not told.
    """

    findings: pl.DataFrame
    demands: Sequence[Demand]
    today: date
    at: datetime
    seen: int | None = None


def sound(decision: Decision, occasion: Occasion) -> Decision:
    """The decision as it can be written, with its bounds; raises UsageRefused with all it lacks."""
    bounds = bounds_of(occasion.findings, decision.targets)
    nowhere = [
        Problem("triage-target-nowhere", {"target": spelling(target)})
        for target, bound in zip(decision.targets, bounds, strict=True)
        if bound is None
    ]
    bounded = replace(decision, bounds=tuple(filter(None, bounds)))
    if faults := [*nowhere, *_faults(bounded, occasion)]:
        raise UsageRefused(*faults)
    return bounded


def decide(store: Store, decision: Decision, occasion: Occasion) -> Entry:
    """Write a sound decision into the log, while nobody else does.

    Raises Stale where the log has a newer entry about one of the same findings than whoever decides
    has seen, and UsageRefused where the decision is not sound, or the log is not.
    """
    bounded = sound(decision, occasion)

    def written(log: Log) -> Decision:
        _refuse_stale(log, bounded, occasion)
        return bounded

    return store.append(written, occasion.at)


def _faults(decision: Decision, occasion: Occasion) -> Iterator[Problem]:
    yield from _faults_of_itself(decision)
    if decision.until is not None and decision.until < occasion.today:
        yield Problem("triage-until-past", {"until": decision.until.isoformat()})
    yield from _faults_of_suppressing(decision, occasion)


def _faults_of_itself(decision: Decision) -> Iterator[Problem]:
    """What it says that nobody can decide, and what it does not say."""
    if decision.state not in DECIDED:
        yield Problem("triage-state-automatic", {"state": decision.state.value})
    yield from (Problem(_LACKED[field]) for field in lacks(decision) if field in _LACKED)


def _faults_of_suppressing(decision: Decision, occasion: Occasion) -> Iterator[Problem]:
    """An approver where the packs want one; and only what is undecided can be attested."""
    needing = occasion.findings.filter(needs_approver(occasion.demands)).height
    if needing and decision.state in SUPPRESSING and decision.approver is None:
        yield Problem("triage-approver-needed", {"findings": needing})
    undecided = pl.col("verdict").eq_missing(pl.lit(Verdict.INDETERMINATE.value))
    others = occasion.findings.filter(~undecided).height
    if others and decision.state in ATTESTED:
        yield Problem("triage-attest-decided", {"findings": others})


_LACKED = {
    "reason": "triage-lacks-reason",
    "author": "triage-lacks-author",
    "targets": "triage-lacks-target",
    "until": "triage-lacks-until",
    "evidence": "triage-lacks-evidence",
    "approver": "triage-approver-same",
}


def _refuse_stale(log: Log, decision: Decision, occasion: Occasion) -> None:
    if occasion.seen is None:
        return
    if not 0 <= occasion.seen <= len(log.entries):
        facts = {"seen": occasion.seen, "entries": len(log.entries)}
        raise UsageRefused(Problem("triage-seen-unknown", facts))
    later = log.entries[occasion.seen :]
    same = {*decision.targets}
    named = [each.sequence for each in later if each.decision and same & {*each.decision.targets}]
    about = decided(occasion.findings, later)["entry"].drop_nulls().to_list()
    if latest := max([*named, *about], default=None):
        raise Stale(_changed(log.entries[latest - 1]))


def _changed(entry: Entry) -> Problem:
    told = entry.decision
    facts = {
        "author": told.author if told else "?",
        "at": f"{entry.at:%Y-%m-%d %H:%M:%S} UTC" if entry.at else "?",
        "state": told.state.value if told else "?",
        "entry": entry.sequence,
    }
    return Problem("triage-changed-meanwhile", facts)
