"""What somebody decided about findings, as a value, and as the text that the log keeps of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from audit.clauses.clause import Verdict
from audit.findings.finding import Severity
from audit.triage.state import ATTESTED, DECIDED, State

GRAPH = "graph"  # the layer of a finding that no pack but a check of the graph found


class Kind(StrEnum):
    """What a decision is about."""

    FINDING = "finding"
    CAUSE = "cause"
    EDGE = "edge"


CODES = {
    Kind.FINDING: ("fingerprint",),
    Kind.CAUSE: ("layer", "clause", "cause_code"),
    Kind.EDGE: ("sender", "recipient", "operation", "purpose"),
}


@dataclass(frozen=True, order=True)
class Target:
    """One finding, one cause or one edge, by its codes, which are those of CODES."""

    kind: Kind
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Bounds:
    """How far a decision about a target reaches: to findings like those that it was made on.

    What is graver, has data of another kind or is of another verdict is beyond it.
    """

    categories: tuple[str, ...]
    severity: Severity
    verdicts: tuple[str, ...]  # empty text where a check of the graph found it


@dataclass(frozen=True)
class Decision:
    """What was decided about some findings, by whom and why.

    run: the id of the run that was looked at. until: the last day on which it counts, None for no
    end. evidence: what an attestation rests on. bounds: those of each target, in the same order.
    """

    state: State
    targets: tuple[Target, ...]
    reason: str
    author: str
    run: str
    approver: str | None = None
    until: date | None = None
    evidence: tuple[str, ...] = ()
    bounds: tuple[Bounds, ...] = ()


class Malformed(ValueError):
    """The text is no decision; the message names the field."""


def same_person(one: str, other: str) -> bool:
    """Whether two names are one: case, width and blanks set nobody apart."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def as_json(decision: Decision) -> dict[str, Any]:
    """The decision as the log keeps it."""
    return {
        "state": decision.state.value,
        "targets": [[each.kind.value, *each.codes] for each in decision.targets],
        "reason": decision.reason,
        "author": decision.author,
        "run": decision.run,
        "approver": decision.approver,
        "until": decision.until.isoformat() if decision.until else None,
        "evidence": list(decision.evidence),
        "bounds": [_bounds_told(each) for each in decision.bounds],
    }


def _bounds_told(bounds: Bounds) -> dict[str, Any]:
    return {
        "categories": list(bounds.categories),
        "severity": bounds.severity.value,
        "verdicts": list(bounds.verdicts),
    }


_FIELDS = frozenset(
    ("state", "targets", "reason", "author", "run", "approver", "until", "evidence", "bounds")
)


def decision_of(told: object) -> Decision:
    """The decision that the log tells; raises Malformed where one word of it is not understood."""
    if not isinstance(told, Mapping) or told.keys() != _FIELDS:
        raise Malformed("fields")
    decision = Decision(
        state=_state(told["state"]),
        targets=targets_of(told),
        reason=_text(told, "reason"),
        author=_text(told, "author"),
        run=_text(told, "run"),
        approver=None if told["approver"] is None else _text(told, "approver"),
        until=None if told["until"] is None else _day(told["until"]),
        evidence=_texts(told["evidence"], "evidence"),
        bounds=_bounds(told["bounds"]),
    )
    if lacking := [*lacks(decision)]:
        raise Malformed(lacking[0])
    return decision


def lacks(decision: Decision) -> Sequence[str]:
    """The fields that a decision of this state must have and this one has not."""
    wanted = {
        "state": decision.state in DECIDED,
        "targets": bool(decision.targets),
        "reason": bool(decision.reason.strip()),
        "author": bool(decision.author.strip()),
        "until": decision.until is not None or decision.state is not State.ACCEPTED_RISK,
        "evidence": any(map(str.strip, decision.evidence)) or decision.state not in ATTESTED,
        "approver": decision.approver is None or _is_another(decision.approver, decision.author),
        "bounds": len(decision.bounds) == len(decision.targets),
    }
    return [name for name, there in wanted.items() if not there]


def _is_another(approver: str, author: str) -> bool:
    return bool(approver.strip()) and not same_person(approver, author)


def targets_of(told: Mapping[str, Any]) -> tuple[Target, ...]:
    """What the decision is about; raises Malformed."""
    listed = told.get("targets")
    if not isinstance(listed, list) or not listed:
        raise Malformed("targets")
    return tuple(_target(each) for each in listed)


def _target(told: object) -> Target:
    kind, *codes = _texts(told, "targets") or ("",)
    if kind not in set(Kind) or len(codes) != len(CODES[Kind(kind)]):
        raise Malformed("targets")
    return Target(Kind(kind), tuple(codes))


def _state(told: object) -> State:
    if not isinstance(told, str) or told not in set(DECIDED):
        raise Malformed("state")
    return State(told)


def _text(told: Mapping[str, Any], name: str) -> str:
    if not isinstance(told[name], str):
        raise Malformed(name)
    return str(told[name])


def _texts(told: object, name: str) -> tuple[str, ...]:
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
        raise Malformed(name)
    return tuple(told)


def _day(told: object) -> date:
    try:
        day = date.fromisoformat(str(told))
    except ValueError as error:
        raise Malformed("until") from error
    if day.isoformat() != told:
        raise Malformed("until")
    return day


def _bounds(told: object) -> tuple[Bounds, ...]:
    if not isinstance(told, list):
        raise Malformed("bounds")
    return tuple(map(_bounds_of_one, told))


def _bounds_of_one(told: object) -> Bounds:
    if not isinstance(told, Mapping) or told.keys() != {"categories", "severity", "verdicts"}:
        raise Malformed("bounds")
    verdicts = _texts(told["verdicts"], "bounds")
    if told["severity"] not in set(Severity) or not {*verdicts} <= {*Verdict, ""}:
        raise Malformed("bounds")
    return Bounds(_texts(told["categories"], "bounds"), Severity(told["severity"]), verdicts)
