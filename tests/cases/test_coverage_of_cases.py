"""The case files are held to their packs: what one says without a case to show it fails here.

What can become of dates, registers and trees of codes is shown with the agreement's clauses; where
a statute asks the same words it is no other.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cases import by_reference, situations
from tests.cases.by_reference import clauses, layer_said
from tests.cases.casefile import AGREEMENT, BOOKS, Book, Case, all_cases, cases_of, clause_ids
from tests.cases.situations import DISPUTED, Clause, Shows, is_alone
from tests.reference import FALSE, NO_GROUND, UNKNOWN, Verdict

OWN_VERDICT = {
    "permit": Verdict.PERMITTED,
    "except": Verdict.EXCEPTED,
    "forbid": Verdict.VIOLATION,
}
# The list of channels is open; a licence that is not registered may yet have been granted; what is
# in dispute is neither met nor not met.
NEVER_FALSE = {"channel_such_as", "recipient_licensed", DISPUTED}
# A flow is of the whole base or it is not; a basis names a clause or it does not.
NEVER_UNKNOWN = {"whole_base", "claimed"}
# Unknown only together with another condition: no purpose stands above those named, and one that
# has no code may be the one excluded, or outside of a scope; an operation that has no code may be
# contact, which alone decides with whom the data stay.
NEVER_UNKNOWN_ALONE = {
    *((clause_id, "purpose") for clause_id in ("3-2-6", "3-2-7b", "pipl-13-2", "pipl-13-2n")),
    *((clause_id, "purpose") for clause_id in ("pipl-21d", "pipl-21i", "pipl-21u", "pipl-21v")),
    *((clause_id, "purpose") for clause_id in ("pipl-21s", "pipl-31g")),
    *((clause_id, "operation") for clause_id in ("3-2-7d", "pipl-13-2k", "pipl-21u", "pipl-21v")),
    ("pipl-47", "sender_keeps_data"),
}
# The exception asks that the data go to the customer or stay with the sender: not forbidden either.
NEVER_MEET = {("3-2-7d", "3-2-7c"), ("3-2-9.2", "3-2-7c")}


@dataclass(frozen=True)
class Own:
    """A clause, or `no-ground`, of one of the packs."""

    book: Book
    clause_id: str

    @property
    def clause(self) -> Clause:
        """What the pack says of it."""
        return clauses(self.book).get(self.clause_id, {"id": NO_GROUND, "effect": "forbid"})

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases of its file."""
        return cases_of(self.book, self.clause_id)

    def __str__(self) -> str:
        return self.clause_id if self.book is AGREEMENT else f"{self.book.layer}/{self.clause_id}"


OWN = [Own(book, clause_id) for book in BOOKS for clause_id in (*clauses(book), NO_GROUND)]
LINES = [(own, word) for own in OWN for word in own.clause.get("when", ())]
AGREED = [(own, word) for own, word in LINES if own.book is AGREEMENT]
RANKS = [(own, other) for own in OWN for other in own.clause.get("exception_to", ())]


def named(value: object) -> str | None:
    """How a parameter is called that is a clause or a function; others are called by themselves."""
    return str(value) if isinstance(value, Own) else getattr(value, "__name__", None)


