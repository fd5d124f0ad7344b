"""The agreement's pack: its order, its ranks, and what a reader must find in it."""

import re
from typing import Final

import pytest

from audit.clauses.clause import Clause, Effect
from audit.clauses.reading import load_pack

PACK: Final = load_pack("telecom_agreement")
PARTS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
# Which clauses override each clause that forbids: the whole ranking of the agreement.
OVERRIDDEN = {
    "3-2-7c": {
        *("3-2-5", "3-2-7a", "3-2-7b", "3-2-7d", "consent"),
        *("3-2-9.1", "3-2-9.2", "3-2-9.3", "3-2-9.4", "3-2-9.5", "3-2-9.6"),
    },
    "3-2-9.0": {"3-2-9.3", "3-2-9.4", "3-2-9.6"},
    "6-1": {"3-2-8", "3-2-8b", "3-2-9.3", "3-2-9.4", "3-2-9.6"},
}
STANDING = {"agreement_in_force", "agreement_settling"}


def place(clause: Clause) -> list[int]:
    return [PARTS.get(part) or int(part) for part in re.findall(r"[一二三四五六]|\d+", clause.cite)]


def test_the_clauses_follow_the_order_of_the_text() -> None:
    places = [place(clause) for clause in PACK.clauses]
    assert places == sorted(places)


def test_an_id_tells_where_the_clause_stands() -> None:
    for clause in PACK.clauses:
        numbers = [int(number) for number in re.findall(r"\d+", clause.id) if number != "0"]
        assert numbers == place(clause) or clause.id in {"consent", "3-2-6c"}


def test_three_clauses_forbid_and_these_override_them() -> None:
    forbidding = {clause.id for clause in PACK.clauses if clause.effect is Effect.FORBID}
    assert forbidding == OVERRIDDEN.keys()
    for target, expected in OVERRIDDEN.items():
        assert {clause.id for clause in PACK.clauses if target in clause.exception_to} == expected


def test_the_six_exceptions_excuse_and_nothing_else_does() -> None:
    excusing = [clause.id for clause in PACK.clauses if clause.effect is Effect.EXCEPT]
    assert excusing == [f"3-2-9.{number}" for number in range(1, 7)]


@pytest.mark.parametrize("clause", PACK.clauses, ids=lambda clause: clause.id)
def test_a_clause_says_how_it_is_read(clause: Clause) -> None:
    assert clause.note is not None
    assert clause.note.zh != clause.gist.zh


def test_what_an_ended_agreement_permits_it_permitted_while_in_force() -> None:
    asked = {line.word: line.argument for line in PACK.by_id["6-2"].when}
    before = {line.word: line.argument for line in PACK.by_id["3-2-6"].when}
    assert all(set(asked[word]) <= set(before[word]) for word in ("sender_role", "operation"))
    assert asked["purpose"] == ("service.billing",)
    assert "service" in before["purpose"]


def test_only_these_clauses_ask_whether_the_agreement_stands() -> None:
    asking = {c.id for c in PACK.clauses if STANDING & {line.word for line in c.when}}
    assert asking == {"3-2-6", "3-2-7a", "3-2-7b", "3-2-7d", "3-2-9.2", "6-2"}


def test_a_consent_that_rests_on_a_supplement_is_cited_elsewhere() -> None:
    cited = {clause.id: clause.supplement_cite for clause in PACK.clauses if clause.supplement_cite}
    assert cited == {"consent": "第六条(一)"}
    assert PACK.by_id["consent"].cite == "第三条(二)7"
