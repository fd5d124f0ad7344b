"""What one layer says of one category: deciding clauses, what is lacking, what is unknown."""

from typing import Any

from tests.asking import ALLOW, World, clause, pack_saying

PERMIT = clause("p", "permit", {"operation": ["use"], "consented": True, "channel": ["sms"]})
FORBID = clause("f", "forbid", {"recipient_role_not": ["carrier"], "purpose": ["service"]})


def said(world: World, *clauses: dict[str, Any], **cells: Any) -> dict[str, Any]:  # noqa: ANN401
    """What is said of the one category of a flow."""
    (unit,) = world.judged([pack_saying(*clauses)], cells).units.to_dicts()
    names = ("verdict", "decided_by", "possible", "nearest", "lacking", "unknown")
    return {name: unit[name] for name in names}


def test_a_violation_tells_what_its_nearest_miss_lacks() -> None:
    assert said(World(), PERMIT, channel="sms", operation="use") == {
        "verdict": "violation",
        "decided_by": ["no-ground"],
        "possible": [],
        "nearest": "p",
        "lacking": ["consented"],
        "unknown": [],
    }
    found = said(World(), PERMIT, channel="hall", operation="share")
    assert found["lacking"] == ["channel", "consented", "operation"]
    # What is unknown of the nearest miss is not lacking.
    assert said(World(), PERMIT, operation="share")["lacking"] == ["consented", "operation"]


def test_an_indeterminate_category_tells_what_is_unknown_of_clauses_possibly_in_force() -> None:
    world = World(consents=[ALLOW])
    assert said(world, PERMIT, operation="use") == {
        "verdict": "indeterminate",
        "decided_by": [],
        "possible": ["no-ground", "p"],
        "nearest": None,
        "lacking": [],
        "unknown": ["channel"],
    }
    found = said(world, PERMIT, FORBID, operation="use", recipient="NOBODY", purpose="unheard of")
    assert found["possible"] == ["f", "no-ground", "p"]
    assert found["unknown"] == ["channel", "consented", "purpose", "recipient_role_not"]


def test_a_clause_that_cannot_come_into_force_asks_nothing() -> None:
    beaten = clause("q", "permit", {"purpose": ["service"], "whole_base": True})
    found = said(World(consents=[ALLOW]), PERMIT, beaten, operation="use", purpose="unheard of")
    assert "purpose" not in found["unknown"]


def test_evidence_is_called_with_its_kinds() -> None:
    asks = clause("p", "permit", {"evidence": ["arrears", "notice"]})
    assert said(World(), asks)["unknown"] == ["evidence arrears|notice"]
    complete = frozenset({"consents", "evidence.arrears", "evidence.notice"})
    assert said(World(complete=complete), asks)["lacking"] == ["evidence arrears|notice"]


def test_a_clause_is_met_and_yet_a_forbid_stands() -> None:
    allowed = clause("p", "permit", {"operation": ["use"]})
    found = said(World(), allowed, FORBID, operation="use")
    assert (found["verdict"], found["nearest"], found["lacking"]) == ("violation", "p", [])
    assert found["decided_by"] == ["f"]


def test_a_supplement_is_told_only_by_a_clause_that_names_one() -> None:
    asks = clause("p", "permit", {"consented": True})
    signed = World(consents=[{**ALLOW, "kind": "agreement"}])
    assert said(signed, asks)["decided_by"] == ["p"]
    named = asks | {"supplement": {"cite": "s"}}
    assert said(signed, named)["decided_by"] == ["p (supplement)"]
    assert said(World(consents=[ALLOW]), named)["decided_by"] == ["p"]
