"""Statements: proved, belied by a flow that the engine confirms, or refused with every fault."""

from pathlib import Path
from typing import Any

import pytest

from audit.analysing.analysis import Found, lint
from audit.analysing.answering import By
from audit.analysing.linting import Answer, Kind
from audit.analysing.telling import shown
from audit.problems import UsageRefused
from tests.analysing import clause, kept, pack
from tests.exporting import toml_file

BUREAU = {"recipient_role": ["credit_bureau"]}
ARREARS = {"evidence": "arrears"}
RULES = pack(
    clause("no", "forbid", {"recipient_role_not": ["carrier"]}),
    clause("arrears", "except", {**BUREAU, **ARREARS}, "no"),
    clause("consent", "permit", {"consented": True}, "no"),
)
TITLE = {"zh": "命题", "en": "A statement"}
WAYS = (By.tables, By.smt)


def never(when: object, *unless: object, **more: object) -> dict[str, Any]:
    groups = {"unless": list(unless)} if unless else {}
    verdict = ["permitted", "excepted"]
    return {"id": "s", "title": TITLE, "verdict": verdict, "when": when, **groups, **more}


def asked(folder: Path, *statements: object, by: By = By.tables) -> tuple[Found, list[Answer]]:
    file = toml_file(folder / "statements.toml", {"never": list(statements)})
    found = lint(kept(folder, RULES), by, file)
    assert all(found.confirmed)
    kinds = (Kind.PROVED, Kind.REFUTED)
    return found, [answer for answer in found.answers if answer.kind in kinds]


@pytest.mark.parametrize("by", WAYS)
def test_a_statement_is_proved_or_belied_by_a_flow(tmp_path: Path, by: By) -> None:
    found, (proved,) = asked(tmp_path, never(BUREAU, ARREARS, {"consented": True}), by=by)
    assert proved.kind is Kind.PROVED
    found, (belied,) = asked(tmp_path, never(BUREAU, ARREARS), by=by)
    assert belied.kind is Kind.REFUTED
    assert not found.is_clean
    (flow,) = (shown(found)[id(witness)] for witness in belied.witnesses)
    assert {fact.name: fact.may_be for fact in flow.facts} == {
        "recipient_role": ("credit_bureau",),
        "consented": ("true",),
        "evidence arrears": ("false",),
    }
    assert flow.said[0].verdict == "permitted"


def test_a_clause_in_force_excuses(tmp_path: Path) -> None:
    _, (answer,) = asked(tmp_path, never(BUREAU, {"in_force": ["consent", "arrears"]}))
    assert answer.kind is Kind.PROVED
    _, (answer,) = asked(tmp_path, never(BUREAU, {"in_force": ["consent"]}))
    assert answer.kind is Kind.REFUTED


def test_what_cannot_occur_is_proved_of_nothing(tmp_path: Path) -> None:
    nobody = never({**BUREAU, "whole_base": True, "consented": True})
    _, (answer,) = asked(tmp_path, nobody)
    assert (answer.kind, answer.witnesses) == (Kind.PROVED, ())


def test_consent_and_refusal_may_stand_in_one_statement(tmp_path: Path) -> None:
    both = never({"consented": True, "prohibited_by_customer": True})
    _, (answer,) = asked(tmp_path, both)
    assert answer.kind is Kind.REFUTED


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (never({"recipient_role": ["nobody"]}), "pack-unmapped-code"),
        (never({"recipient": ["carrier"]}), "pack-unknown-word"),
        (never({"evidence": "gossip"}), "pack-unknown-evidence"),
        (never({"claimed": True}), "statements-wrong"),
        (never({}), "statements-wrong"),
        (never(BUREAU, verdict=["fine"]), "statements-wrong"),
        (never(BUREAU, {"in_force": ["nowhere"]}), "statements-unknown-clause"),
    ],
)
def test_a_faulty_statement_is_refused(tmp_path: Path, statement: object, code: str) -> None:
    with pytest.raises(UsageRefused) as refused:
        asked(tmp_path, statement)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_two_of_one_id_and_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageRefused) as refused:
        asked(tmp_path, never(BUREAU), never(BUREAU))
    assert [problem.code for problem in refused.value.problems] == ["statements-twice"]
    with pytest.raises(UsageRefused) as refused:
        lint(kept(tmp_path, RULES), By.tables, tmp_path / "nowhere.toml")
    assert [problem.code for problem in refused.value.problems] == ["statements-unreadable"]


def test_the_statements_that_come_with_the_example_are_proved() -> None:
    found = lint("telecom_agreement", By.tables, Path("examples/statements.toml"))
    kinds = {answer.clauses[0]: answer.kind for answer in found.answers if answer.title}
    assert set(kinds.values()) == {Kind.PROVED}
    assert len(kinds) == 3
    assert found.is_clean
    assert all(found.confirmed)