def every(names: str, values: list[Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(names, values, ids=named)


# ------------------------------------------------------------------ clauses and verdicts


@every("book", list(BOOKS))
def test_every_clause_has_a_file_and_every_file_a_clause(book: Book) -> None:
    assert clause_ids(book) == sorted([*clauses(book), NO_GROUND])


@every("own", OWN)
def test_no_two_cases_of_a_file_have_one_name(own: Own) -> None:
    names = [case.name for case in own.cases]
    assert len(set(names)) == len(names)


@every("own", OWN)
def test_the_plain_flow_is_what_the_clause_is_about(own: Own) -> None:
    verdict = Verdict.INDETERMINATE if is_disputed(own) else OWN_VERDICT[own.clause["effect"]]
    assert decides(own.cases[0], own, verdict)


def is_disputed(own: Own) -> bool:
    return DISPUTED in own.clause.get("when", ())


@every("own", OWN)
def test_a_case_is_undecided_because_the_clause_may_be_in_force(own: Own) -> None:
    assert any(decides(case, own, Verdict.INDETERMINATE) for case in own.cases)


def decides(case: Case, own: Own, verdict: Verdict) -> bool:
    said = layer_said(case)
    named_by = said.possible if verdict is Verdict.INDETERMINATE else said.decided_by
    return said.verdict is verdict and own.clause_id in named_by


# ------------------------------------------------------------------ conditions


@every("own, word", [line for line in LINES if line[1] not in NEVER_FALSE])
def test_a_case_fails_this_condition_and_no_other(own: Own, word: str) -> None:
    assert any(is_alone(case, own.clause, word, FALSE) for case in own.cases)


def is_unknown_alone(own: Own, word: str) -> bool:
    return (own.clause_id, word) not in NEVER_UNKNOWN_ALONE and word not in NEVER_UNKNOWN


@every("own, word", [line for line in LINES if is_unknown_alone(*line)])
def test_a_case_leaves_this_condition_unknown_and_no_other(own: Own, word: str) -> None:
    assert any(is_alone(case, own.clause, word, UNKNOWN) for case in own.cases)


@every("own, word", [line for line in LINES if (line[0].clause_id, line[1]) in NEVER_UNKNOWN_ALONE])
def test_what_is_unknown_only_together_with_another_is_so_in_a_case(own: Own, word: str) -> None:
    lines = [line for case in own.cases for line in by_reference.lines(case, own.clause_id)]
    assert any(line[word] is UNKNOWN and FALSE not in line.values() for line in lines)
    assert not any(is_alone(case, own.clause, word, UNKNOWN) for case in all_cases(own.book))


@every("own, word", LINES)
def test_what_is_said_never_to_happen_never_happens(own: Own, word: str) -> None:
    cases = all_cases(own.book)
    values = {line[word] for case in cases for line in by_reference.lines(case, own.clause_id)}
    assert word not in NEVER_FALSE or FALSE not in values
    assert word not in NEVER_UNKNOWN or UNKNOWN not in values


def members() -> Iterator[tuple[Own, str, str]]:
    for own, word in LINES:
        if isinstance(own.clause["when"][word], list):
            yield from ((own, word, member) for member in own.clause["when"][word])


@every("own, word, member", list(members()))
def test_a_case_is_judged_otherwise_without_this_code(own: Own, word: str, member: str) -> None:
    changed = deepcopy(dict(own.clause))
    changed["when"][word].remove(member)
    assert any(is_judged_otherwise(case, instead(own, changed)) for case in own.cases)


def instead(own: Own, changed: Clause) -> list[Clause]:
    """The clauses of the pack, this one changed."""
    others = clauses(own.book).items()
    return [changed if clause_id == own.clause_id else clause for clause_id, clause in others]


def is_judged_otherwise(case: Case, changed: list[Clause]) -> bool:
    now, then = layer_said(case), by_reference.layer_verdict(case, changed)
    return (now.verdict, now.decided_by, now.possible) != (
        then.verdict,
        then.decided_by,
        then.possible,
    )


# ------------------------------------------------------------------ ranks


@every("own, other", [rank for rank in RANKS if (rank[0].clause_id, rank[1]) not in NEVER_MEET])
def test_a_case_is_saved_by_this_exception_alone(own: Own, other: str) -> None:
    changed, undecided = without_rank(own, other), {Verdict.INDETERMINATE}
    saved = undecided if is_disputed(own) else {Verdict.PERMITTED, Verdict.EXCEPTED}
    lost = undecided if is_disputed(Own(own.book, other)) else {Verdict.VIOLATION}
    cases = (case for case in own.cases if layer_said(case).verdict in saved)
    assert any(by_reference.layer_verdict(case, changed).verdict in lost for case in cases)


@every("own, other", [rank for rank in RANKS if (rank[0].clause_id, rank[1]) in NEVER_MEET])
def test_an_exception_that_never_meets_what_it_excepts_changes_no_case(
    own: Own, other: str
) -> None:
    changed = without_rank(own, other)
    assert not any(is_judged_otherwise(case, changed) for case in all_cases(own.book))


def without_rank(own: Own, other: str) -> list[Clause]:
    left = [excepted for excepted in own.clause["exception_to"] if excepted != other]
    return instead(own, {**own.clause, "exception_to": left})


# ------------------------------------------------------------------ dates and turns


@every("instant", list(situations.INSTANTS))
@every("own, word", [line for line in AGREED if line[1] in situations.DATED])
def test_a_case_meets_the_dates_that_are_asked_for(own: Own, word: str, instant: str) -> None:
    assert any(situations.meets(case, own.clause, word, instant) for case in own.cases)


@every(
    "own, shows",
    [(own, shows) for own, word in AGREED for shows in situations.TURNS.get(word, ())],
)
def test_a_case_shows_what_can_come_to_pass(own: Own, shows: Shows) -> None:
    assert any(shows(case, own.clause) for case in own.cases), shows.__doc__


@every("is_such", [situations.is_below, situations.is_above])
@every("own, word", [line for line in AGREED if line[1] in situations.TREES])
def test_a_case_has_a_wider_or_narrower_code_than_those_listed(
    own: Own, word: str, is_such: Callable[[Clause, str, str], bool]
) -> None:
    tree = situations.TREES[word][0]
    met = {code for case in own.cases for code in situations.codes(case, word)}
    there_are = any(is_such(own.clause, word, code) for code in by_reference.VOCABULARY[tree])
    assert any(is_such(own.clause, word, code) for code in met) == there_are
