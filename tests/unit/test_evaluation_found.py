"""What was found where a condition asked: the very cells that a reader would look up."""

from typing import Any

import pytest

from audit.clauses.clause import Condition
from audit.clauses.conditions import WORDS
from audit.evaluation.found import NOTHING, found_of
from audit.records.checked import Taints
from tests.asking import ALLOW, BASE, CARRIER, FORBID, PARTNER, PROOF, World, flow_frame

RICH = {
    **PARTNER,
    "country": "CN",
    "purposes": ("service", "improve"),
    "data_categories": ("contact",),
    "agreement_from": "2025-01-01",
    "agreement_until": "2025-12-31T12:30:00",
}
WORLD = World(
    parties=[CARRIER, RICH],
    consents=[
        BASE,
        {**ALLOW, "consent_id": "C2", "ends_at": "2025-07-01"},
        ALLOW,
        {**FORBID, "subject_id": "S2"},
        FORBID,
    ],
    evidence=[
        {**PROOF, "amount": 35.0, "issued_by": "CAR", "valid_until": "2025-07-01"},
        {**PROOF, "evidence_id": "E2", "kind": "notice"},
        {**PROOF, "evidence_id": "E3", "subject_id": "S9"},
    ],
)
OPEN = "[2025-01-01T00:00:00+08:00, …)"
HALF = "[2025-01-01T00:00:00+08:00, 2025-07-01T00:00:00+08:00)"


def found(word: str, *codes: str, world: World = WORLD, **cells: Any) -> str:  # noqa: ANN401
    """What is found for one condition of one flow."""
    (flow,) = flow_frame(cells).to_dicts()
    return found_of(Condition(word, codes), flow, "contact.phone", world.registers())


@pytest.mark.parametrize(
    ("word", "codes", "told"),
    [
        ("operation", ("use",), "share"),
        ("operation_not", ("use",), "share"),
        ("purpose", ("improve",), "service.repair"),
        ("channel", ("sms",), NOTHING),
        ("channel_such_as", ("sms",), NOTHING),
        ("claimed", ("c",), NOTHING),
        ("whole_base", (), "S1"),
        ("data", ("usage",), "contact.phone"),
        ("sender_role", ("agent",), "CAR: carrier"),
        ("recipient_role_not", ("agent",), "PTR: authorized_partner"),
        ("recipient_country", ("CN",), "PTR: CN"),
        ("within_recipient_scope", (), "PTR: service; improve"),
        ("necessary_data", (), "PTR: contact"),
        (
            "recipient_authorised",
            (),
            "PTR: [2025-01-01T00:00:00+08:00, 2025-12-31T12:30:00+08:00)",
        ),
        ("sender_keeps_data", (), "CAR -> PTR"),
        ("agreement_in_force", (), f"B1 {OPEN}"),
        ("agreement_settling", (), f"B1 {OPEN}"),
        ("consented", (), f"C1 {OPEN}; C2 {HALF}"),
        ("prohibited_by_customer", (), f"N1 {OPEN}"),
        ("evidence", ("arrears",), f"E1 arrears {HALF} 35 CAR"),
        ("evidence", ("arrears", "notice"), f"E1 arrears {HALF} 35 CAR; E2 notice {OPEN}"),
        ("evidence", ("statute",), NOTHING),
    ],
)
def test_what_is_found(word: str, codes: tuple[str, ...], told: str) -> None:
    assert found(word, *codes) == told


def test_every_word_finds_something_to_tell() -> None:
    for word in WORDS:
        assert found(word, "arrears")


def test_cells_of_the_flow_are_told_as_they_are() -> None:
    assert found("channel", "sms", channel="my channel") == "my channel"
    assert found("claimed", "c", basis="3-2-6") == "3-2-6"


def test_the_cited_row_is_told_whomever_it_names_and_a_missing_one_with_a_question_mark() -> None:
    assert found("evidence", "statute", evidence_id="E3") == f"E3 arrears {OPEN}"
    assert found("evidence", "statute", evidence_id="E404") == "E404 ?"
    assert found("evidence", "notice", evidence_id="E404") == f"E2 notice {OPEN}; E404 ?"


def test_of_parties_in_no_register_nothing_is_found() -> None:
    assert found("recipient_role", "agent", recipient="NOBODY") == f"NOBODY: {NOTHING}"
    assert found("necessary_data", recipient="NOBODY") == f"NOBODY: {NOTHING}"
    assert found("recipient_authorised", recipient="NOBODY") == f"NOBODY: [{NOTHING}, …)"
    assert found("recipient_role", "agent", recipient="CUSTOMER") == "CUSTOMER: subject"


def test_a_tainted_party_is_told_as_unregistered() -> None:
    world = World(parties=[CARRIER, RICH], taints=Taints(parties=frozenset({"PTR"})))
    assert found("recipient_role", "agent", world=world) == f"PTR: {NOTHING}"


def test_who_calls_the_customer_is_the_holder() -> None:
    call: Any = {"sender": "PTR", "recipient": "CUSTOMER", "operation": "contact"}
    assert found("within_recipient_scope", **call) == "PTR: service; improve"
