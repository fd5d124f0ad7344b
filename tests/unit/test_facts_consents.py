"""What a subject allowed or refused: matching, holders, lifted refusals, lost and missing rows."""

from typing import Any

import pytest

from audit.records.checked import Taints
from audit.vocabulary import Truth
from tests.asking import ALLOW, BASE, CARRIER, FORBID, PARTNER, World

FALSE, UNKNOWN, TRUE = Truth
MOMENT = "2025-06-15T12:00"
CONSENTED, REFUSED = "consented", "prohibited_by_customer"
CALL = {"sender": "PTR", "recipient": "CUSTOMER", "operation": "contact"}


def allowing(**cells: Any) -> World:  # noqa: ANN401
    """A world in which the subject allowed something."""
    return World(consents=[{**ALLOW, **cells}])


def forbidding(*later: dict[str, Any], **cells: Any) -> World:  # noqa: ANN401
    """A world in which the subject refused something, and perhaps allowed something later."""
    return World(consents=[{**FORBID, **cells}, *later])


@pytest.mark.parametrize(
    ("cells", "truth"),
    [
        ({}, TRUE),
        ({"subject_id": "S2"}, FALSE),
        ({"purposes": ("service.repair", "improve")}, TRUE),
        ({"purposes": ("improve",)}, FALSE),
        ({"purposes": ("improve", "my purpose")}, UNKNOWN),
        ({"purposes": None}, FALSE),  # null covers nothing
        ({"data_categories": ("contact.email",)}, FALSE),
        ({"data_categories": None}, FALSE),
        ({"recipient": "PTR"}, TRUE),
        ({"recipient": "CAR"}, FALSE),
        ({"recipient": "authorized_partner"}, TRUE),  # a role
        ({"recipient": "affiliate"}, FALSE),
        ({"given_at": MOMENT}, TRUE),
        ({"ends_at": MOMENT}, FALSE),  # not covered at the very instant of withdrawal
        ({"given_at": "2025-06-15T12:01"}, FALSE),
        ({"kind": "agreement"}, TRUE),  # a signed supplement
        ({"kind": "separate"}, TRUE),
    ],
)
def test_an_allow_row_must_match_and_hold(cells: dict[str, Any], truth: Truth) -> None:
    assert allowing(**cells).ask(CONSENTED, occurred_at=MOMENT) == [truth]


def test_a_base_row_is_no_consent() -> None:
    assert World(consents=[BASE]).ask(CONSENTED) == [FALSE]


def test_consent_is_asked_category_by_category_and_the_best_row_counts() -> None:
    rows = [ALLOW, {**ALLOW, "consent_id": "C2", "data_categories": ("usage.volume",)}]
    found = World(consents=rows).ask(
        CONSENTED, data_categories=("billing", "contact.phone", "usage")
    )
    assert found == [FALSE, TRUE, UNKNOWN]


def test_a_row_that_names_a_role_is_unknown_of_an_unregistered_holder() -> None:
    world = allowing(recipient="authorized_partner")
    assert world.ask(CONSENTED, recipient="NOBODY") == [UNKNOWN]
    assert allowing(recipient="NOBODY").ask(CONSENTED, recipient="NOBODY") == [TRUE]


def test_a_flow_to_somebody_called_like_a_role_is_not_to_the_role() -> None:
    world = allowing(recipient="authorized_partner")
    assert world.ask(CONSENTED, recipient="authorized_partner") == [UNKNOWN]


def test_who_calls_the_customer_holds_the_data() -> None:
    assert allowing(recipient="PTR").ask(CONSENTED, **CALL) == [TRUE]
    assert allowing(recipient="CUSTOMER").ask(CONSENTED, **CALL) == [FALSE]


def test_where_it_is_unknown_who_holds_the_data_both_must_be_allowed() -> None:
    doubtful = {**CALL, "operation": "my operation"}
    assert allowing(recipient="PTR").ask(CONSENTED, **doubtful) == [UNKNOWN]
    assert allowing().ask(CONSENTED, **doubtful) == [TRUE]
    assert allowing(recipient="CAR").ask(CONSENTED, **doubtful) == [FALSE]
    assert forbidding(recipient="PTR").ask(REFUSED, **doubtful) == [UNKNOWN]


