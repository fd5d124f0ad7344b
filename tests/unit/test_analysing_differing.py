"""Two packs compared by what they judge: each change with flows that both runs confirm."""

from pathlib import Path

import pytest

from audit.analysing.analysis import diff
from audit.analysing.answering import By
from audit.analysing.telling import shown
from tests.analysing import clause, kept, pack

BUREAU = {"recipient_role": ["credit_bureau"]}
NO = clause("no", "forbid", {"recipient_role_not": ["carrier"]})
OLD = pack(NO, clause("debt", "except", {**BUREAU, "evidence": "arrears"}, "no"))
WAYS = (By.tables, By.smt)


@pytest.mark.parametrize("by", WAYS)
def test_a_pack_in_another_order_and_other_words_is_the_same(tmp_path: Path, by: By) -> None:
    debt = {"evidence": "arrears", **BUREAU}
    same = pack(clause("arrears", "except", debt, "no"), {**NO, "cite": "elsewhere"})
    found = diff(kept(tmp_path, OLD, "old"), kept(tmp_path, same, "new"), by)
    assert found.is_clean
    assert found.edits is not None
    assert (found.edits.added, found.edits.removed) == (("arrears",), ("debt",))


@pytest.mark.parametrize("by", WAYS)
def test_a_condition_more_turns_what_it_leaves_out(tmp_path: Path, by: By) -> None:
    narrow = {**BUREAU, "evidence": "arrears", "purpose": ["collection"]}
    new = pack(NO, clause("debt", "except", narrow, "no"))
    found = diff(kept(tmp_path, OLD, "old"), kept(tmp_path, new, "new"), by)
    assert all(found.confirmed)
    assert not found.is_clean
    assert found.edits is not None
    assert found.edits.edited == ("debt",)
    (change,) = found.changes
    assert (change.before, change.after, change.more) == ("excepted", "violation", False)
    (flow,) = (shown(found)[id(witness)] for witness in change.witnesses)
    assert [said.verdict for said in flow.said] == ["excepted", "violation"]
    assert {fact.name: (fact.but, fact.may_be) for fact in flow.facts} == {
        "recipient_role": (False, ("credit_bureau",)),
        "purpose": (True, ("collection",)),
        "evidence arrears": (False, ("true",)),
    }
    back = diff(kept(tmp_path, new, "new"), kept(tmp_path, OLD, "old"), by)
    assert [(change.before, change.after) for change in back.changes] == [("violation", "excepted")]


def test_a_claim_that_only_one_version_knows(tmp_path: Path) -> None:
    new = pack(NO, clause("law", "except", {"claimed": True, "evidence": "statute"}, "no"))
    found = diff(kept(tmp_path, OLD, "old"), kept(tmp_path, new, "new"), By.tables)
    assert {(change.before, change.after) for change in found.changes} == {
        ("excepted", "violation"),
        ("violation", "excepted"),
    }
    assert all(found.confirmed)
