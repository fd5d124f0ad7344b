"""What a clause pack is, as values."""

import pytest

from audit.clauses.clause import Condition, Verdict
from tests.asking import clause, pack_saying

SUPPLEMENT = {"supplement": {"cite": "第六条"}}


def test_verdicts_rise_in_gravity() -> None:
    assert [verdict.gravity for verdict in Verdict] == [0, 1, 2, 3]
    assert max(Verdict, key=lambda verdict: verdict.gravity) is Verdict.VIOLATION


@pytest.mark.parametrize(
    ("condition", "spelling"),
    [
        (Condition("operation", ("use",)), "operation"),
        (Condition("evidence", ("arrears",)), "evidence arrears"),
        (Condition("evidence", ("arrears", "notice")), "evidence arrears|notice"),
    ],
)
def test_a_condition_is_called_by_its_word_and_evidence_by_its_kinds(
    condition: Condition, spelling: str
) -> None:
    assert condition.spelling == spelling


def test_a_supplement_may_carry_a_clause_that_asks_consent_and_names_one() -> None:
    asks = clause("a", "permit", {"consented": True})
    pack = pack_saying(asks | SUPPLEMENT, asks | {"id": "b"})
    assert [each.may_be_supplement for each in pack.clauses] == [True, False]
    assert pack.by_id["a"].supplement_id == "a (supplement)"


def test_a_draft_is_shown_and_decides_nothing() -> None:
    settled = clause("a", "permit", {"operation": ["use"]})
    pack = pack_saying(settled, settled | {"id": "b", "draft": True})
    assert [each.id for each in pack.clauses] == ["a", "b"]
    assert [each.id for each in pack.judging] == ["a"]
