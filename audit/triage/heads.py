"""What a run's manifest says of the log, and whether the log is still the one that it knew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from audit.problems import Problem
from audit.triage.ledger import Head

if TYPE_CHECKING:
    from audit.triage.ledger import Log


def head_told(head: Head) -> dict[str, Any]:
    """The head as a manifest keeps it."""
    return {"head": head.digest, "entries": head.entries}


def head_faults(told: object, log: Log) -> tuple[Problem, ...]:
    """What is wrong with the log for a run that says this of it; empty where it only grew."""
    if log.faults:
        return log.faults
    if told is None:
        return ()
    if not isinstance(told, Mapping) or not isinstance(told.get("entries"), int):
        return (Problem("triage-head-unreadable"),)
    head = Head(told["entries"], str(told.get("head")))
    if log.holds(head):
        return ()
    return (Problem("triage-head-lost", {"entries": head.entries, "found": log.head.entries}),)
