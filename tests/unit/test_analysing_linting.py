"""Every kind of answer on a pack made to have it, and on one mended so that it has not."""

from pathlib import Path

import pytest

from audit.analysing.analysis import Found, lint
from audit.analysing.answering import By, answering
from audit.analysing.linting import Kind
from audit.analysing.telling import Shown, shown
from tests.analysing import clause, kept, pack

SHARE = {"operation": ["share"]}
BUREAU = {**SHARE, "recipient_role": ["credit_bureau"]}
ARREARS = {**BUREAU, "evidence": "arrears"}
WAYS = (By.tables, By.smt)


def linted(folder: Path, *clauses: dict[str, object], by: By = By.tables) -> Found:
    found = lint(kept(folder, pack(*clauses)), by)
    assert all(found.confirmed), "the engine is the judge of every witness"
    assert len(found.confirmed) == sum(len(answer.witnesses) for answer in found.answers)
    return found


def told(found: Found, kind: Kind) -> list[tuple[str, ...]]:
    return [answer.clauses for answer in found.answers if answer.kind is kind]


def flow(found: Found, kind: Kind) -> Shown:
    witness = next(answer.witnesses[0] for answer in found.answers if answer.kind is kind)
    return shown(found)[id(witness)]


def may_be(flow: Shown) -> dict[str, tuple[str, ...]]:
    return {fact.name: fact.may_be for fact in flow.facts}


@pytest.mark.parametrize("by", WAYS)
def test_conditions_that_exclude_one_another_are_never_met(tmp_path: Path, by: By) -> None:
    apart = {**SHARE, "purpose": ["service"], "purpose_not": ["service"]}
    found = linted(tmp_path, clause("a", "permit", apart), by=by)
    assert told(found, Kind.NEVER_APPLIES) == [("a",)]
    (answer,) = (answer for answer in found.answers if answer.kind is Kind.NEVER_APPLIES)
    assert [line.word for line in answer.conditions] == ["purpose_not"]
    assert may_be(flow(found, Kind.NEVER_APPLIES)) == {
        "operation": ("share",),
        "purpose": ("service",),
    }


def test_in_force_and_settling_at_once_is_never_met(tmp_path: Path) -> None:
    both = {"agreement_in_force": True, "agreement_settling": True}
    found = linted(tmp_path, clause("a", "permit", both))
    assert told(found, Kind.NEVER_APPLIES) == [("a",)]
    found = linted(tmp_path, clause("a", "permit", {"agreement_in_force": True}))
    assert told(found, Kind.NEVER_APPLIES) == []


def test_the_whole_base_gives_no_consent(tmp_path: Path) -> None:
    found = linted(tmp_path, clause("a", "permit", {"whole_base": True, "consented": True}))
    assert told(found, Kind.NEVER_APPLIES) == [("a",)]


def test_a_contact_with_the_subject_keeps_the_data(tmp_path: Path) -> None:
    to_it = {"operation": ["contact"], "recipient_role": ["subject"]}
    passed = clause("a", "permit", {**to_it, "sender_keeps_data": True})
    found = linted(tmp_path, passed, clause("b", "permit", to_it))
    assert told(found, Kind.REDUNDANT) == [("a",), ("b",)]  # they are one clause
    kept_by_another = {"operation": ["use"], "sender_role": ["carrier"]}
    never = {**kept_by_another, "recipient_role": ["affiliate"], "sender_keeps_data": True}
    found = linted(tmp_path, clause("a", "permit", never))
    assert told(found, Kind.NEVER_APPLIES) == [("a",)]


@pytest.mark.parametrize("by", WAYS)
def test_a_clause_that_is_overridden_wherever_it_applies(tmp_path: Path, by: By) -> None:
    clauses = (
        clause("narrow", "forbid", BUREAU),
        clause("wide", "permit", SHARE, "narrow"),
    )
    found = linted(tmp_path, *clauses, by=by)
    assert told(found, Kind.ALWAYS_DEFEATED) == [("narrow",)]
    assert not found.is_clean
    assert flow(found, Kind.ALWAYS_DEFEATED).said[0].standing == ("wide",)
    clauses = (clauses[0], clause("wide", "permit", ARREARS, "narrow"))
    found = linted(tmp_path, *clauses, by=by)
    assert told(found, Kind.ALWAYS_DEFEATED) == []
    assert found.is_clean


def test_a_disputed_clause_is_never_certain_and_no_fault(tmp_path: Path) -> None:
    found = linted(tmp_path, clause("a", "permit", {**SHARE, "contested": True}))
    assert told(found, Kind.NEVER_CERTAIN) == [("a",)]
    assert flow(found, Kind.NEVER_CERTAIN).said[0].verdict == "indeterminate"
    assert found.is_clean


