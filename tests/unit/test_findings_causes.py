"""Every reason that a verdict can have is named, and told in both languages."""

from string import Formatter

import pytest

from audit.clauses.clause import Layer, Verdict
from audit.clauses.conditions import WORDS
from audit.findings.causes import (
    DEPENDS,
    EXPLAINS,
    FORBIDDEN,
    UNALLOWED,
    Cause,
    Check,
    Coordinate,
    Gap,
    check_cause,
    depends_on,
    fact,
    lacking_reasons,
    standing_clauses,
    unknown_reasons,
)
from audit.findings.severity import Weight
from audit.findings.telling import OF_GROUP
from audit.wording import sentences
from tests.judged import packs

ASKED = sorted({fact(word) for word in WORDS})


@pytest.mark.parametrize("reason", ASKED)
@pytest.mark.parametrize("mood", ["lacking", "unknown"])
@pytest.mark.parametrize("part", ["cause", "remedy"])
def test_every_word_of_the_clause_language_is_told(part: str, mood: str, reason: str) -> None:
    assert f"{part}-{mood}-{reason}".replace("_", "-") in sentences()


@pytest.mark.parametrize(
    "reason", [f"unknown-{gap}" for gap in Gap] + [*Check, FORBIDDEN, UNALLOWED]
)
@pytest.mark.parametrize("part", ["cause", "remedy"])
def test_every_gap_and_every_check_is_told(part: str, reason: str) -> None:
    assert f"{part}-{reason}".replace("_", "-") in sentences()


def test_every_fact_that_a_sentence_names_can_be_told() -> None:
    given = {*OF_GROUP, "clause", "clauses", "gist", "kind", "since", "reasons"}
    given |= {"name", "party", "cite"}
    of_duties = {"at", "missing", "gist", "cite", "acts"}
    for key, both in sentences().items():
        if key.startswith(("cause-", "remedy-", "finding-")):
            told = of_duties if key.startswith(("cause-duty-", "remedy-duty-")) else given
            assert {name for _, name, _, _ in Formatter().parse(both.en) if name} <= told, key


def test_the_tables_speak_of_facts_that_there_are() -> None:
    named = {*DEPENDS} - {*Gap} - {*Check}
    explained = {reason for reasons in EXPLAINS.values() for reason in reasons}
    assert (named | explained) <= set(ASKED)


def test_a_condition_and_its_opposite_are_one_reason() -> None:
    assert lacking_reasons(["purpose_not", "purpose", "evidence arrears"], ()) == (
        "evidence arrears",
        "purpose",
    )


def test_a_clause_to_which_the_nearest_is_no_exception_stands_whatever_it_lacks() -> None:
    (pack,) = packs()
    decided, nearest = ("3-2-7c", "6-1", "no-ground"), pack.by_id["3-2-7b"]
    assert standing_clauses(decided, nearest) == ("6-1",)
    assert standing_clauses(decided, pack.by_id["3-2-9.3"]) == ()
    assert standing_clauses(decided, None) == ("3-2-7c", "6-1")
    assert lacking_reasons(["consented"], ("6-1",)) == ("consented", FORBIDDEN)
    assert lacking_reasons([], ("6-1",)) == (FORBIDDEN,)


def test_where_no_clause_allows_anything_that_is_the_reason() -> None:
    assert lacking_reasons([], ()) == (UNALLOWED,)


def test_a_gap_says_what_it_leaves_unknown_and_no_more() -> None:
    unknown = ["recipient_role_not", "recipient_authorised", "agreement_in_force"]
    assert unknown_reasons(unknown, [Gap.RECIPIENT]) == (
        "agreement_in_force",
        "unregistered_recipient",
    )
    assert unknown_reasons(["agreement_in_force"], [Gap.RECIPIENT]) == ("agreement_in_force",)
    assert unknown_reasons(["purpose"], []) == ("purpose",)
    assert unknown_reasons(["purpose"], [Gap.PURPOSE]) == ("unmapped_purpose",)


def test_a_forbidding_clause_is_the_cause_in_what_it_asks() -> None:
    (pack,) = packs()
    assert depends_on([FORBIDDEN], [pack.by_id["6-1"]]) == {
        Coordinate.PURPOSE,
        Coordinate.CATEGORY,
    }
    assert depends_on(["recipient_authorised"], ()) == frozenset()


@pytest.mark.parametrize(
    ("verdict", "clauses", "weight", "shown"),
    [
        (Verdict.VIOLATION, ("3-2-7c", "no-ground"), Weight.FORBIDDEN, "3-2-7c"),
        (Verdict.VIOLATION, ("no-ground",), Weight.UNGROUNDED, "no-ground"),
        (Verdict.INDETERMINATE, ("3-2-7b", "no-ground"), Weight.OPEN, "3-2-7b"),
    ],
)
def test_a_clause_that_forbids_weighs_most(
    verdict: Verdict, clauses: tuple[str, ...], weight: Weight, shown: str
) -> None:
    cause = Cause(Layer.CONTRACT, verdict, clauses, None, ("consented",), frozenset())
    assert (cause.weight, cause.clause) == (weight, shown)


def test_a_check_is_named_by_its_first_word() -> None:
    cause = check_cause(Check.ONWARD_OUTSIDE)
    assert (cause.clause, cause.code, cause.weight) == (
        "onward",
        "onward_outside_scope",
        Weight.UNGROUNDED,
    )
