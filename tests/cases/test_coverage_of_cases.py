"""The case files are held to the pack: what it says without a case to show it fails here."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.cases import by_reference, situations
from tests.cases.by_reference import CLAUSES
from tests.cases.casefile import Case, all_cases, cases_of, clause_ids
from tests.cases.situations import Clause, Shows, is_alone
from tests.reference import FALSE, NO_GROUND, UNKNOWN, Verdict

OWN_VERDICT = {
    "permit": Verdict.PERMITTED,
    "except": Verdict.EXCEPTED,
    "forbid": Verdict.VIOLATION,
}
NEVER_FALSE = {"channel_such_as"}  # the list of channels is open
# A flow is of the whole base or it is not; a basis names a clause or it does not.
NEVER_UNKNOWN = {"whole_base", "claimed"}
# Unknown only together with another condition: no purpose stands above those named, and one that
# has no code may be the one excluded; an operation that has no code may be contact.
NEVER_UNKNOWN_ALONE = {("3-2-6", "purpose"), ("3-2-7b", "purpose"), ("3-2-7d", "operation")}
# The exception asks that the data go to the customer or stay with the sender: not forbidden either.
NEVER_MEET = {("3-2-7d", "3-2-7c"), ("3-2-9.2", "3-2-7c")}

LINES = [(clause_id, word) for clause_id, clause in CLAUSES.items() for word in clause["when"]]
RANKS = [
    (own, other) for own, clause in CLAUSES.items() for other in clause.get("exception_to", ())
]


def named(value: object) -> str | None:
    """How a parameter is called that is a function; others are called by themselves."""
    return getattr(value, "__name__", None)


def every(names: str, values: list[Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(names, values, ids=named)


# ------------------------------------------------------------------ clauses and verdicts


def test_every_clause_has_a_file_and_every_file_a_clause() -> None:
    assert clause_ids() == sorted([*CLAUSES, NO_GROUND])


@every("clause_id", clause_ids())
def test_no_two_cases_of_a_file_have_one_name(clause_id: str) -> None:
    names = [case.name for case in cases_of(clause_id)]
    assert len(set(names)) == len(names)


@every("clause_id", [*CLAUSES, NO_GROUND])
def test_the_plain_flow_is_what_the_clause_is_about(clause_id: str) -> None:
    effect = CLAUSES[clause_id]["effect"] if clause_id in CLAUSES else "forbid"
    assert decides(cases_of(clause_id)[0], clause_id, OWN_VERDICT[effect])


@every("clause_id", [*CLAUSES, NO_GROUND])
def test_a_case_is_undecided_because_the_clause_may_be_in_force(clause_id: str) -> None:
    assert any(decides(case, clause_id, Verdict.INDETERMINATE) for case in cases_of(clause_id))


def decides(case: Case, clause_id: str, verdict: Verdict) -> bool:
    said = by_reference.verdict(case).layers["contract"]
    named_by = said.possible if verdict is Verdict.INDETERMINATE else said.decided_by
    return said.verdict is verdict and clause_id in named_by


# ------------------------------------------------------------------ conditions


@every("clause_id, word", [line for line in LINES if line[1] not in NEVER_FALSE])
def test_a_case_fails_this_condition_and_no_other(clause_id: str, word: str) -> None:
    assert any(is_alone(case, CLAUSES[clause_id], word, FALSE) for case in cases_of(clause_id))


@every(
    "clause_id, word",
    [line for line in LINES if line not in NEVER_UNKNOWN_ALONE and line[1] not in NEVER_UNKNOWN],
)
def test_a_case_leaves_this_condition_unknown_and_no_other(clause_id: str, word: str) -> None:
    assert any(is_alone(case, CLAUSES[clause_id], word, UNKNOWN) for case in cases_of(clause_id))


@every("clause_id, word", sorted(NEVER_UNKNOWN_ALONE))
def test_what_is_unknown_only_together_with_another_is_so_in_a_case(
    clause_id: str, word: str
) -> None:
    lines = [line for case in cases_of(clause_id) for line in by_reference.lines(case, clause_id)]
    assert any(line[word] is UNKNOWN and FALSE not in line.values() for line in lines)
    assert not any(is_alone(case, CLAUSES[clause_id], word, UNKNOWN) for case in all_cases())


@every("clause_id, word", LINES)
def test_what_is_said_never_to_happen_never_happens(clause_id: str, word: str) -> None:
    values = {line[word] for case in all_cases() for line in by_reference.lines(case, clause_id)}
    assert word not in NEVER_FALSE or FALSE not in values
    assert word not in NEVER_UNKNOWN or UNKNOWN not in values


def members() -> Iterator[tuple[str, str, str]]:
    for clause_id, word in LINES:
        if isinstance(CLAUSES[clause_id]["when"][word], list):
            yield from ((clause_id, word, member) for member in CLAUSES[clause_id]["when"][word])


@every("clause_id, word, member", list(members()))
def test_a_case_is_judged_otherwise_without_this_code(
    clause_id: str, word: str, member: str
) -> None:
    changed = deepcopy(CLAUSES[clause_id])
    changed["when"][word].remove(member)
    clauses = [changed if clause["id"] == clause_id else clause for clause in CLAUSES.values()]
    assert any(is_judged_otherwise(case, clauses) for case in cases_of(clause_id))


def is_judged_otherwise(case: Case, clauses: list[Clause]) -> bool:
    now, then = (
        by_reference.verdict(case).layers["contract"],
        by_reference.layer_verdict(case, clauses),
    )
    return (now.verdict, now.decided_by, now.possible) != (
        then.verdict,
        then.decided_by,
        then.possible,
    )


# ------------------------------------------------------------------ ranks


@every("clause_id, other", [rank for rank in RANKS if rank not in NEVER_MEET])
def test_a_case_is_saved_by_this_exception_alone(clause_id: str, other: str) -> None:
    clauses = without_rank(clause_id, other)
    compliant = {Verdict.PERMITTED, Verdict.EXCEPTED}
    saved = [
        case
        for case in cases_of(clause_id)
        if by_reference.verdict(case).layers["contract"].verdict in compliant
    ]
    verdicts = {by_reference.layer_verdict(case, clauses).verdict for case in saved}
    assert Verdict.VIOLATION in verdicts


@every("clause_id, other", sorted(NEVER_MEET))
def test_an_exception_that_never_meets_what_it_excepts_changes_no_case(
    clause_id: str, other: str
) -> None:
    clauses = without_rank(clause_id, other)
    assert not any(is_judged_otherwise(case, clauses) for case in all_cases())


def without_rank(clause_id: str, other: str) -> list[Clause]:
    changed = deepcopy(CLAUSES[clause_id])
    changed["exception_to"].remove(other)
    return [changed if clause["id"] == clause_id else clause for clause in CLAUSES.values()]


# ------------------------------------------------------------------ dates and turns


@every("instant", list(situations.INSTANTS))
@every("clause_id, word", [line for line in LINES if line[1] in situations.DATED])
def test_a_case_meets_the_dates_that_are_asked_for(clause_id: str, word: str, instant: str) -> None:
    clause = CLAUSES[clause_id]
    assert any(situations.meets(case, clause, word, instant) for case in cases_of(clause_id))


@every(
    "clause_id, shows",
    [(own, shows) for own, word in LINES for shows in situations.TURNS.get(word, ())],
)
def test_a_case_shows_what_can_come_to_pass(clause_id: str, shows: Shows) -> None:
    assert any(shows(case, CLAUSES[clause_id]) for case in cases_of(clause_id)), shows.__doc__


@every("is_such", [situations.is_below, situations.is_above])
@every("clause_id, word", [line for line in LINES if line[1] in situations.TREES])
def test_a_case_has_a_wider_or_narrower_code_than_those_listed(
    clause_id: str, word: str, is_such: Callable[[Clause, str, str], bool]
) -> None:
    clause, tree = CLAUSES[clause_id], situations.TREES[word][0]
    met = {code for case in cases_of(clause_id) for code in situations.codes(case, word)}
    there_are = any(is_such(clause, word, code) for code in by_reference.VOCABULARY[tree])
    assert any(is_such(clause, word, code) for code in met) == there_are