@pytest.mark.parametrize("by", WAYS)
def test_a_clause_within_another_changes_no_verdict(tmp_path: Path, by: By) -> None:
    clauses = (clause("all", "permit", SHARE), clause("some", "permit", BUREAU))
    found = linted(tmp_path, *clauses, by=by)
    assert told(found, Kind.REDUNDANT) == [("some",)]
    assert may_be(flow(found, Kind.REDUNDANT)) == {
        "recipient_role": ("credit_bureau",),
        "operation": ("share",),
    }
    excuse = (clauses[0], clause("some", "except", BUREAU))
    assert told(linted(tmp_path, *excuse, by=by), Kind.REDUNDANT) == [("some",)]
    forbid = (clauses[0], clause("some", "forbid", BUREAU))
    assert told(linted(tmp_path, *forbid, by=by), Kind.REDUNDANT) == []


@pytest.mark.parametrize("by", WAYS)
def test_a_prohibition_and_a_grant_without_an_order(tmp_path: Path, by: By) -> None:
    clauses = (clause("no", "forbid", BUREAU), clause("yes", "permit", SHARE))
    found = linted(tmp_path, *clauses, by=by)
    assert told(found, Kind.CONTRADICTION) == [("no", "yes")]
    assert flow(found, Kind.CONTRADICTION).said[0].standing == ("no", "yes")
    ordered = (clauses[0], clause("yes", "permit", SHARE, "no"))
    assert told(linted(tmp_path, *ordered, by=by), Kind.CONTRADICTION) == []


def test_an_exception_that_never_meets_its_target(tmp_path: Path) -> None:
    forbid = clause("no", "forbid", BUREAU)
    use = clause("yes", "permit", {"operation": ["use"]}, "no")
    assert told(linted(tmp_path, forbid, use), Kind.IDLE_EXCEPTION) == [("yes", "no")]
    meets = clause("yes", "permit", ARREARS, "no")
    assert told(linted(tmp_path, forbid, meets), Kind.IDLE_EXCEPTION) == []


def test_an_exception_that_reaches_beyond_its_target(tmp_path: Path) -> None:
    forbid = clause("no", "forbid", BUREAU)
    found = linted(tmp_path, forbid, clause("yes", "except", {"evidence": "arrears"}, "no"))
    assert told(found, Kind.WIDER_EXCEPTION) == [("yes", "no")]
    found = linted(tmp_path, forbid, clause("yes", "except", ARREARS, "no"))
    assert told(found, Kind.WIDER_EXCEPTION) == []


def test_evidence_of_either_kind_is_not_evidence_of_its_own(tmp_path: Path) -> None:
    either = clause("either", "permit", {"evidence": ["arrears", "notice"]})
    found = linted(tmp_path, either, clause("one", "permit", {"evidence": "arrears"}))
    assert told(found, Kind.REDUNDANT) == [("one",)]


def test_evidence_after_other_evidence_takes_both(tmp_path: Path) -> None:
    one = clause("one", "permit", {"evidence": "arrears"})
    after = clause("after", "permit", {"evidence_after": ["notice", "arrears"]})
    assert told(linted(tmp_path, one, after), Kind.REDUNDANT) == [("after",)]


def test_days_follow_one_another(tmp_path: Path) -> None:
    late = clause("late", "permit", {**SHARE, "occurs_from": "2026-01-01"})
    early = {**SHARE, "occurs_from": "2026-01-01", "occurs_before": "2025-01-01"}
    found = linted(tmp_path, late, clause("never", "permit", early))
    assert told(found, Kind.NEVER_APPLIES) == [("never",)]


def test_what_is_too_large_is_left_open_in_so_many_words(tmp_path: Path) -> None:
    from audit.analysing import analysis
    from audit.analysing.answering import Either
    from audit.analysing.linting import Lint
    from audit.analysing.tables import Tables
    from audit.clauses.reading import load_pack

    read = load_pack(
        kept(tmp_path, pack(clause("a", "permit", SHARE), clause("b", "permit", BUREAU)))
    )
    tables = Tables(analysis._space((read,), None), limit=0)
    answers = list(Lint(Either(tables, None)).answers())
    assert {answer.kind for answer in answers} == {Kind.UNDECIDED}
    solver = answering(tables.space, By.smt)
    answers = list(Lint(Either(tables, lambda: solver)).answers())
    assert [(answer.kind, answer.clauses) for answer in answers] == [(Kind.REDUNDANT, ("b",))]
