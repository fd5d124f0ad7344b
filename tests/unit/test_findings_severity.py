"""The points of the severity rule, and that more of anything bad is never less grave."""

from itertools import pairwise

import pytest

from audit.findings.finding import Severity
from audit.findings.severity import TIERS, Weight, severity, tier_of
from audit.vocabulary import Listing, load_vocabulary

VOCABULARY = load_vocabulary()


def graded(weight: Weight, *categories: str, records: int = 1) -> Severity:
    volumes = {tier: records for code in categories if (tier := tier_of(code, VOCABULARY))}
    return severity(weight, categories, volumes, VOCABULARY)


@pytest.mark.parametrize(
    ("category", "tier"),
    [
        ("location.trace", "strictest"),
        ("comm.content", "strictest"),
        ("credit.report", "strictest"),
        ("comm.cdr", "sensitive"),
        ("health", "sensitive"),
        ("billing.payment", "sensitive"),
        ("contact.phone", "other"),
        ("x.unmapped", "sensitive"),
        ("aggregate.anonymous", None),
    ],
)
def test_the_counting_tier_of_a_category(category: str, tier: str | None) -> None:
    assert tier_of(category, VOCABULARY) == tier


@pytest.mark.parametrize(
    ("weight", "category", "records", "expected"),
    [
        (Weight.FORBIDDEN, "contact.phone", 1, "medium"),
        (Weight.FORBIDDEN, "contact.phone", 249, "medium"),
        (Weight.FORBIDDEN, "contact.phone", 250, "high"),
        (Weight.FORBIDDEN, "contact.phone", 2_500, "high"),
        (Weight.FORBIDDEN, "health", 1, "critical"),
        (Weight.UNGROUNDED, "health", 24, "high"),
        (Weight.UNGROUNDED, "health", 25, "critical"),
        (Weight.UNGROUNDED, "contact.phone", 1, "medium"),
        (Weight.UNGROUNDED, "comm.content", 1, "critical"),
        (Weight.OPEN, "comm.content", 10**6, "high"),
        (Weight.OPEN, "contact.phone", 1, "low"),
        (Weight.OPEN, "contact.phone", 250, "medium"),
        (Weight.OPEN, "x.unmapped", 1, "high"),
        (Weight.SIGNAL, "contact.phone", 1, "low"),
    ],
)
def test_the_rule(weight: Weight, category: str, records: int, expected: str) -> None:
    assert graded(weight, category, records=records) == expected


def test_nothing_at_all_is_low() -> None:
    assert severity(Weight.SIGNAL, [], {}, VOCABULARY) is Severity.LOW


@pytest.mark.parametrize("category", [*VOCABULARY.entries[Listing.categories], "x.unmapped"])
@pytest.mark.parametrize("weight", Weight)
def test_more_records_are_never_less_grave(weight: Weight, category: str) -> None:
    steps = sorted({1, *(n for tier in TIERS.values() for n in (tier // 10, tier, tier * 10))})
    grades = [graded(weight, category, records=records) for records in steps]
    ranks = [list(Severity).index(grade) for grade in grades]
    assert all(later <= earlier for earlier, later in pairwise(ranks))


@pytest.mark.parametrize("category", VOCABULARY.entries[Listing.categories])
def test_another_category_is_never_less_grave(category: str) -> None:
    alone = graded(Weight.FORBIDDEN, "billing.payment", records=30)
    together = graded(Weight.FORBIDDEN, "billing.payment", category, records=30)
    assert list(Severity).index(together) <= list(Severity).index(alone)
