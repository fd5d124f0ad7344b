"""A decision: nothing that it must have can lack, and nothing is read that was not written."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from audit.findings.finding import Severity
from audit.triage.decision import (
    Bounds,
    Decision,
    Malformed,
    as_json,
    decision_of,
    lacks,
    same_person,
)
from audit.triage.state import ATTESTED, DECIDED, SUPPRESSING, State
from tests.triaged import BOUNDS, CAUSE, EDGE, decision, on


@pytest.mark.parametrize("state", DECIDED)
@pytest.mark.parametrize("targets", [on("a", "b"), (CAUSE,), (EDGE, *on("a"))])
def test_what_is_written_is_read(state: State, targets: tuple[Any, ...]) -> None:
    told = decision(state, *targets, approver="王")
    assert lacks(told) == []
    assert decision_of(json.loads(json.dumps(as_json(told)))) == told


LACKING: dict[str, tuple[Decision, str]] = {
    "no reason": (decision(reason=" \n"), "reason"),
    "no author": (decision(author=""), "author"),
    "no target": (decision(targets=()), "targets"),
    "a risk accepted for ever": (decision(State.ACCEPTED_RISK, until=None), "until"),
    "attested without evidence": (decision(State.ATTESTED_PERMITTED, evidence=(" ",)), "evidence"),
    "approved by nobody": (decision(approver=""), "approver"),
    "approved by its author": (decision(approver="李"), "approver"),
    "resolved by hand": (decision(state=State.RESOLVED), "state"),
    "reopened by hand": (decision(state=State.REOPENED), "state"),
    "a cause without bounds": (replace(decision(State.OPEN, CAUSE), bounds=()), "bounds"),
    "bounds for one of two": (decision(State.OPEN, *on("a", "b"), bounds=(BOUNDS,)), "bounds"),
}


@pytest.mark.parametrize(("told", "field"), LACKING.values(), ids=LACKING.keys())
def test_what_lacks_is_named_and_never_read_as_a_decision(told: Decision, field: str) -> None:
    assert lacks(told) == [field]
    with pytest.raises(Malformed, match=f"^{field}$"):
        decision_of(as_json(told))


WRONG: dict[str, Any] = {
    "state": ["forgiven", None, 1, "resolved"],
    "targets": [[], "a", [["finding"]], [["person", "x"]], [[]], [["edge", "a", "b", "c"]], [[1]]],
    "reason": [None, 3, ["a"]],
    "author": [None, {}],
    "run": [None, 7],
    "approver": [7, []],
    "until": ["tomorrow", "20260101", "2026-13-01", 5, "2026-01-01T00:00:00"],
    "evidence": [None, "EV-1", [1]],
    "bounds": [
        None,
        {},
        [{}],
        [{"categories": [], "severity": "worst", "verdicts": []}],
        [{"categories": [], "severity": "high", "verdicts": ["guilty"]}],
        [{"categories": None, "severity": "high", "verdicts": []}],
        [],
    ],
}


@pytest.mark.parametrize(
    ("field", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_word_that_is_not_understood_makes_it_no_decision(field: str, value: object) -> None:
    told = as_json(decision(State.ACCEPTED_RISK, CAUSE))
    with pytest.raises(Malformed, match=f"^{field}$"):
        decision_of({**told, field: value})


def test_a_field_too_many_or_too_few_makes_it_no_decision() -> None:
    told = as_json(decision())
    fewer = {name: told[name] for name in list(told)[1:]}
    changes: list[object] = [{**told, "note": ""}, fewer, [], None, "x"]
    for changed in changes:
        with pytest.raises(Malformed):
            decision_of(changed)


def test_a_name_written_otherwise_is_the_same_person() -> None:
    assert same_person("Li Wei", "ｌｉ ｗｅｉ ")
    assert not same_person("Li Wei", "Li Wen")


def test_what_sets_a_finding_aside_can_be_decided_and_nothing_else_does() -> None:
    assert {each for each in State if each.suppresses} == {*SUPPRESSING} > {*ATTESTED}
    assert {each for each in State if not each.decidable} == {State.RESOLVED, State.REOPENED}
    assert all(each.decidable for each in SUPPRESSING)


def test_bounds_are_read_as_they_were() -> None:
    bounds = Bounds(("contact.phone",), Severity.HIGH, ("", "violation"))
    told = decision(State.OPEN, CAUSE, bounds=(bounds,), until=date(2026, 1, 1))
    assert decision_of(as_json(told)).bounds == (bounds,)
