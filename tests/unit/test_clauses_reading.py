"""Reading a clause pack: what comes out, and every fault with its place and its mend."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.clauses.approver import Approver
from audit.clauses.clause import Condition, Effect, Layer
from audit.clauses.reading import known_packs, load_pack, load_packs, pack_of
from audit.problems import Problem, UsageRefused
from audit.wording import Language, sentence
from tests.asking import clause
from tests.exporting import toml_file

HEADER = {"id": "p", "version": "1.0.0", "layer": "contract", "title": {"zh": "甲", "en": "a"}}
PERMIT = clause("1-1", "permit", {"operation": ["use"]}, "2-1")
FORBID = clause("2-1", "forbid", {"operation": ["use"]})


def document(*clauses: Any, **rest: Any) -> dict[str, Any]:  # noqa: ANN401
    """A pack as parsed."""
    return {"pack": HEADER, "clause": list(clauses or (PERMIT, FORBID)), **rest}


def written(path: Path, content: dict[str, Any]) -> str:
    """The name of a file with this pack."""
    return str(toml_file(path, content))


def refusal(content: dict[str, Any]) -> list[Problem]:
    """What is wrong with a pack."""
    with pytest.raises(UsageRefused) as caught:
        pack_of(content, "p.toml")
    return list(caught.value.problems)


def test_a_pack_is_read_as_it_is_written(tmp_path: Path) -> None:
    rich = {
        **clause("6-1", "except", {"evidence": "guarantee", "claimed": True, "channel": ["sms"]}),
        "note": {"zh": "注", "en": "note"},
        "draft": True,
    }
    asks = clause("7", "permit", {"consented": True}) | {"supplement": {"cite": "第七条"}}
    kinds = [{"code": "guarantee", "amount": True}]
    name = written(tmp_path / "p.toml", document(PERMIT, FORBID, rich, asks, evidence_kind=kinds))
    pack = load_pack(name)
    assert (pack.id, pack.version, pack.layer, pack.title.en) == ("p", "1.0.0", "contract", "a")
    assert [each.id for each in pack.clauses] == ["1-1", "2-1", "6-1", "7"]
    first, _, third, fourth = pack.clauses
    assert (first.effect, first.exception_to) == (Effect.PERMIT, ("2-1",))
    assert third.when == (
        Condition("evidence", ("guarantee",)),
        Condition("claimed", ("6-1",)),  # the claim that is asked is the clause's own id
        Condition("channel", ("sms",)),
    )
    assert third.note is not None
    assert third.draft
    assert fourth.supplement_cite == "第七条"
    assert pack.evidence_kinds["guarantee"].amount
    assert pack.digest == hashlib.sha256((tmp_path / "p.toml").read_bytes()).hexdigest()


def test_the_packs_that_come_with_the_tool_are_known_by_their_ids() -> None:
    assert "telecom_agreement" in known_packs()
    for name in known_packs():
        assert load_pack(name).id == name


def test_contract_comes_before_statute_whatever_order_they_are_named_in(tmp_path: Path) -> None:
    statute = {**document(), "pack": {**HEADER, "id": "s", "layer": "statute"}}
    names = [written(tmp_path / "s.toml", statute), written(tmp_path / "c.toml", document())]
    for order in (names, names[::-1]):
        assert [pack.layer for pack in load_packs(order)] == [Layer.CONTRACT, Layer.STATUTE]


def without(content: dict[str, Any], key: str) -> dict[str, Any]:
    """The same without one entry."""
    return {name: value for name, value in content.items() if name != key}


FAULTS: list[tuple[str, dict[str, Any], str, dict[str, str]]] = [
    (
        "a word that the language does not have",
        document(clause("1-1", "permit", {"colour": ["red"]})),
        "pack-unknown-word",
        {"place": "clause 1-1 / when"},
    ),
    (
        "an entry that no clause has",
        document(PERMIT | {"efect": "permit"}, FORBID),
        "pack-unknown-word",
        {"place": "clause 1-1"},
    ),
    (
        "a clause without a gist",
        document(without(PERMIT, "gist"), FORBID),
        "pack-missing",
        {"place": "clause 1-1"},
    ),
    (
        "a clause without an id",
        document(without(FORBID, "id")),
        "pack-missing",
        {"place": "clause #1"},
    ),
    (
        "clauses that are not filled in",
        document(PERMIT, {"id": "3", "effect": "", "when": {}}, {"effect": ""}),
        "pack-unfilled",
        {"clauses": "3, #3"},
    ),
    ("a clause without conditions", document(FORBID | {"when": {}}), "pack-missing", {}),
    ("an empty list", document(clause("1", "permit", {"data": []})), "pack-missing", {}),
    ("no clauses", {"pack": HEADER, "clause": []}, "pack-missing", {"place": "clause"}),
    ("no header", {"clause": [FORBID]}, "pack-missing", {"place": "-"}),
    (
        "an effect that there is not",
        document(FORBID | {"effect": "allow"}),
        "pack-unmapped-code",
        {"place": "clause 2-1 / effect"},
    ),
    (
        "a role that the vocabulary lacks",
        document(clause("1", "permit", {"sender_role": ["king"]})),
        "pack-unmapped-code",
        {"place": "clause 1 / when / sender_role / 0"},
    ),
    (
        "false where only true may stand",
        document(clause("1", "permit", {"consented": False})),
        "pack-unmapped-code",
        {},
    ),
    (
        "text where a list must stand",
        document(clause("1", "permit", {"data": "contact"})),
        "pack-wrong-value",
        {},
    ),
    (
        "a version that is none",
        {**document(), "pack": {**HEADER, "version": "1"}},
        "pack-wrong-value",
        {},
    ),
    ("a repeated id", document(FORBID, FORBID), "pack-repeated-id", {"clause": "2-1"}),
    (
        "the reserved id",
        document(FORBID | {"id": "no-ground"}),
        "pack-repeated-id",
        {"clause": "no-ground"},
    ),
    (
        "consent in a clause that forbids",
        document(clause("1", "forbid", {"consented": True})),
        "pack-misplaced-word",
        {"clause": "1", "word": "consented", "allowed": "except, permit"},
    ),
    (
        "a refusal in a clause that permits",
        document(clause("1", "permit", {"prohibited_by_customer": True})),
        "pack-misplaced-word",
        {"clause": "1", "word": "prohibited_by_customer", "allowed": "forbid"},
    ),
    (
        "evidence of a kind that nobody declares",
        document(clause("1", "permit", {"evidence": ["arrears", "rumour"]})),
        "pack-unknown-evidence",
        {"clause": "1", "kind": "rumour"},
    ),
    (
        "a kind that the vocabulary has",
        document(evidence_kind=[{"code": "arrears"}]),
        "pack-taken-kind",
        {"kind": "arrears"},
    ),
    (
        "a kind that is declared twice",
        document(evidence_kind=[{"code": "x"}, {"code": "x", "amount": True}]),
        "pack-taken-kind",
        {"kind": "x"},
    ),
    (
        "an exception to a clause that there is not",
        document(PERMIT),
        "pack-unknown-target",
        {"clause": "1-1", "target": "2-1"},
    ),
    (
        "an exception to a clause of its own side",
        document(PERMIT, clause("2-1", "except", {"operation": ["use"]})),
        "pack-attack-not-opposed",
        {"clause": "1-1", "target": "2-1"},
    ),
    (
        "an exception to itself",
        document(clause("1-1", "permit", {"operation": ["use"]}, "1-1")),
        "pack-attack-not-opposed",
        {"clause": "1-1", "target": "1-1"},
    ),
    (
        "two clauses that override each other",
        document(PERMIT, clause("2-1", "forbid", {"operation": ["use"]}, "1-1")),
        "pack-cycle",
        {},
    ),
]


@pytest.mark.parametrize(
    ("content", "code", "facts"), [each[1:] for each in FAULTS], ids=[each[0] for each in FAULTS]
)
def test_a_fault_is_named_with_its_place(
    content: dict[str, Any], code: str, facts: dict[str, str]
) -> None:
    (problem, *_) = found = [each for each in refusal(content) if each.code == code]
    assert len(found) == 1
    assert problem.facts["pack"] == "p.toml"
    assert facts.items() <= problem.facts.items()


def test_every_fault_says_how_to_mend_it_in_both_languages() -> None:
    for _, content, _, _ in FAULTS:
        for problem in refusal(content):
            for language in Language:
                told = sentence(problem, language)
                assert "；" in told or "; " in told, told  # the fault; then the mend


def test_a_cycle_is_told_clause_by_clause() -> None:
    chain = [
        clause("a", "permit", {"operation": ["use"]}, "b"),
        clause("b", "forbid", {"operation": ["use"]}, "c"),
        clause("c", "permit", {"operation": ["use"]}, "d"),
        clause("d", "forbid", {"operation": ["use"]}, "a"),
    ]
    (problem,) = refusal(document(*chain))
    cycle = str(problem.facts["cycle"]).split(" -> ")
    assert cycle[0] == cycle[-1]
    assert sorted(cycle[1:]) == ["a", "b", "c", "d"]


def test_all_faults_of_a_pack_are_told_at_once() -> None:
    content = document(
        clause("1", "forbid", {"consented": True, "evidence": "rumour"}, "9"),
        clause("1", "permit", {"prohibited_by_customer": True}),
    )
    assert sorted(problem.code for problem in refusal(content)) == [
        "pack-misplaced-word",
        "pack-misplaced-word",
        "pack-repeated-id",
        "pack-unknown-evidence",
        "pack-unknown-target",
    ]
    content = document(
        without(FORBID, "cite"), clause("2", "permit", {"data": ["x"], "colour": ["red"]})
    )
    codes = [problem.code for problem in refusal(content)]
    assert sorted(codes) == ["pack-missing", "pack-unknown-word", "pack-unmapped-code"]


def load_faults(*names: str) -> Iterator[str]:
    """The codes of what is wrong with these packs together."""
    with pytest.raises(UsageRefused) as caught:
        load_packs(names)
    return (problem.code for problem in caught.value.problems)


def test_a_pack_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert list(load_faults(str(tmp_path / "none.toml"))) == ["pack-unreadable"]
    assert list(load_faults(str(tmp_path))) == ["pack-unreadable"]
    (tmp_path / "latin.toml").write_bytes(b"title = '\xe9'")
    assert list(load_faults(str(tmp_path / "latin.toml"))) == ["pack-unreadable"]
    (tmp_path / "broken.toml").write_text("[pack\n", encoding="utf-8")
    assert list(load_faults(str(tmp_path / "broken.toml"))) == ["pack-not-toml"]


def test_the_faults_of_all_packs_are_told_at_once(tmp_path: Path) -> None:
    one = written(tmp_path / "one.toml", document(PERMIT))
    none = str(tmp_path / "none.toml")
    assert list(load_faults(one, none)) == ["pack-unknown-target", "pack-unreadable"]


def test_each_layer_takes_one_pack(tmp_path: Path) -> None:
    names = [written(tmp_path / f"{n}.toml", document()) for n in range(2)]
    assert list(load_faults(*names)) == ["pack-layer-taken"]


@pytest.mark.parametrize("amount", [True, False])
def test_two_packs_may_declare_one_kind_of_evidence_if_they_mean_the_same(
    amount: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    first = document(evidence_kind=[{"code": "guarantee", "amount": True}])
    header = {**HEADER, "id": "s", "layer": "statute"}
    second = document(evidence_kind=[{"code": "guarantee", "amount": amount}]) | {"pack": header}
    names = [written(tmp_path / "c.toml", first), written(tmp_path / "s.toml", second)]
    if amount:
        assert len(load_packs(names)) == 2
    else:
        assert list(load_faults(*names)) == ["pack-kind-differs"]


def test_a_pack_says_for_which_findings_decisions_must_be_approved() -> None:
    asked = {"approver": {"severity": ["critical"], "clause": ["2-1", "no-ground"]}}
    assert pack_of(document(triage=asked), "p").approver == Approver(
        ("critical",), ("2-1", "no-ground")
    )
    assert pack_of(document(), "p").approver is None
    asked["approver"]["clause"] = ["2-1", "2-2"]
    with pytest.raises(UsageRefused) as refusal:
        pack_of(document(triage=asked), "p")
    (problem,) = refusal.value.problems
    assert (problem.code, problem.facts["clause"]) == ("pack-approver-unknown", "2-2")
