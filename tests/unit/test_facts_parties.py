"""The register of parties: roles, scope, authorisation, necessary data; parties in no register."""

from typing import Any

import pytest

from audit.records.checked import Taints
from audit.vocabulary import Truth
from tests.asking import CARRIER, PARTNER, World

FALSE, UNKNOWN, TRUE = Truth
MOMENT = "2025-06-15T12:00"


def partner(**cells: Any) -> World:  # noqa: ANN401
    """A world in which the partner's row has these cells."""
    return World(parties=[CARRIER, {**PARTNER, **cells}])


@pytest.mark.parametrize(
    ("recipient", "truth"),
    [("PTR", TRUE), ("CAR", FALSE), ("CUSTOMER", FALSE), ("NOBODY", UNKNOWN)],
)
def test_the_role_of_a_party_is_the_registered_one(recipient: str, truth: Truth) -> None:
    assert World().ask("recipient_role", "authorized_partner", recipient=recipient) == [truth]


def test_the_customer_is_the_subject_whether_or_not_the_register_lists_it() -> None:
    listed = World(parties=[CARRIER, {"party_id": "CUSTOMER", "name": "we", "role": "subject"}])
    for world in (World(), listed):
        assert world.ask("recipient_role", "subject", recipient="CUSTOMER") == [TRUE]


def test_a_role_that_is_not_mapped_is_unknown() -> None:
    world = partner(role="metering")
    assert world.ask("recipient_role", "carrier") == [UNKNOWN]
    assert world.ask("recipient_role_not", "carrier") == [UNKNOWN]


def test_a_tainted_party_is_treated_as_unregistered() -> None:
    world = World(taints=Taints(parties=frozenset({"PTR"})))
    assert world.ask("recipient_role", "authorized_partner") == [UNKNOWN]
    assert world.ask("within_recipient_scope") == [UNKNOWN]
    assert world.ask("sender_role", "carrier") == [TRUE]


def test_a_tainted_customer_is_no_longer_known_to_be_the_subject() -> None:
    world = World(taints=Taints(parties=frozenset({"CUSTOMER"})))
    assert world.ask("recipient_role", "subject", recipient="CUSTOMER") == [UNKNOWN]


@pytest.mark.parametrize(
    ("purposes", "truth"),
    [
        (("service",), TRUE),
        (("improve", "service.repair"), TRUE),
        (("service.billing",), FALSE),
        (("billing", "service.billing"), UNKNOWN),  # a member that is not mapped
        (None, UNKNOWN),
    ],
)
def test_scope_covers_a_purpose_and_what_lies_below_it(
    purposes: tuple[str, ...] | None, truth: Truth
) -> None:
    assert partner(purposes=purposes).ask("within_recipient_scope") == [truth]


def test_a_purpose_above_the_scope_may_or_may_not_be_meant() -> None:
    world = partner(purposes=("service.repair",))
    assert world.ask("within_recipient_scope", purpose="service") == [UNKNOWN]
    assert world.ask("within_recipient_scope", purpose="my purpose") == [UNKNOWN]


def test_necessary_data_is_asked_category_by_category() -> None:
    world = partner(data_categories=("contact.phone",))
    found = world.ask("necessary_data", data_categories=("contact", "contact.phone", "usage"))
    assert found == [UNKNOWN, TRUE, FALSE]
    assert partner().ask("necessary_data") == [UNKNOWN]


@pytest.mark.parametrize(
    ("start", "end", "truth"),
    [
        (MOMENT, None, TRUE),  # from the very instant
        ("2025-06-15T12:01", None, FALSE),
        ("2025-01-01", MOMENT, FALSE),  # at the very end it is over
        ("2025-01-01", "2025-06-15T12:01", TRUE),
        ("2025-12-01", "2025-01-01", FALSE),  # ends before it starts
        (None, None, UNKNOWN),
        (None, MOMENT, FALSE),
        (None, "2025-06-15T12:01", UNKNOWN),
    ],
)
def test_authorised_is_who_has_a_contract_at_that_instant(
    start: str | None, end: str | None, truth: Truth
) -> None:
    world = partner(agreement_from=start, agreement_until=end)
    assert world.ask("recipient_authorised", occurred_at=MOMENT) == [truth]


def test_nothing_is_known_of_a_party_in_no_register() -> None:
    for word in ("within_recipient_scope", "recipient_authorised", "necessary_data"):
        assert World().ask(word, recipient="NOBODY") == [UNKNOWN]


@pytest.mark.parametrize(
    ("country", "truth"), [("CN", TRUE), ("US", FALSE), (None, UNKNOWN), ("Utopia", UNKNOWN)]
)
def test_the_country_is_the_registered_one(country: str | None, truth: Truth) -> None:
    world = partner(country=country)
    assert world.ask("recipient_country", "CN") == [truth]
    assert world.ask("recipient_country_not", "CN") == [Truth(TRUE - truth)]