@pytest.mark.parametrize(
    ("cells", "truth"),
    [
        ({}, TRUE),
        ({"purposes": None, "data_categories": None}, TRUE),  # null means all
        ({"purposes": ("improve",)}, FALSE),
        ({"recipient": "CAR"}, FALSE),
        ({"recipient": "authorized_partner"}, TRUE),
        ({"ends_at": MOMENT}, FALSE),
        ({"kind": "agreement", "purposes": None, "data_categories": None}, TRUE),
    ],
)
def test_a_forbid_row_must_match_and_hold(cells: dict[str, Any], truth: Truth) -> None:
    assert forbidding(**cells).ask(REFUSED, occurred_at=MOMENT) == [truth]


def test_a_refusal_of_everything_covers_codes_that_are_not_mapped() -> None:
    world = forbidding(purposes=None, data_categories=None)
    assert world.ask(REFUSED, purpose="my purpose", data_categories=("my data",)) == [TRUE]


LATER = {**ALLOW, "consent_id": "C9", "given_at": "2025-03-01", "recipient": "PTR"}


@pytest.mark.parametrize(
    ("later", "truth"),
    [
        (LATER, FALSE),
        ({**LATER, "given_at": "2025-01-01"}, TRUE),  # of the same instant, so not later
        ({**LATER, "given_at": "2024-12-31"}, TRUE),
        ({**LATER, "recipient": None}, TRUE),  # names nobody
        ({**LATER, "recipient": "authorized_partner"}, TRUE),  # names a role
        ({**LATER, "recipient": "CAR"}, TRUE),
        ({**LATER, "ends_at": MOMENT}, TRUE),
        ({**LATER, "purposes": ("improve",)}, TRUE),
        ({**LATER, "purposes": ("improve", "my purpose")}, UNKNOWN),
        ({**LATER, "subject_id": "S2"}, TRUE),
    ],
)
def test_a_refusal_is_lifted_by_a_later_allow_row_that_names_this_party(
    later: dict[str, Any], truth: Truth
) -> None:
    assert forbidding(later).ask(REFUSED, occurred_at=MOMENT) == [truth]


def test_another_refusal_stands_where_one_is_lifted() -> None:
    newer = {**FORBID, "consent_id": "N2", "given_at": "2025-04-01"}
    assert forbidding(LATER, newer).ask(REFUSED) == [TRUE]


@pytest.mark.parametrize("word", [CONSENTED, REFUSED])
@pytest.mark.parametrize(
    ("taints", "told"),
    [
        (Taints(consent_subjects=frozenset({"S1"})), [UNKNOWN, FALSE]),
        (Taints(all_consent_subjects=True), [UNKNOWN, UNKNOWN]),
        (Taints(evidence_subjects=frozenset({"S1"})), [FALSE, FALSE]),
    ],
)
def test_where_a_row_was_lost_false_is_unknown(
    word: str, taints: Taints, told: list[Truth]
) -> None:
    world = World(taints=taints)
    flows = [{"subject_id": "S1"}, {"subject_id": "S2"}]
    assert world.ask_all(word, (), flows) == [[truth] for truth in told]


def test_a_lost_row_takes_nothing_back() -> None:
    taints = Taints(consent_subjects=frozenset({"S1"}))
    assert World(consents=[ALLOW], taints=taints).ask(CONSENTED) == [TRUE]
    assert World(consents=[FORBID], taints=taints).ask(REFUSED) == [TRUE]


def test_who_is_in_no_register_has_consented_to_nothing_if_it_is_complete() -> None:
    assert World(consents=[ALLOW]).ask(CONSENTED, subject_id="STRANGER") == [FALSE]
    incomplete = World(consents=[ALLOW], complete=frozenset())
    assert incomplete.ask(CONSENTED, subject_id="STRANGER") == [UNKNOWN]
    assert incomplete.ask(CONSENTED) == [TRUE]
    assert incomplete.ask(REFUSED) == [FALSE]  # an absent refusal is none


def test_an_unmapped_role_of_the_holder_leaves_consents_to_roles_open() -> None:
    parties = [CARRIER, {**PARTNER, "role": "metering"}]
    world = World(parties=parties, consents=[{**ALLOW, "recipient": "authorized_partner"}])
    assert world.ask(CONSENTED) == [UNKNOWN]
