"""The words of the clause language: what satisfies each."""

import pytest

from audit.clauses.clause import Condition, Effect
from audit.clauses.conditions import CATEGORY_FACTS, DATES, WORDS, Argument, fact_of, judged
from audit.vocabulary import Truth, load_vocabulary

FALSE, UNKNOWN, TRUE = Truth
VOCABULARY = load_vocabulary()


@pytest.mark.parametrize(
    ("word", "asked", "found", "truth"),
    [
        ("sender_role", ("carrier",), "carrier", TRUE),
        ("sender_role", ("carrier",), "agent", FALSE),
        ("sender_role", ("carrier",), None, UNKNOWN),
        ("recipient_role", ("carrier", "agent"), "agent", TRUE),
        ("operation", ("use", "share"), "share", TRUE),
        ("operation", ("use", "share"), "delete", FALSE),
        ("operation", ("use",), None, UNKNOWN),
        ("purpose", ("service",), "service.repair", TRUE),
        ("purpose", ("service",), "service", TRUE),
        ("purpose", ("service.repair",), "service", UNKNOWN),
        ("purpose", ("service.repair",), "service.billing", FALSE),
        ("purpose", ("service.repair", "improve"), "improve.analytics", TRUE),
        ("purpose", ("service",), None, UNKNOWN),
        ("data", ("contact",), "contact.phone", TRUE),
        ("data", ("contact.phone",), "contact", UNKNOWN),
        ("data", ("contact",), "identity", FALSE),
        ("channel", ("sms",), "sms", TRUE),
        ("channel", ("sms",), "hall", FALSE),
        ("channel", ("sms",), None, UNKNOWN),
        ("channel_such_as", ("sms",), "sms", TRUE),
        ("channel_such_as", ("sms",), "hall", UNKNOWN),  # an open list is never false
        ("channel_such_as", ("sms",), None, UNKNOWN),
        ("recipient_country", ("CN",), "CN", TRUE),
        ("recipient_country", ("CN",), "US", FALSE),
        ("claimed", ("1-1",), "1-1", TRUE),
        ("claimed", ("1-1",), "2-4", FALSE),
        ("claimed", ("1-1",), "", FALSE),  # no claim at all
        ("claimed", ("1-1",), None, UNKNOWN),  # a claim that is not mapped
    ],
)
def test_what_satisfies_a_word(
    word: str, asked: tuple[str, ...], found: str | None, truth: Truth
) -> None:
    assert judged(VOCABULARY, Condition(word, asked), found) is truth
    if f"{word}_not" in WORDS:
        opposite = judged(VOCABULARY, Condition(f"{word}_not", asked), found)
        assert opposite is Truth(TRUE - truth)


def test_a_word_that_asks_a_truth_compares_no_code() -> None:
    with pytest.raises(TypeError, match="asks a truth"):
        judged(VOCABULARY, Condition("whole_base"), "yes")


def test_words_that_ask_codes_take_lists_and_the_others_take_true() -> None:
    for word in WORDS.values():
        named = word.fact == "evidence" or word.name in DATES
        plain = word.name == "claimed" or not word.asks_a_code
        assert (word.argument is Argument.TRUE) == (plain and not named)


def test_a_condition_and_its_opposite_ask_the_same_fact() -> None:
    assert fact_of(Condition("purpose_not", ("service",))) == "purpose"
    assert fact_of(Condition("channel_such_as", ("sms",))) == "channel"
    assert fact_of(Condition("claimed", ("1-1",))) == "basis"
    assert fact_of(Condition("evidence", ("arrears", "notice"))) == "evidence arrears|notice"
    after = Condition("evidence_after", ("notice", "arrears"))
    assert fact_of(after) == "evidence notice after arrears"
    assert fact_of(Condition("occurs_from", ("2025-01-01",))) == "occurs_from 2025-01-01"


def test_what_customers_said_may_stand_on_one_side_only() -> None:
    sided = {name: word.effects for name, word in WORDS.items() if word.effects != set(Effect)}
    granting = {Effect.PERMIT, Effect.EXCEPT}
    assert sided == {
        "agreement_in_force": granting,
        "agreement_settling": granting,
        "consented": granting,
        "separately_consented": granting,
        "consented_in_writing": granting,
        "prohibited_by_customer": {Effect.FORBID},
    }


def test_facts_of_a_category_are_facts_of_words() -> None:
    assert set(CATEGORY_FACTS) <= {word.fact for word in WORDS.values()}
