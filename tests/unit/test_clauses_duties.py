"""The duties of a pack: what comes out of an entry, and every fault with its place."""

from copy import deepcopy
from typing import Any

import pytest

from audit.clauses.clause import Condition, Source
from audit.clauses.duty import Arises, Due, DutyEvent, End, Fulfilled
from audit.clauses.reading import load_packs, pack_of
from audit.problems import Problem, UsageRefused
from audit.wording import Bilingual, Language, sentence
from tests.asking import clause

HEADER = {"id": "p", "version": "1.0.0", "layer": "contract", "title": {"zh": "甲", "en": "a"}}
GIST = {"zh": "甲", "en": "a"}
DUTY: dict[str, Any] = {
    "id": "d-1",
    "cite": "第一条",
    "source": "partly",
    "gist": GIST,
    "note": GIST,
    "missing": {"zh": "未通知", "en": "not told"},
    "arises": {
        "event": "withdrawal",
        "earlier": {"sender_role": ["carrier"], "whole_base": True},
    },
    "due": {"days": 15},
    "fulfilled": {
        "evidence": ["notice", "proof"],
        "issued_by": "carrier",
        "names_party": True,
        "flow": {"operation": ["delete"]},
        "party": "sender",
    },
}
RELATION: dict[str, Any] = {
    "id": "d-2",
    "cite": "第二条",
    "gist": GIST,
    "per": "relation",
    "draft": True,
    "arises": {"event": "flow", "flow": {"purpose": ["marketing"]}},
    "due": {"before": True, "since": "arrears"},
    "fulfilled": {"evidence": "notice"},
}


def document(*duties: dict[str, Any]) -> dict[str, Any]:
    """A pack as parsed."""
    permit = clause("1-1", "permit", {"operation": ["use"]})
    kinds = [{"code": "proof"}]
    return {"pack": HEADER, "evidence_kind": kinds, "clause": [permit], "duty": list(duties)}


def changed(path: str, value: object, duty: dict[str, Any] = DUTY) -> dict[str, Any]:
    """The duty with one part otherwise; None takes it away."""
    told = deepcopy(duty)
    *way, last = path.split(".")
    place = told
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return told


def refusal(*duties: dict[str, Any]) -> list[Problem]:
    """What is wrong with a pack of these duties."""
    with pytest.raises(UsageRefused) as caught:
        pack_of(document(*duties), "p.toml")
    for problem in caught.value.problems:
        assert all(sentence(problem, language) for language in Language)
    return list(caught.value.problems)


def test_a_duty_is_read_as_it_is_written() -> None:
    first, second = pack_of(document(DUTY, RELATION), "p.toml").duties
    assert first.arises == Arises(
        DutyEvent.WITHDRAWAL,
        earlier=(Condition("sender_role", ("carrier",)), Condition("whole_base")),
    )
    assert first.due == Due(days=15)
    deleted = (Condition("operation", ("delete",)),)
    assert first.fulfilled == Fulfilled(("notice", "proof"), deleted, End.SENDER, "carrier", True)
    assert (first.source, first.missing) == (Source.PARTLY, Bilingual("未通知", "not told"))
    assert second.due == Due(before=True, since="arrears")
    assert (second.per_relation, second.draft, second.kinds) == (True, True, ("arrears", "notice"))


def test_every_party_that_a_duty_asks_for_is_one_that_it_has() -> None:
    for asked in ({"names_party": True}, {"issued_by": "party"}):
        alone = changed("fulfilled", {"evidence": "notice", **asked})
        alone["arises"] = {"event": "withdrawal"}
        assert [problem.code for problem in refusal(alone)] == ["pack-duty-no-party"]


WRONG = {
    "two periods": ("due", {"days": 1, "hours": 1}, "pack-wrong-value"),
    "no period": ("due", {}, "pack-wrong-value"),
    "a period of no days": ("due", {"days": 0}, "pack-wrong-value"),
    "since, without before": ("due", {"days": 1, "since": "arrears"}, "pack-wrong-value"),
    "not before": ("due", {"before": False}, "pack-unmapped-code"),
    "nothing fulfils it": ("fulfilled", {}, "pack-wrong-value"),
    "an issuer of a flow": ("fulfilled", {"flow": {"whole_base": True}, "issued_by": "carrier"},
                            "pack-wrong-value"),
    "the end of evidence": ("fulfilled", {"evidence": "notice", "party": "sender"},
                            "pack-wrong-value"),
    "flow words of nothing": ("arises.earlier", {}, "pack-missing"),
    "a word that asks registers": ("arises.earlier", {"consented": True}, "pack-unknown-word"),
    "an unmapped code": ("arises.earlier.sender_role", ["landlord"], "pack-unmapped-code"),
    "no such event": ("arises.event", "payment", "pack-unmapped-code"),
    "a flow without flow words": ("arises", {"event": "flow"}, "pack-missing"),
    "evidence of no kind": ("arises", {"event": "evidence_ends"}, "pack-missing"),
    "parties of a withdrawal": ("arises.party", {"role": ["affiliate"]}, "pack-wrong-value"),
    "flow words of a withdrawal": ("arises.flow", {"whole_base": True}, "pack-wrong-value"),
    "no gist": ("gist", None, "pack-missing"),
    "an unknown part": ("when", {}, "pack-unknown-word"),
    "an unknown kind": ("fulfilled.evidence", ["rumour"], "pack-unknown-evidence"),
    "an id that a clause has": ("id", "1-1", "pack-repeated-id"),
    "words that nobody read": ("source", "unverified", "pack-unverified"),
    "a relation of withdrawals": ("per", "relation", "pack-duty-relation"),
    "a party named twice": ("fulfilled.issued_by", "party", "pack-duty-named-twice"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "value", "code"), WRONG.values(), ids=WRONG.keys())
def test_a_slip_is_refused(path: str, value: object, code: str) -> None:
    problems = refusal(changed(path, value))
    assert {problem.code for problem in problems} == {code}
    assert any("d-1" in str(problem.facts) or path == "id" for problem in problems)


def test_all_faults_come_at_once() -> None:
    second = changed("arises.earlier", {"purpose": ["service"]}, RELATION)
    codes = [problem.code for problem in refusal(changed("due", {"hours": 24}), second, DUTY)]
    assert sorted(codes) == ["pack-duty-relation", "pack-repeated-id"]


def test_every_duty_that_ships_says_what_a_breach_lacks_and_how_far_it_was_checked() -> None:
    for pack in load_packs(["telecom_agreement", "cn_statute"]):
        assert pack.duties
        for duty in pack.duties:
            assert duty.missing is not None, duty.id
            assert duty.source is not None, duty.id
            assert duty.note is not None, duty.id
