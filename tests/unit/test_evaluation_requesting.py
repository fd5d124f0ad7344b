"""What is missing is told in sentences that ask for proof and say what it would bring."""

from typing import Any

import pytest

from audit.clauses.conditions import WORDS, Argument
from audit.evaluation.explaining import CategorySaid, explain
from audit.evaluation.requesting import requests
from audit.wording import Language, sentences
from tests.asking import ALLOW, BASE, CARRIER, FORBID, World, clause, flow_frame, pack_saying

SHARE = {"operation": ["share"]}
NOTICE = clause("n", "permit", {**SHARE, "evidence": "notice"})


def said(world: World, *clauses: Any, **cells: Any) -> CategorySaid:  # noqa: ANN401
    """The one category of the one flow, under a pack of these clauses."""
    pack = pack_saying(*clauses)
    flow = flow_frame({"data_categories": ("contact.phone",), **cells})
    (layer,) = explain(flow, world.compiled(pack), world.registers()).layers
    return layer.categories[0]


def told(*clauses: Any, world: World | None = None, **cells: Any) -> list[str]:  # noqa: ANN401
    return requests(said(world or World(), *clauses, **cells), Language.en)


def test_a_notice_that_may_be_on_record_decides_one_way_and_its_absence_the_other() -> None:
    missing = said(World(), NOTICE)
    assert requests(missing, Language.zh) == [
        "能否放行，取决于：有告知记录为证",
        "若补录流转当时有效的告知记录，即为许可；若确无，即为违规",
    ]
    assert requests(missing, Language.en)[1] == (
        "If evidence that stood at the time of the flow is put on record (Record of a notice "
        "given), it is permitted; if there was none, it is a violation"
    )


def test_two_that_only_together_allow_it_are_told_together() -> None:
    both = clause("n", "permit", {"evidence": "notice", "agreement_in_force": True})
    residual, lacking, none, together = told(both)
    assert residual.endswith(
        "this: there is in evidence: Record of a notice given, "
        "and the agreement is in force at that time"
    )
    assert "is a violation" in lacking
    assert "is a violation" in none
    assert together.endswith("it is permitted")


def test_a_role_decides_all_that_asks_about_it() -> None:
    clauses = [
        clause("a", "permit", {"recipient_role": ["affiliate", "agent"]}),
        clause("f", "forbid", {"recipient_role": ["agent"]}),
    ]
    residual, cases = told(*clauses, world=World(parties=(CARRIER,)))
    assert "Affiliate" in residual
    assert "Agent" not in residual
    assert cases.count("if the recipient is") + cases.count("If the recipient is") == 2


def test_an_agreement_in_force_is_not_being_settled_too() -> None:
    clauses = [
        clause("a", "permit", {"agreement_in_force": True}, "f"),
        clause("b", "permit", {"agreement_settling": True}, "f"),
        clause("f", "forbid", SHARE),
    ]
    lines = told(*clauses)
    assert not [
        line
        for line in lines
        if "shown to have been in force, and" in line or "settlement, and" in line
    ]


def test_a_separate_consent_is_a_consent() -> None:
    clauses = [
        clause("a", "permit", {"consented": True}, "f"),
        clause("b", "permit", {"separately_consented": True}, "f"),
        clause("f", "forbid", SHARE),
    ]
    world = World(complete=frozenset())
    _, cases = told(*clauses, world=world)
    assert cases == (
        "If a consent of the customer that covers the flow and stood at the time is put on "
        "record, it is permitted; if there was none, it is a violation"
    )


def test_what_is_contested_is_for_counsel_to_decide() -> None:
    lines = told(clause("a", "permit", {**SHARE, "contested": True}))
    assert lines == [
        "No proof could let it pass",
        "The law is in dispute where a would apply: no proof settles that, counsel must decide",
    ]


def test_a_licence_may_be_registered_but_that_there_is_none_proves_nothing() -> None:
    _, cases = told(clause("a", "permit", {**SHARE, "recipient_licensed": True}))
    assert cases == "If the recipient's licence is registered, it is permitted"


def test_the_whole_base_has_no_agreement_to_be_proved() -> None:
    lines = told(clause("a", "permit", {"agreement_in_force": True}), subject_id="*")
    assert "customer by customer" in lines[-1]


def test_a_channel_beside_an_open_list_is_for_counsel_to_decide() -> None:
    lines = told(clause("a", "permit", {"channel_such_as": ["sms"]}), channel="hall")
    assert "open list" in lines[-1]


def test_a_purpose_too_broad_is_told_by_what_is_below_it() -> None:
    residual, cases = told(
        clause("a", "permit", {"purpose": ["service.repair"]}), purpose="service"
    )
    assert residual.endswith("the purpose falls under: Repair")
    assert "does not fall under: Repair, it is a violation" in cases


def test_a_violation_tells_what_its_nearest_clause_lacks() -> None:
    (line,) = told(
        clause("a", "permit", {"purpose": ["service"], "agreement_in_force": True}),
        purpose="marketing",
        world=World(consents=[BASE]),
    )
    assert line == "It would be permitted (a) if the purpose falls under: Provide the service"


def test_a_violation_that_two_clauses_must_clear_tells_what_both_ask() -> None:
    clauses = [
        clause("a", "permit", {"purpose": ["service"]}),
        clause("f", "forbid", SHARE),
        clause("x", "except", {"purpose": ["service"], "consented": True}, "f"),
    ]
    (line,) = told(*clauses, purpose="service.repair")
    assert line.endswith("if the customer consents to it")


def test_a_refusal_that_nothing_lifts_leaves_nothing_to_tell() -> None:
    clauses = [
        clause("a", "permit", {"consented": True}),
        clause("f", "forbid", {"prohibited_by_customer": True}),
    ]
    assert told(*clauses, world=World(consents=[ALLOW, FORBID])) == []


def test_what_is_settled_asks_for_nothing() -> None:
    assert told(clause("a", "permit", SHARE)) == []


@pytest.mark.parametrize("word", [name for name in WORDS if name != "contested"])
def test_every_truth_that_a_clause_may_ask_can_be_told(word: str) -> None:
    kind = WORDS[word].argument
    if kind is Argument.TRUE and word not in ("whole_base", "sender_keeps_data", "claimed"):
        assert f"proof-{word}" in sentences()
