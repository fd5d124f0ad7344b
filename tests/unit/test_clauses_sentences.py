"""A condition is told in words, its codes beside what people call them."""

import pytest

from audit.clauses.clause import Condition
from audit.clauses.reading import known_packs, load_pack
from audit.clauses.sentences import coded, in_words, spelled_out
from audit.vocabulary import Listing
from audit.wording import Language

LINES = [
    line for name in known_packs() for clause in load_pack(name).clauses for line in clause.when
]


def test_a_condition_names_what_is_asked_and_every_code_that_will_do() -> None:
    line = Condition("sender_role", ("carrier", "credit_bureau"))
    assert in_words(line, Language.en) == (
        "the sender's role: Carrier (carrier), Credit bureau (credit_bureau)"
    )


def test_a_condition_without_codes_is_only_what_is_asked() -> None:
    assert in_words(Condition("claimed", ("3-2-9.1",)), Language.zh) == "流转声明以本条款为依据"


@pytest.mark.parametrize("language", Language)
def test_every_condition_of_every_pack_has_its_words(language: Language) -> None:
    for line in LINES:
        told = in_words(line, language)
        assert told
        assert line.word == "claimed" or all(code in told for code in line.argument)


def test_a_code_that_no_list_has_is_called_by_itself() -> None:
    assert coded(Listing.purposes, "un*heard", Language.en) == "un*heard (un*heard)"


@pytest.mark.parametrize("line", [line for line in LINES if line.word == "evidence"])
def test_a_spelling_says_what_the_condition_says(line: Condition) -> None:
    assert spelled_out([line.spelling], Language.en) == in_words(line, Language.en)


def test_several_spellings_make_one_sentence() -> None:
    told = spelled_out(["consented", "evidence arrears"], Language.en)
    first, second = told.split("; ")
    assert first == in_words(Condition("consented"), Language.en)
    assert second == in_words(Condition("evidence", ("arrears",)), Language.en)
