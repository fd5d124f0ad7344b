"""Whether the subject's agreement is in force, or has ended and is being settled."""

import pytest

from audit.records.checked import Taints
from audit.vocabulary import Truth
from tests.asking import ALLOW, BASE, FORBID, Rows, World

FALSE, UNKNOWN, TRUE = Truth
MOMENT = "2025-06-15T12:00"
ENDED = {**BASE, "ends_at": "2025-05-20", "settles_until": "2025-07-01"}
FACTS = ("agreement_in_force", "agreement_settling")


def both(world: World, at: str = MOMENT, subject: str = "S1") -> list[Truth]:
    """In force, and settling."""
    return [world.ask(fact, occurred_at=at, subject_id=subject)[0] for fact in FACTS]


@pytest.mark.parametrize(
    ("given", "end", "in_force"),
    [
        ("2025-01-01", None, TRUE),
        (MOMENT, None, TRUE),
        ("2025-06-15T12:01", None, FALSE),
        ("2025-01-01", MOMENT, FALSE),
        ("2025-01-01", "2025-06-15T12:01", TRUE),
        ("2025-12-01", "2025-01-01", FALSE),
    ],
)
def test_in_force_is_what_holds_the_instant(given: str, end: str | None, in_force: Truth) -> None:
    world = World(consents=[{**BASE, "given_at": given, "ends_at": end}])
    assert world.ask("agreement_in_force", occurred_at=MOMENT) == [in_force]


@pytest.mark.parametrize(
    ("at", "settling"),
    [
        ("2025-05-19T23:59", FALSE),  # still in force
        ("2025-05-20", TRUE),
        ("2025-06-30T23:59", TRUE),
        ("2025-07-01", FALSE),
    ],
)
def test_settling_lasts_from_the_end_until_the_next_month_is_over(at: str, settling: Truth) -> None:
    assert World(consents=[ENDED]).ask("agreement_settling", occurred_at=at) == [settling]


def test_a_row_that_never_held_has_not_ended() -> None:
    never = {**ENDED, "given_at": "2025-05-20"}
    assert both(World(consents=[never])) == [FALSE, FALSE]


def test_who_signed_again_is_not_settling() -> None:
    again = {**BASE, "consent_id": "B2", "given_at": "2025-06-01"}
    assert both(World(consents=[ENDED, again])) == [TRUE, FALSE]


def test_who_signs_only_later_is_settling_still() -> None:
    later = {**BASE, "consent_id": "B2", "given_at": "2025-06-20"}
    assert both(World(consents=[ENDED, later])) == [FALSE, TRUE]


def test_of_two_that_have_ended_the_latest_counts() -> None:
    first = {**ENDED, "consent_id": "B0", "ends_at": "2024-05-01", "settles_until": "2024-07-01"}
    assert both(World(consents=[first, ENDED])) == [FALSE, TRUE]
    assert both(World(consents=[first])) == [FALSE, FALSE]


@pytest.mark.parametrize("subject", ["S1", "S2", "*"])
def test_nothing_is_known_without_a_base_row_of_the_subject(subject: str) -> None:
    others: Rows = [{**BASE, "subject_id": "S9"}, ALLOW, FORBID]
    assert both(World(consents=others), subject=subject) == [UNKNOWN, UNKNOWN]


def test_a_row_that_names_anything_or_forbids_is_no_base_row() -> None:
    for cells in ({"recipient": "PTR"}, {"purposes": ("service",)}, {"effect": "forbid"}):
        assert both(World(consents=[{**BASE, **cells}])) == [UNKNOWN, UNKNOWN]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (BASE, [TRUE, FALSE]),  # a lost row cannot take back what holds
        (ENDED, [UNKNOWN, TRUE]),
        ({**BASE, "given_at": "2025-12-01"}, [UNKNOWN, UNKNOWN]),
    ],
)
@pytest.mark.parametrize(
    "taints",
    [Taints(consent_subjects=frozenset({"S1"})), Taints(all_consent_subjects=True)],
)
def test_where_a_row_was_lost_false_is_unknown(
    row: dict[str, str], told: list[Truth], taints: Taints
) -> None:
    assert both(World(consents=[row], taints=taints)) == told
