"""A flow of the whole base is in doubt where any customer's refusal may stand against it."""

from typing import Any

import pytest

from audit.records.checked import Taints
from audit.vocabulary import Truth
from tests.asking import ALLOW, FORBID, World

FALSE, UNKNOWN, TRUE = Truth
MOMENT = "2025-06-15T12:00"
EVERYBODY = {"subject_id": "*", "occurred_at": MOMENT}
LATER = {**ALLOW, "consent_id": "C9", "given_at": "2025-03-01", "recipient": "PTR"}


def refused(*rows: dict[str, Any], **cells: Any) -> list[Truth]:  # noqa: ANN401
    """prohibited_by_customer of a flow of the whole base."""
    return World(consents=rows).ask("prohibited_by_customer", **{**EVERYBODY, **cells})


@pytest.mark.parametrize(
    ("cells", "truth"),
    [
        ({}, UNKNOWN),  # never more: it is one customer among all
        ({"purposes": None, "data_categories": None}, UNKNOWN),
        ({"purposes": ("improve",)}, FALSE),
        ({"purposes": ("improve", "my purpose")}, UNKNOWN),
        ({"recipient": "CAR"}, FALSE),
        ({"recipient": "PTR"}, UNKNOWN),
        ({"recipient": "authorized_partner"}, UNKNOWN),
        ({"given_at": MOMENT}, UNKNOWN),
        ({"given_at": "2025-06-15T12:01"}, FALSE),
        ({"ends_at": MOMENT}, FALSE),
        ({"ends_at": "2025-01-01"}, FALSE),  # never held
    ],
)
def test_a_refusal_that_matches_and_holds_leaves_it_unknown(
    cells: dict[str, Any], truth: Truth
) -> None:
    assert refused({**FORBID, **cells}) == [truth]


@pytest.mark.parametrize(
    ("later", "truth"),
    [
        (LATER, FALSE),
        ({**LATER, "subject_id": "S2"}, UNKNOWN),  # another customer's
        ({**LATER, "given_at": "2025-01-01"}, UNKNOWN),
        ({**LATER, "recipient": None}, UNKNOWN),
        ({**LATER, "ends_at": MOMENT}, UNKNOWN),
        ({**LATER, "purposes": ("improve", "my purpose")}, UNKNOWN),
    ],
)
def test_a_refusal_that_its_customer_lifted_for_this_party_does_not_count(
    later: dict[str, Any], truth: Truth
) -> None:
    assert refused(FORBID, later) == [truth]


def test_one_refusal_in_many_is_enough_and_none_hides_behind_a_lifted_one() -> None:
    second = {**FORBID, "consent_id": "N2", "subject_id": "S2"}
    assert refused(FORBID, LATER, second) == [UNKNOWN]
    assert refused(FORBID, LATER, {**second, "ends_at": "2025-05-01"}) == [FALSE]


def test_it_is_asked_category_by_category() -> None:
    found = refused(FORBID, data_categories=("billing", "contact.phone", "usage"))
    assert found == [FALSE, UNKNOWN, FALSE]


def test_flows_that_are_alike_are_told_apart_by_their_time() -> None:
    times = ["2024-12-31", "2025-01-01", "2025-05-01", "2025-12-31"]
    rows = [
        {**FORBID, "ends_at": "2025-02-01"},
        {**FORBID, "consent_id": "N2", "given_at": "2025-04-01", "ends_at": "2025-12-31"},
    ]
    flows = [{**EVERYBODY, "occurred_at": time} for time in times]
    found = World(consents=rows).ask_all("prohibited_by_customer", (), flows)
    assert found == [[FALSE], [UNKNOWN], [UNKNOWN], [FALSE]]


def test_other_flows_are_not_held_against_the_refusals_of_others() -> None:
    world = World(consents=[FORBID])
    flows = [{"subject_id": subject} for subject in ("S1", "S2", "*")]
    found = world.ask_all("prohibited_by_customer", (), flows)
    assert found == [[TRUE], [FALSE], [UNKNOWN]]


@pytest.mark.parametrize(
    "taints",
    [Taints(consent_subjects=frozenset({"S9"})), Taints(all_consent_subjects=True)],
)
def test_a_lost_row_of_anybody_leaves_it_unknown(taints: Taints) -> None:
    assert World(taints=taints).ask("prohibited_by_customer", **EVERYBODY) == [UNKNOWN]


def test_where_either_may_hold_the_data_both_are_asked() -> None:
    call = {"sender": "PTR", "recipient": "CUSTOMER", "operation": "my operation"}
    assert refused({**FORBID, "recipient": "PTR"}, **call) == [UNKNOWN]
    assert refused({**FORBID, "recipient": "CUSTOMER"}, **call) == [UNKNOWN]
    assert refused({**FORBID, "recipient": "CAR"}, **call) == [FALSE]
