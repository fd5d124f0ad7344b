"""What statutes ask beyond the agreement: separate consent, order of proofs, licences, days."""

from typing import Any

import pytest

from audit.records.checked import Taints
from audit.vocabulary import Truth
from tests.asking import ALLOW, CARRIER, PARTNER, World

FALSE, UNKNOWN, TRUE = Truth
MOMENT = "2025-06-15T12:00"
SEPARATE = {**ALLOW, "kind": "separate", "recipient": "PTR", "purposes": ("service.repair",)}
ARREARS = {"evidence_id": "E1", "kind": "arrears", "subject_id": "S1", "amount": 35.0}
NOTICE = {"evidence_id": "E2", "kind": "notice", "subject_id": "S1"}


@pytest.mark.parametrize(
    ("cells", "truth"),
    [
        ({}, TRUE),
        ({"kind": "written"}, TRUE),
        ({"kind": "agreement"}, FALSE),  # part of the contract: not given apart
        ({"recipient": None}, FALSE),
        ({"recipient": "authorized_partner"}, UNKNOWN),  # whom the form named is not recorded
        ({"recipient": "SHOP"}, FALSE),
        ({"purposes": ("service",)}, TRUE),
        ({"purposes": ("service", "marketing")}, FALSE),  # several purposes at once
        ({"purposes": ("service.repair", "service.repair")}, TRUE),
        ({"purposes": None}, FALSE),
        ({"data_categories": ("health",)}, FALSE),
        ({"data_categories": ("contact.phone.mobile",)}, UNKNOWN),
        ({"ends_at": MOMENT}, FALSE),
        ({"effect": "forbid"}, FALSE),
    ],
)
def test_a_separate_consent_names_one_party_and_one_purpose(
    cells: dict[str, Any], truth: Truth
) -> None:
    world = World(consents=[SEPARATE | cells])
    assert world.ask("separately_consented", occurred_at=MOMENT) == [truth]


@pytest.mark.parametrize("kind", ["agreement", "separate", "written"])
def test_a_consent_in_writing_is_of_that_kind(kind: str) -> None:
    truth = TRUE if kind == "written" else FALSE
    assert World(consents=[ALLOW | {"kind": kind}]).ask("consented_in_writing") == [truth]


@pytest.mark.parametrize("word", ["separately_consented", "consented_in_writing"])
def test_a_lost_row_or_an_incomplete_register_leaves_consent_open(word: str) -> None:
    assert World().ask(word) == [FALSE]
    assert World(taints=Taints(consent_subjects=frozenset({"S1"}))).ask(word) == [UNKNOWN]
    assert World(complete=frozenset()).ask(word) == [UNKNOWN]


@pytest.mark.parametrize(
    ("arrears", "notice", "truth"),
    [
        ({"valid_from": "2025-02-01"}, {"valid_from": "2025-03-01"}, TRUE),
        ({"valid_from": "2025-03-01"}, {"valid_from": "2025-03-01"}, TRUE),
        ({"valid_from": "2025-03-01"}, {"valid_from": "2025-02-01"}, FALSE),
        ({"valid_from": "2025-03-01"}, {"valid_from": MOMENT}, TRUE),
        ({"valid_from": "2025-03-01"}, {"valid_from": "2025-06-15T12:01"}, FALSE),
        ({"valid_from": "2025-02-01", "amount": 0.0}, {"valid_from": "2025-03-01"}, FALSE),
        ({"valid_from": "2025-02-01", "amount": None}, {"valid_from": "2025-03-01"}, UNKNOWN),
        ({"valid_from": "2025-03-01", "amount": None}, {"valid_from": "2025-02-01"}, UNKNOWN),
        ({"valid_from": "2025-02-01", "subject_id": None}, {"valid_from": "2025-03-01"}, UNKNOWN),
        ({"valid_from": "2025-02-01", "valid_until": MOMENT}, {"valid_from": "2025-03-01"}, FALSE),
        ({"valid_from": "2025-02-01"}, {"valid_from": "2025-03-01", "subject_id": None}, UNKNOWN),
        ({"valid_from": "2025-02-01"}, {"valid_from": "2025-03-01", "kind": "mine"}, UNKNOWN),
    ],
)
def test_a_notice_counts_once_the_arrears_have_begun(
    arrears: dict[str, Any], notice: dict[str, Any], truth: Truth
) -> None:
    registers = frozenset({"consents", "evidence.arrears", "evidence.notice"})
    world = World(evidence=[ARREARS | arrears, NOTICE | notice], complete=registers)
    assert world.ask("evidence_after", "notice", "arrears", occurred_at=MOMENT) == [truth]


def test_without_the_register_of_arrears_a_notice_proves_nothing() -> None:
    notice = NOTICE | {"valid_from": "2025-03-01"}
    asked = ("evidence_after", "notice", "arrears")
    assert World(evidence=[notice]).ask(*asked, occurred_at=MOMENT) == [UNKNOWN]
    declared = frozenset({"evidence.arrears"})
    assert World(evidence=[notice], complete=declared).ask(*asked) == [FALSE]
    tainted = Taints(evidence_subjects=frozenset({"S1"}))
    lost = World(evidence=[notice], complete=declared, taints=tainted)
    assert lost.ask(*asked, occurred_at=MOMENT) == [UNKNOWN]


@pytest.mark.parametrize(
    ("role", "truth"), [("processor", TRUE), ("handler", FALSE), (None, UNKNOWN)]
)
def test_the_legal_role_is_what_the_register_says(role: str | None, truth: Truth) -> None:
    world = World(parties=[CARRIER, PARTNER | {"legal_role": role}])
    assert world.ask("recipient_legal_role", "processor") == [truth]
    assert world.ask("recipient_legal_role_not", "processor") == [Truth(TRUE - truth)]
    assert World(parties=[CARRIER]).ask("recipient_legal_role", "processor") == [UNKNOWN]


def test_a_licence_that_is_not_registered_proves_nothing() -> None:
    licensed = World(parties=[CARRIER, PARTNER | {"licence": "B-1"}])
    assert licensed.ask("recipient_licensed") == [TRUE]
    assert World().ask("recipient_licensed") == [UNKNOWN]


@pytest.mark.parametrize(
    ("moment", "truth"),
    [
        ("2024-12-31T23:59:59.999999", FALSE),
        ("2025-01-01T00:00", TRUE),
        ("2024-12-31T16:00+00:00", TRUE),
    ],
)
def test_a_rule_begins_at_midnight_in_china(moment: str, truth: Truth) -> None:
    assert World().ask("occurs_from", "2025-01-01", occurred_at=moment) == [truth]
    assert World().ask("occurs_before", "2025-01-01", occurred_at=moment) == [Truth(TRUE - truth)]


def test_what_the_law_leaves_in_dispute_is_unknown() -> None:
    assert World().ask("contested") == [UNKNOWN]
